"""Who wrote an article: the declared authors and the bylines; one claim is chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from ingest.extract.html import jsonld
from ingest.extract.html.element_index import ElementIndex
from ingest.extract.html.jsonld import Json
from ingest.extract.metadata import bylines, names
from ingest.extract.metadata.claims import hint_origin, origin, record
from ingest.extract.metadata.head import Head
from ingest.extract.metadata.names import NameKind, ParsedNames
from ingest.extract.metadata.structured import ARTICLE_TYPES, Structured
from ingest.model import Claim, Field, Page
from ingest.text.normalize import fold

AUTHOR_METAS = (
    "author", "article:author", "parsely-author", "citation_author", "dc.creator", "dcterms.creator", "sailthru.author",
    "article:author_name", "cxenseparse:author", "byl", "og:article:author", "authors",
    "articleauthor",
)  # fmt: skip  # a table
MAX_BESIDE_CHARS = 25  # of a byline beside the name in it
MIN_TEXT_CHARS = 500  # of a page that shows its article
MIN_TELLING_CHARS = 4  # of a word of a name that is looked for in the text
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
    if len({tuple(texts) for _, texts in groups}) >= bylines.LISTED_AUTHORS:
        del groups[1:]  # the page lists other articles in its data
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
    shown = _Shown(places, head)
    sure = {found.names for origin, found in read if origin == "meta"}  # with JSON-LD; with itself only a library's
    cited = {name for one in INVERTED_METAS for name in names.straightened(structured.all(one))}
    unseen = [
        (origin, found)
        for origin, found in read
        if _is_maker(origin, found)
        or (
            _is_unseen(origin, found, structured, shown)
            and not (origin == "json-ld" and found.names in sure)
            and cited.isdisjoint(found.names)
        )
    ]
    read = _shown_first([one for one in read if one not in unseen], shown)
    declared = len(read)
    near: list[bool] = [False] * declared
    if not any(found.kind is NameKind.PERSON for _, found in read):
        for byline in bylines.read_bylines(head, places, known):
            read.append((byline.origin, byline.names))
            near.append(byline.near)
    if page.hint and page.hint.authors and (hinted := names.read_names(page.hint.authors, known)):
        read.append((hint_origin(page), hinted))
        near.append(True)
    winner = _best_names(read, declared, near)
    everything = [(origin, found.names) for origin, found in (*read, *unseen)]
    record(Field.AUTHORS, everything, winner, claims)
    return read[winner][1].names if read else ()


class _Shown:
    """What readers see of a page, looked at when first asked: an account that it never shows is no byline."""

    def __init__(self, places: ElementIndex, head: Head) -> None:
        self._places, self._head = places, head

    @cached_property
    def _texts(self) -> tuple[str, str]:
        """The text of the page, and that of its scripts and its title alone."""
        unseen = "\n".join(element.text or "" for element in self._places.tagged("script", "title"))
        return self._places.text(), unseen

    @cached_property
    def _lower(self) -> tuple[str, str]:
        return self._texts[0].lower(), self._texts[1].lower()

    @property
    def tells(self) -> bool:
        """Whether the page shows its title and some text; else scripts build it, and nothing can be said."""
        return self._head.title is not None and len(self._texts[0]) - len(self._texts[1]) >= MIN_TEXT_CHARS

    def shows(self, name: str) -> bool:
        """Return whether each longer word of a name stands in the text of the page, in whatever case."""
        words = re.split(r"[\s.]+", name)
        telling = min(MIN_TELLING_CHARS, max(map(len, words)))
        return all(self._has(word) for word in words if len(word) >= telling)

    def _has(self, word: str) -> bool:
        text, unseen = self._texts
        if text.count(word) > unseen.count(word):
            return True
        text, unseen = self._lower
        return text.count(word.lower()) > unseen.count(word.lower())

    def heads(self, name: str) -> bool:
        """Return whether a name stands beside the title, alone or in a byline."""
        wanted = fold(name)
        chunks = (chunk.text for chunk in (*self._head.before, *self._head.after))
        return any(wanted in fold(text) for text in chunks if len(text) <= len(name) + MAX_BESIDE_CHARS)


def _is_unseen(origin: str, found: ParsedNames, structured: Structured, shown: _Shown) -> bool:
    """Return whether a claim names the account of whoever keeps the site, who signs no article that readers see.

    Counted on the corpus: names in meta elements that the page does not show are right on 3 of 12 pages, people in the
    JSON-LD of what is no news article on 2 of 8, the site's own name away from the title on 3 of 12. In news articles
    the data are right though the page hides them (4 of 7): they are written with each article.
    """
    if found.kind is NameKind.SITE:
        doubtful = (
            origin in ("meta", "twitter")
            and not all(names.kind_of(name) is NameKind.PERSON for name in found.names)
            and not any(shown.heads(name) for name in found.names)
        )
    else:
        doubtful = (
            (origin in ("meta", "twitter") or (origin in _PEOPLES and found.kind is NameKind.PERSON))
            and not any(map(names.is_agency, found.names))
            and not _is_news(structured)
            and not any(map(shown.shows, found.names))
        )
    return doubtful and shown.tells


_PEOPLES = ("json-ld", "microdata")


def _is_news(structured: Structured) -> bool:
    return any("News" in kind or "Report" in kind for kinds, _ in structured.nodes for kind in kinds & ARTICLE_TYPES)


def _shown_first(read: list[tuple[str, ParsedNames]], shown: _Shown) -> list[tuple[str, ParsedNames]]:
    """Put the fullest of the claims of people that hold all of the first one's names before it.

    Where the first claim names nobody whom the page shows, and another does, that one is put first: the account that
    entered the article beside those who wrote it.
    """
    people = [one for one in read if one[1].kind is NameKind.PERSON]
    if len({found.names for _, found in people}) < 2:
        return read
    first = set(people[0][1].names)
    fuller = [one for one in people if first < set(one[1].names) and one[0] != "microdata"]  # its are teasers' too
    best = max(fuller, key=lambda one: len(one[1].names), default=people[0])
    if not fuller and not any(map(shown.shows, people[0][1].names)):
        others = [one for one in people if one[0] != "json-ld"]  # other JSON-LD is as often about another article
        best = next((one for one in others if all(map(shown.shows, one[1].names))), best)
    return [best, *(one for one in read if one is not best)]


def _is_maker(origin: str, found: ParsedNames) -> bool:
    """Return whether a meta element names the company behind the page: right as an author on 1 of 9 pages."""
    return (
        origin == "meta"
        and found.kind is NameKind.ORGANISATION
        and not all(names.is_newsroom(one) for one in found.names)
    )


_DECLARED = {NameKind.PERSON: 0, NameKind.HANDLE: 3, NameKind.ORGANISATION: 7, NameKind.SITE: 8}
_NEAR = {NameKind.PERSON: 2, NameKind.HANDLE: 5, NameKind.ORGANISATION: 9, NameKind.SITE: 12}
_FAR = {NameKind.PERSON: 6, NameKind.ORGANISATION: 10, NameKind.HANDLE: 11, NameKind.SITE: 13}
_CONFIRMED = 1  # declared, and a byline says the same
_NEWSROOM = 4  # that is declared; other bodies publish what somebody else has written
_DATELINE = 14


def _best_names(read: Sequence[tuple[str, ParsedNames]], declared: int, near: Sequence[bool]) -> int:
    """Return the index of the claim to use; the first `declared` ones are machine-readable, others near the title."""
    beside = {
        found.names
        for at, (_, found) in enumerate(read)
        if at >= declared and (near[at] or found.kind is NameKind.SITE)
    }

    def rank(at: int) -> tuple[int, int]:
        origin, found = read[at]
        if origin == "dateline":
            return _DATELINE, at
        if at >= declared:
            return (_NEAR if near[at] else _FAR)[found.kind], at
        if found.kind is not NameKind.PERSON and found.names in beside:
            return _CONFIRMED, at
        if found.kind is NameKind.ORGANISATION and all(map(names.is_newsroom, found.names)):
            return _NEWSROOM, at
        return _DECLARED[found.kind], at

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
