"""Raw pages: what was written can be read, by us and by any archive tool, also after a kill or a full disk."""

from __future__ import annotations

import gzip
import os
import resource
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from ingest.errors import SnapshotError
from ingest.model import Page
from ingest.snapshots import FOLDER, Writer, read, read_all, recovered, whole_bytes


def page(number: int = 1, body: bytes | None = None, **changes: object) -> Page:
    made = Page(
        url=f"http://news.test/a/{number}?from=feed",
        final_url=f"http://news.test/a/{number}",
        source="news",
        status=200,
        headers=(
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", "77"),
            ("ETag", f'"{number}"'),
            ("X-Written", "Grüße"),
        ),
        body=f"<p>Article {number}".encode() * 50 if body is None else body,
        fetched_at=datetime(2026, 5, 4, 3, 2, 1, 987654, tzinfo=UTC),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # tests name the fields


def files(home: Path) -> list[Path]:
    return sorted((home / FOLDER).glob("*.warc.gz"))


def test_a_page_comes_back_as_it_was(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        places = [writer.write(page(number)) for number in range(5)]
        assert read(tmp_path, places[3]) == replace(page(3), place=places[3])  # also while the file is open
    for number, place in enumerate(places):
        assert read(tmp_path, place) == replace(page(number), place=place)


def test_an_empty_and_a_binary_body_come_back(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        for body in (b"", bytes(range(256)) * 9, b"\r\n\r\n" * 4, b"WARC/1.1\r\n"):
            assert read(tmp_path, writer.write(page(body=body))).body == body


def test_equal_bytes_are_written_once(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        first = writer.write(page(1, b"same"))
        assert writer.write(page(2, b"same")) == first
        other = writer.write(page(3, b"other"))
    with Writer(tmp_path) as later:
        assert later.write(page(1, b"same"), known=first) == first
        assert later.write(page(1, b"new"), known=first) not in (first, other)


def test_any_archive_tool_reads_the_records(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.write(page(1))
    with files(tmp_path)[0].open("rb") as file:
        records = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]
    assert records[0][0] == "warcinfo"
    assert records[1] == ("response", "http://news.test/a/1", page(1).body)


def test_the_next_file_begins_when_one_is_large(tmp_path: Path) -> None:
    with Writer(tmp_path, max_file_bytes=2_000) as writer:
        places = [writer.write(page(number, os.urandom(900))) for number in range(6)]
    assert len(files(tmp_path)) == 3
    assert len({place.file for place in places}) == 3
    assert all(read(tmp_path, place).body for place in places)


def test_nothing_written_leaves_no_file(tmp_path: Path) -> None:
    with Writer(tmp_path):
        pass
    assert not (tmp_path / FOLDER).exists()


def test_header_lines_cannot_be_smuggled_in(tmp_path: Path) -> None:
    evil = page(final_url="http://news.test/a\r\nWARC-Type: metadata", headers=(("X\r\nY: 1", "a\r\n\r\nbody"),))
    with Writer(tmp_path) as writer:
        back = read(tmp_path, writer.write(evil))
    assert back.body == evil.body
    assert back.final_url == "http://news.test/aWARC-Type:%20metadata"


@pytest.mark.parametrize("cut", [1, 7, 40, 150])
def test_a_cut_last_record_is_taken_off_and_the_rest_is_read(tmp_path: Path, cut: int) -> None:
    writer = Writer(tmp_path)
    places = [writer.write(page(number, os.urandom(300))) for number in range(3)]
    path = files(tmp_path)[0]
    writer._mark.close()  # type: ignore[union-attr]  # a killed process holds no lock any more
    os.truncate(path, path.stat().st_size - cut)
    readable = 3 if cut < 8 else 2  # of the last only its checksum is missing
    assert [found.url for found in read_all(path)] == [page(number).url for number in range(readable)]
    with recovered(tmp_path) as killed:
        assert [(one.path, one.cut_bytes) for one in killed] == [(path, places[2].length - cut)]
    assert path.stat().st_size == places[2].offset == whole_bytes(path)
    with pytest.raises(SnapshotError, match="no page with digest"):
        read(tmp_path, places[2])
    assert not list((tmp_path / FOLDER).glob("*.open"))
    writer.close()


def test_a_file_cut_anywhere_gives_every_page_before_the_cut_and_no_part_of_one(tmp_path: Path) -> None:
    bodies = [os.urandom(60) for _ in range(2)]
    with Writer(tmp_path) as writer:
        places = [writer.write(page(number, body)) for number, body in enumerate(bodies)]
    path = files(tmp_path)[0]
    whole = path.read_bytes()
    for end in range(places[1].offset, len(whole)):
        path.write_bytes(whole[:end])
        found = [one.body for one in read_all(path)]
        assert found == bodies[: len(found)], end
        assert found, end


def test_a_record_with_bad_fields_costs_itself_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    record = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://news.test/{0}\r\nWARC-Date: {1}\r\n"
        "Content-Type: application/http; msgtype=response\r\n{2}\r\nHTTP/1.1 200 OK\r\n\r\nThe page\r\n\r\n"
    )
    length = f"Content-Length: {len('HTTP/1.1 200 OK') + 4 + len('The page')}\r\n"
    dates = ("2026-03-01T00:00:00Z", "March 2026", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z")
    members = [record.format(number, date, "" if number == 2 else length) for number, date in enumerate(dates)]
    path = tmp_path / "theirs.warc.gz"
    path.write_bytes(b"".join(gzip.compress(member.encode()) for member in members))
    assert [one.url[-1] for one in read_all(path)] == ["0", "2", "3"]
    assert [one.message for one in caplog.records] == ["record passed over"]


def test_a_file_being_written_by_another_run_is_left_alone(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.write(page(1))
        with Writer(tmp_path) as other:
            other.write(page(2))
        assert len(list((tmp_path / FOLDER).glob("*.open"))) == 1
        assert read(tmp_path, writer.write(page(3))).url == page(3).url


def test_a_killed_process_leaves_every_page_it_gave_a_place(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from dataclasses import replace
        from pathlib import Path
        from tests.unit.test_snapshots import page
        from ingest.snapshots import Writer
        writer = Writer(Path(sys.argv[1]))
        for number in range(100_000):
            print(writer.write(page(number, b"x%d" % number * 2000)).offset, flush=True)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(40)]
    process.send_signal(signal.SIGKILL)
    told += [int(line) for line in process.stdout.read().splitlines()]
    process.stdout.close()
    process.wait(timeout=10)
    with recovered(tmp_path):
        pass
    offsets = [found.place.offset for found in read_all(files(tmp_path)[0]) if found.place]
    assert offsets[: len(told)] == told


def test_a_full_disk_is_reported_and_leaves_the_file_readable(tmp_path: Path) -> None:
    # a limit on the file size stands in for the full disk: write() fails in the same way, with EFBIG for ENOSPC
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    writer = Writer(tmp_path)
    try:
        place = writer.write(page(1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (place.offset + place.length + 500, hard))
        with pytest.raises(SnapshotError, match=r"cannot write a raw page: .*make room, then run again"):
            writer.write(page(2, os.urandom(400_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, previous)
        writer.close()
    assert [found.url for found in read_all(files(tmp_path)[0])] == [page(1).url]


def test_what_is_no_warc_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html>" * 100)
    with pytest.raises(SnapshotError, match="not a WARC file"):
        list(read_all(path))
    with pytest.raises(SnapshotError, match="cannot read"):
        list(read_all(tmp_path / "missing.warc.gz"))


def test_a_foreign_archive_is_read(tmp_path: Path) -> None:
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path = tmp_path / "foreign.warc"
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=False)
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                "http://far.test/", "response", payload=BytesIO(b"<p>far"), length=6, http_headers=http
            )
        )
        writer.write_record(
            writer.create_warc_record(
                "dns:far.test", "resource", payload=BytesIO(b"1.2.3.4"), length=7, warc_content_type="text/dns"
            )
        )
    found = list(read_all(path))
    assert [(item.final_url, item.body, item.source) for item in found] == [("http://far.test/", b"<p>far", "")]
