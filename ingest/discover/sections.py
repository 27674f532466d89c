"""Section pages -> links that look like articles, each with a score, and further listings as seeds.

Nothing here reads words of a language but the technical names in addresses: the signs are the form of the address, the
length of the anchor text, the place on the page, and whether many similar links stand together.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from lxml import etree

from ingest.discover.found import Found
from ingest.discover.html import Anchor, Region, anchors, base_of, tree_of
from ingest.discover.links import LinkFilter
from ingest.errors import SeedUnreadable
from ingest.model import Link, Page, Seed, SeedKind
from ingest.web.javascript import NEEDS_RENDERING, RENDERED, needs_scripts
from ingest.web.url_patterns import article_odds, is_date_archive, is_pagination, listing_odds, sigmoid
from ingest.web.urls import key

MIN_SCORE = 0.15  # below: surely no article; not even given as a link
MAX_LISTINGS = 40  # further listings from one page; the best first
MIN_GROUP = 3  # links of one signature that count as a list
# Log-odds, set by hand as in url_patterns.py; swept on pages of all sorts in tests/data/sections.
BIAS = -1.0
HEADING = 1.2
REGION = {Region.NAVIGATION: -2.5, Region.FOOTER: -3.0, Region.ASIDE: -0.3, Region.MAIN: 0.4, Region.BODY: 0.0}
WIDTHS = ((8, -1.5), (16, -0.7), (26, 0.2), (40, 1.0), (math.inf, 1.6))  # a headline has 30 to 90 characters
HEADINGS_IN_A_ROW = 0.9
LIST_OF_LONG, LIST_OF_SHORT = 1.0, -0.6
LONG = 26  # characters; the median of a list of headlines is above, of a menu below
PAGE_NUMBER = re.compile(r"\d{1,4}")


def read(page: Page, *, seed: Seed, link_filter: LinkFilter) -> Found:
    """Return a section page's links in page order and its further listings, pagination first.

    A link seen several times keeps its best place. Raises SeedUnreadable: "empty" for a page without any element,
    "needs-rendering" for one without a link that its scripts would build.
    """
    tree = tree_of(page)
    if tree is None:
        raise SeedUnreadable("empty")
    base = base_of(tree, page)
    found = list(anchors(tree, base, link_filter))
    links = _links(found, page=page, link_filter=link_filter)
    pages = _pagination(tree, found, base=base, page=page, seed=seed, link_filter=link_filter)
    if not links and page.header(RENDERED) is None and needs_scripts(tree):
        raise SeedUnreadable(NEEDS_RENDERING)
    listings = _listings(found, links, menus=_menus(found), page=page, seed=seed)
    return Found(links=links, seeds=tuple(dict.fromkeys((*pages, *listings))))


def _links(found: list[Anchor], *, page: Page, link_filter: LinkFilter) -> tuple[Link, ...]:
    lists = {signature: _list_odds(group) for signature, group in _groups(found).items()}
    own = key(page.final_url)
    best: dict[str, Link] = {}
    for anchor in found:
        if not link_filter.wants(anchor.url) or link_filter.is_own(anchor.url) or key(anchor.url) == own:
            continue
        score = _score(anchor, lists[anchor.signature])
        known = best.get(anchor.url)
        title = max(known.title or "" if known else "", anchor.text, key=len) or None
        if known is not None:
            score = max(score, known.score)
        best[anchor.url] = Link(
            url=anchor.url, found_in=page.final_url, found_by=SeedKind.SECTION, title=title, score=round(score, 3)
        )
    return tuple(link for link in best.values() if link.score >= MIN_SCORE)


def _groups(found: Iterable[Anchor]) -> dict[str, list[Anchor]]:
    """Group the links by signature."""
    groups: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in found:
        groups[anchor.signature].append(anchor)
    return groups


def _list_odds(group: list[Anchor]) -> float:
    """Return the log-odds that a link gets from the list of similar links it stands in."""
    if len({anchor.url for anchor in group}) < MIN_GROUP:
        return 0.0
    return LIST_OF_LONG if median(anchor.width for anchor in group) >= LONG else LIST_OF_SHORT


def _score(anchor: Anchor, list_odds: float) -> float:
    odds = BIAS + article_odds(anchor.url) + REGION[anchor.region] + list_odds
    odds += next(weight for limit, weight in WIDTHS if anchor.width < limit)
    if anchor.heading:
        odds += HEADING + max(0.0, HEADINGS_IN_A_ROW - list_odds)  # short headlines in a row are no menu
    return sigmoid(odds)


def _pagination(
    tree: etree._Element, found: list[Anchor], *, base: str, page: Page, seed: Seed, link_filter: LinkFilter
) -> tuple[Seed, ...]:
    """Return the next page of this listing, no deeper than its second: rel=next, else the number after this page's."""
    heads = [
        url
        for element in tree.iter("link")
        if "next" in (element.get("rel") or "").lower().split()
        and (url := link_filter.seed(element.get("href") or "", base))
    ]
    following = heads + [anchor.url for anchor in found if "next" in anchor.relations]
    if not following:
        here = _number(page.final_url) or 1
        following = [
            anchor.url
            for anchor in found
            if PAGE_NUMBER.fullmatch(anchor.text) and is_pagination(anchor.url) and _number(anchor.url) == here + 1
        ]
    fresh = [url for url in following if key(url) != key(page.final_url) and not is_date_archive(url)]
    depth = max(seed.depth, 1)  # never like a declared seed: every run reaches it again from its first page
    return tuple(Seed(url=url, kind=SeedKind.SECTION, depth=depth) for url in fresh[:1])


def _number(url: str) -> int | None:
    """Return the last number of an address, which for the n-th page of a list is n."""
    numbers = re.findall(r"\d{1,6}", url.rpartition("/")[2] or url.rstrip("/").rpartition("/")[2])
    return int(numbers[-1]) if numbers and is_pagination(url) else None


def _menus(found: list[Anchor]) -> frozenset[str]:
    """Return the signatures of the menus that no landmark marks: short links of one signature in a row."""
    return frozenset(signature for signature, group in _groups(found).items() if _list_odds(group) == LIST_OF_SHORT)


def _listings(
    found: list[Anchor], links: Iterable[Link], *, menus: frozenset[str], page: Page, seed: Seed
) -> tuple[Seed, ...]:
    """Return further listings of the site, the most promising first: what its menus and headed lists lead to."""
    articles = {link.url for link in links if link.score >= 0.5}
    own = key(page.final_url)
    odds: dict[str, float] = {}
    for anchor in found:
        if anchor.url in articles or key(anchor.url) == own or is_pagination(anchor.url):
            continue
        value = listing_odds(anchor.url) + {Region.NAVIGATION: 1.0, Region.FOOTER: -1.5}.get(anchor.region, -0.5)
        value += 1.0 if anchor.heading or (anchor.signature in menus and anchor.region is Region.BODY) else 0.0
        value -= 0.5 if anchor.width > LONG else 0.0
        if "nofollow" not in anchor.relations:
            odds[anchor.url] = max(odds.get(anchor.url, -9.0), value)
    chosen = sorted((url for url in odds if odds[url] > 0), key=lambda url: -odds[url])
    return tuple(Seed(url=url, kind=SeedKind.SECTION, depth=seed.depth + 1) for url in chosen[:MAX_LISTINGS])
