"""What a page shows its readers around an article: the texts beside the title, bylines, dates and tag links.

A piece of text with the place it stands at is a chunk. The head of an article is the run of chunks before and after its
title; bylines and datelines stand there on nearly all pages. Only where the head has none is the whole page searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import cast
from urllib.parse import urlsplit

from lxml import etree
from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.text import fold

CHUNKS_AFTER = 60  # of the head; bylines stood within 40 of the title on the corpus
CHUNKS_BEFORE = 20
LONG_CHARS = 160  # a chunk of running text
LONG_CHUNKS = 4  # this much running text ends the head
MAX_CHUNK_CHARS = 300
MAX_CANDIDATES = 40
MAX_STEPS = 3_000  # elements walked over while looking for the head's chunks

_UNSHOWN = frozenset(
    {
        "figure",
        "figcaption",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "form",
        "button",
        "select",
        "nav",
        "textarea",
    }
)
_AWAY = re.compile(
    r"(?:^|\s|(?<!article)(?<!post)(?<!entry)[_-])(?:comments?|kommentare?|related|recommend\w*|sidebar|footer|widget|teasers?|most-?read|promo|newsletter|"
    r"navigation|navbar|menu|breadcrumbs?|cookie|share|social|advert\w*|read-?more|more-?from|outbrain|taboola)(?:$|[\s_-])",
    re.IGNORECASE,
)
_OWN_FOOTER = re.compile(r"meta|entry|post|node|article|byline|author", re.IGNORECASE)
_NAMING = frozenset({"class", "id", "itemprop", "property", "rel", "data-testid", "data-qa", "data-component", "datetime"})
_TITLE_CLASS = re.compile(r"title|headline", re.IGNORECASE)
_AUTHOR_CLASS = re.compile(
    r"(?:author|byline|autor|auteur|autore|redacteur|redakteur|writer|penulis|verfasser|reporter|journalist|signature|"
    r"contributor|columnist|yazar|muhabir|creator|scribe|by-?name|posted-?by|written-?by)",
    re.IGNORECASE,
)
_NOT_AUTHOR_CLASS = re.compile(
    r"avatar|image|img|photo|picture|bio(?:$|[\s_-])|biograph|desc|about|social|share|follow|count|(?:^|[_-])(?:date|time)|role|"
    r"position|job|twitter|email|icon|ity|iz|is[ei]|title|comment|page|publisher|intro|text$|info-?box|more|recent",
    re.IGNORECASE,
)
_AUTHOR_LINK = re.compile(
    r"/(?:authors?|autor(?:e?n?|es|a|i)?|auteurs?|autori|writers?|contributors?|columnists?|journalists?|journalistes?|"
    r"redakteure?|redaktion|redakce|reporters?|profiles?|people|person|staff|by|user|users|team|penulis|editor|yazar(?:lar)?|"
    r"muhabir|members?|profil|skribent|forfatter|bloggers?|experts?)[/_=:-]|[?&](?:author|autor)(?:_name)?=|rel=author",
    re.IGNORECASE,
)
_tag_links = XPath("//a[contains(concat(' ', @rel, ' '), ' tag ') and not(contains(@rel, 'category'))]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of text and the element it stands in."""

    text: str
    element: HtmlElement


class Places:
    """The elements of a page by what their makers call them; the page is walked over when first asked."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree

    @cached_property
    def called(self) -> tuple[tuple[HtmlElement, str], ...]:
        """(element, its class, id and the like) of all elements that have such words, in page order."""
        body = self._tree.find(".//body")
        found = []
        for element in (self._tree if body is None else body).iter(etree.Element):
            if words := signs(element):
                found.append((element, words))
        return tuple(found)

    def matching(self, pattern: re.Pattern[str]) -> Iterator[tuple[HtmlElement, str]]:
        """Yield the elements whose words match, each distinct wording looked at once."""
        verdicts: dict[str, bool] = {}
        for element, words in self.called:
            verdict = verdicts.get(words)
            if verdict is None:
                verdict = verdicts[words] = pattern.search(words) is not None
            if verdict:
                yield element, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The texts around the title. `before` and `after` are in page order, `title` is the title's element."""

    title: HtmlElement | None = None
    before: tuple[Chunk, ...] = ()
    after: tuple[Chunk, ...] = ()

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All chunks, those after the title first: that is where most bylines stand."""
        return self.after + self.before


def headings(tree: HtmlElement, *tags: str) -> tuple[str, ...]:
    """Return the texts of the first headings in page order, of h1 unless other tags are named."""
    return tuple(str(element.text_content()) for element in islice(tree.iter(*(tags or ("h1",))), MAX_CANDIDATES))


def home_headings(tree: HtmlElement, url: str) -> tuple[str, ...]:
    """Return the headings that link to the site's home page: they say the site's name. None on the home page itself."""
    here = urlsplit(url)
    if here.path in ("", "/"):
        return ()
    found = []
    for element in islice(tree.iter("h1", "h2"), MAX_CANDIDATES):
        links = [element.getparent(), *element.iter("a")]
        for link in links:
            if link is not None and link.tag == "a" and _leads_home(link.get("href") or "", here.netloc):
                found.append(str(element.text_content()))
                break
    return tuple(found)


def _leads_home(href: str, host: str) -> bool:
    if href in ("/", "./", "../", "index.html", "/index.html", "index.php", "/index.php"):
        return True
    try:
        there = urlsplit(href)
    except ValueError:
        return False
    return bool(there.netloc) and there.path in ("", "/") and there.netloc.removeprefix("www.") == host.removeprefix("www.")


def read_head(tree: HtmlElement, places: Places, title: str | None) -> Head:
    """Return the head of the article with that title; an empty one if the page shows no title."""
    element = _title_element(tree, places, title)
    if element is None:
        return Head()
    return Head(title=element, before=tuple(_chunks_before(element)), after=tuple(_chunks_after(element)))


def _title_element(tree: HtmlElement, places: Places, title: str | None) -> HtmlElement | None:
    wanted = fold(title or "")
    first: HtmlElement | None = None
    for tags in (("h1",), ("h2", "h3", "h4", "h5")):
        for element in tree.iter(*tags):
            if wanted and _says(element, wanted):
                return element
            if first is None and element.tag == "h1":
                first = element
    if first is None and wanted:
        for element, _ in islice(places.matching(_TITLE_CLASS), MAX_CANDIDATES):
            if fold(str(element.text_content())[:MAX_CHUNK_CHARS]) == wanted:
                return element
    return first


def _says(element: HtmlElement, wanted: str) -> bool:
    """Tell whether an element's text is the folded title, or the bigger part of it."""
    text = fold(str(element.text_content())[: 2 * MAX_CHUNK_CHARS])
    if text == wanted:
        return True
    return len(text) > 20 and len(wanted) > 20 and (wanted in text or text in wanted)


def _chunks_after(title: HtmlElement) -> Iterator[Chunk]:
    long = steps = found = 0
    node: HtmlElement | None = title
    while node is not None and node.tag not in ("body", "html"):
        parent = node.getparent()
        texts = [(node.tail, parent)]
        for sibling in node.itersiblings():
            for text, element in (*texts, *_texts(sibling, near=node is title)):
                steps += 1
                if (chunk := _chunk(text, element)) is None:
                    continue
                yield chunk
                found += 1
                long += len(chunk.text) >= LONG_CHARS
                if found >= CHUNKS_AFTER or long >= LONG_CHUNKS or steps > MAX_STEPS:
                    return
            texts = []
        node = parent


def _chunks_before(title: HtmlElement) -> list[Chunk]:
    found: list[Chunk] = []
    node: HtmlElement | None = title
    for _ in range(5):
        if node is None or node.tag in ("body", "html"):
            break
        for sibling in node.itersiblings(preceding=True):
            if not isinstance(sibling.tag, str) or sibling.tag in ("header", "nav"):
                continue
            near = node is title
            chunks = [
                chunk for text, element in _texts(sibling, limit=60, near=near) if (chunk := _chunk(text, element))
            ]
            found[:0] = chunks
            if len(found) >= CHUNKS_BEFORE:
                return found[-CHUNKS_BEFORE:]
        node = node.getparent()
    return found


def _chunk(text: str | None, element: HtmlElement | None) -> Chunk | None:
    if element is None or not text:
        return None
    text = " ".join(text.split())
    return Chunk(text=text[:MAX_CHUNK_CHARS], element=element) if text else None


def _texts(
    root: HtmlElement, *, limit: int = MAX_STEPS, near: bool = False
) -> Iterator[tuple[str | None, HtmlElement]]:
    """Yield the texts inside and right behind an element with their parents, without what is not shown or off topic.

    A neighbour of the title (`near`) is on topic, whatever it is called.
    """
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        limit -= 1
        if limit < 0:
            return
        if event == "start":
            called = element.get("class") or ""
            if (
                element.tag in _UNSHOWN
                or not isinstance(element.tag, str)
                or (_AWAY.search(called) and not (near and element is root))
                or (element.tag == "footer" and not _OWN_FOOTER.search(called))
            ):
                walk.skip_subtree()
            elif element.text:
                yield element.text, element
        elif element.tail and element.getparent() is not None:
            yield element.tail, element.getparent()


# ---------------------------------------------------------------- signs of an author


def is_author_place(chunk: Chunk) -> bool:
    """Tell whether a chunk stands in an element that its classes or its link call an author's."""
    element: HtmlElement | None = chunk.element
    for _ in range(3):
        if element is None or element.tag in ("body", "article", "main", "section"):
            return False
        if element.tag == "a" and (element.get("rel") == "author" or _AUTHOR_LINK.search(element.get("href") or "")):
            return True
        if element.tag == "address":
            return True
        verdict = called_author(signs(element))
        if verdict is not None:
            return verdict
        element = element.getparent()
    return False


def called_author(words: str) -> bool | None:
    """Tell whether an element's makers call it an author's name; False for what is beside the name, None if unsaid."""
    verdict: bool | None = None
    for word in words.split():
        if match := _AUTHOR_CLASS.search(word):
            if _NOT_AUTHOR_CLASS.search(word[match.end() :]):
                return False
            verdict = True
    return verdict


def signs(element: HtmlElement) -> str:
    """Return the words by which an element's makers call it."""
    return " ".join([value for name, value in element.items() if name in _NAMING])


def author_elements(places: Places) -> Iterator[tuple[str, list[Chunk]]]:
    """Yield (origin, chunks) of elements anywhere on the page that are called an author's, in page order."""
    met = 0
    for element, words in places.matching(_AUTHOR_CLASS):
        by_rel = element.get("rel") == "author"
        if not by_rel and not called_author(words):
            continue
        if element.tag in _UNSHOWN or element.tag in (
            "img",
            "body",
            "html",
            "input",
            "meta",
            "link",
            "article",
            "main",
        ):
            continue
        if is_away(element):
            continue
        chunks = chunks_within(element)
        if chunks and sum(len(chunk.text) for chunk in chunks) <= MAX_CHUNK_CHARS:
            yield "rel-author" if by_rel else "byline", chunks
            met += 1
            if met >= MAX_CANDIDATES:
                return


def chunks_within(element: HtmlElement) -> list[Chunk]:
    """Return the chunks inside an element."""
    texts = list(_texts(element, limit=120))
    if element.tail and texts and texts[-1][0] == element.tail:
        texts.pop()
    return [chunk for text, parent in texts if (chunk := _chunk(text, parent))]


def is_away(element: HtmlElement) -> bool:
    """Tell whether an element lies in comments, teasers or another part that is not the article's."""
    beside = False  # in a sidebar, which is the page's, unless it lies in the article
    for depth, parent in enumerate(element.iterancestors()):
        if parent.tag in ("footer", "nav"):
            return True
        if parent.tag in ("article", "main"):
            beside = False
        if depth < 6 and parent.tag not in ("body", "html"):
            called = parent.get("class") or ""
            if "sidebar" in called.lower():
                beside = True
            elif _AWAY.search(called):
                return True
    return beside


def tag_links(tree: HtmlElement) -> tuple[str, ...]:
    """Return the texts of links marked as tags of the article."""
    return tuple(" ".join(str(a.text_content()).split()) for a in cast("list[HtmlElement]", _tag_links(tree))[:60])
