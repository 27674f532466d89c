"""Article + what was learned about its source -> the same article with the boilerplate blocks marked as cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ingest.boilerplate.block_index import has_faded, prepared
from ingest.boilerplate.decide import RECURS
from ingest.boilerplate.pattern import Shapes, shape
from ingest.model import Article, Block, BlockKind, BlockVerdict, Cut, CutBy, KnownBlock, Learned
from ingest.text.phrases import is_note, mark

_OURS = (CutBy.LEARNED, CutBy.PERSON)


def strip(article: Article, learned: Learned, shapes: Shapes | None = None) -> Article:
    """Return the article with known boilerplate cut and everything else as extraction left it.

    A person's `keep` brings back what anything but a rule of theirs cut; a person's `cut` cuts whatever it is. Headings
    at a place that holds the articles' own are brought back too, unless they ask for something.
    Stripping again with the same knowledge changes nothing, with other knowledge it replaces the former cuts.
    `shapes`: of blocks seen before, from whoever strips many articles.
    """
    bare = unstrip(article)
    ready = prepared(learned)
    if not ready:
        return bare
    shapes = Shapes() if shapes is None else shapes
    day = article.fetched_at.date()
    blocks = tuple(_decide(block, ready.find(block, shapes[block.text]), day) for block in bare.blocks)
    return article if blocks == article.blocks else replace(article, blocks=blocks)


def unstrip(article: Article) -> Article:
    """Return the article as extraction left it: what was learned, and a person's verdicts, taken back."""
    if all(block.spared is None and (block.cut is None or block.cut.by not in _OURS) for block in article.blocks):
        return article
    return replace(article, blocks=tuple(_unstrip(block) for block in article.blocks))


def why_cut(block: Block, learned: Learned) -> str:
    """Return why a block was cut, with the count of today where it recurs; "" for a block that is kept."""
    if block.cut is None:
        return ""
    if block.cut.by is not CutBy.LEARNED or block.cut.reason != RECURS:
        return block.cut.reason
    known = prepared(learned).find(block, shape(block.text))
    return f"{RECURS} on {known.articles} of {learned.articles} articles" if known else RECURS


def _unstrip(block: Block) -> Block:
    if block.spared is not None:
        return replace(block, cut=block.spared, spared=None)
    if block.cut is not None and block.cut.by in _OURS:
        return replace(block, cut=None)
    return block


def _decide(block: Block, known: KnownBlock | None, day: date) -> Block:
    """Return a block as extraction left it with the decision about it."""
    if known is None or has_faded(known, day):
        return block
    if known.verdict is BlockVerdict.KEEP or (known.verdict is BlockVerdict.OWN and _is_plain_heading(block)):
        spare = block.cut is not None and block.cut.by is CutBy.MODEL
        return replace(block, cut=None, spared=block.cut) if spare else block
    if block.cut is not None or known.verdict is BlockVerdict.OWN:
        return block
    if known.verdict is BlockVerdict.CUT:
        return replace(block, cut=Cut(by=CutBy.PERSON, reason="a person's verdict"))
    if is_note(block.text):
        return block
    return replace(block, cut=Cut(by=CutBy.LEARNED, reason=known.reason))


def _is_plain_heading(block: Block) -> bool:
    return block.kind is BlockKind.HEADING and mark(block.text) is None
