"""HTML before it is parsed where nothing could interrupt the parser: tags with thousands of attributes are shortened.

libxml2 looks for doubles among a tag's attributes, so its time grows with their square: one tag of 256 KB takes half a
minute, one of 10 MB hours. Workers are ended by their timers; the crawl's own process has to look first.
"""

from __future__ import annotations

import re

MAX_ATTRIBUTES = 2_000  # 10 ms of parsing; the most on a page of the corpora is 60
LONG_TAG_BYTES = 3 * MAX_ATTRIBUTES  # a shorter one cannot hold more
# An attribute as the HTML standard's tokenizer reads it (13.2.5.32 to 13.2.5.39). Possessive, and a tag is taken whole,
# so that no byte is looked at twice.
_ATTRIBUTE = rb"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>]*+))?+"""
_TAG = re.compile(rb"<[a-zA-Z][^\s/>]*+(?:%s)*+" % _ATTRIBUTE)
_FIRST = re.compile(rb"<[a-zA-Z][^\s/>]*+(?:%s){0,%d}+" % (_ATTRIBUTE, MAX_ATTRIBUTES))


def bounded(body: bytes) -> bytes:
    """Return the markup with every tag cut down to its first two thousand attributes."""
    if len(body) < LONG_TAG_BYTES:
        return body
    parts, done = [], 0
    for tag in _TAG.finditer(body):
        begin, end = tag.span()
        if end - begin < LONG_TAG_BYTES:
            continue
        kept = _FIRST.match(body, begin, end)
        assert kept is not None, "a tag begins with its first attributes"
        parts.append(body[done : kept.end()])
        done = end
    return b"".join((*parts, body[done:])) if parts else body


# What a parser takes as one text, however many signs of markup are in it: scripts, styles, comments.
_RAW_START = re.compile(rb"<!--|<(?:script|style)\b[^>]{0,10000}>", re.IGNORECASE)
_RAW_END = {
    b"<!": re.compile(rb"-->"),
    b"<s": re.compile(rb"</s(?:cript|tyle)\b", re.IGNORECASE),
}


def without_raw_text(source: bytes) -> bytes:
    """Return the markup with scripts, styles and comments blanked, at the same length: what makes elements is left.

    A page that carries its state in a script of megabytes has as many signs of markup in there as a flood of elements.
    """
    parts, done = [], 0
    while start := _RAW_START.search(source, done):
        end = _RAW_END[start.group()[:2].lower()].search(source, start.end())
        place = end.start() if end else len(source)
        parts += [source[done : start.end()], b" " * (place - start.end())]
        done = place
    return b"".join((*parts, source[done:]))
