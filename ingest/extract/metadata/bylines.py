"""Bylines: which chunks of a page's head, or of elements called an author's, name the authors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from ingest.extract.html.element_index import UNSHOWN, ElementIndex, is_away, signs
from ingest.extract.metadata import names
from ingest.extract.metadata.head import LONG_CHARS, MAX_CANDIDATES, MAX_CHUNK_CHARS, Chunk, Head, chunks_within
from ingest.extract.metadata.names import NameKind, ParsedNames
from ingest.extract.metadata.words import BY, LABELS, NOT_IN_NAMES, OTHERS_WORK
from ingest.text.normalize import fold

MAX_BYLINE_CHARS = 160
MAX_DATE_CHARS = 40
MAX_LOOKED_AT = 400  # elements called an author's; the bylines of the article are among the first
SHORT_BYLINE_CHARS = 24  # "By ABC, in": short enough to be a byline even when the name is no full one
LISTED_AUTHORS = 3  # different names in as many boxes called alike
NEAR = 6  # ancestors looked at
MAX_PARAGRAPHS = 2_000
SIGNATURE_LINES = 3  # behind the last long paragraph
MIN_SIGNATURE_CHARS = 2  # of a Chinese name
MAX_SIGNATURE_CHARS = 60
MAX_LED_CHARS = 100  # "Author: Ada Quill, who heads the office in Norvik."
_DATE = re.compile(r"\b(?:19|20)\d\d\b")
_BY_ALONE = re.compile(rf"(?:(?:{'|'.join(LABELS)})\s+)?(?:{'|'.join(BY)})\s*[:：]?", re.IGNORECASE)
_OTHERS = re.compile(rf"(?:{'|'.join(OTHERS_WORK)})(?![^\W\d_])\s*[:：]?", re.IGNORECASE)
_BY_HEAD = re.compile(
    rf"(?:(?:{'|'.join(LABELS)})\s+)?(?:{'|'.join(BY)})(?:\s*[:：／/|]\s*|\s+)(?=[^\W\d_])", re.IGNORECASE
)
_BY_BEHIND = re.compile(  # "Posted on 4 October 2021 by Jane Doe"
    rf"(?:{'|'.join(LABELS)}|posted|published)\b.{{3,40}}\d.{{0,12}}\s(?:by|von|par|por|door|di|av|af)\s+(.{{2,80}})$",
    re.IGNORECASE,
)
_BY_BETWEEN = re.compile(  # "Posted in Schools by adaquill on August 3, 2019"
    rf"(?:{'|'.join(LABELS)}|posted|published|filed)\b.{{2,60}}?\s(?:by|von|par|por|door|di|av|af)\s+(.{{2,60}}?)"
    r"(?:,|\s(?:on|am|le|el|op|il|den|um|at))\s.{0,20}\d",
    re.IGNORECASE,
)
_CJK_HEAD = re.compile(r"[【\[（(]?(?:作者|記者|记者|文|撰文|取材|글)\s*[:：／/＝=]|.{2,12}(?:기자|記者)\s*$")
# Between two names: "in Norvik and", ", Business Reporter, and"
_BESIDE_NAME = re.compile(
    r"(?:,\s*\S|\(|(?:in|aus|from|à|en|de|w|i|из|para|for|für|at)\s+\S).{0,60}$|\d{1,2}[:.]", re.IGNORECASE
)
_ENDS_JOINING = re.compile(r"(?:,|&|(?<!\w)(?:and|und|et|y|e|och|og|en|i|и|та))\s*$", re.IGNORECASE)
_CONNECTOR = re.compile(r"(?:and|und|et|y|e|och|og|en|i|и|та|და|,|&|/|;|\||·|•|、)", re.IGNORECASE)

_AUTHOR_CLASS = re.compile(
    r"(?:author|byline|autor|auteur|autore|redacteur|redakteur|writer|penulis|verfasser|reporter|journalist|signature|"
    r"contributor|columnist|yazar|muhabir|creator|scribe|by-?name|posted-?by|written-?by)",
)
_NOT_AUTHOR_CLASS = re.compile(
    r"avatar|image|img|photo|picture|bio(?:$|[\s_-])|biograph|desc|about|social|share|follow|count|(?:^|[_-])(?:date|time)|role|"
    r"position|job|twitter|email|icon|ity|iz|is[ei]|title|comment|page|publisher|intro|text$|info-?box|more|recent",
)
_AUTHOR_LINK = re.compile(
    r"/(?:authors?|autor(?:e?n?|es|a|i)?|auteurs?|autori|writers?|contributors?|columnists?|journalists?|journalistes?|"
    r"redakteure?|redaktion|redakce|reporters?|profiles?|people|person|staff|by|user|users|team|penulis|editor|yazar(?:lar)?|"
    r"muhabir|members?|profil|skribent|forfatter|bloggers?|experts?)[/_=:-]|[?&](?:author|autor)(?:_name)?=|rel=author",
    re.IGNORECASE,
)
_AUTHOR_STEMS = (
    "author", "byline", "autor", "auteur", "redacteur", "redakteur", "writer", "penulis", "verfasser", "reporter",
    "journalist", "signature", "contributor", "columnist", "yazar", "muhabir", "creator", "scribe", "by-name", "byname",
    "posted-by", "postedby", "written-by", "writtenby",
)  # fmt: skip  # a table
_OTHERS_TAGS = frozenset({"figure", "figcaption", "blockquote"})
_OTHERS_CLASS = re.compile(r"licen[cs]e|testimonial|caption|ima?ge?-?(?:holder|box|wrapper|container)|photo-?credit")
_META_CLASS = re.compile(r"(?:^|[\s_-])(?:entry|post|article|hero|blog|story|news|single)[_-]{0,2}meta")
_TOPIC_LINK = re.compile(
    r"/(?:categor|tags?|topic|section|thema|rubri|series|projects?)\w*[/=]|rel=tag|[?&](?:cat|tag)=", re.IGNORECASE
)
MAX_META_CHUNKS = 20
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NEVER_AUTHOR = UNSHOWN | {"img", "body", "html", "input", "meta", "link", "article", "main"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """The names in one byline; `near` tells that it stands beside the title or signs the text."""

    origin: str
    names: ParsedNames
    near: bool = True


def read_bylines(head: Head, places: ElementIndex, sites: Sequence[str]) -> Iterator[Byline]:
    """Yield what reads as a byline, the surest first."""
    for run in (head.after, head.before):
        for led in _in_run(run, sites):
            yield Byline(origin="byline", names=led)
    yield from _called_authors(places, sites)
    if found := _in_text(places, sites):
        yield Byline(origin="signature", names=found)
    if found := _in_meta_box(head.after, sites):
        yield Byline(origin="dateline", names=found)
    if found := _beside_date((*head.before, *head.after), sites):
        yield Byline(origin="dateline", names=found)


def _called_authors(places: ElementIndex, sites: Sequence[str]) -> Iterator[Byline]:
    """Yield the names in elements called an author's, without those of a list of other articles.

    Elements called alike in several boxes that name several people are the bylines of teasers, quotes or comments.
    """
    read: list[tuple[str, HtmlElement, ParsedNames]] = []
    for origin, element, chunks in author_elements(places):
        if (found := _of_chunks(chunks, sites)) and _believable(found):
            read.append((origin, element, found))
    boxes: dict[str, set[HtmlElement | None]] = {}
    named: dict[str, set[tuple[str, ...]]] = {}
    for _, element, found in read:
        boxes.setdefault(signs(element), set()).add(_grandparent(element))
        named.setdefault(signs(element), set()).add(found.names)
    for origin, element, found in read:
        called = signs(element)
        if min(len(boxes[called]), len(named[called])) < LISTED_AUTHORS:
            yield Byline(origin=origin, names=found, near=False)


def _grandparent(element: HtmlElement) -> HtmlElement | None:
    parent = element.getparent()
    return parent.getparent() if parent is not None else None


def _in_text(places: ElementIndex, sites: Sequence[str]) -> ParsedNames | None:
    """Return the person who signs the text, in a line right behind the last long paragraph or before the first.

    A "By" leads it, or it is set apart as a signature is: in bold, in italics, to the right, or in brackets.
    """
    paragraphs = list(islice(places.paragraphs(), MAX_PARAGRAPHS))
    boxes: dict[HtmlElement | None, list[int]] = {}
    for at, one in enumerate(paragraphs):
        if len(str(one.text_content())) >= LONG_CHARS:
            boxes.setdefault(one.getparent(), []).append(at)
    long = max(boxes.values(), key=len, default=[])
    if not long or (len(long) == 1 and is_away(paragraphs[long[0]])):
        return None
    first, last = long[0], long[-1]
    for one in (*paragraphs[last + 1 : last + 1 + SIGNATURE_LINES], *paragraphs[max(0, first - 1) : first]):
        text = " ".join(str(one.text_content()).split())
        led = bool(_BY_HEAD.match(text))
        longest = MAX_LED_CHARS if led else MAX_SIGNATURE_CHARS
        if not MIN_SIGNATURE_CHARS <= len(text) <= longest or one.getparent() is not paragraphs[last].getparent():
            continue
        if not led and not _set_apart(one, text):
            continue
        found = names.read_names([text.strip("()[]（）")], sites)
        whole = found is not None and " ".join(found.names) == text.strip("()[]（） ")
        if found and found.kind is NameKind.PERSON and (led or whole):
            return found
        if found and found.kind is NameKind.ORGANISATION and whole and all(map(names.is_newsroom, found.names)):
            return found
    return None


def _set_apart(element: HtmlElement, text: str) -> bool:
    """Return whether a paragraph looks like a signature."""
    if text[0] in "([（" and text[-1] in ")]）":
        return True
    if "right" in (element.get("style") or "") + (element.get("align") or ""):
        return True
    return (
        len(text.split()) <= 4
        and len(element) == 1
        and element[0].tag in ("strong", "b", "em", "i")
        and not (element.text or "").strip()
    )


def _believable(found: ParsedNames) -> bool:
    """Return whether the text at an author's place is a name; a nickname is one word, and no word of page furniture."""
    return found.kind is not NameKind.HANDLE or (
        len(found.names) == 1 and " " not in found.names[0] and found.names[0].casefold() not in NOT_IN_NAMES
    )


def _beside_date(run: Sequence[Chunk], sites: Sequence[str]) -> ParsedNames | None:
    """Return a person's name that stands beside a date in one text: `11.12.2019 - Jane Doe`.

    In neighbouring chunks it is as often the name of something else: 3 right of 15 on the corpus.
    """
    known = {fold(site) for site in sites}
    for at, chunk in enumerate(run[:40]):
        text = chunk.text
        if text[-1] in "|·•" and at + 1 < len(run) and _DATE.search(run[at + 1].text[:MAX_DATE_CHARS]):
            text += run[at + 1].text[:MAX_DATE_CHARS]
        parts = re.split(r"\s+[|•·–—-]\s+|\s*[|·]\s*", text) if len(text) < 80 else []
        if chunk.element.tag in _HEADINGS:
            continue
        if len(parts) < 2 or not any(_DATE.search(part) for part in parts):
            continue
        for part in parts:
            part = part.strip(" |•·–—-,")
            if not names.is_person(part) or len(part.split()) > 3 or known.intersection(fold(part).split()):
                continue
            if names.kind_of(part) is NameKind.PERSON:
                return names.read_names([part], sites)
    return None


def _in_meta_box(run: Sequence[Chunk], sites: Sequence[str]) -> ParsedNames | None:
    """Return the people who stand alone beside a date, in a box that its classes call the article's meta data."""
    texts = [
        chunk.text
        for at, chunk in enumerate(run[:MAX_META_CHUNKS])
        if names.is_person(chunk.text)
        and any(_DATE.search(one.text[:MAX_DATE_CHARS]) for one in run[max(0, at - 3) : at + 4])
        and chunk.element.tag not in _HEADINGS
        and _in_box(chunk.element)
    ]
    found = names.read_names(texts, sites) if texts else None
    return found if found and found.kind is NameKind.PERSON else None


def _in_box(element: HtmlElement | None) -> bool:
    for _ in range(4):
        if element is None or element.tag in ("body", "article", "main"):
            return False
        if element.tag == "a" and _TOPIC_LINK.search(element.get("href") or ""):
            return False
        if _META_CLASS.search(signs(element)):
            return True
        element = element.getparent()
    return False


def _in_run(run: Sequence[Chunk], sites: Sequence[str]) -> Iterator[ParsedNames]:
    """Yield the names in a run of chunks: behind a "By", or in a place called an author's."""
    at = 0
    while at < len(run):
        text = run[at].text
        if _OTHERS.match(text):
            at += 2 if _OTHERS.fullmatch(text) else 1
            continue
        if _BY_ALONE.fullmatch(text):
            taken = _names_behind(run[at + 1 : at + 12])
            if taken and (found := names.read_names(taken, sites)) and _believable(found):
                yield found
                at += 1 + len(taken)
                continue
        elif len(text) <= MAX_BYLINE_CHARS and (claimed := _BY_BEHIND.match(text) or _BY_BETWEEN.match(text)):
            found = names.read_names([claimed[1]], sites)
            if found and _believable(found):
                yield found
        elif len(text) <= MAX_BYLINE_CHARS and (
            _BY_HEAD.match(text) or _CJK_HEAD.match(text) or names.DESK_BY.match(text)
        ):
            led = names.read_names([text, *_names_behind(run[at + 1 : at + 12], first=False)], sites)
            if led and (
                led.kind is NameKind.PERSON
                or (len(names.without_date(text)) <= SHORT_BYLINE_CHARS and _believable(led))
            ):
                yield led
        elif len(text) <= MAX_BYLINE_CHARS and is_author_place(run[at]):
            group = [run[at]]
            while (
                at + 1 < len(run)
                and len(group) < 12
                and (is_author_place(run[at + 1]) or _CONNECTOR.fullmatch(run[at + 1].text))
            ):
                at += 1
                group.append(run[at])
            if (found := _of_chunks(group, sites)) and _believable(found):
                yield found
        at += 1


def _names_behind(run: Sequence[Chunk], *, first: bool = True) -> list[str]:
    """Return the chunks right behind a "By" that can be names: one, and more as long as connectors join them."""
    taken: list[str] = []
    last: Chunk | None = None
    wanted = first
    for chunk in run:
        if _CONNECTOR.fullmatch(chunk.text):
            wanted = True
        elif taken and _BESIDE_NAME.match(chunk.text):
            wanted = bool(_ENDS_JOINING.search(chunk.text))
        elif len(chunk.text) <= MAX_BYLINE_CHARS and (wanted or _linked_alike(last, chunk)):
            taken.append(chunk.text)
            last = chunk
            wanted = bool(_ENDS_JOINING.search(chunk.text))
        else:
            break
    return taken


def _linked_alike(one: Chunk | None, other: Chunk) -> bool:
    """Return whether a person or an agency is linked like the name before it, to a page beside that one's."""
    if one is None or one.element.tag != "a" or other.element.tag != "a" or signs(one.element) != signs(other.element):
        return False
    above, beside = one.element.getparent(), other.element.getparent()
    if above is None or beside is None or signs(above) != signs(beside):
        return False
    here, there = one.element.get("href") or "", other.element.get("href") or ""
    fits = names.is_person(other.text) or names.is_agency(other.text)
    return fits and here != there and here.rpartition("/")[0] == there.rpartition("/")[0] != ""


def _of_chunks(chunks: Iterable[Chunk], sites: Sequence[str]) -> ParsedNames | None:
    texts = [chunk.text for chunk in chunks if len(chunk.text) <= MAX_BYLINE_CHARS]
    return names.read_names([text for text in texts if not _BY_ALONE.fullmatch(text)], sites)


# ---------------------------------------------------------------- places called an author's


def is_author_place(chunk: Chunk) -> bool:
    """Return whether a chunk stands in an element that its classes or its link call an author's."""
    element: HtmlElement | None = chunk.element
    for _ in range(3):
        if element is None or element.tag in ("body", "article", "main", "section", "blockquote"):
            return False
        if element.tag == "a" and is_author_link(element):
            return True
        if element.tag == "address":
            return True
        called = signs(element)
        if _OTHERS_CLASS.search(called):
            return False
        verdict = called_author(called)
        if verdict is not None:
            return verdict and not _of_somebody_else(element)
        element = element.getparent()
    return False


def is_author_link(link: HtmlElement) -> bool:
    """Return whether a link leads to an author's page."""
    return link.get("rel") == "author" or bool(_AUTHOR_LINK.search(link.get("href") or ""))


@lru_cache(maxsize=4_096)  # a site's pages share their classes
def called_author(words: str) -> bool | None:
    """Return whether the class marks an author's name; False for what stands beside a name, None if it does not say."""
    verdict: bool | None = None
    for word in words.split():
        if match := _AUTHOR_CLASS.search(word):
            if _NOT_AUTHOR_CLASS.search(word[match.end() :]):
                return False
            verdict = True
    return verdict


def author_elements(places: ElementIndex) -> Iterator[tuple[str, HtmlElement, list[Chunk]]]:
    """Yield (origin, element, chunks) of elements anywhere on the page that are called an author's, in page order."""
    met = 0
    for element, words in islice(places.matching(_AUTHOR_CLASS, _AUTHOR_STEMS), MAX_LOOKED_AT):
        by_rel = element.get("rel") == "author"
        if not by_rel and not called_author(words):
            continue
        if element.tag in _NEVER_AUTHOR or is_away(element) or _of_somebody_else(element):
            continue
        chunks = chunks_within(element)
        if chunks and sum(len(chunk.text) for chunk in chunks) <= MAX_CHUNK_CHARS:
            yield "rel-author" if by_rel else "byline", element, chunks
            met += 1
            if met >= MAX_CANDIDATES:
                return


def _of_somebody_else(element: HtmlElement) -> bool:
    """Return whether an element stands in a picture's caption or licence, or in a quotation."""
    for depth, parent in enumerate(element.iterancestors()):
        if depth >= NEAR:
            return False
        if parent.tag in _OTHERS_TAGS or ((called := parent.get("class")) and _OTHERS_CLASS.search(called.lower())):
            return True
    return False
