"""Bytes of a page -> the one tree that metadata, body and screening share.

Knows lxml; what the tree means is decided elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import partial

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from ingest.extract.html.flatten import flattened, is_cut_off
from ingest.extract.html.huge_blocks import drop_huge_blocks
from ingest.model import Page
from ingest.web.charset import page_as_utf8
from ingest.web.html_limits import without_raw_text

BYTES_MAX = 10 * 1024 * 1024  # most that is fetched of a page; of larger ones from files the rest is not read
# Signs of elements and attributes ("<", "="): what a tree costs, up to 300 bytes each. The most on a corpus page are
# 27,000; what comes after so many is not read.
MARKS_MAX = 300_000
_BREAK_END = re.compile(rb"</br\s*>", re.IGNORECASE)
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
    source = _bounded(_clean(page_as_utf8(body[:BYTES_MAX], content_type)))
    tree = _tree(source)
    if tree is not None and is_cut_off(tree):
        tree = _tree(flattened(source))
    if tree is not None:
        drop_huge_blocks(tree, source)
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
    counted = without_raw_text(source)
    if _marks(counted, len(counted)) <= MARKS_MAX:
        return source
    return source[: bisect_left(range(len(source)), MARKS_MAX, key=partial(_marks, counted))]


def _marks(source: bytes, end: int) -> int:
    return source.count(b"<", 0, end) + source.count(b"=", 0, end)


def _clean(source: bytes) -> bytes:
    source = source.translate(None, _CONTROLS)
    if b"</br" in source or b"</BR" in source:  # browsers read a line break, libxml2 nothing
        source = _BREAK_END.sub(b"<br>", source)
    return _CONTROL_REFERENCE.sub(b"", source) if b"&#" in source else source
