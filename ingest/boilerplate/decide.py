"""Is a recurring block boilerplate? Every threshold of the learner's judgement stands here.

Set together on the generated sites and the cases in tests/data/boilerplate; floors in tests/quality.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.boilerplate.pattern import fixed
from ingest.model import BlockKind, BlockVerdict, KnownBlock
from ingest.phrases import is_note, mark

ALWAYS = 0.5  # share of the articles from which a block needs no other sign
MIN_ARTICLES = 3  # fewer articles teach only what asks for something
MARKED_ARTICLES = 2
SOMETIMES = 0.04  # share of the articles below which even long blocks are the articles' own: backgrounds, series
SENTENCE_WORDS = 6  # fixed words; shorter ones recur by chance
PARAGRAPH_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How a block was seen in the articles at hand; twins count once. Shares are 0..1 of its sightings."""

    articles: int
    of: int  # articles since it was first seen
    aside: float = 0.0  # elsewhere in the page's tree than most of the article
    cut: float = 0.0  # cut by extraction
    linked: float = 0.0
    first: float = 0.0
    last: float = 0.0


def decide(block: KnownBlock, seen: Evidence) -> tuple[BlockVerdict | None, str]:
    """Return what to hold about a block and why. A person's verdict stands."""
    if block.verdict in (BlockVerdict.KEEP, BlockVerdict.CUT):
        return block.verdict, block.reason
    if is_note(block.text) or not _recurs_like_boilerplate(block, seen):
        return None, ""
    return BlockVerdict.LEARNED, f"on {block.articles} articles"


def _recurs_like_boilerplate(block: KnownBlock, seen: Evidence) -> bool:
    articles = max(block.articles, seen.articles)
    share = seen.articles / seen.of
    words = fixed(block.pattern)
    marked = mark(block.text)
    if articles >= MARKED_ARTICLES and marked is not None and (marked.sure or words <= SENTENCE_WORDS):
        return True
    if articles < MIN_ARTICLES:
        return False
    if share >= ALWAYS:
        return block.kind is not BlockKind.HEADING or seen.aside >= 0.5 or seen.last >= 0.5
    odd = seen.aside >= 0.5 or seen.last >= 0.5 or seen.first >= 0.5 or seen.cut > 0 or marked is not None
    return share >= SOMETIMES and words >= SENTENCE_WORDS and (odd or words >= PARAGRAPH_WORDS)
