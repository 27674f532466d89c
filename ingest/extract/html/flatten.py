"""The source of a page nested deeper than the parser reads -> the same text under few elements.

libxml2 stops at some two thousand levels and drops what follows. Such a page is broken or made to break readers; its
boxes mean nothing, its paragraphs, headings and items may.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

LEVELS_MAX = 2_000  # libxml2 gives up at 2,048 even with huge_tree; a page of the corpus has 60 at most

_TAG = re.compile(rb"</?([a-zA-Z][a-zA-Z0-9:_-]{0,60})[^<>]*>")
_KEPT = frozenset(
    b"html head title meta link base script style noscript body p h1 h2 h3 h4 h5 h6 br hr li dt dd pre img time".split()
)
_INLINE = frozenset(
    b"a abbr acronym b bdi bdo big cite code dfn em font i ins kbd label mark nobr q s samp small span strike strong "
    b"sub sup tt u var".split()
)


def is_cut_off(tree: HtmlElement) -> bool:
    """Return whether the parser gave up in the depth: then the last element of all is its deepest."""
    element, levels = tree, 0
    while len(element) and levels < LEVELS_MAX:
        element, levels = element[-1], levels + 1
    return levels >= LEVELS_MAX


def flattened(source: bytes) -> bytes:
    """Return the source with inline elements taken out and every box turned into the beginning of a paragraph."""
    return _TAG.sub(_flat, source)


def _flat(tag: re.Match[bytes]) -> bytes:
    name = tag[1].lower()
    if name in _KEPT:
        return tag[0]
    return b"" if name in _INLINE else b"<p>"
