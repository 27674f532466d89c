"""Is a recurring block boilerplate? Every threshold of the learner's judgement stands here.

Set together on the generated sites (8, 15 and 30 articles, without phrases and before extraction) and on the cases in
tests/data/boilerplate; the floors are in tests/quality. Swept one by one to half and twice, most lie on a plateau.
VARIANT at 0.3 leaks 1.1-1.8 % more, SENTENCE_WORDS at 9 0.9 % more, ALIKE at 1.3 1.4 % more; ALIKE at 3.5 cuts the
background of follow-ups.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.boilerplate.pattern import fixed, is_ornament
from ingest.model import BlockVerdict, KnownBlock
from ingest.text.phrases import announces, is_note, mark

MARKED_ARTICLES = 2  # enough for what asks the reader for something
MIN_ARTICLES = 3  # enough for anything else that is on
PLAIN_ARTICLES = 4  # for a sentence among the article's own, where nothing but its recurring speaks against it
OFTEN = 0.5  # half of the articles: whatever its length,
VARIANT = 0.18  # or this share: a wording of an A/B test, a section's disclaimer, one of four towns' newsletters,
SOMETIMES = 0.03  # or this one: an author's note, a campaign; then it must look odd or long as well
SENTENCE_WORDS = 6  # fixed words; shorter ones recur by chance
PARAGRAPH_WORDS = 12
DATELINE_WORDS = 4  # a place, a date or an agency that opens the text
ALIKE = 2.0  # articles so much more alike than others of the source are about one thing, and share its background
RECURS = "recurs"  # the reason: how often is the block's to tell, so that an article stays as it is when others come
FEW_ARTICLES = 10  # of a source: then two articles must do for a sentence that stands apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How a block was seen in the articles at hand; near-duplicates count once. Shares are 0..1 of its occurrences."""

    articles: int  # it was seen in, with text of their own beside it
    of: int  # articles since it was first seen
    aside: float = 0.0  # elsewhere in the page's tree than most of the article
    cut: float = 0.0  # cut by extraction
    first: float = 0.0  # above all that is the article's own
    last: float = 0.0  # below all that
    heads: float = 0.0  # a heading above a paragraph of the article's own
    alike: float = 1.0  # how alike the articles are, over how alike any two of the source are


def decide(block: KnownBlock, seen: Evidence) -> tuple[BlockVerdict | None, str]:
    """Return what to hold about a block and why. A person's verdict stands, and what was learned stays learned."""
    if block.verdict in (BlockVerdict.KEEP, BlockVerdict.CUT):
        return block.verdict, block.reason
    if is_note(block.text):
        return None, ""
    if block.verdict is BlockVerdict.LEARNED or _is_boilerplate(block, seen):
        return BlockVerdict.LEARNED, RECURS
    return None, ""


def _is_boilerplate(block: KnownBlock, seen: Evidence) -> bool:
    words = fixed(block.pattern)
    marked = mark(block.text)
    asks = marked is not None and (marked.sure or words <= SENTENCE_WORDS)
    if marked is not None and marked.kind == "related" and announces(block.text):
        asks = False  # what follows it decides, and that is not seen here
    if seen.articles >= MARKED_ARTICLES and asks:
        return True
    if seen.heads >= 0.5:
        return False  # a heading that several articles have: "Background", "What we know"
    if seen.first >= 0.5 and words <= DATELINE_WORDS:
        return False
    odd = seen.aside >= 0.5 or seen.last >= 0.5 or seen.first >= 0.5 or seen.cut > 0 or marked is not None
    odd = odd or is_ornament(block.pattern)
    if seen.articles < MIN_ARTICLES:
        two = seen.articles >= 2 and seen.of <= FEW_ARTICLES and words >= SENTENCE_WORDS
        return two and seen.aside >= 0.5 and seen.alike < ALIKE
    share = seen.articles / seen.of
    if share >= OFTEN:
        return True
    if not odd and seen.alike >= ALIKE:
        return False
    if share >= VARIANT:
        return odd or (words >= SENTENCE_WORDS and seen.articles >= PLAIN_ARTICLES)
    return share >= SOMETIMES and words >= SENTENCE_WORDS and odd
