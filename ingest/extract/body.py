"""A page's tree -> the blocks of the article's body, the cut ones marked.

A person's rules come first, then the block model around trafilatura's word. Blocks are read from the page itself, so
that each one knows its kind, place and links.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from ingest.extract.blocks import Verdict, judge
from ingest.extract.features import Clues
from ingest.extract.look import Look, look
from ingest.extract.rules import Ruling, ruling
from ingest.extract.segments import Segment
from ingest.model import Block, Cut, CutBy, Page, Rules
from ingest.text import normalise


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


def body(tree: HtmlElement, page: Page, *, rules: Rules, clues: Clues) -> tuple[Block, ...]:
    """Return the body's blocks in reading order, without the title; blocks that were in doubt and cut are marked."""
    return tuple(item.block for item in decide(tree, page, rules=rules, clues=clues) if item.kept or item.doubted)


def decide(tree: HtmlElement, page: Page, *, rules: Rules, clues: Clues) -> tuple[Explained, ...]:
    """Return every block of the page with the decision on it, in reading order."""
    seen = look(tree, page, clues)
    verdicts = judge(seen)
    ruled = ruling(tree, rules)
    lost = _hidden_lines(seen)
    decided: list[Explained] = [*lost.get(-1, ())]
    for index, (segment, verdict) in enumerate(zip(seen.segments, verdicts, strict=True)):
        if text := segment.plain():
            decided.append(_decided(segment, text, verdict, ruled))
        decided += lost.get(index, ())
    return tuple(decided)


def _decided(segment: Segment, text: str, verdict: Verdict, ruled: Ruling | None) -> Explained:
    rule = ruled.of(segment.frame.element, text) if ruled else None
    if isinstance(rule, Cut):
        return Explained(block=replace(_block(segment, text), cut=rule), reason=rule.reason, doubted=True)
    if rule:
        return Explained(block=_block(segment, text), reason="kept by rule")
    if verdict.keep:
        return Explained(block=_block(segment, text), reason=verdict.reason)
    cut = Cut(by=CutBy.MODEL, reason=verdict.reason)
    return Explained(block=replace(_block(segment, text), cut=cut), reason=cut.reason, doubted=verdict.doubted)


def _hidden_lines(seen: Look) -> dict[int, list[Explained]]:
    """Lines that trafilatura found outside the page's visible text (JSON-LD), by the segment they follow."""
    lost: dict[int, list[Explained]] = {}
    for after, line in seen.testimony.lost:
        if text := normalise(line):
            lost.setdefault(after, []).append(Explained(block=Block(text=text), reason="structured text"))
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
