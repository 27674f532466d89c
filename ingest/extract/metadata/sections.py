"""The section an article stands in: as declared, else its category links, else the last step of the breadcrumbs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice

from ingest.extract.html import jsonld
from ingest.extract.html.element_index import ElementIndex, is_away
from ingest.extract.metadata.claims import OriginValue, choose, items, metas, texts, tidy
from ingest.extract.metadata.structured import Structured
from ingest.extract.metadata.words import HOME
from ingest.model import Claim, Field
from ingest.text.normalize import fold

MAX_SECTION_CHARS = 60
MAX_LINKS = 12
_PLACE = re.compile(
    r"(?:^|[\s_-])(?:cat-?links?|(?:post-|entry-|article-)?categor(?:y|ies)|categories-?links|kategorien?|rubrik|rubrique|ressort|rubric|categor[ií]a|"
    r"categoria|post-?cat|sectionname|section-?(?:name|link|title|label)|channel|kicker|eyebrow|overline|topline|dachzeile|article:section)(?:$|[\s_-])",
)
_STEMS = ("cat", "kategorie", "rubri", "ressort", "section", "channel", "kicker", "eyebrow", "line", "dachzeile")
_CRUMBS = re.compile(r"bread-?crumbs?|brotkrumen|you-?are-?here|rootline")


def resolve_section(
    structured: Structured, places: ElementIndex, title: str | None, sites: Collection[str], claims: list[Claim]
) -> str | None:
    """Return the section, and record the claims. Links and breadcrumbs are looked at only where nothing is declared."""
    found: list[OriginValue] = [
        *metas(structured, "article:section"),
        *texts(structured, "articleSection", articles_only=True),
        *metas(
            structured,
            "og:article:section",
            "parsely-section",
            "section",
            "cxenseparse:section",
            "cxenseparse:category",
        ),
        *items(structured, "articlesection"),
    ]
    known = {fold(name) for name in sites} | {fold(title or "")} | HOME
    usable = [one for one in tidy(found) if _fits(one[1], known)]
    if not usable:
        shown = [*_links(places), *(("breadcrumbs", crumb) for crumb in _crumbs(structured, places))]
        usable = [one for one in tidy(shown) if _fits(one[1], known)]
    return choose(Field.SECTION, usable, claims)


def _fits(text: str, known: Collection[str]) -> bool:
    folded = fold(text)
    return bool(folded) and len(text) <= MAX_SECTION_CHARS and folded not in known


def _links(places: ElementIndex) -> Iterator[OriginValue]:
    """Yield the links that are called the article's category, those by rel first."""
    shown = (link for link in places.links("category") if next(link.iterancestors("body"), None) is not None)
    for link in islice(shown, MAX_LINKS):
        if not is_away(link):
            yield "category-link", str(link.text_content())
    for element, words in places.matching(_PLACE, _STEMS):
        if "p-category" in words.split():  # a tag of an h-entry
            continue
        if element.tag in ("body", "article", "nav", "main", "section", "ul") or is_away(element):
            continue
        links = [element] if element.tag == "a" else list(element.iter("a"))
        if 0 < len(links) <= MAX_LINKS:
            yield "category-link", str(links[0].text_content())


def _crumbs(structured: Structured, places: ElementIndex) -> Iterator[str]:
    """Yield the steps of the breadcrumbs, the last first."""
    for kinds, node in structured.nodes:
        if "BreadcrumbList" in kinds:
            steps = node.get("itemListElement")
            for step in reversed(steps if isinstance(steps, list) else []):
                if isinstance(step, dict):
                    name = jsonld.text(step.get("name")) or jsonld.text(step.get("item"))
                    if name and not name.startswith("http"):
                        yield name
    for element, _ in places.matching(_CRUMBS, ("crumb", "brotkrumen", "here", "rootline")):
        links = [str(link.text_content()) for link in element.iter("a")]
        if 0 < len(links) <= MAX_LINKS:
            yield from reversed(links)
            return
