"""Huge blocks: data that a page carries as visible text, such as its state or a picture in base64.

One block of a megabyte outweighs an article in every share over the page, so that it is taken for the body, or nothing
is. It is taken out before anything is measured.
"""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

# The longest text without an element in it on a corpus page has 9,000 characters; plain-text pages hold whole books.
HUGE_CHARS = 50_000
ARTICLE_CHARS = 1_000  # of text in other paragraphs: below that the huge block may be all the page has to say
UNREAD = frozenset(("script", "style", "textarea", "template", "noscript", "option"))


def drop_huge_blocks(tree: HtmlElement, source: bytes) -> None:
    """Empty the texts of a tree that no writer has written, where the page has paragraphs beside them."""
    # split is linear; a search for [^<]{50000} starts anew at each byte, and took 54 ms of a page's 95
    if len(source) < HUGE_CHARS or max(map(len, source.split(b"<"))) < HUGE_CHARS:
        return
    huge: list[tuple[etree._Element, bool]] = []  # an element and whether its tail is meant
    written = 0
    for element in tree.iter(etree.Element):
        text, tail = element.text or "", element.tail or ""
        if element.tag not in UNREAD and len(text) > HUGE_CHARS:
            huge.append((element, False))
        elif element.tag == "p":
            written += len(text.strip())
        if len(tail) > HUGE_CHARS:
            huge.append((element, True))
    if written < ARTICLE_CHARS:
        return
    for element, is_tail in huge:
        if is_tail:
            element.tail = " "
        else:
            element.text = " "
