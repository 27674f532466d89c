"""The further pages of an article: which one comes next, and which is the first.

A person's rule says it, else the page itself: a link to this page's own address with the next page's number. The next
article, whatever `rel=next` calls it, has another address, and the pages of comments and listings are not the text's.
Nothing is fetched here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from lxml.html import HtmlElement

from ingest.extract.html.tree import parse
from ingest.extract.multipage.pageaddresses import (
    NumberReading,
    absolute,
    may_have_pages,
    readings,
    same_host,
    stems_of,
)
from ingest.extract.multipage.pagepeek import may_lead_on
from ingest.extract.rules import addresses
from ingest.model import ExtractionRules, Page
from ingest.text.normalize import normalise as normalise_text
from ingest.web.html_limits import bounded
from ingest.web.url_patterns import article_odds, query, segments
from ingest.web.urls import identity_form, key

MAX_PAGES = 20  # of one article; the longest pieces of magazines have a dozen, endless ones are traps
MAX_LINKS = 2_000  # looked at; each costs 0.2 ms in the process of the crawl
MIN_ODDS = -0.6  # that an address is an article's, for pages that do not call themselves one: "/science-tech" has -0.7
MAX_ANCESTORS = 40

_TEXT_NUMBER = re.compile(r"\W*(?:\w{1,12}\s)?(\d{1,2})(?!\d)")
_COMMENTS = re.compile(
    r"(?<!has-)(?<!no-)comment(?!s?-(?:open|closed|enabled))|kommentar|discuss|repl(?:y|ies)\b|\brespond\b|disqus",
    re.IGNORECASE,
)
_ARTICLE_DATA = re.compile(r"\"@type\"\s*:\s*\[?\s*\"\w*(?:Article|BlogPosting)\"")
# Addresses without a word for page are believed with a link that shows nothing but the number; "name-2" is how software
# also calls the second article of one name.
_BY_RELATION = frozenset("/_,")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    url: str
    number: int | None  # that its text shows
    relations: frozenset[str]


# ---------------------------------------------------------------- questions


def next_page(page: Page, first: str, position: int, rules: ExtractionRules) -> str | None:
    """Return the address of the article's page after this one, None when there is none.

    `first` is the address of the article's first page, `position` this page's place, 1.. . A rule that matches
    decides; one that does not says that this was the last page.
    """
    if rules.next_page:
        return _by_rule(page, rules.next_page)
    wanted = position + 1
    if wanted > MAX_PAGES or not may_have_pages(first) or not may_lead_on(page, first, wanted):
        return None
    tree = parse(_light(page))
    if article_odds(first) <= MIN_ODDS and not _says_article(tree):
        return None
    stems = stems_of(first)
    own = key(page.final_url)
    best: tuple[int, str] | None = None

    def may_be_wanted(url: str) -> bool:
        return any(reading.stem in stems for reading in readings(url))

    for link in _links(tree, page, may_be_wanted):
        for reading in readings(link.url):
            rank = _rank(reading, link, wanted, stems)
            if rank is not None and key(link.url) != own and (best is None or rank < best[0]):
                best = rank, link.url
        if best is not None and best[0] == 0:
            break
    return best[1] if best else None


def first_page(page: Page) -> str | None:
    """Return the address of the first page of the article that this is a later page of; None when it is none."""
    url = page.final_url
    later = [one for one in readings(url) if one.number > 1 or (one.number == 1 and one.form[0] == "?")]
    if not later or not may_have_pages(url):
        return None
    tree = parse(_light(page))
    own = key(url)
    stems = {one.stem for one in later}

    def may_be_first(url: str) -> bool:
        return identity_form(url) in stems or any(reading.stem in stems for reading in readings(url))

    for link in _links(tree, page, may_be_first):
        if key(link.url) == own:
            continue
        stem = identity_form(link.url)
        for one in later:
            begins = one.stem == stem or any(
                (other.stem, other.form) == (one.stem, one.form) and other.number in (0, 1) and one.number > 1
                for other in readings(link.url)
            )
            if begins and _tells_first(one, link) and may_have_pages(link.url):
                return link.url if article_odds(link.url) > MIN_ODDS or _says_article(tree) else None
    return None


def single_page(page: Page, rules: ExtractionRules) -> str | None:
    """Return the address that a rule gives for the whole article on one page, None for no rule or no match."""
    return _by_rule(page, rules.single_page) if rules.single_page else None


# ---------------------------------------------------------------- links


def _rank(reading: NumberReading, link: _Link, wanted: int, stems: dict[str, str | None]) -> int | None:
    """Return how good a link to the wanted page this is, 0 the best; None when it is none.

    Software that counts from 0 is known by a link that shows one more than its address has.
    """
    if reading.stem not in stems or stems[reading.stem] not in (None, reading.form):
        return None
    shown, following = link.number, "next" in link.relations
    from_zero = reading.form[0] == "?" and reading.number == wanted - 1 and reading.number > 0
    if shown is not None and shown != wanted:
        return None
    if reading.number != wanted and not (from_zero and (shown == wanted or following)):
        return None
    if shown == wanted:
        return 0 if reading.number == wanted else 1
    # the chapter after "story_1" may be a text of its own
    if following and (reading.says_page or (reading.form[0] in _BY_RELATION and stems[reading.stem] is None)):
        return 2 if reading.number == wanted else 3
    return 4 if reading.says_page else None


def _tells_first(later: NumberReading, link: _Link) -> bool:
    """Tell whether a link to what would be the first page shows that it is that."""
    if link.number == 1:
        return True
    related = bool(link.relations & {"canonical", "prev", "previous", "first", "start"})
    return related and (later.says_page or later.form[0] in _BY_RELATION)


def _links(tree: HtmlElement, page: Page, may_be: Callable[[str], bool]) -> Iterator[_Link]:
    """Give the page's links that may be pages of its text by their address and place, those of the head first."""
    base = page.final_url
    for element in islice(tree.iter("base"), 1):
        base = absolute(element.get("href") or "", base) or base
    for element in islice(tree.iter("link", "a"), MAX_LINKS):
        href = (element.get("href") or "").strip()
        if not href or href[0] == "#" or _COMMENTS.search(href.partition("#")[2]):
            continue
        url = absolute(href, base)
        if url is None or not may_be(url):
            continue
        relations = frozenset((element.get("rel") or "").lower().split())
        if element.tag == "a" and _in_comments(element):
            continue
        if element.tag == "link" and not relations & {"next", "prev", "previous", "canonical", "first", "start"}:
            continue
        yield _Link(url=url, number=_number_shown(element), relations=relations)


def _number_shown(element: HtmlElement) -> int | None:
    if element.tag == "link":
        return None
    text = normalise_text(str(element.text_content()))[:40]
    found = _TEXT_NUMBER.match(text)
    return int(found[1]) if found else None


def _in_comments(element: HtmlElement) -> bool:
    return any(
        _COMMENTS.search(f"{above.get('class') or ''} {above.get('id') or ''}")
        for above in islice(element.iterancestors(), MAX_ANCESTORS)
        if above.tag not in ("html", "body")
    )


def _by_rule(page: Page, selectors: Iterable[str]) -> str | None:
    """Return the first address on this page's host that a selector gives, other than the page's own."""
    tree = parse(_light(page))
    for written in selectors:
        for href in addresses(tree, written):
            url = absolute(href, page.final_url)
            if url is None or not same_host(url, page.final_url) or key(url) == key(page.final_url):
                continue
            if segments(url) or query(url):  # concat() of no address gives the home page
                return url
    return None


def _says_article(tree: HtmlElement) -> bool:
    """Tell whether a page calls itself an article."""
    for element in tree.iter("meta"):
        if element.get("property") == "og:type" and (element.get("content") or "").strip().lower() == "article":
            return True
    return any(
        _ARTICLE_DATA.search(element.text or "")
        for element in tree.iter("script")
        if "ld+json" in (element.get("type") or "")
    )


def _light(page: Page) -> Page:
    """Return the page with its markup bounded: this is asked in the process of the crawl."""
    return replace(page, body=bounded(page.body))
