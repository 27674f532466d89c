"""The head of an article: the texts beside its title, where bylines and datelines stand on nearly all pages.

A piece of text with the element it stands in is a chunk. The head is the run of chunks before and after the title, up
to the first few paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from ingest.extract.html.element_index import MAX_CALLED_CHARS, UNSHOWN, ElementIndex, called_away
from ingest.text.normalize import fold

CHUNKS_AFTER = 60  # bylines stood within 40 of the title on the corpus
CHUNKS_BEFORE = 20
LEVELS_BEFORE = 5  # ancestors of the title whose earlier children are looked at
LONG_CHARS = 160  # a chunk of running text
LONG_CHUNKS = 4  # this much running text ends the head
MAX_CHUNK_CHARS = 300
MAX_CANDIDATES = 40
MAX_STEPS = 3_000  # elements walked over while looking for the head's chunks
MIN_SURE_CHARS = 20  # of a title and a heading of which one holds the other

_OWN_FOOTER = re.compile(r"meta|entry|post|node|article|byline|author", re.IGNORECASE)
_TITLE_CLASS = re.compile(r"title|headline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of text and the element it stands in."""

    text: str
    element: HtmlElement


class Head:
    """The texts around the title of an article, looked for when first asked; none where the page shows no title."""

    def __init__(self, places: ElementIndex, title: str | None) -> None:
        self._places, self._wanted = places, title

    @cached_property
    def title(self) -> HtmlElement | None:
        """The element that shows the title."""
        return _title_element(self._places, self._wanted)

    @cached_property
    def before(self) -> tuple[Chunk, ...]:
        """The last chunks before the title, in page order."""
        return tuple(_chunks_before(self.title)) if self.title is not None else ()

    @cached_property
    def after(self) -> tuple[Chunk, ...]:
        """The chunks after the title, up to the first few paragraphs."""
        return tuple(_chunks_after(self.title)) if self.title is not None else ()


def _title_element(places: ElementIndex, title: str | None) -> HtmlElement | None:
    wanted = fold(title or "")
    first: HtmlElement | None = None
    for tags in (("h1",), ("h2", "h3", "h4", "h5")):
        for element in places.tagged(*tags):
            if wanted and _says(element, wanted):
                return element
            if first is None and element.tag == "h1":
                first = element
    if first is None and wanted:
        for element, _ in islice(places.matching(_TITLE_CLASS, ("title", "headline")), MAX_CANDIDATES):
            if fold(str(element.text_content())[:MAX_CHUNK_CHARS]) == wanted:
                return element
    return first


def _says(element: HtmlElement, wanted: str) -> bool:
    """Return whether an element's text is the folded title, or the bigger part of it."""
    text = fold(str(element.text_content())[: 2 * MAX_CHUNK_CHARS])
    if text == wanted:
        return True
    return min(len(text), len(wanted)) > MIN_SURE_CHARS and (wanted in text or text in wanted)


def _chunks_after(title: HtmlElement) -> Iterator[Chunk]:
    long = steps = found = 0
    node: HtmlElement | None = title
    while node is not None and node.tag not in ("body", "html"):
        parent = node.getparent()
        texts = [(node.tail, parent)]
        for sibling in node.itersiblings():
            for text, element in (*texts, *_texts(sibling, near=node is title)):
                steps += 1
                if (chunk := _chunk(text, element)) is None:
                    continue
                yield chunk
                found += 1
                long += len(chunk.text) >= LONG_CHARS
                if found >= CHUNKS_AFTER or long >= LONG_CHUNKS or steps > MAX_STEPS:
                    return
            texts = []
        node = parent


def _chunks_before(title: HtmlElement) -> list[Chunk]:
    found: list[Chunk] = []
    node: HtmlElement | None = title
    for _ in range(LEVELS_BEFORE):
        if node is None or node.tag in ("body", "html"):
            break
        for sibling in node.itersiblings(preceding=True):
            if not isinstance(sibling.tag, str) or sibling.tag in ("header", "nav"):
                continue
            near = node is title
            chunks = [
                chunk for text, element in _texts(sibling, limit=60, near=near) if (chunk := _chunk(text, element))
            ]
            found[:0] = chunks
            if len(found) >= CHUNKS_BEFORE:
                return found[-CHUNKS_BEFORE:]
        node = node.getparent()
    return found


def _chunk(text: str | None, element: HtmlElement | None) -> Chunk | None:
    if element is None or not text:
        return None
    text = " ".join(text.split())
    return Chunk(text=text[:MAX_CHUNK_CHARS], element=element) if text else None


def _texts(
    root: HtmlElement, *, limit: int = MAX_STEPS, near: bool = False
) -> Iterator[tuple[str | None, HtmlElement]]:
    """Yield the texts inside and right behind an element with their parents, without what is not shown or off topic.

    A neighbour of the title (`near`) is on topic, whatever it is called.
    """
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        limit -= 1
        if limit < 0:
            return
        if event == "start":
            tag, called = element.tag, (element.get("class") or "")[:MAX_CALLED_CHARS]
            if (
                tag in UNSHOWN
                or not isinstance(tag, str)
                or (called and called_away(called) and not (near and element is root))
                or (tag == "footer" and not _OWN_FOOTER.search(called))
            ):
                walk.skip_subtree()
            elif text := element.text:
                yield text, element
        elif (text := element.tail) and (parent := element.getparent()) is not None:
            yield text, parent


def chunks_within(element: HtmlElement) -> list[Chunk]:
    """Return the chunks inside an element."""
    texts = list(_texts(element, limit=120))
    if element.tail and texts and texts[-1][0] == element.tail:
        texts.pop()
    return [chunk for text, parent in texts if (chunk := _chunk(text, parent))]
