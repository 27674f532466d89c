"""All that is looked at before a block is decided: segments, structure, other texts of the page, titles, appeals."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from lxml import etree
from lxml.html import HtmlElement

from ingest.extract.body.alignment import Alignment, align
from ingest.extract.body.appeals import ASKS, appeals
from ingest.extract.body.features import PageHints
from ingest.extract.body.structure import is_forum, structural_cuts
from ingest.extract.html.articletext import article_text
from ingest.extract.html.segments import Segment, segments
from ingest.model import BlockKind, Page
from ingest.text.normalize import fold
from ingest.text.phrases import announces

ELEMENTS_MAX = 15_000  # trafilatura's time grows faster than the page; an article page has 500 to 5,000 elements
PAGE_BYTES_MAX = 4 * 1024 * 1024  # the same for its bytes; an article page has 0.1 to 2 MB
APPEAL_CHARS_MAX = 500  # longer paragraphs ask for nothing
APPEALS_MAX = 600  # blocks that are asked what they ask for; longer bodies are no letters to readers

logging.getLogger("trafilatura").setLevel(logging.ERROR)  # it warns of every page without an article


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """One page before the decision; the sequences run beside `segments`."""

    segments: tuple[Segment, ...]
    stated: Alignment  # the JSON-LD articleBody's
    titles: tuple[bool, ...]  # the title over again
    cuts: tuple[str | None, ...]  # why the structure cuts a segment, None where the model decides
    hints: PageHints
    trafilatura: Callable[[], Alignment]  # called for pages in doubt only: it costs more than all the rest


def look(tree: HtmlElement, page: Page, hints: PageHints) -> PageView:
    """Return what there is to see on a page."""
    read = segments(tree)
    lines = article_text(tree)
    forum = is_forum(page.body)
    return PageView(
        segments=tuple(read),
        stated=align([segment.text for segment in read], lines) if lines else silence(len(read)),
        titles=_titles(read, hints.title),
        cuts=structural_cuts(read, tree, forum=forum),
        hints=hints,
        trafilatura=cache(partial(_trafilatura, tree, page, read)),
    )


def silence(count: int) -> Alignment:
    """Return the alignment of a text that is empty."""
    return Alignment(said=(0.0,) * count, lost=())


def asked(read: Sequence[Segment], which: Sequence[int], site_name: str) -> tuple[str | None, ...]:
    """Return why a segment speaks for the site, for the segments `which` as if nothing stood between them."""
    which = which[:APPEALS_MAX]
    reasons: list[str | None] = [None] * len(read)
    for at, reason in zip(which, appeals([_short(read[at].text) for at in which], site_name=site_name), strict=True):
        if reason is not None and not (reason == f"{ASKS}related" and _introduces(read, at)):
            reasons[at] = reason
    return tuple(reasons)


def _introduces(read: Sequence[Segment], at: int) -> bool:
    """Whether a segment announces more of the article, not links."""
    return announces(read[at].text) and all(following.link_share < 0.5 for following in read[at + 1 : at + 2])


def _trafilatura(tree: HtmlElement, page: Page, read: Sequence[Segment]) -> Alignment:
    """Align the segments with trafilatura's text; it does not run on a page too large for it."""
    if len(page.body) > PAGE_BYTES_MAX or _count(tree) > ELEMENTS_MAX:
        return silence(len(read))
    from trafilatura import bare_extraction  # 0.2 s that a process which reads no page need not spend

    document = bare_extraction(
        tree,
        url=page.final_url or None,
        include_comments=False,
        with_metadata=False,
        fast=True,  # its fallbacks (readability, jusText) cost half as much again and the model gains nothing from them
    )
    text = getattr(document, "text", None)
    return align([segment.text for segment in read], text.split("\n")) if text else silence(len(read))


_ELEMENTS = etree.XPath("count(descendant-or-self::*)")


def _count(tree: HtmlElement) -> float:
    counted = _ELEMENTS(tree)
    assert isinstance(counted, float), "XPath counts in floats"
    return counted


def _titles(read: Sequence[Segment], title: str) -> tuple[bool, ...]:
    """Which segments are the title over again: word by word, or an h1 that holds it or is held by it."""
    key = fold(title)
    if not key:
        return (False,) * len(read)
    return tuple(_is_title(segment, key, len(key)) for segment in read)


def _is_title(segment: Segment, key: str, chars: int) -> bool:
    headline = segment.kind is BlockKind.HEADING and segment.level == 1
    if not headline and not chars // 2 <= len(segment.text) <= 2 * chars + 20:
        return False
    said = fold(segment.text)
    return said == key or (headline and bool(said) and (said in key or key in said))


def _short(text: str) -> str:
    return text if len(text) <= APPEAL_CHARS_MAX else ""
