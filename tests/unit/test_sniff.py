# ruff: noqa: E501 - one-line markup and ids
"""Bytes that are no page, under an HTML Content-Type: forty bodies of twelve kinds and more; and text that only looks odd."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import wave
import zipfile
import zlib
from collections.abc import Iterator

import brotli
import pytest

from ingest import steps
from ingest.web.sniff import binary_kind
from tests.unit.seeds import page

SENTENCE = "The night ferry will stop at the old pier again from May, the harbour office said on Monday. "
PAGE = f"<!DOCTYPE html><html><head><title>Ferry</title></head><body><article><h1>Ferry</h1><p>{SENTENCE * 8}</p></article></body></html>"
SIZES = (900, 4_000, 20_000)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def png(size: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = max(8, int(size**0.5))
    rows = b"".join(b"\0" + noise(side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(size: int) -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + noise(size) + b"\xff\xd9"


def gif(size: int) -> bytes:
    return b"GIF89a\x10\x00\x10\x00\x80\x00\x00" + noise(size) + b"\x3b"


def pdf(size: int) -> bytes:
    stream = zlib.compress(noise(size))
    return (
        b"%%PDF-1.7\n1 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream)
        + stream
        + b"\nendstream\n%%EOF"
    )


def plain_pdf(size: int) -> bytes:
    text = b"(%b) Tj\n" % SENTENCE.encode() * (size // 100)
    return b"%PDF-1.4\n1 0 obj\n<< /Length 9 >>\nstream\nBT\n" + text + b"ET\nendstream\nendobj\ntrailer\n%%EOF\n"


def office(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", noise(size))
    return file.getvalue()


def stored_zip(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("story.txt", SENTENCE * (size // 90))
    return file.getvalue()


def tar(size: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as made:
        data = (SENTENCE * (size // 90)).encode()
        info = tarfile.TarInfo("story.txt")
        info.size = len(data)
        made.addfile(info, io.BytesIO(data))
    return file.getvalue()


def sound(size: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8_000)
        made.writeframes(noise(size))
    return file.getvalue()


def mp3(size: int) -> bytes:
    return b"\xff\xfb\x90\x64" + noise(size)


def mp4(size: int) -> bytes:
    return struct.pack(">I", 24) + b"ftypisom\x00\x00\x02\x00isomiso2" + noise(size)


def font(size: int) -> bytes:
    return b"wOF2\x00\x01\x00\x00" + noise(size)


def compressed(size: int) -> bytes:
    """As a server sends it that calls its coding by a name of its own."""
    return brotli.compress(noise(size) + PAGE.encode())


def office_97(size: int) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40) + noise(size)


KINDS = (png, jpeg, gif, pdf, plain_pdf, office, stored_zip, tar, sound, mp3, mp4, font, compressed, office_97)
ODD = {
    "gzip": gzip.compress(PAGE.encode()),
    "bzip2": bz2.compress(PAGE.encode()),
    "xz": lzma.compress(PAGE.encode()),
    "zlib": zlib.compress(noise(3_000)),
    "sqlite": b"SQLite format 3\0" + noise(3_000),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(9) + noise(3_000),
    "rtf": rb"{\rtf1\ansi " + SENTENCE.encode() * 9 + b"}",
    "postscript": b"%!PS-Adobe-3.0\n(" + SENTENCE.encode() * 9 + b") show",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text>'
    + SENTENCE.encode() * 9
    + b"</text></svg>",
    "an image behind a tag": b"<img>" + jpeg(4_000),
}


def bodies() -> Iterator[tuple[str, bytes]]:
    for kind in KINDS:
        for size in SIZES:
            yield f"{kind.__name__} {size}", kind(size)
    yield from ODD.items()


def test_forty_bodies_of_twelve_kinds() -> None:
    assert len(list(bodies())) >= 40
    assert len(KINDS) >= 12


@pytest.mark.parametrize(("name", "body"), list(bodies()), ids=[name for name, _ in bodies()])
def test_binary_body_is_no_page(name: str, body: bytes) -> None:
    reading = steps.read(page(body), min_words=30)
    assert reading.refusal == "not-a-page"
    assert not reading.article.blocks


@pytest.mark.parametrize(
    "body",
    [
        PAGE.encode(),
        PAGE.encode("utf-16"),
        PAGE.replace("again", "ag\x00ain\x01").encode(),
        ("BM " + SENTENCE * 8).encode(),  # how a bitmap begins
        ("MZ and II* " + SENTENCE * 8).encode(),
        "\ufeff".encode() + PAGE.encode(),
        f"<html><body><p>{'駅前の古い橋は五月から通れる。' * 12}</p></body></html>".encode("iso-2022-jp"),
        f"<html><body><p>{'시청은 오래된 다리를 오월부터 연다. ' * 12}</p></body></html>".encode("iso-2022-kr"),
        f"<html><body><p>{'Мост у вокзала откроют в мае. ' * 12}</p></body></html>".encode("koi8-r"),
        b"",
    ],
    ids=[
        "page",
        "utf-16",
        "stray controls",
        "BM",
        "MZ",
        "byte order mark",
        "iso-2022-jp",
        "iso-2022-kr",
        "koi8-r",
        "empty",
    ],
)
def test_text_is_let_through(body: bytes) -> None:
    assert binary_kind(body) == ""


def test_text_of_private_and_replacement_characters_is_no_page() -> None:
    garbled = (
        "<html><body><article><h1>Ferry</h1><p>"
        + "st\ufffd\ufffdp at \ue012\ue013 pier " * 40
        + "</p></article></body></html>"
    )
    assert steps.read(page(garbled.encode()), min_words=30).refusal == "not-a-page"
