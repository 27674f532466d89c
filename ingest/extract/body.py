"""A page's tree -> the blocks of the article's body, the cut ones marked.

trafilatura's text is the base; blocks are read from the page itself, so that each one knows its kind, place and links.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from ingest.extract.appeals import appeals
from ingest.extract.rules import ruling
from ingest.extract.segments import Segment, segments
from ingest.extract.witness import Testimony, hear
from ingest.model import Block, BlockKind, Cut, CutBy, Page, Rules
from ingest.text import fold, normalise

ELEMENTS_MAX = 60_000  # trafilatura's time grows faster than the page; an article page has 500 to 5,000 elements
NOT_SAID = "not in trafilatura's text"
BY_RULE = "kept by rule"

logging.getLogger("trafilatura").setLevel(logging.ERROR)  # it warns of every page without an article; we book outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One block that was considered, with the word on it: kept or cut, and why."""

    block: Block
    reason: str

    @property
    def kept(self) -> bool:
        """Whether the block is part of the body."""
        return self.block.cut is None


def body(
    tree: HtmlElement, page: Page, *, rules: Rules, title: str | None, site_name: str | None = None
) -> tuple[Block, ...]:
    """Return the body's blocks in reading order, without the title; blocks that were in doubt and cut are marked."""
    decided = decide(tree, page, rules=rules, title=title, site_name=site_name)
    return tuple(item.block for item in decided if item.kept or _doubted(item))


def decide(
    tree: HtmlElement, page: Page, *, rules: Rules, title: str | None, site_name: str | None = None
) -> tuple[Explained, ...]:
    """Return every block of the page with the decision on it, in reading order."""
    read = segments(tree)
    testimony = _trafilatura(tree, page, read)
    verdicts = ruling(tree, rules)
    title_key = fold(title or "")
    lost = _by_place(testimony)
    decided: list[Explained] = [*lost.get(-1, ())]
    for index, segment in enumerate(read):
        text = segment.plain()
        if text and not (title_key and _is_title(segment, text, title_key)):
            ruled = verdicts.of(segment.frame.element, text) if verdicts else None
            block = _block(segment, text)
            if isinstance(ruled, Cut):
                decided.append(Explained(block=replace(block, cut=ruled), reason=ruled.reason))
            elif ruled:
                decided.append(Explained(block=block, reason=BY_RULE))
            elif testimony.said[index]:
                decided.append(Explained(block=block, reason="trafilatura"))
            else:
                cut = Cut(by=CutBy.MODEL, reason=NOT_SAID)
                decided.append(Explained(block=replace(block, cut=cut), reason=cut.reason))
        decided += lost.get(index, ())
    return _without_appeals(decided, site_name)


def _without_appeals(decided: Sequence[Explained], site_name: str | None) -> tuple[Explained, ...]:
    """Cut what speaks for the site; a person's `keep` stands."""
    kept = [at for at, item in enumerate(decided) if item.kept]
    cut = dict(zip(kept, appeals([decided[at].block.text for at in kept], site_name=site_name), strict=True))
    return tuple(
        Explained(block=replace(item.block, cut=Cut(by=CutBy.MODEL, reason=reason)), reason=reason)
        if (reason := cut.get(at)) and item.reason != BY_RULE
        else item
        for at, item in enumerate(decided)
    )


def _doubted(item: Explained) -> bool:
    """Whether a cut block is worth keeping beside the body: somebody wanted it."""
    cut = item.block.cut
    return cut is not None and (cut.by is not CutBy.MODEL or cut.reason != NOT_SAID)


def _trafilatura(tree: HtmlElement, page: Page, read: Sequence[Segment]) -> Testimony:
    """What trafilatura says of each segment; its text is never asked of a page too large for it."""
    silent = Testimony(said=(0.0,) * len(read), lost=())
    if sum(1 for _ in tree.iter()) > ELEMENTS_MAX:
        return silent
    document = bare_extraction(tree, url=page.final_url or None, include_comments=False, with_metadata=False)
    text = getattr(document, "text", None)
    return hear([segment.text for segment in read], text.split("\n")) if text else silent


def _by_place(testimony: Testimony) -> dict[int, list[Explained]]:
    """Lines that trafilatura found outside the page's visible text (JSON-LD), by the segment they follow."""
    lost: dict[int, list[Explained]] = {}
    for after, line in testimony.lost:
        if text := normalise(line):
            lost.setdefault(after, []).append(Explained(block=Block(text=text), reason="structured text"))
    return lost


def _block(segment: Segment, text: str) -> Block:
    return Block(
        text=text,
        kind=segment.kind,
        level=segment.level,
        path=segment.frame.path(),
        markdown=segment.markdown(),
        link_share=round(segment.link_share, 3),
    )


def _is_title(segment: Segment, text: str, title_key: str) -> bool:
    """Whether a segment is the title over again: an h1 that says it, or any line that is it word by word."""
    key = fold(text)
    if key == title_key:
        return True
    headline = segment.kind is BlockKind.HEADING and segment.level == 1
    return headline and bool(key) and (key in title_key or title_key in key)
