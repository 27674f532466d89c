"""A page's tree -> the blocks of the article's body, the cut ones marked.

A person's rules come first, then the block model around trafilatura's word. Blocks are read from the page itself, so
that each one knows its kind, place and links.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from ingest.extract.body.blocks import BlockDecision, BlockDecisions, classify_blocks
from ingest.extract.body.features import PageHints
from ingest.extract.body.page_view import PageView, look
from ingest.extract.body.tree_ensemble import TreeEnsemble
from ingest.extract.html.articletext import data_text
from ingest.extract.html.segments import Segment
from ingest.extract.rules import Ruling, ruling
from ingest.model import Block, Cut, CutBy, ExtractionRules, Page
from ingest.text.normalize import normalise

SHOWN_CHARS_MIN = 250  # a page that shows less than trafilatura's own minimum shows nothing
HIDDEN_TIMES = 3  # as much must the page's data hold to be the article rather than its teaser


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One block that was considered, with the word on it: kept or cut, and why."""

    block: Block
    reason: str
    doubted: bool = False  # cut, although a witness or the model half wanted it: kept beside the body

    @property
    def kept(self) -> bool:
        """Whether the block is part of the body."""
        return self.block.cut is None


def recorded(decided: Iterable[Explained]) -> tuple[Block, ...]:
    """Return the body's blocks in reading order, without the title; blocks that were in doubt and cut are marked."""
    return tuple(item.block for item in decided if item.kept or item.doubted)


def decide(
    tree: HtmlElement, page: Page, *, rules: ExtractionRules, hints: PageHints, ensemble: TreeEnsemble | None = None
) -> tuple[Explained, ...]:
    """Return every block of the page with its decision, in reading order. `ensemble`: another than the shipped one."""
    return conclude(look(tree, page, hints), tree, rules=rules, ensemble=ensemble)


def conclude(
    seen: PageView,
    tree: HtmlElement,
    *,
    rules: ExtractionRules,
    ensemble: TreeEnsemble | None = None,
    undoubted: bool = True,
) -> tuple[Explained, ...]:
    """Return every block of a page that was looked at, with the decision on it.

    `undoubted` says whether those are wanted too that nobody would keep: menus and footers, most of the page.
    """
    judged = classify_blocks(seen, ensemble=ensemble)
    verdicts = judged.verdicts
    ruled = ruling(tree, rules)
    shown = sum(len(segment.text) for segment, verdict in zip(seen.segments, verdicts, strict=True) if verdict.keep)
    lost = _hidden_lines(seen, judged, tree, shown)
    decided: list[Explained] = [*lost.get(-1, ())]
    for index, (segment, verdict) in enumerate(zip(seen.segments, verdicts, strict=True)):
        if not (undoubted or ruled or verdict.keep or verdict.doubted):
            pass
        elif text := segment.plain():
            decided.append(_decided(segment, text, verdict, ruled))
        decided += lost.get(index, ())
    return tuple(decided)


def _decided(segment: Segment, text: str, verdict: BlockDecision, ruled: Ruling | None) -> Explained:
    rule = ruled.of(segment.frame.element, text) if ruled else None
    if isinstance(rule, Cut):
        # outside the body a person pointed at lies most of the page
        asked = ruled is None or rule is not ruled.outside or verdict.keep or verdict.doubted
        return Explained(block=replace(_block(segment, text), cut=rule), reason=rule.reason, doubted=asked)
    if rule:
        return Explained(block=_block(segment, text), reason="kept by rule")
    if verdict.keep:
        return Explained(block=_block(segment, text), reason=verdict.reason)
    cut = Cut(by=CutBy.MODEL, reason=verdict.reason)
    if not verdict.doubted:  # menus and footers: most of the page, and nobody asks where they stand
        block = Block(text=text, kind=segment.kind, level=segment.level, cut=cut)
        return Explained(block=block, reason=cut.reason)
    return Explained(block=replace(_block(segment, text), cut=cut), reason=cut.reason, doubted=True)


def _hidden_lines(seen: PageView, judged: BlockDecisions, tree: HtmlElement, shown: int) -> dict[int, list[Explained]]:
    """Lines of the article that the page does not show, by the segment they follow.

    Those that trafilatura found; those of the articleBody if they are more than the body shown (never a teaser in the
    place of a longer body); those of the page's data if there is no body at all.
    """
    lines = [(after, line, "structured text") for after, line in (judged.heard.lost if judged.heard else ())]
    if not lines and sum(len(line) for _, line in seen.stated.lost) > shown:
        lines = [(after, line, "articleBody") for after, line in seen.stated.lost]
    if not lines and shown < SHOWN_CHARS_MIN:
        data = data_text(tree)
        if sum(map(len, data)) > HIDDEN_TIMES * shown:
            lines = [(len(seen.segments) - 1, line, "page data") for line in data]
    lost: dict[int, list[Explained]] = {}
    for after, line, reason in lines:
        if text := normalise(line):
            lost.setdefault(after, []).append(Explained(block=Block(text=text), reason=reason))
    return lost


def _block(segment: Segment, text: str) -> Block:
    markdown = segment.markdown()
    return Block(
        text=text,
        kind=segment.kind,
        level=segment.level,
        path=segment.frame.path(),
        markdown=markdown if markdown != text else None,
        link_share=round(segment.link_share, 3),
    )
