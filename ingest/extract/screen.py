"""Is this page an article at all? A reason when it is not.

Reasons: error-page, empty, captcha, consent, login, paywall, redirect, forum, product, profile, listing, service,
too-short. Signs of the page as a whole come from signs.py; words of languages stand in screen.toml.
"""

from __future__ import annotations

from ingest.extract.signs import word_count
from ingest.model import Article, Signs
from ingest.paths import is_listing, is_service

ARTICLE_KINDS = frozenset(
    """
    og:article og:published article newsarticle blogposting reportagenewsarticle analysisnewsarticle
    opinionnewsarticle backgroundnewsarticle reviewnewsarticle techarticle scholarlyarticle liveblogposting report
    medicalscholarlyarticle advertisercontentarticle satiricalarticle askpublicnewsarticle recipe howto
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
LISTING_KINDS = frozenset(("collectionpage", "searchresultspage", "og:category", "og:collection"))
PRODUCT_KINDS = frozenset(("product", "productgroup", "og:product", "og:product.item", "og:product.group"))
FORUM_KINDS = frozenset(("discussionforumposting", "qapage"))
PROFILE_KINDS = frozenset(("profilepage", "og:profile"))
ERRORS_FROM = 400

# A page is a listing when this share of its words stands in teasers of so many other pages.
TEASER_SHARE = 0.6
MIN_TEASERS = 4
SMALL_PAGE_WORDS = 250  # on a page this small one teaser makes a listing,
SMALL_PAGE_SHARE = 0.65  # if this much of it belongs to teasers
NAMED_SHARE = 0.4  # on a page whose address says that it is a listing
LINK_SHARE = 0.7  # of a page's words inside links: a directory


def screen(article: Article, *, min_words: int) -> str | None:
    """Return why a page is no article, as a slug; None when it is one.

    `min_words` counts the kept blocks; two CJK characters count as one word.
    """
    signs = article.signs or Signs()
    if signs.status >= ERRORS_FROM:
        return "error-page"
    words = sum(word_count(block.text) for block in article.kept)
    if (reason := _other_kind(signs, words, article.url)) is not None:
        return reason
    if article.published is None and not ARTICLE_KINDS.intersection(signs.kinds) and is_service(article.url):
        return "service"
    if words == 0:
        return "empty"
    return "too-short" if words < min_words else None


def _other_kind(signs: Signs, words: int, url: str) -> str | None:
    kinds = frozenset(signs.kinds)
    says_article = bool(kinds & ARTICLE_KINDS)
    if signs.captcha and words < 80:
        return "captcha"
    if signs.password and words < 80:
        return "login"
    if signs.refresh and words < 40:
        return "redirect"
    if not says_article:
        for others, reason in (
            (PRODUCT_KINDS, "product"),
            (FORUM_KINDS, "forum"),
            (PROFILE_KINDS, "profile"),
            (LISTING_KINDS, "listing"),
        ):
            if kinds & others:
                return reason
    if _is_listing(signs, says_article=says_article, named=is_listing(url)):
        return "listing"
    return None


def _is_listing(signs: Signs, *, says_article: bool, named: bool) -> bool:
    if signs.words == 0 or says_article:
        return False
    if signs.teasers >= MIN_TEASERS and signs.teaser_words >= TEASER_SHARE * signs.words:
        return True
    if signs.teasers and signs.words <= SMALL_PAGE_WORDS and signs.teaser_words >= SMALL_PAGE_SHARE * signs.words:
        return True
    if named and signs.teasers and signs.teaser_words >= NAMED_SHARE * signs.words:
        return True
    return signs.link_words >= LINK_SHARE * signs.words
