"""Is a recurring block boilerplate? All thresholds of the learner stand here.

Set together on the generated sites (8, 15 and 30 articles, with phrases), on the cases in tests/data/boilerplate, and
on the kinds of recurring content there; the floors are in tests/quality. Without phrases the rules about a block's
function (`_is_own`) leave 4 % of the generated boilerplate instead of 0.5 %; with them nothing changes. SENTENCE_WORDS
at 9 leaks 0.9 % more, ALIKE at 1.3 1.4 % more; ALIKE at 3.5 cuts the background of follow-ups. MIDDLE_ALIKE leaks
nothing more at 1.2: plain lines of the site come with articles of 0.9 to 1.0, a subject's with 1.3 and more.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.boilerplate.pattern import fixed, is_ornament
from ingest.model import BlockKind, BlockVerdict, KnownBlock
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
RECURS = "recurs"  # the reason: the count is kept with the block, so that an article does not change when others come
LISTED = (BlockKind.ITEM, BlockKind.ROW, BlockKind.QUOTE)
HALF = 0.5  # of the occurrences
CUT_SHARE = 0.25  # of the occurrences that extraction cut: its model errs on single ones
VARIED = 0.5  # different wordings by articles: a sentence whose numbers or names change is written anew each time
VARIED_WORDS = 2  # fixed words of such a sentence, row or item; a bare date has none
PLAIN_SHARE = 0.3  # of the articles: below, a sentence among the article's own needs more than recurring against it
MIDDLE_SHARE = 0.6  # of the articles: the same for one in the middle of the prose of articles about one thing
MIDDLE_ALIKE = 1.2  # articles so much more alike are about one thing, where place and extraction say so too
SELDOM = 0.1  # of the occurrences
FEW_ARTICLES = 10  # of a source: then two articles must do for a sentence that stands apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How a block was seen in the articles at hand; near-duplicates count once. Shares are 0..1 of its occurrences."""

    articles: int  # it was seen in, with text of their own beside it
    of: int  # articles since it was first seen
    dense: float = 0.0  # share of the articles from the first to the last it was seen in
    aside: float = 0.0  # elsewhere in the page's tree than most of the article
    cut: float = 0.0  # cut by extraction
    first: float = 0.0  # above all that is the article's own
    last: float = 0.0  # below all that
    heads: float = 0.0  # a heading above a paragraph of the article's own
    linked: float = 0.0  # its text inside links
    varied: float = 0.0  # wordings by articles: 1.0 where each article has its own numbers or names
    speaks: bool = False  # for the site, to the reader, or names the site
    alike: float = 1.0  # how alike the articles are, over how alike any two of the source are


def decide(block: KnownBlock, seen: Evidence) -> tuple[BlockVerdict | None, str]:
    """Return what to hold about a block and why.

    A person's verdict stands. What was learned because it recurs is decided again: it stays learned until the articles
    at hand show that it is their own.
    """
    if block.verdict in (BlockVerdict.KEEP, BlockVerdict.CUT):
        return block.verdict, block.reason
    if is_note(block.text):
        return None, ""
    stays = block.verdict is BlockVerdict.LEARNED and not (block.reason == RECURS and is_let_go(block, seen))
    if stays or _is_boilerplate(block, seen):
        return BlockVerdict.LEARNED, block.reason if stays and block.reason else RECURS
    return None, ""


def is_let_go(block: KnownBlock, seen: Evidence) -> bool:
    """Return whether a learned block turns out to be the articles' own; too few occurrences say nothing."""
    if block.kind in LISTED and seen.articles:
        looks = _looks_like_boilerplate(block, seen, marked=mark(block.text) is not None)
        return _is_own(block, seen, looks=looks)  # rows with names of their own are each seen once or twice
    if seen.varied < VARIED and seen.dense >= _plain_share(block, seen) and seen.heads < HALF:
        return False  # a campaign that is over was on most articles of its weeks
    return seen.articles >= MIN_ARTICLES and not _is_boilerplate(block, seen)


def _looks_like_boilerplate(block: KnownBlock, seen: Evidence, *, marked: bool) -> bool:
    """Whether anything but its recurring speaks against a block: its words, links, place or extraction."""
    return (
        marked
        or seen.aside >= HALF
        or seen.cut >= CUT_SHARE
        or seen.linked >= HALF
        or is_ornament(block.pattern)
        or block.kind is BlockKind.CAPTION
    )


def _is_own(block: KnownBlock, seen: Evidence, *, looks: bool) -> bool:
    """Whether a block that looks like the article's text does in it what only the article's own does.

    Daily reports say one sentence with other figures, recipes and tables share their lines, a running story repeats its
    background; no site has its appeals say something else in each article without asking for anything.
    """
    if looks:
        return False
    if block.kind in LISTED:
        return not seen.speaks or (seen.first < HALF and seen.last < HALF)
    if seen.speaks:
        return False
    if seen.varied >= VARIED:
        return fixed(block.pattern) >= VARIED_WORDS
    return seen.articles < _plain_share(block, seen) * seen.of


def _plain_share(block: KnownBlock, seen: Evidence) -> float:
    """Return the share of the articles from which a plain sentence is the site's, for all that it looks like prose.

    The background of a long story or a quoted statute stands between paragraphs of articles about one subject, and
    extraction keeps it each time; a site's own lines come with any subject.
    """
    in_prose = block.kind is BlockKind.PARAGRAPH and max(seen.first, seen.last, seen.aside, seen.cut) < SELDOM
    return MIDDLE_SHARE if in_prose and seen.alike >= MIDDLE_ALIKE else PLAIN_SHARE


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
    looks = _looks_like_boilerplate(block, seen, marked=marked is not None)
    if block.kind is not BlockKind.HEADING and _is_own(block, seen, looks=looks):
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
    if not looks and not seen.speaks and share < _plain_share(block, seen):
        return False
    if share >= VARIANT:
        return odd or (words >= SENTENCE_WORDS and seen.articles >= PLAIN_ARTICLES)
    return share >= SOMETIMES and words >= SENTENCE_WORDS and odd
