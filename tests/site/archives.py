"""Archives as other programs write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.site.writing import write

CAPTURED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
Record = tuple[str, bytes]


def page(number: int, *, canonical: str = "") -> bytes:
    words = write("en", "archive", number=number)
    body = "".join(f"<p>{text}</p>" for text in words.paragraphs)
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    head = f"<head><title>{words.title}</title>{link}</head>"
    return f"<!DOCTYPE html><html>{head}<body><article><h1>{words.title}</h1>{body}</article></body></html>".encode()


RECORDS: tuple[Record, ...] = tuple(
    (f"https://{host}.example/2024/story-{number}", page(number))
    for host, number in (("north", 1), ("north", 2), ("south", 3), ("north", 4))
)


def warc(
    path: Path,
    records: Iterable[Record],
    *,
    packed: bool = True,
    media: str = "text/html",
    status: str = "200 OK",
    kind: str = "response",
    said: tuple[tuple[str, str], ...] = (),
) -> Path:
    """A WARC file: an info record, then a request and a response for each page."""
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=packed, warc_version="1.0")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "another archiver"}))
        for url, body in records:
            dated = {"WARC-Date": CAPTURED.strftime("%Y-%m-%dT%H:%M:%SZ"), **dict(said)}
            asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
            writer.write_record(
                writer.create_warc_record(
                    url, "request", payload=BytesIO(), length=0, http_headers=asked, warc_headers_dict=dated
                )
            )
            head = StatusAndHeaders(status, [("Content-Type", media)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url, kind, payload=BytesIO(body), length=len(body), http_headers=head, warc_headers_dict=dated
                )
            )
    return path


def damage(path: Path) -> None:
    """Break the second response of RECORDS, packed, and cut the last one."""
    data = bytearray(path.read_bytes())
    members = [at for at in range(len(data)) if data[at : at + 3] == b"\x1f\x8b\x08"]
    middle = (members[4] + members[5]) // 2
    data[middle : middle + 40] = bytes(40)
    path.write_bytes(bytes(data[: (members[8] + len(data)) // 2]))
