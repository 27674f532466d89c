"""Claims as they are gathered and recorded: origin, field, value, and which one won."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.errors import UrlError
from ingest.extract.html import jsonld
from ingest.extract.metadata.structured import ARTICLE_TYPES, Structured
from ingest.model import Claim, Field, Page, SeedKind
from ingest.text.normalize import normalise
from ingest.web import urls

MAX_CLAIMS = 12  # per field; later ones are repetitions on all pages of the corpus
MAX_CLAIM_CHARS = 1_000

OriginValue = tuple[str, str]  # (origin, value)


def choose(field: Field, found: Iterable[OriginValue], claims: list[Claim], *, best: int = 0) -> str | None:
    """Record all values as claims, the one at `best` as the winner, and return its value."""
    unique = list(dict.fromkeys((origin, value) for origin, value in found if value))
    for at, (origin, value) in enumerate(unique[: max(MAX_CLAIMS, best + 1)]):
        claims.append(Claim(field=field, value=value[:MAX_CLAIM_CHARS], origin=origin, won=at == best))
    return unique[best][1] if unique else None


def record(field: Field, found: Iterable[tuple[str, str | tuple[str, ...]]], winner: int, claims: list[Claim]) -> None:
    """Record all values as claims, each once; the one at `winner` has won, none for -1."""
    met: set[tuple[str, str | tuple[str, ...]]] = set()
    for at, (origin, value) in enumerate(found):
        if at == winner or ((origin, value) not in met and len(met) < MAX_CLAIMS):
            claims.append(Claim(field=field, value=value, origin=origin, won=at == winner))
        met.add((origin, value))


def origin(meta_name: str) -> str:
    """Return the origin of a meta element's word."""
    if meta_name.startswith(("og:", "article:", "og_")):
        return "opengraph"
    return "twitter" if meta_name.startswith("twitter:") else "meta"


def metas(structured: Structured, *wanted: str) -> list[OriginValue]:
    """Return the values of the meta elements of these names, in the order of the names."""
    return [(origin(name), value) for name, value in structured.metas(*wanted)]


def texts(structured: Structured, *keys: str, articles_only: bool = False) -> list[OriginValue]:
    """Return the texts of these members of the JSON-LD objects, of articles only or of pages too."""
    values = structured.members(*keys, kinds=ARTICLE_TYPES) if articles_only else structured.members(*keys)
    return [("json-ld", text) for value in values for text in jsonld.strings(value)]


def items(structured: Structured, *wanted: str) -> list[OriginValue]:
    """Return the values of the microdata properties of these names."""
    return [("microdata", value) for name in wanted for value in structured.items.get(name, ())]


def tidy(found: Iterable[OriginValue]) -> list[OriginValue]:
    """Return the values in normal form, without the empty ones."""
    return [(origin, tidy) for origin, value in found if (tidy := normalise(value))]


def hint_origin(page: Page) -> str:
    """Return the kind of seed that listed the page: "feed", "sitemap", "section" or "list"."""
    return str(page.hint.found_by if page.hint else SeedKind.LIST)


def known_names(site_names: Sequence[OriginValue], page: Page) -> list[str]:
    """Return the site's names and its host in the forms titles and bylines use it."""
    try:
        unit = urls.site(page.final_url)
    except UrlError:
        return [value for _, value in site_names]
    return [value for _, value in site_names] + [unit, unit.split(".")[0], "www." + unit]
