"""Bytes of a page -> the one tree that metadata, body and screening share.

Knows charsets and lxml; what the tree means is decided elsewhere.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from functools import partial

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from ingest.extract.html.flatten import flattened, is_cut_off
from ingest.model import Page

BYTES_MAX = 10 * 1024 * 1024  # most that is fetched of a page; of larger ones from files the rest is not read
# Signs of elements and attributes ("<", "="): what a tree costs, up to 300 bytes each. The most on a corpus page are
# 27,000; what comes after so many is not read.
MARKS_MAX = 300_000
PRESCAN_BYTES = 4096  # WHATWG says 1024; heads with inline scripts before the charset are common enough
UTF8_WITNESSES = 2  # valid multi-byte sequences in a page that claims a one-byte charset, to believe the bytes instead

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# WHATWG Encoding: what a label means in browsers where Python means less by it.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    **dict.fromkeys(
        ("idna", "punycode", "unicode_escape", "raw_unicode_escape"), "utf-8"
    ),  # Python's own; slow on pages
    "utf-7": "utf-8",  # never on the web: a way to smuggle markup
    "utf-16": "utf-8",  # a declaration that could be read is not UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-32": "utf-8",
}

_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_MULTI_BYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")

# C0 controls other than white space end libxml2's text or trafilatura's; so does a reference to one of them.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\f\r") + b"\x7f"
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[14-9]|2[0-9]|3[01])(?![0-9])|[xX]0*(?:[0-8bBeEfF]|1[0-9a-fA-F])(?![0-9a-fA-F]));?"
)


def _parser() -> etree.HTMLParser:
    parser = etree.HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # else libxml2 drops whatever lies deeper than 255 elements
        collect_ids=False,
    )
    # One class for all elements: looking up lxml.html's per-tag classes costs 0.6-1.1 ms a page.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


_PARSER = _parser()


def parse(page: Page) -> HtmlElement:
    """Return the tree of any bytes at all; an empty document where there is nothing to parse."""
    return parse_bytes(page.body, content_type=page.header("content-type") or "")


def parse_bytes(body: bytes, *, content_type: str = "") -> HtmlElement:
    """Return the tree of a page's bytes; `content_type` is the header as received."""
    source = _bounded(_clean(_as_utf8(body[:BYTES_MAX], content_type)))
    tree = _tree(source)
    if tree is not None and is_cut_off(tree):
        tree = _tree(flattened(source))
    return _tree(b"<html><body></body></html>") if tree is None else tree


def _tree(source: bytes) -> HtmlElement | None:
    if not source.strip():
        return None
    try:
        tree = document_fromstring(source, parser=_PARSER)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        return None  # nothing but a comment or a lone doctype, lxml finds no root
    return tree if isinstance(tree, HtmlElement) else None


def _bounded(source: bytes) -> bytes:
    """Return what comes before the last mark that is read."""
    if len(source) <= MARKS_MAX or _marks(source, len(source)) <= MARKS_MAX:
        return source
    return source[: bisect_left(range(len(source)), MARKS_MAX, key=partial(_marks, source))]


def _marks(source: bytes, end: int) -> int:
    return source.count(b"<", 0, end) + source.count(b"=", 0, end)


def charset(body: bytes, content_type: str = "") -> str:
    """Return the Python name of the page's charset, in WHATWG's order: byte order mark, header, meta, then the bytes.

    Two departures, both against mojibake: a page that claims a one-byte charset but is valid UTF-8 with multi-byte
    sequences is UTF-8, and a page that claims UTF-8 wrongly is read by its next claim.
    """
    return _charset(body, content_type)[0]


def _charset(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the charset, and whether it is known that all the body is UTF-8."""
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return marked, False
    head = body[:PRESCAN_BYTES]
    claims: list[bytes | str] = _HEADER.findall(content_type)[:1]
    claims += _META.findall(head)[:1] + _XML.findall(head)[:1]
    names = [name for claim in claims if (name := _python_name(claim))]
    if _is_utf8(body) and (not names or "utf-8" in names or _has_multi_byte(body)):
        return "utf-8", True
    for name in names:
        if name != "utf-8":
            return name, False
    return names[0] if names and _mostly_utf8(body) else "cp1252", False


def _as_utf8(body: bytes, content_type: str) -> bytes:
    name, is_sound = _charset(body, content_type)
    if is_sound:
        return body
    if name == "utf-8":
        body = body.removeprefix(codecs.BOM_UTF8)
        if _is_utf8(body):
            return body
    return body.decode(name, "replace").removeprefix("\ufeff").encode("utf-8", "replace")


def _clean(source: bytes) -> bytes:
    source = source.translate(None, _CONTROLS)
    return _CONTROL_REFERENCE.sub(b"", source) if b"&#" in source else source


def _python_name(claim: bytes | str) -> str | None:
    label = claim.decode("ascii", "replace") if isinstance(claim, bytes) else claim
    try:
        name = codecs.lookup(label.strip()).name
        b"a".decode(name)  # of no bytes even "zlib" makes a text
    except (LookupError, ValueError):
        return None
    return _MEANT.get(name, name)


def _is_utf8(body: bytes) -> bool:
    if body.isascii():  # in a tenth of the time
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_multi_byte(body: bytes) -> bool:
    return sum(1 for _, _ in zip(range(UTF8_WITNESSES), _MULTI_BYTE.finditer(body), strict=False)) == UTF8_WITNESSES


def _mostly_utf8(body: bytes) -> bool:
    """Whether UTF-8 with a few broken characters is likelier than a one-byte charset."""
    broken = body.decode("utf-8", "replace").count("\ufffd")
    return broken * 4 <= len(_MULTI_BYTE.findall(body))
