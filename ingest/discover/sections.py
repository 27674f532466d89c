"""Section pages -> links that look like articles, each with a score, and further listings as seeds.

Links are scored as members of sets: those of one list (alike in their elements and classes) with addresses of one form
are articles together or not at all. The signs are the form of the address, the length of the texts, the place on the
page, and what stands beside the links; no words of a language are read but the technical names in addresses.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.discover.found import Found, LinkSet
from ingest.discover.html import Anchor, Region, anchors, base_of, tree_of
from ingest.discover.link_sets import AnchorSet, scored_sets
from ingest.discover.links import MATCHED_SCORE, LinkFilter
from ingest.discover.pagination import next_pages, numbered_pages
from ingest.errors import SeedUnreadable
from ingest.model import Link, Page, Seed, SeedKind
from ingest.web.javascript import NEEDS_RENDERING, RENDERED, needs_scripts
from ingest.web.page_redirects import frames
from ingest.web.url_patterns import is_date_archive, is_pagination, listing_odds
from ingest.web.urls import key

MIN_SCORE = 0.15  # below: surely no article; not even given as a link
MAX_LISTINGS = 40  # further listings from one page; the best first
MAX_ARCHIVES = 400  # of one page; those outside of a backfill's window are left out later
LONG = 26  # characters of a headline; a menu's texts are shorter


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
    pages = next_pages(tree, found, base=base, page=page, seed=seed, link_filter=link_filter)
    paged = numbered_pages(found, page.final_url) | {one.url for one in pages}
    sets = scored_sets([anchor for anchor in found if anchor.url not in paged])
    links = _links(sets, page=page, link_filter=link_filter)
    if not links and page.header(RENDERED) is None and needs_scripts(tree):
        raise SeedUnreadable(NEEDS_RENDERING)
    pages += _frames(page, base=base, seed=seed, link_filter=link_filter)
    doubtful = _doubtful(sets, links, page=page, link_filter=link_filter)
    listings = _listings(found, links, sets=sets, paged=paged, page=page, seed=seed)
    archives = tuple(
        Seed(url=url, kind=SeedKind.SECTION, depth=seed.depth + 1)
        for url in dict.fromkeys(anchor.url for anchor in found if is_date_archive(anchor.url))
    )
    seeds = tuple(dict.fromkeys((*pages, *listings)))
    return Found(links=links, seeds=seeds, doubtful=doubtful, archives=archives[:MAX_ARCHIVES])


def _frames(page: Page, *, base: str, seed: Seed, link_filter: LinkFilter) -> tuple[Seed, ...]:
    """Return the frames of a frameset, which are parts of the same section."""
    found = (link_filter.seed(address, base) for address in frames(page.body))
    depth = max(seed.depth, 1)
    return tuple(Seed(url=url, kind=SeedKind.SECTION, depth=depth, follows=True) for url in found if url)


def _links(sets: Iterable[AnchorSet], *, page: Page, link_filter: LinkFilter) -> tuple[Link, ...]:
    scored = [(anchor, score) for one in sets for anchor, score in one.scores()]
    best: dict[str, Link] = {}
    for anchor, score in sorted(scored, key=lambda pair: pair[0].order):
        if not _may_be_link(anchor, page, link_filter):
            continue
        if link_filter.is_matched(anchor.url) and not _leads_on(anchor.url, scored):
            score = max(score, MATCHED_SCORE)
        known = best.get(anchor.url)
        title = max(known.title or "" if known else "", anchor.text, key=len) or None
        if known is not None:
            score = max(score, known.score)
        best[anchor.url] = _link(anchor.url, title, score, page)
    return tuple(link for link in best.values() if link.score >= MIN_SCORE)


def _link(url: str, title: str | None, score: float, page: Page) -> Link:
    return Link(url=url, found_in=page.final_url, found_by=SeedKind.SECTION, title=title, score=round(score, 3))


def _may_be_link(anchor: Anchor, page: Page, link_filter: LinkFilter) -> bool:
    url = anchor.url
    return link_filter.wants(url) and not link_filter.is_own(url) and key(url) != key(page.final_url)


def _leads_on(url: str, scored: Iterable[tuple[Anchor, float]]) -> bool:
    """Return whether an address is a folder of other links, a date archive or a page of a list: no article."""
    if is_pagination(url) or is_date_archive(url):
        return True
    folder = url.partition("?")[0].rstrip("/") + "/"
    below = {
        anchor.url for anchor, _ in scored if anchor.url.startswith(folder) and anchor.url.rstrip("/") != folder[:-1]
    }
    return len(below) > 1


def _doubtful(
    sets: Iterable[AnchorSet], links: Iterable[Link], *, page: Page, link_filter: LinkFilter
) -> tuple[LinkSet, ...]:
    """Return the sets worth trying a few links of, the most promising first."""
    sure = {link.url for link in links if link.score >= 0.5}
    doubtful = []
    for one in sets:
        members = {
            anchor.url: _link(anchor.url, anchor.text or None, max(score, 0.01), page)
            for anchor, score in one.scores()
            if anchor.url not in sure and _may_be_link(anchor, page, link_filter)
        }
        if one.is_doubtful(len(members)):
            doubtful.append(LinkSet(key=one.key, links=tuple(members.values()), score=one.mean_score()))
    return tuple(sorted(doubtful, key=lambda found: -found.score))


def _listings(
    found: list[Anchor],
    links: Iterable[Link],
    *,
    sets: Iterable[AnchorSet],
    paged: frozenset[str],
    page: Page,
    seed: Seed,
) -> tuple[Seed, ...]:
    """Return further listings of the site, the most promising first: what its menus and headed lists lead to."""
    articles = {link.url for link in links if link.score >= 0.5}
    menus = {anchor for one in sets if one.is_menu for anchor in one.anchors}
    own = key(page.final_url)
    odds: dict[str, float] = {}
    for anchor in found:
        url = anchor.url
        if url in articles or url in paged or key(url) == own or is_pagination(url):
            continue
        value = listing_odds(url) + {Region.NAVIGATION: 1.0, Region.FOOTER: -1.5}.get(anchor.region, -0.5)
        value += 1.0 if anchor.heading or (anchor in menus and anchor.region is Region.BODY) else 0.0
        value -= 0.5 if anchor.width > LONG else 0.0
        if "nofollow" not in anchor.relations:
            odds[url] = max(odds.get(url, -9.0), value)
    chosen = sorted((url for url in odds if odds[url] > 0), key=lambda url: -odds[url])
    return tuple(Seed(url=url, kind=SeedKind.SECTION, depth=seed.depth + 1) for url in chosen[:MAX_LISTINGS])
