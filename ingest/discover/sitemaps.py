"""Sitemaps, sitemap indexes, news sitemaps and text sitemaps -> Links and further seeds (sitemaps.org, Google News)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from lxml import etree

from ingest.discover.found import Found, LinkSet, in_order
from ingest.discover.links import MATCHED_SCORE, LinkFilter, plain_title
from ingest.discover.url_form_model import ENOUGH, forms
from ingest.discover.xml import entries, name_of, text_of
from ingest.model import Link, Seed, SeedKind
from ingest.text.dates.reader import newest_first_key, read
from ingest.web.url_patterns import article_odds, is_date_archive, is_listing, is_service, sigmoid

MAX_URLS = 50_000  # sitemaps.org
MAX_INDEX_DEPTH = 3
# Sitemaps list sections, tags and products too. An entry is scored by the form of its address and by the other entries:
# in a file of articles an unusual address is an article as well, in a file of listings a slug may be a listing's.
BIAS = 0.6  # log-odds, as in url_patterns.py
NEIGHBOURS = 3.0  # log-odds between a file where all addresses look like articles and one where none does
MIN_NEIGHBOURS = 5  # fewer addresses are no evidence about a file
NEWS_SCORE = 0.95  # a news sitemap lists articles and nothing else
NUMBERS = re.compile(r"\d+")


def read_xml(utf8: bytes, *, url: str, depth: int, link_filter: LinkFilter) -> Found:
    """Return the pages or further sitemaps that a sitemap lists, newest first; what is ill-formed is passed over."""
    links: dict[str, Link] = {}
    seeds: dict[str, Seed] = {}
    notes: set[str] = set()
    for number, entry in enumerate(entries(utf8, ("url", "sitemap"))):
        if number >= MAX_URLS:
            notes.add("too-many-urls")
            break
        if name_of(entry) == "sitemap":
            seed = _seed(entry, url=url, depth=depth, link_filter=link_filter)
            if seed is not None:
                seeds.setdefault(seed.url, seed)
        else:
            link = _link(entry, url=url, link_filter=link_filter)
            if link is not None:
                links.setdefault(link.url, link)
    if seeds and depth >= MAX_INDEX_DEPTH:
        seeds.clear()
        notes.add("index-too-deep")
    scored = in_order(_scored(list(links.values()), link_filter))
    return Found(
        links=scored,
        doubtful=_doubtful(scored),
        seeds=_newest_seeds(list(seeds.values())),
        notes=tuple(sorted(notes)),
    )


def _link(entry: etree._Element, *, url: str, link_filter: LinkFilter) -> Link | None:
    address = link_filter.link(_child(entry, "loc"), url)
    if address is None:
        return None
    news = next((child for child in entry if name_of(child) == "news:news"), None)
    title = published = language = None
    if news is not None:
        title = plain_title(_child(news, "news:title"))
        published = read(_child(news, "news:publication_date"))
        publication = next((child for child in news if name_of(child) == "news:publication"), None)
        language = (_child(publication, "news:language").strip() or None) if publication is not None else None
    return Link(
        url=address,
        found_in=url,
        found_by=SeedKind.SITEMAP,
        title=title,
        published=published,
        modified=read(_child(entry, "lastmod")),
        language=language,
        score=0.0 if news is None else NEWS_SCORE,
    )


def _scored(links: list[Link], link_filter: LinkFilter) -> list[Link]:
    """Score the links without a news entry; one that the source's patterns match is an article to a person."""
    odds = {link.url: article_odds(link.url) + BIAS for link in links if link.score < NEWS_SCORE}
    if len(odds) >= MIN_NEIGHBOURS:
        shift = NEIGHBOURS * (sum(map(sigmoid, odds.values())) / len(odds) - 0.5)
        odds = {url: value + shift for url, value in odds.items()}
    least = MATCHED_SCORE if link_filter.match else 0.0
    return [
        replace(link, score=max(round(sigmoid(odds[link.url]), 3), least)) if link.url in odds else link
        for link in links
    ]


def _doubtful(links: Iterable[Link]) -> tuple[LinkSet, ...]:
    """Return the links of low score by the form of their addresses, the largest sets first."""
    sets: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        url = link.url
        if link.score >= ENOUGH[SeedKind.SITEMAP] or is_listing(url) or is_service(url) or is_date_archive(url):
            continue
        sets[f"sitemap|{list(forms(url))[-1]}"].append(link)
    large = [(key, members) for key, members in sets.items() if len(members) >= MIN_NEIGHBOURS]
    return tuple(
        LinkSet(key=key, links=tuple(members), score=sum(link.score for link in members) / len(members))
        for key, members in sorted(large, key=lambda pair: -len(pair[1]))
    )


def _seed(entry: etree._Element, *, url: str, depth: int, link_filter: LinkFilter) -> Seed | None:
    address = link_filter.seed(_child(entry, "loc"), url)
    if address is None or address == url:
        return None
    return Seed(url=address, kind=SeedKind.SITEMAP, depth=depth + 1, modified=read(_child(entry, "lastmod")))


def _child(entry: etree._Element, name: str) -> str:
    """Return the text of the first child of that name, "" when there is none."""
    return next((text_of(child).strip() for child in entry if name_of(child) == name), "")


def _newest_seeds(seeds: list[Seed]) -> tuple[Seed, ...]:
    """Order sitemaps by lastmod where given, else the highest numbers first: years, months, running numbers."""

    def order(seed: Seed) -> tuple[float, tuple[int, ...]]:
        numbers = tuple(-int(digits[:12]) for digits in NUMBERS.findall(seed.url.partition("://")[2].partition("/")[2]))
        return newest_first_key(seed.modified), numbers

    return tuple(sorted(seeds, key=order))
