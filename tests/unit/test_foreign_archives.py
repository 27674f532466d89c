"""Files that other programs wrote are read as what they are: nothing undecoded, each with its address and moment."""

from __future__ import annotations

import gzip
import mailbox
import os
import plistlib
import resource
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import pytest

from ingest.archives import ArchiveKind, Capture, Selection, archives, captures
from ingest.archives.pdf import iso_of
from ingest.archives.selection import language_of
from ingest.model import Page
from ingest.snapshots import read_all
from ingest.snapshots.payload import dechunked
from ingest.snapshots.warc_dates import capture_moment
from ingest.steps import read as extracted
from tests.fuzz.archives import PDF
from tests.site.archives import CAPTURED, RECORDS, page, warc
from tests.site.foreign import CODINGS, arc, chunked, letter, mbox, response, zstd, zstd_with_dictionary

MOST = 1_000_000
URL = "https://north.example/2024/story"


def read(path: Path, *, base: str | None = None, selection: Selection | None = None) -> list[Capture]:
    chosen = selection or Selection()
    return [one for file in archives([path]) for one in captures(file, base=base, most_bytes=MOST, selection=chosen)]


def one_page(path: Path, *, base: str | None = None) -> Page:
    (found,) = read(path, base=base)
    assert found.page is not None, found.reason
    return found.page


# ---------------------------------------------------------------- codings


@pytest.mark.parametrize("name", CODINGS)
def test_a_record_is_decoded_as_a_response_would_be(tmp_path: Path, name: str) -> None:
    headers, coding = CODINGS[name]
    file = tmp_path / "a.warc.gz"
    file.write_bytes(gzip.compress(response(URL, coding(page(1)), headers)))
    assert one_page(file).body == page(1)
    (again,) = read_all(file)
    assert again.body == page(1)


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("compress", b"\x1f\x9d\x90abc", "undecodable"),
        ("br", b"\xff\xff\xff\xff no brotli", "undecodable"),
        ("zstd", b"\x28\xb5\x2f\xfd broken", "undecodable"),
        ("gzip", gzip.compress(page(1))[:-200], "bad-record"),
        ("gzip", gzip.compress(bytes(900_000_000 // 100)), "too-large"),
    ],
)
def test_what_cannot_be_decoded_is_no_page(tmp_path: Path, coding: str, body: bytes, reason: str) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(gzip.compress(response(URL, body, [("Content-Encoding", coding)])))
    assert [(one.page, one.reason) for one in read(file)] == [(None, reason)]


@pytest.mark.parametrize(
    "data", [b"", b"plain text", b"5\r\nhello", b"5\r\nhello\r\n0\r\n\r\nrest", chunked(b"x" * 5000, 1)]
)
def test_chunks_are_joined_and_other_text_stays(data: bytes) -> None:
    expected = {b"5\r\nhello": b"hello", b"5\r\nhello\r\n0\r\n\r\nrest": b"hello", chunked(b"x" * 5000, 1): b"x" * 5000}
    assert dechunked(data) == expected.get(data, data)


# ---------------------------------------------------------------- moments


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09+00:00"),
        ("2024-05-06T07:08:09.123456789Z", "2024-05-06T07:08:09.123456+00:00"),
        ("2024-05-06T09:08:09+02:00", "2024-05-06T07:08:09+00:00"),
        ("2024-05-06T07:08Z", "2024-05-06T07:08:00+00:00"),
        ("2024-05-06T07", "2024-05-06T07:00:00+00:00"),
        ("2024-05-06T07:08:09", "2024-05-06T07:08:09+00:00"),
        ("2024-05-06", "2024-05-06T23:59:59+00:00"),
        ("2024-02", "2024-02-29T23:59:59+00:00"),
        ("2023-12", "2023-12-31T23:59:59+00:00"),
        ("2023", "2023-12-31T23:59:59+00:00"),
    ],
)
def test_a_date_of_a_record_may_be_of_any_precision(value: str, moment: str) -> None:
    assert capture_moment(value).isoformat() == moment


def test_a_period_that_goes_on_ends_when_the_file_was_there() -> None:
    latest = datetime(2026, 3, 4, tzinfo=UTC)
    assert capture_moment("2026", latest=latest) == latest
    assert capture_moment("2026-05", latest=latest) == datetime(2026, 5, 1, tzinfo=UTC)


def test_a_record_with_a_bare_day_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.warc"
    file.write_bytes(response(URL, page(1), date="2024-05-06"))
    assert one_page(file).fetched_at.date().isoformat() == "2024-05-06"


# ---------------------------------------------------------------- containers


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", ["a.arc", "a.arc.gz", "without-suffix"])
def test_an_arc_file_is_read_with_its_moments(tmp_path: Path, name: str, packed: bool) -> None:
    found = read(arc(tmp_path / name, RECORDS, packed=packed))
    assert [(one.page.url, one.page.body) for one in found if one.page] == list(RECORDS)
    assert {one.page.fetched_at for one in found if one.page} == {CAPTURED}


def test_a_damaged_arc_record_costs_itself(tmp_path: Path) -> None:
    file = arc(tmp_path / "a.arc.gz", RECORDS, packed=True)
    data = bytearray(file.read_bytes())
    second = data.index(b"\x1f\x8b\x08", data.index(b"\x1f\x8b\x08", 30) + 30)
    data[second + 60 : second + 90] = bytes(30)
    file.write_bytes(bytes(data))
    found = read(file)
    assert [one.reason for one in found if one.page is None] == ["bad-record"]
    assert len([one for one in found if one.page]) == len(RECORDS) - 1


@pytest.mark.parametrize("form", ["one frame", "a frame a record", "dictionary"])
def test_a_zstandard_warc_is_read(tmp_path: Path, form: str) -> None:
    records = [response(url, body) for url, body in RECORDS]
    file = tmp_path / "a.warc.zst"
    if form == "dictionary":
        zstd_with_dictionary(file, records)
    else:
        file.write_bytes(
            zstd.compress(b"".join(records)) if form == "one frame" else b"".join(map(zstd.compress, records))
        )
    assert [(one.page.url, one.page.body) for one in read(file) if one.page] == list(RECORDS)


def test_a_damaged_frame_costs_its_record(tmp_path: Path) -> None:
    frames = [bytearray(zstd.compress(response(url, body))) for url, body in RECORDS]
    frames[1][40:80] = bytes(40)
    file = tmp_path / "a.warc.zst"
    file.write_bytes(b"".join(frames))
    found = read(file)
    assert [one.page.url for one in found if one.page] == [RECORDS[0][0], RECORDS[2][0], RECORDS[3][0]]
    assert [one.reason for one in found if not one.page] == ["bad-record"]


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_wacz_file_gives_its_pages_and_queues_nothing(tmp_path: Path, unpacked: bool) -> None:
    pytest.importorskip("wacz")
    source = warc(tmp_path / "crawl.warc.gz", RECORDS)
    target = tmp_path / "crawl.wacz"
    wacz = [sys.executable, "-c", "from wacz.main import main; main()"]
    subprocess.run([*wacz, "create", "-f", source, "-o", target, "--detect-pages"], check=True, capture_output=True)
    if unpacked:
        with zipfile.ZipFile(target) as whole:
            whole.extractall(tmp_path / "inside")
        target = tmp_path / "inside"
        assert list(target.rglob("index.*"))
    (archive,) = archives([target])
    assert archive.kind is (ArchiveKind.WARC if unpacked else ArchiveKind.WACZ)
    assert [(one.page.url, one.page.body) for one in read(target) if one.page] == list(RECORDS)


def test_an_index_beside_its_warc_files_is_no_listing(tmp_path: Path) -> None:
    warc(tmp_path / "archive" / "part-0001.warc.gz" if (tmp_path / "archive").mkdir() is None else tmp_path, RECORDS)
    line = '{"url": "%s", "mime": "text/html", "status": "200", "filename": "part-0001.warc.gz", "offset": "0"}'
    (tmp_path / "indexes").mkdir()
    index = tmp_path / "indexes" / "index.cdxj"
    index.write_text(f"example,north)/ 20240506070809 {line % RECORDS[0][0]}\n")
    assert [one.kind for one in archives([tmp_path])] == [ArchiveKind.WARC]
    index.write_text(index.read_text().replace("part-0001", "elsewhere"))
    assert [one.kind for one in archives([tmp_path])] == [ArchiveKind.WARC, ArchiveKind.CDX]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(1, 4):
        (root / f"story-{number}.html").write_bytes(page(number))
    links = "".join(f'<a href="story-{number}.html">{number}</a>' for number in range(1, 4))
    (root / "index.html").write_text(f"<html><body>{links}</body></html>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root))) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.mark.skipif(which("wget") is None, reason="wget is not installed")
def test_what_wget_wrote_is_read(tmp_path: Path, server: str) -> None:
    subprocess.run(
        ["wget", "-q", "-r", "-l1", "--protocol-directories", "--warc-file=grab", f"{server}/index.html"],
        cwd=tmp_path,
        check=False,
        timeout=60,
    )
    recorded = {one.page.url: one.page.body for one in read(tmp_path / "grab.warc.gz") if one.page}
    expected = {f"{server}/story-{number}.html": page(number) for number in range(1, 4)}
    assert expected.items() <= recorded.items()


# ---------------------------------------------------------------- saved pages


def test_a_page_saved_as_mhtml_is_read(tmp_path: Path) -> None:
    message = MIMEMultipart("related", type="text/html")
    del message["MIME-Version"]
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = f"{URL}?a=1"
    message["Subject"] = "A story"
    message["Date"] = "Mon, 6 May 2024 09:08:09 +0200"
    message["MIME-Version"] = "1.0"
    text = page(2).decode() + "<!-- Gr\u00fc\u00dfe =3D -->"
    part = MIMEText(text, "html", "utf-8")
    part.replace_header("Content-Transfer-Encoding", "quoted-printable")
    import quopri

    part.set_payload(quopri.encodestring(text.encode()).decode())
    part["Content-Location"] = f"{URL}?a=1"
    style = MIMEText("body {}", "css")
    message.attach(part)
    message.attach(style)
    for name in ("page.mhtml", "page.mht", "page"):
        file = tmp_path / name
        file.write_bytes(message.as_bytes())
        found = one_page(file, base="https://elsewhere.example/")
        assert (found.url, found.body.decode(), found.fetched_at) == (f"{URL}?a=1", text, CAPTURED)


SAVED = {
    "SingleFile": (
        f"<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: {URL} \n"
        " saved date: Mon May 06 2024 09:08:09 GMT+0200 (Central European Summer Time)\n-->"
    ),
    "HTTrack": (
        f"<!DOCTYPE html><html>\n<!-- Mirrored from {URL.removeprefix('https://')} by HTTrack Website Copier/3.x "
        "[XR&CO'2014], Mon, 06 May 2024 07:08:09 GMT -->\n"
    ),
    "a browser": f"<!DOCTYPE html>\n<!-- saved from url=(0034){URL} -->\n<html>",
}


@pytest.mark.parametrize("program", SAVED)
def test_a_saved_page_has_the_address_and_moment_that_its_program_noted(tmp_path: Path, program: str) -> None:
    file = tmp_path / "any name.html"
    other = page(1, canonical="https://north.example/")  # a wrong word of the page's own
    file.write_bytes(SAVED[program].encode() + other.removeprefix(b"<!DOCTYPE html><html>"))
    os.utime(file, (CAPTURED.timestamp(), CAPTURED.timestamp()))
    found = one_page(file, base="https://base.example/")
    assert (found.url, found.fetched_at) == (URL, CAPTURED)


def test_pictures_inside_a_saved_page_do_not_count_as_its_size(tmp_path: Path) -> None:
    picture = b'<img src="data:image/png;base64,' + b"QUJD" * 600_000 + b'">'
    file = tmp_path / "page.html"
    file.write_bytes(SAVED["SingleFile"].encode() + picture + page(1))
    assert len(one_page(file).body) < 100_000


def test_frames_that_a_browser_saved_beside_a_page_are_no_pages(tmp_path: Path) -> None:
    for folder in ("Story_files", "Bericht-Dateien", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "saved_resource.html").write_bytes(page(2))
    (tmp_path / "Story.html").write_bytes(page(1))
    (tmp_path / "Bericht.htm").write_bytes(page(3))
    assert [one.name for one in archives([tmp_path])] == ["Bericht.htm", "Story.html", "other/saved_resource.html"]


def test_a_webarchive_of_safari_is_read(tmp_path: Path) -> None:
    main = {
        "WebResourceData": page(1),
        "WebResourceURL": URL,
        "WebResourceMIMEType": "text/html",
        "WebResourceTextEncodingName": "UTF-8",
    }
    file = tmp_path / "a.webarchive"
    file.write_bytes(plistlib.dumps({"WebMainResource": main}, fmt=plistlib.FMT_BINARY))
    assert (one_page(file).url, one_page(file).body) == (URL, page(1))
    file.write_bytes(b"bplist00 broken")
    assert [one.reason for one in read(file)] == ["bad-record"]


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("https/north.example/2024/story.html", "https://north.example/2024/story.html"),
        ("north.example/index.html?p=5.html", "http://north.example/?p=5"),
        ("north.example/story.html?id=7", "http://north.example/story.html?id=7"),
    ],
)
def test_names_that_wget_gives_tell_the_address(tmp_path: Path, name: str, url: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_bytes(page(1))
    assert [one.page.url for one in read(tmp_path) if one.page] == [url]


# ---------------------------------------------------------------- mail


def test_newsletters_are_articles_of_their_sender(tmp_path: Path) -> None:
    letters = [letter(1), letter(2, form="plain")]
    other = letter(3, sender='"The Gazette" <news@gazette.example>')
    other["List-Id"] = '"Gazette weekly" <weekly.gazette.example>'
    other["Archived-At"] = "<https://gazette.example/weekly/3>"
    found = read(mbox(tmp_path / "letters.mbox", [*letters, other]))
    assert [(one.page.url, one.sender) for one in found if one.page] == [
        ("https://letters.example/mail/anna/letter.1@mailer.example", "anna@letters.example"),
        ("https://letters.example/mail/anna/letter.2@mailer.example", "anna@letters.example"),
        ("https://gazette.example/weekly/3", "news@gazette.example"),
    ]
    for number, one in enumerate(found, start=1):
        assert one.page is not None
        article = extracted(one.page, min_words=30).article
        assert article.title == f"Letter {number}: Über den Fluss"
        assert article.published is not None
        assert article.published.iso() == f"2025-02-0{3 + number}T06:30:00+00:00"
        assert article.body.count("of letter") == 6
        assert not any(word in article.body for word in ("Received", "MIME", "=3D", "PNG"))
    assert extracted(found[0].page).article.authors == ("Anna Field",)  # type: ignore[arg-type]  # looked at above
    assert "\nFrom the far bank" in extracted(found[1].page).article.body  # type: ignore[arg-type]


def test_one_message_as_a_file_and_in_a_maildir_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(bytes(letter(1)))
    assert one_page(tmp_path / "one.eml", base="https://base.example/in/").url == (
        "https://base.example/in/letter.1@mailer.example"
    )
    box = mailbox.Maildir(tmp_path / "dir")
    box.add(letter(2))
    box.close()
    assert [one.page.url for one in read(tmp_path / "dir") if one.page] == [
        "https://letters.example/mail/anna/letter.2@mailer.example"
    ]


@pytest.mark.parametrize("data", [b"From: x\n\n", b"Subject: =?utf-8?q?=FF?=\nFrom: \xff\xfe\nDate: never\n\n<p>"])
def test_a_malformed_message_costs_itself(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.eml").write_bytes(data)
    assert [one.page for one in read(tmp_path / "x.eml")] == [None]


# ---------------------------------------------------------------- PDF


def test_a_pdf_gives_paragraphs_with_title_author_and_date(tmp_path: Path) -> None:
    platypus = pytest.importorskip("reportlab.platypus")
    from reportlab.lib.styles import getSampleStyleSheet

    styles = getSampleStyleSheet()
    lines = [
        f"Paragraph {n} says that the mill by the river ground {n * 7} sacks of corn for the town. " * 4
        for n in range(1, 12)
    ]
    file = tmp_path / "mill.pdf"
    made = platypus.SimpleDocTemplate(str(file), title="The mill by the river", author="Berta Moor", invariant=True)
    made.build(
        [platypus.Paragraph("The mill by the river", styles["Title"])]
        + [platypus.Paragraph(line, styles["BodyText"]) for line in lines]
    )
    found = one_page(file, base="https://base.example/papers/")
    article = extracted(found, min_words=30).article
    assert found.url == "https://base.example/papers/mill.pdf"
    assert (article.title, article.authors) == ("The mill by the river", ("Berta Moor",))
    assert article.published is not None
    assert [line.strip() in article.body for line in lines] == [True] * len(lines)


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("D:20240506070809+02'00'", "2024-05-06T07:08:09+02:00"),
        ("D:20240506070809Z", "2024-05-06T07:08:09+00:00"),
        ("D:20240506070809", "2024-05-06T07:08:09"),
        ("D:20240506", "2024-05-06"),
        ("20240506070809-05'30", "2024-05-06T07:08:09-05:30"),
        ("D:2024", None),
        ("yesterday", None),
        ("D:20241399", None),
    ],
)
def test_a_date_of_pdf_metadata_is_read_as_exactly_as_it_is_given(value: str, iso: str | None) -> None:
    assert iso_of(value) == iso


def test_a_broken_pdf_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4\nnothing of the kind")
    assert [one.reason for one in read(tmp_path / "x.pdf", base="https://base.example/")] == ["no-page"]


def test_a_pdf_that_unpacks_to_gigabytes_is_no_page(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    head = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    times = 1_500
    check = struct.pack(">L", ((times << 20) % 65_521) << 16 | 1)  # Adler-32 of zeros
    packed = head + block * (times - 1) + b"\x03\0" + check
    file = tmp_path / "bomb.pdf"
    content = b"stream\n" + packed + b"\nendstream"
    plain = PDF.replace(b"/Length 60", b"/Length %d/Filter/FlateDecode" % len(packed))
    begin, end = plain.index(b"stream\n"), plain.index(b"endstream") + len(b"endstream")
    file.write_bytes(plain[:begin] + content + plain[end:])
    assert len(packed) < 2_000_000
    assert [one.reason for one in read(file, base="https://base.example/")] == ["no-page"]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_300_000  # KB


def test_headers_of_megabytes_cost_no_minutes(tmp_path: Path) -> None:
    long = b"a@b.example," * 200_000
    (tmp_path / "x.eml").write_bytes(b"From: " + long + b"\nSubject: " + b"(" * 1_000_000 + b"\nDate: x\n\ntext")
    assert [one.page for one in read(tmp_path / "x.eml")] == [None]


# ---------------------------------------------------------------- selection

SENTENCE = (
    "Der Fluss ist in der Nacht \u00fcber die Ufer getreten und hat die Stra\u00dfe am Hafen bis zum Morgen gesperrt, "
    "wie die Feuerwehr am Montag mitteilte. "
)
GERMAN = f"<html lang=en><body><p>{SENTENCE * 4}</p></body></html>".encode()


def test_only_what_is_wanted_is_given_and_the_rest_is_counted(tmp_path: Path) -> None:
    import re

    dates = (
        "2024-05-05T00:00:00Z",
        "2024-05-06T07:00:00Z",
        "2024-05-07T00:00:00Z",
        "2024-05-06T08:00:00Z",
        "2024-05-06",
    )
    bodies = (page(1), page(2), page(3), GERMAN, page(4))
    file = tmp_path / "a.warc"
    file.write_bytes(
        b"".join(
            response(f"https://north.example/{'x' if at == 4 else 'news'}/{at}", body, date=date)
            for at, (body, date) in enumerate(zip(bodies, dates, strict=True))
        )
    )
    chosen = Selection(
        since=datetime(2024, 5, 6, tzinfo=UTC),
        until=datetime(2024, 5, 7, tzinfo=UTC),
        url_matches=(re.compile("/news/"),),
        languages=frozenset({"en"}),
    )
    found = read(file, selection=chosen)
    assert [one.reason for one in found] == ["before-since", "", "after-until", "other-language", "other-url"]


@pytest.mark.parametrize(("body", "language"), [(GERMAN, "de"), (b"<html lang='pt-BR'><p>ola", "pt"), (b"<p>x", None)])
def test_the_text_tells_the_language_before_the_declaration(body: bytes, language: str | None) -> None:
    assert (
        language_of(Page(url=URL, final_url=URL, source="", status=200, headers=(), body=body, fetched_at=CAPTURED))
        == language
    )
