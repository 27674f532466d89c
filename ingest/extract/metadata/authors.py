"""Who wrote an article: the declared authors and the bylines; one claim is chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.extract.html import jsonld
from ingest.extract.html.element_index import ElementIndex
from ingest.extract.html.jsonld import Json
from ingest.extract.metadata import bylines, names
from ingest.extract.metadata.claims import hint_origin, origin, record
from ingest.extract.metadata.head import Head
from ingest.extract.metadata.names import NameKind, ParsedNames
from ingest.extract.metadata.structured import ARTICLE_TYPES, Structured
from ingest.model import Claim, Field, Page

AUTHOR_METAS = (
    "author", "article:author", "parsely-author", "citation_author", "dc.creator", "dcterms.creator", "sailthru.author",
    "article:author_name", "cxenseparse:author", "byl", "og:article:author", "authors",
)  # fmt: skip  # a table
INVERTED_METAS = frozenset({"citation_author", "dc.creator", "dcterms.creator"})  # "Doe, Jane" by their definition


def resolve_authors(
    structured: Structured, head: Head, places: ElementIndex, page: Page, known: Sequence[str], claims: list[Claim]
) -> tuple[str, ...]:
    """Return the authors: the best kind of name that is claimed, from the first claim of that kind.

    `known` are the site's own names. People before nicknames before organisations before the site itself: an agency or
    a newsroom in the structured data stands beside a person in the byline on one news page in ten.
    """
    groups: list[tuple[str, list[str]]] = []
    bodies: set[str] = set()
    for key in ("author", "creator"):
        for value in structured.members(key, kinds=ARTICLE_TYPES):
            groups.append(("json-ld", _author_names(structured, value)))
            if (kinds := _author_types(structured, value)) and not any("Person" in kind for kind in kinds):
                bodies.update(groups[-1][1])
    groups += [
        (origin(name), names.straightened(values) if name in INVERTED_METAS else list(values))
        for name in AUTHOR_METAS
        if (values := structured.all(name))
    ]
    if (data := structured.one("twitter:data1")) and structured.one("twitter:label1") and not re.search(r"\d", data):
        groups.append(("twitter", [data]))
    if items := [*structured.items.get("author", ()), *structured.items.get("creator", ())]:
        groups.append(("microdata", items))
    read = [(origin, found) for origin, texts in groups if (found := names.read_names(texts, known, bodies))]
    read = [one for one in read if not _is_maker(*one)]
    declared = len(read)
    if not any(found.kind is NameKind.PERSON for _, found in read):
        read += bylines.read_bylines(head, places, known)
    if page.hint and page.hint.authors and (hinted := names.read_names(page.hint.authors, known)):
        read.append((hint_origin(page), hinted))
    winner = _best_names(read, declared)
    record(Field.AUTHORS, [(origin, found.names) for origin, found in read], winner, claims)
    return read[winner][1].names if read else ()


def _is_maker(origin: str, found: ParsedNames) -> bool:
    """Return whether a meta element names the company behind the page: right as an author on 1 of 9 pages."""
    return (
        origin == "meta"
        and found.kind is NameKind.ORGANISATION
        and not all(names.is_newsroom(one) for one in found.names)
    )


def _best_names(read: Sequence[tuple[str, ParsedNames]], declared: int) -> int:
    """Return the index of the claim to use; the first `declared` ones are machine-readable."""

    def rank(at: int) -> tuple[int, int]:
        kind = read[at][1].kind
        if at < declared:
            order = {NameKind.PERSON: 0, NameKind.HANDLE: 2, NameKind.ORGANISATION: 3, NameKind.SITE: 5}
        else:
            order = {NameKind.PERSON: 1, NameKind.ORGANISATION: 6, NameKind.HANDLE: 7, NameKind.SITE: 8}
        return (9 if read[at][0] == "dateline" else order[kind]), at

    return min(range(len(read)), key=rank, default=-1)


def _author_names(structured: Structured, value: Json) -> list[str]:
    """Return the names in a JSON-LD author: texts, objects, references, lists of them."""
    parts = value if isinstance(value, list) else [value]
    found: list[str] = []
    for reference in parts[:50]:
        part = structured.deref(reference)
        pieces: list[str] = []
        if isinstance(part, dict) and not jsonld.text(part.get("name")):
            named = (jsonld.text(part.get(key)) for key in ("givenName", "additionalName", "familyName"))
            pieces = [piece for piece in named if piece]
        texts = [" ".join(pieces)] if pieces else jsonld.strings(part)
        found += [text for text in texts if not text.startswith("http")]
    return found


def _author_types(structured: Structured, value: Json) -> list[str]:
    parts = [structured.deref(part) for part in (value if isinstance(value, list) else [value])]
    return [kind for part in parts if isinstance(part, dict) for kind in jsonld.types(part)]
