"""Files as other programs write them: codings in WARC records, ARC, Zstandard with a dictionary, saved pages, mail."""

from __future__ import annotations

import gzip
import mailbox
import struct
import sys
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import brotli
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.site.archives import CAPTURED, Record, page

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Coding = Callable[[bytes], bytes]


def chunked(data: bytes, size: int = 1000) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


# headers that a server sends, and what it does with the body
CODINGS: dict[str, tuple[tuple[tuple[str, str], ...], Coding]] = {
    "gzip": ((("Content-Encoding", "gzip"),), gzip.compress),
    "x-gzip": ((("Content-Encoding", "x-gzip"),), gzip.compress),
    "GZIP": ((("content-encoding", "GZIP"),), gzip.compress),
    "deflate": ((("Content-Encoding", "deflate"),), zlib.compress),
    "raw deflate": ((("Content-Encoding", "deflate"),), raw_deflate),
    "br": ((("Content-Encoding", "br"),), brotli.compress),
    "zstd": ((("Content-Encoding", "zstd"),), zstd.compress),
    "two in a list": ((("Content-Encoding", "deflate, gzip"),), lambda data: gzip.compress(zlib.compress(data))),
    "two headers": (
        (("Content-Encoding", "br"), ("Content-Encoding", "zstd")),
        lambda data: zstd.compress(brotli.compress(data)),
    ),
    "gzip twice": ((("Content-Encoding", "gzip, gzip"),), lambda data: gzip.compress(gzip.compress(data))),
    "chunked": ((("Transfer-Encoding", "chunked"),), chunked),
    "chunked br": (
        (("Transfer-Encoding", "chunked"), ("Content-Encoding", "br")),
        lambda data: chunked(brotli.compress(data)),
    ),
    "decoded br": ((("Content-Encoding", "br"),), bytes),
    "decoded zstd": ((("Content-Encoding", "zstd"),), bytes),
    "decoded chunked gzip": ((("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")), bytes),
    "charset as coding": ((("Content-Encoding", "utf-8"),), bytes),
    "renamed": ((("X-Crawler-Content-Encoding", "br"), ("X-Crawler-Transfer-Encoding", "chunked")), bytes),
}


def response(url: str, body: bytes, headers: Sequence[tuple[str, str]] = (), date: str = "") -> bytes:
    """One WARC record, not compressed."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8"), *headers], protocol="HTTP/1.1")
    said = {"WARC-Date": date or CAPTURED.strftime("%Y-%m-%dT%H:%M:%SZ")}
    writer.write_record(
        writer.create_warc_record(
            url, "response", payload=BytesIO(body), length=len(body), http_headers=head, warc_headers_dict=said
        )
    )
    return out.getvalue()


def arc(path: Path, records: Sequence[Record], *, packed: bool) -> Path:
    """An ARC file of version 1, one gzip member a record where it is packed."""
    info = b"1 0 somebody\nURL IP-address Archive-date Content-type Archive-length\n\n"
    date = CAPTURED.strftime("%Y%m%d%H%M%S")
    parts = [f"filedesc://{path.name} 0.0.0.0 {date} text/plain {len(info)}\n".encode() + info + b"\n"]
    for url, body in records:
        content = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(body)
        parts.append(f"{url} 192.0.2.1 {date} text/html {len(content)}\n".encode() + content + b"\n")
    path.write_bytes(b"".join(gzip.compress(part) if packed else part for part in parts))
    return path


def zstd_with_dictionary(path: Path, records: Sequence[bytes]) -> Path:
    """A .warc.zst with a dictionary in a skippable frame, as the IIPC's specification has it."""
    samples = [page(number) for number in range(40)]
    dictionary = zstd.train_dict(samples, 8_000)
    packed = zstd.compress(dictionary.dict_content)
    with path.open("wb") as out:
        out.write(b"\x5d\x2a\x4d\x18" + struct.pack("<L", len(packed)) + packed)
        for record in records:
            out.write(zstd.compress(record, zstd_dict=dictionary))
    return path


def letter(number: int, *, sender: str = "Anna Field <anna@letters.example>", form: str = "html") -> EmailMessage:
    """A newsletter."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "reader@home.example"
    message["Subject"] = f"Letter {number}: Über den Fluss"
    message["Date"] = datetime(2025, 2, 3 + number, 6, 30, tzinfo=UTC)
    message["Message-ID"] = f"<letter.{number}@mailer.example>"
    lines = [
        f"This is paragraph {n} of letter {number}; the ferry crossed the river at {n} o'clock with {n + 20} people "
        "on board, and nobody on the far bank had expected it so early in the year."
        for n in range(1, 7)
    ]
    message.set_content("\n\n".join(lines) + "\n\nFrom the far bank we saw it.\n")
    if form == "html":
        rows = "".join(f"<tr><td><p>{line}</p></td></tr>" for line in lines)
        message.add_alternative(
            f"<html><body><table role=presentation><tr><td><table>{rows}</table></td></tr></table></body></html>",
            subtype="html",
        )
        message.add_attachment(b"\x89PNG" * 100, maintype="image", subtype="png", filename="x.png")
    return message


def mbox(path: Path, messages: Sequence[EmailMessage]) -> Path:
    box = mailbox.mbox(path)
    for message in messages:
        box.add(message)
    box.close()
    return path
