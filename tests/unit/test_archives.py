"""Archives: what their records, files and lines give, and what a bad one costs."""

from __future__ import annotations

import gzip
import os
import random
import zlib
from pathlib import Path

import pytest

from ingest.archives import Archive, Capture, addresses, archives, captures, listed
from ingest.errors import WrongUse
from ingest.model import Link
from tests.site.archives import CAPTURED, RECORDS, damage, page, warc
from tests.site.writing import write

MOST = 1_000_000


def read(path: Path, *, base: str | None = None) -> list[Capture]:
    return [one for archive in archives([path]) for one in captures(archive, base=base, most_bytes=MOST)]


def pages(path: Path, *, base: str | None = None) -> dict[str, bytes]:
    return {one.page.final_url: one.page.body for one in read(path, base=base) if one.page is not None}


def reasons(path: Path) -> list[str]:
    return [one.reason for one in read(path) if one.page is None]


# ---------------------------------------------------------------- WARC


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "of-no-name"])
@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_gives_its_pages_dated_as_captured(tmp_path: Path, name: str, packed: bool) -> None:
    file = warc(tmp_path / name, RECORDS, packed=packed)
    assert pages(file) == dict(RECORDS)
    assert {one.page.fetched_at for one in read(file) if one.page} == {CAPTURED}
    (archive,) = archives([file])
    assert [url for url, _ in addresses(archive, base=None, most_bytes=MOST)] == [url for url, _ in RECORDS]


def test_a_warc_that_was_packed_as_a_whole_is_read_too(tmp_path: Path) -> None:
    plain = warc(tmp_path / "plain.warc", RECORDS, packed=False)
    whole = tmp_path / "whole.warc.gz"
    whole.write_bytes(gzip.compress(plain.read_bytes()))
    assert pages(whole) == dict(RECORDS)
    assert reasons(whole) == []


def test_damage_within_what_was_packed_as_a_whole_ends_the_file(tmp_path: Path) -> None:
    large = f"<p>{random.Random(7).randbytes(100_000).hex()}</p>".encode()  # more than is unpacked at once
    records = [("https://north.example/large", large), *RECORDS]
    plain = warc(tmp_path / "plain.warc", records, packed=False).read_bytes()
    second = plain.index(b"WARC/1.0", 100_000)
    pack = zlib.compressobj(wbits=31)
    first = pack.compress(plain[:second]) + pack.flush(zlib.Z_FULL_FLUSH)  # the rest can be damaged by itself
    rest = pack.compress(plain[second:]) + pack.flush()
    whole = tmp_path / "whole.warc.gz"
    whole.write_bytes(first + b"\xff" * 40 + rest[40:])
    assert reasons(whole) == ["bad-record"]


def test_a_damaged_and_a_cut_record_cost_themselves(tmp_path: Path) -> None:
    file = warc(tmp_path / "damaged.warc.gz", RECORDS)
    damage(file)
    assert list(pages(file)) == [RECORDS[0][0], RECORDS[2][0]]
    assert reasons(file) == ["bad-record", "bad-record"]


def test_a_damaged_record_in_the_open_costs_itself(tmp_path: Path) -> None:
    file = warc(tmp_path / "damaged.warc", RECORDS, packed=False)
    data = file.read_bytes()
    third = data.index(b"WARC/1.0", data.index(RECORDS[1][0].encode()))
    file.write_bytes(data[:third] + b"NOT A RECORD" * 20 + data[third:])
    assert {RECORDS[0][0], RECORDS[2][0], RECORDS[3][0]} <= set(pages(file))


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        pytest.param({"media": "image/png"}, "no-page", id="a picture"),
        pytest.param({"media": "application/rss+xml"}, "no-page", id="a feed"),
        pytest.param({"status": "404 Not Found"}, "not-200", id="an error"),
        pytest.param({"kind": "revisit"}, "revisit", id="a revisit"),
        pytest.param({"said": (("WARC-Truncated", "length"),)}, "truncated", id="truncated by the archiver"),
        pytest.param({"said": (("WARC-Date", "the other day"),)}, "bad-record", id="a date that is none"),
    ],
)
def test_what_is_no_whole_page_is_reported(tmp_path: Path, how: dict[str, str], reason: str) -> None:
    file = warc(tmp_path / "a.warc.gz", RECORDS[:1], **how)  # type: ignore[arg-type]  # the names are those of warc
    assert reasons(file) == [reason]
    assert pages(file) == {}


def test_a_body_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = warc(tmp_path / "a.warc.gz", [(RECORDS[0][0], b"x" * (MOST + 1)), RECORDS[1]])
    assert reasons(file) == ["too-large"]
    assert list(pages(file)) == [RECORDS[1][0]]


# ---------------------------------------------------------------- folders


def test_pages_and_texts_of_a_folder_have_addresses_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "mirror.example" / "2024").mkdir(parents=True)
    (tmp_path / "one.html").write_bytes(page(1, canonical="https://said.example/one"))
    (tmp_path / "saved.html").write_bytes(b"<!-- saved from url=(0022)https://said.example/x -->" + page(1))
    (tmp_path / "mirror.example" / "2024" / "two words.html.gz").write_bytes(gzip.compress(page(2)))
    (tmp_path / "mirror.example" / "index.html").write_bytes(page(3))
    (tmp_path / "three.txt").write_text("A title\n\nOne & two.\n\nThree.")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    known = {
        "https://said.example/one",
        "https://said.example/x",
        "http://mirror.example/2024/two%20words.html",
        "http://mirror.example/",
    }
    assert set(pages(tmp_path)) == known
    assert reasons(tmp_path) == ["no-address"]
    found = pages(tmp_path, base="https://base.example/texts/")
    secure = {url.replace("http://mirror", "https://mirror") for url in known}  # the scheme is that of the base
    assert set(found) == {*secure, "https://base.example/texts/three.txt"}
    text = found["https://base.example/texts/three.txt"].decode()
    assert "<h1>A title</h1>\n<p>One &amp; two.</p>\n<p>Three.</p>" in text


def test_a_text_comes_out_as_it_was_written_dated_as_its_file(tmp_path: Path) -> None:
    from ingest.steps import read as through_the_line

    words = write("en", "typed", number=3, corrected=False)
    file = tmp_path / "three.txt"
    file.write_text(words.title + "\n\n" + "\n\n".join(words.paragraphs))
    os.utime(file, (CAPTURED.timestamp(), CAPTURED.timestamp()))
    (one,) = read(file, base="https://base.example/")
    assert one.page is not None
    article = through_the_line(one.page, min_words=30).article
    assert (article.title, article.body, article.fetched_at) == (words.title, "\n".join(words.paragraphs), CAPTURED)


def test_a_cut_gzip_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(page(1))[:-30])
    assert reasons(tmp_path / "a.html.gz") == ["unreadable"]


@pytest.mark.parametrize(("name", "data"), [("x.bin", b"\0\1\2"), ("x.txt", b""), ("x.png", b"\x89PNG")])
def test_a_file_that_is_nothing_we_can_read_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(WrongUse, match="no WARC, ARC, WACZ, HTML, MHTML, mail, PDF, text or CDX file"):
        list(archives([tmp_path / name]))


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="or CDX file in this folder"):
        list(archives([tmp_path]))


# ---------------------------------------------------------------- listings

LISTINGS = {
    "server": "example,north)/a 20240506070809 https://north.example/a text/html 200 ABC 123\n"
    "example,north)/b 20240506070809 https://north.example/b image/png 200 ABC 123\n"
    "example,north)/c 20240506070809 https://north.example/c text/html 404 ABC 123\n",
    "json": '[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],\n'
    '["example,north)/a","20240506070809","https://north.example/a","text/html","200","A","1"]]\n',
    "cdxj": "example,north)/a 20240506070809"
    ' {"url": "https://north.example/a", "mime": "text/html", "status": "200"}\n',
    "two fields": "20240506070809 https://north.example/a\n",
    "other order": "https://north.example/a text/html 200 20240506070809\n",
    "addresses only": "https://north.example/a\nhttps://north.example/a\n",
    "with the key to go on with": "example,north)/a 20240506070809 https://north.example/a text/html 200 A 1\n\n"
    "example%2Cnorth%29%2Fb+20240507000000%21\n",
    "json fields": '[["timestamp","original"],\n["20240506070809","https://north.example/a"]]\n',
    "json on one line": '[["original","timestamp"],["https://north.example/a","20240506070809"]]',
    "json pretty": '[\n  [\n    "timestamp",\n    "original"\n  ],\n'
    '  [\n    "20240506070809",\n    "https://north.example/a"\n  ]\n]',
    "json with a key": '[["timestamp","original"],\n["20240506070809","https://north.example/a"],\n[],\n["example%2Cnorth+"]]\n',
    "objects": '{"urlkey": "example,north)/a", "timestamp": "20240506070809", "url": "https://north.example/a", '
    '"mime": "text/html", "mime-detected": "text/html", "status": "200", "languages": "eng,deu"}\n'
    '{"urlkey": "example,north)/x", "timestamp": "20240506070809", "url": "https://north.example/x", '
    '"mime": "application/pdf", "status": "200"}\n',
    "objects of two fields": '{"url": "https://north.example/a", "timestamp": "20240506070809"}\n',
    "meta": '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n'
    'example,north)/a 20240506070809 {"url": "https://north.example/a", "mime": "text/html", "status": "200"}\n',
    "answers to POST, and notes of the crawler": "example,north)/a 20240506070809"
    ' {"url": "https://north.example/a", "mime": "text/html", "status": "200"}\n'
    "example,north)/search?__wb_method=post&q=quill 20240506070809"
    ' {"url": "https://north.example/search", "mime": "text/html", "status": "200", "method": "POST"}\n'
    "example,north)/find?__wb_method=post&q=quill 20240506070809"
    ' {"url": "https://north.example/find", "mime": "text/html", "status": "200"}\n'
    "urn:pageinfo:https://north.example/a 20240506070809"
    ' {"url": "urn:pageinfo:https://north.example/a", "status": "200"}\n'
    'urn:text:https://north.example/a 20240506070809 {"url": "urn:text:https://north.example/a", "mime": "text"}\n',
    "posted, classic": " CDX N b a m s k r M S V g\n"
    "example,north)/s?__wb_method=post&q=1 20240506070809 https://north.example/s text/html 200 ABC - - 5 6 x.warc.gz\n"
    "example,north)/a 20240506070809 https://north.example/a text/html 200 ABC - - 5 6 x.warc.gz\n",
    "port and revisit": "example,north)/a 20240506070809 https://north.example:443/a warc/revisit - ABC 12\n",
    "classic": " CDX N b a m s k r M S V g\n"
    "example,north)/a 20240506070809 https://north.example/a text/html 200 ABC - - 5 6 x.warc.gz\n",
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("form", LISTINGS)
def test_a_listing_names_the_pages_that_were_captured(tmp_path: Path, form: str, packed: bool) -> None:
    data = LISTINGS[form].encode()
    file = tmp_path / "listing.cdx.gz"
    file.write_bytes(gzip.compress(data) if packed else data)
    assert {link.url for link in listing(file)} == {"https://north.example/a"}
    assert "bad-record" not in [one for (archive,) in [archives([file])] for one in listed(archive)]


def test_a_line_that_cannot_be_read_costs_itself(tmp_path: Path) -> None:
    file = tmp_path / "listing.cdx"
    file.write_text(LISTINGS["server"] + "nonsense\n" + LISTINGS["cdxj"] + 'x 20240506070809 {"url": \n')
    (archive,) = archives([file])
    found = [one if isinstance(one, str) else one.url for one in listed(archive)]
    assert found == [
        "https://north.example/a",
        "no-page",
        "not-200",
        "bad-record",
        "https://north.example/a",
        "bad-record",
    ]


def listing(file: Path) -> list[Link]:
    archive: Archive
    (archive,) = archives([file])
    return [one for one in listed(archive) if isinstance(one, Link)]


def test_what_cdxj_indexer_writes_is_a_listing(tmp_path: Path) -> None:
    pytest.importorskip("cdxj_indexer")
    import subprocess
    import sys

    source = warc(tmp_path / "a.warc.gz", RECORDS)
    command = [sys.executable, "-c", "from cdxj_indexer.main import main; main()", str(source)]
    for form in ((), ("-9",), ("-11",)):
        made = subprocess.run([*command, *form], check=True, capture_output=True).stdout
        file = tmp_path / "index"
        file.write_bytes(made)
        assert {link.url for link in listing(file)} == {url for url, _ in RECORDS}


@pytest.mark.parametrize(
    "text",
    [
        "A story\n\nIn 20240506070809 steps\n",
        "https://north.example/a is where it began.\n",
        "com, org)/ and so on\n",
        "https://north.example/a\nhttps://north.example/b\n",
    ],
)
def test_a_text_is_no_listing(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.txt").write_text(text)
    assert [one.kind for one in archives([tmp_path / "x.txt"])] == ["text"]
