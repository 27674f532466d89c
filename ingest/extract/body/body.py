"""A page's tree -> the blocks of the article's body, the cut ones marked.

A person's rules come first, then the page's structure, then the block model with trafilatura's text. Blocks are read
from the page itself, so that each one knows its kind, place and links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from ingest.extract.body.blocks import BlockDecisions, classify_blocks
from ingest.extract.body.features import PageHints
from ingest.extract.body.page_view import PageView, look
from ingest.extract.body.tree_ensemble import TreeEnsemble
from ingest.extract.body.units import COPY_SHARE, BlockDecision
from ingest.extract.html.articletext import data_text
from ingest.extract.html.segments import Segment
from ingest.extract.rules import Ruling, ruling
from ingest.model import Block, Cut, CutBy, ExtractionRules, Page
from ingest.text.normalize import normalise, shingles

SHOWN_CHARS_MIN = 250  # a page that shows less than trafilatura's own minimum shows nothing
LINE_CHARS_MAX = 1_500  # a longer line of structured text is several paragraphs
PARAGRAPH_CHARS = 400  # from here on a sentence's end ends the paragraph
_SENTENCE = re.compile(r"(?<=[.!?…。！？।؟]\s)|(?<=[。！？])")
HIDDEN_TIMES = 3  # as much must the page's data hold to be the article rather than its teaser


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One block that was considered: kept or cut, and why."""

    block: Block
    reason: str
    doubted: bool = False  # cut, although trafilatura or the model half wanted it: stored beside the body

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
    decisions = classify_blocks(seen, ensemble=ensemble)
    verdicts = decisions.verdicts
    ruled = ruling(tree, rules)
    shown = sum(len(segment.text) for segment, verdict in zip(seen.segments, verdicts, strict=True) if verdict.keep)
    lost = _hidden_lines(seen, decisions, tree, shown)
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


def _hidden_lines(
    seen: PageView, decisions: BlockDecisions, tree: HtmlElement, shown: int
) -> dict[int, list[Explained]]:
    """Lines of the article that the page does not show, by the segment they follow.

    Those of the articleBody if they are more than the body shown (never a teaser in the place of a longer body), less
    what the page shows in another form; those of the page's data if there is no body at all. What trafilatura has and
    neither page nor articleBody holds comes from templates and forms: on 793 pages none of it was the article's.
    """
    lines: list[tuple[int, str, str]] = []
    if sum(len(line) for _, line in seen.stated.lost) > shown:
        lines = [(after, line, "articleBody") for after, line in _not_shown(seen)]
    if not lines and shown < SHOWN_CHARS_MIN and decisions.heard:
        lines = [(after, line, "trafilatura alone") for after, line in decisions.heard.lost]
    if not lines and shown < SHOWN_CHARS_MIN:
        data = data_text(tree)
        if sum(map(len, data)) > HIDDEN_TIMES * shown:
            lines = [(len(seen.segments) - 1, line, "page data") for line in data]
    lost: dict[int, list[Explained]] = {}
    for after, line, reason in lines:
        if text := normalise(line):
            lost.setdefault(after, []).append(Explained(block=Block(text=text), reason=reason))
    return lost


def _not_shown(seen: PageView) -> list[tuple[int, str]]:
    """Return the articleBody's lines in paragraphs, without those whose words the page shows, kept or cut."""
    parts = [(after, part) for after, line in seen.stated.lost for part in _paragraphs(line)]
    there: set[str] = set()
    for segment in seen.segments:
        there |= shingles(segment.text)
    return [(after, part) for after, part in parts if _share(shingles(part), there) < COPY_SHARE]


def _share(runs: frozenset[str], there: set[str]) -> float:
    return len(runs & there) / len(runs) if runs else 1.0


def _paragraphs(line: str) -> list[str]:
    """Return a line that holds a whole article in paragraphs of some sentences; shorter lines as they are."""
    if len(line) <= LINE_CHARS_MAX:
        return [line]
    parts = [""]
    for sentence in _SENTENCE.split(line):
        if len(parts[-1]) >= PARAGRAPH_CHARS:
            parts.append("")
        parts[-1] += sentence
    return [part.strip() for part in parts if part.strip()]


def _block(segment: Segment, text: str) -> Block:
    markdown = segment.markdown()
    return Block(
        text=text,
        kind=segment.kind,
        level=segment.level,
        path=segment.frame.path(),
        markdown=markdown if markdown != text else None,
        link_share=round(segment.link_share, 3),
        number=segment.number,
    )
