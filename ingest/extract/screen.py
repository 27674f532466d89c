"""Is this page an article at all? A reason when it is not.

Signs of the page as a whole come from html/page_signals.py, what pages say in words stands in screen.toml. In doubt a
page is an article: what is stored can be inspected, what is refused is lost. Thresholds were chosen on 500 saved
article pages (2 in 100 turned away, half of them products and pages without text) and on listings of generated sites.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from itertools import takewhile

from ingest.extract.html.page_signals import word_count
from ingest.extract.walls import CONSENT, TAKEN_DOWN, wall
from ingest.model import Article, PageSignals
from ingest.text.normalize import fold
from ingest.web.javascript import NEEDS_RENDERING
from ingest.web.url_patterns import is_listing, is_service, segments

NOT_A_PAGE = "not-a-page"
# Walls may be gone later, and captchas: what is stored stays, and the page is tried again.
WALLS = frozenset(
    (CONSENT, "maintenance", "region-block", "age-gate", "adblock-wall", "blocked", TAKEN_DOWN, "captcha")
)
# Controls, private use, noncharacters and replacement characters; icon fonts leave some private ones in real texts.
UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd\ufffe\uffff\U000f0000-\U0010ffff]")
MOST_UNREADABLE = 0.1
GARBLED_CHARS = 20_000

# What a page says it is, formally (schema.org) ...
ARTICLE_KINDS = frozenset(
    """
    og:published article newsarticle blogposting reportagenewsarticle analysisnewsarticle opinionnewsarticle
    backgroundnewsarticle reviewnewsarticle techarticle scholarlyarticle liveblogposting report medicalscholarlyarticle
    advertisercontentarticle satiricalarticle askpublicnewsarticle recipe howto made:article
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
SAYS_ARTICLE = ARTICLE_KINDS | {"og:article"}  # ... and with what many sites put on every page
OTHER_KINDS = (
    (frozenset(("made:error",)), "error-page"),
    (frozenset(("product", "productgroup", "og:product", "og:product.item", "made:product")), "product"),
    (frozenset(("discussionforumposting", "qapage")), "forum"),
    (frozenset(("profilepage", "og:profile")), "profile"),
    (frozenset(("collectionpage", "searchresultspage", "og:category", "made:listing")), "listing"),
)
FORUM_NAMES = frozenset(
    ("forum", "forums", "thread", "threads", "viewtopic.php", "showthread.php", "viewforum.php", "topic.php", "foren")
)
ERRORS_FROM = 400

SHORT_WORDS = 80  # a page with less text may be nothing but what it asks for
FEW_WORDS = 30  # with less text the blocks that were cut are looked at too: what a consent page says is often cut
NOTE_WORDS = 150  # an error, a consent or a parking note is shorter than that
CONSENT_PHRASES = 2  # one of them stands under many articles too
HEAD_CHARS = 1_500  # of the text, where such notes say what they are
TITLE_CHARS = 90  # an article's headline may hold "not found"; an error's is that and the site's name

# A page is a listing when this share of its words stands in teasers of so many other pages.
TEASER_SHARE = 0.6
MIN_TEASERS = 4
MANY_TEASERS = 10  # outweigh the og:article that some software puts on every page
SMALL_PAGE_WORDS = 250  # on a page this small one teaser makes a listing,
SMALL_PAGE_SHARE = 0.65  # if this much of it belongs to teasers
NAMED_SHARE = 0.4  # on a page whose address says that it is a listing
LINK_SHARE = 0.5  # of the words of the body inside links: a directory
PAGE_LINK_SHARE = 0.7  # of the words of the page, when the body is short


def screen(article: Article, *, min_words: int) -> str | None:
    """Return why a page is no article, as a slug; None when it is one.

    Slugs: not-a-page, error-page, redirect, captcha, login, paywall, parked, needs-rendering, product, forum, profile,
    listing, service, empty, too-short, and those of walls: consent-wall, maintenance, region-block, age-gate,
    adblock-wall, blocked, taken-down. `min_words` counts the kept blocks; two CJK characters count as one word.
    """
    signs = article.signs or PageSignals()
    if signs.status >= ERRORS_FROM:
        return "error-page"
    if signs.binary or _is_garbled(article):
        return NOT_A_PAGE
    words = sum(word_count(block.text) for block in article.kept)
    return (
        _note(article, signs, words)
        or _unrendered(signs, words, min_words)
        or _other_kind(article, signs)
        or _listing(article, signs, words)
        or ("empty" if words == 0 else "too-short" if words < min_words else None)
    )


def _is_garbled(article: Article) -> bool:
    """Return whether the text is what a parser makes of bytes that are none: full of signs that no language has."""
    size = signs = 0
    for block in article.kept:
        size += len(block.text)
        signs += len(UNREADABLE.findall(block.text))
        if size >= GARBLED_CHARS:
            break
    return signs > MOST_UNREADABLE * size


def _note(article: Article, signs: PageSignals, words: int) -> str | None:
    """Recognise pages that say or ask for something in place of an article."""
    formal = bool(ARTICLE_KINDS.intersection(signs.kinds))
    if signs.refresh and words < SHORT_WORDS // 2:
        return "redirect"
    kind = wall(article, signs, words, formal=formal)
    if words < NOTE_WORDS and not formal and kind in (None, TAKEN_DOWN) and _title_says_error(article):
        return "error-page"
    if kind is not None:
        return kind
    if words < SHORT_WORDS and signs.captcha and not formal:
        return "captcha"
    if words >= NOTE_WORDS:
        return None
    text = _head(article, cut=words < FEW_WORDS)
    if words < SHORT_WORDS and _count("captcha", text) and not formal:
        return "captcha"
    if _count("consent", text) >= CONSENT_PHRASES:
        return CONSENT
    if words < SHORT_WORDS and not formal and (signs.password or _count("login", text) > 1):
        return "login"
    if words < SHORT_WORDS and (article.paywalled or _count("paywall", text)):
        return "paywall"
    return "parked" if not formal and _count("parked", text) else None


def _unrendered(signs: PageSignals, words: int, min_words: int) -> str | None:
    """Recognise pages that are empty until their scripts have run: their few words are a footer's or a noscript's."""
    most = min_words if ARTICLE_KINDS.intersection(signs.kinds) else max(min_words, SHORT_WORDS)
    return NEEDS_RENDERING if signs.scripts and words < most else None


def _other_kind(article: Article, signs: PageSignals) -> str | None:
    """Recognise pages that say they are something else, formally or by their address."""
    kinds = frozenset(signs.kinds)
    if kinds & ARTICLE_KINDS:
        return None
    # ratings of a text are often marked up as a product's; what the software made outweighs og:article, the rest not
    believed = frozenset(kind for kind in kinds if kind.startswith("made:")) if "og:article" in kinds else kinds
    for others, reason in OTHER_KINDS:
        if believed & others:
            return reason
    if "og:article" in kinds:
        return None
    if FORUM_NAMES.intersection(part.lower() for part in segments(article.url)):
        return "forum"
    return "service" if article.published is None and is_service(article.url) else None


def _listing(article: Article, signs: PageSignals, words: int) -> str | None:
    """Recognise pages made of teasers or links."""
    kinds = frozenset(signs.kinds)
    share = signs.teaser_words / signs.words if signs.words else 0.0
    if kinds & SAYS_ARTICLE:
        many = signs.teasers >= MANY_TEASERS and share >= TEASER_SHARE and not kinds & ARTICLE_KINDS
        return "listing" if many else None
    if signs.teasers and (
        (signs.teasers >= MIN_TEASERS and share >= TEASER_SHARE)
        or (signs.words <= SMALL_PAGE_WORDS and share >= SMALL_PAGE_SHARE)
        or (is_listing(article.url) and share >= NAMED_SHARE)
    ):
        return "listing"
    linked = sum(word_count(block.text) * block.link_share for block in article.kept)
    if words and linked >= LINK_SHARE * words:
        return "listing"
    sparse = words < SHORT_WORDS and signs.words > words and signs.link_words >= PAGE_LINK_SHARE * signs.words
    return "listing" if sparse and article.published is None else None


def _title_says_error(article: Article) -> bool:
    title = fold(article.title or "")
    first = fold(article.kept[0].text)[:TITLE_CHARS] if article.kept else ""
    return any(len(text) <= TITLE_CHARS and _count("error-page", text) for text in (title, first))


def _head(article: Article, *, cut: bool) -> str:
    """Return the title and the beginning of the text, the cut blocks too if asked for."""
    size = 0

    def fits(text: str) -> bool:
        nonlocal size
        size += len(text)
        return size <= HEAD_CHARS

    texts = takewhile(fits, (article.title or "", *(block.text for block in (article.blocks if cut else article.kept))))
    return fold(" . ".join(texts))


def _count(kind: str, text: str) -> int:
    """Count the different phrases of a kind in a folded text."""
    return len(set(_phrases()[kind].findall(text)))


@cache
def _phrases() -> dict[str, re.Pattern[str]]:
    """Return one pattern per kind; phrases of scripts with spaces match whole words only."""
    raw = tomllib.loads(files("ingest.extract").joinpath("screen.toml").read_text("utf-8"))
    return {
        kind: re.compile("|".join(_pattern(phrase) for phrases in table.values() for phrase in phrases))
        for kind, table in raw.items()
    }


def _pattern(phrase: str) -> str:
    folded = re.escape(fold(phrase))
    return folded if any(char > "\u2e80" for char in phrase) else rf"(?<!\w){folded}(?!\w)"
