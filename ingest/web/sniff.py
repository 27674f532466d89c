"""Bytes that are no page, whatever their Content-Type says: images, archives, office files, compressed streams.

Known signatures first (the `filetype` package), then the share of bytes that no text has: a compressed body of an
unknown coding has no signature. After the WHATWG's MIME Sniffing Standard, sections 3 and 7.
"""

from __future__ import annotations

import codecs
import re

import filetype

SNIFFED_BYTES = 65_536  # enough for a share; a page that turns into something else later is cut by its text
# "Binary data bytes" of the standard, without SO and SI, which ISO-2022-KR switches its characters with.
BINARY_BYTES = bytes(code for code in (*range(0x09), 0x0B, *range(0x10, 0x1B), *range(0x1C, 0x20)))
# A compressed stream has 10 % of them, pages of the corpora at most 0.01 %.
MOST_BINARY = 0.02
SIGNATURE_BYTES = (
    8_192  # that a signature may need: a tar archive's stands at 257, an ISO image is never served as a page
)
# Formats that are text to a parser and yet no page. A byte order mark and white space may stand before them.
TEXT_FORMATS = (
    ("pdf", re.compile(rb"\s*%PDF-")),
    ("postscript", re.compile(rb"%!PS")),
    ("rtf", re.compile(rb"\{\\rtf")),
    (
        "svg",
        re.compile(
            rb"(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?(?:<!DOCTYPE svg[^>]{0,300}>\s*)?<svg\b", re.S
        ),
    ),
    ("mime", re.compile(rb"MIME-Version: 1\.0\r?\n", re.IGNORECASE)),
)
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def binary_kind(body: bytes) -> str:
    """Return what the bytes are when they are no page ("png", "pdf", "binary"), "" for what may be one."""
    head = body[:SNIFFED_BYTES]
    if head.startswith(UTF16):
        return ""  # half of its bytes may be NUL; a byte order mark is the page's word for being text
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for name, sign in TEXT_FORMATS:
        if sign.match(start):
            return name
    counted = head.replace(b"\0", b"") if _is_markup(start) else head  # UTF-16 that nobody declared has NULs
    signs = len(counted) - len(counted.translate(None, BINARY_BYTES))
    if not signs:
        return ""
    if not _is_markup(start):
        # a signature of two letters ("BM", "MZ") may begin any text: only beside a byte that no text has
        known = filetype.guess(head[:SIGNATURE_BYTES])
        if known is not None:
            return str(known.extension)
    return "binary" if signs > MOST_BINARY * len(counted) else ""


def _is_markup(start: bytes) -> bool:
    return start.replace(b"\0", b"")[:1] == b"<"
