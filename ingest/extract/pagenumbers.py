"""The further pages of an article: what the numbers in addresses mean, which page comes next and which one is first.

A person's rule says it, else the page itself: a link to this page's own address with the next page's number. The next
article, whatever `rel=next` calls it, has another address, and the pages of comments and listings are not the text's.
Nothing is fetched here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from lxml.html import HtmlElement

from ingest.errors import UrlError
from ingest.extract.rules import addresses
from ingest.extract.tree import parse
from ingest.markup import bounded
from ingest.model import Page, Rules
from ingest.paths import article_odds, is_date_archive, is_listing, query, segments
from ingest.text import normalise as normalise_text
from ingest.urls import host, identity_form, key, normalise

MAX_PAGES = 20  # of one article; the longest pieces of magazines have a dozen, endless ones are traps
MAX_LINKS = 5_000
MIN_ODDS = -0.6  # that an address is an article's, for pages that do not call themselves one: "/science-tech" has -0.7
MAX_ANCESTORS = 40

_WORD = (
    r"(?:page|pageno|pagenum|page_no|page_number|pagenumber|pg|p|pagina|seite|sida|side|strona|sayfa|oldal|paged|pn)"
)
_PARAMETER = re.compile(rf"(?:art|article|story|text)?_?{_WORD}", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,2}")
_WORD_IN_PATH = re.compile(rf"({_WORD})[-_]?(\d{{1,2}})", re.IGNORECASE)
_WORD_ALONE = re.compile(_WORD, re.IGNORECASE)
_IN_NAME = re.compile(
    rf"(?P<name>.+?)(?P<mark>[-_,.])(?:(?P<word>{_WORD})[-_]?)?(?P<number>\d{{1,2}})(?P<ending>\.[a-z]{{2,5}})?",
    re.IGNORECASE,
)
_TEXT_NUMBER = re.compile(r"\W*(?:\w{1,12}\s)?(\d{1,2})(?!\d)")
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'>\s]{1,2000})", re.IGNORECASE)
_FROM_ROOT = re.compile(rb"/|https?:", re.IGNORECASE)  # written out; other addresses go on from the page's own
_REFERENCE = re.compile(rb"&(?!amp;)\w*;|&#")
_BASE = re.compile(rb"<base\s[^<>]*?\bhref\s*=\s*[\"']?([^\"'<>\s]+)[\"'>/]", re.IGNORECASE)
_RUNS = re.compile(rb"(?<![%a-z0-9])[a-z0-9]+")
_COMMENTS = re.compile(
    r"(?<!has-)(?<!no-)comment(?!s?-(?:open|closed|enabled))|kommentar|discuss|repl(?:y|ies)\b|\brespond\b|disqus",
    re.IGNORECASE,
)
_ARTICLE_DATA = re.compile(r"\"@type\"\s*:\s*\[?\s*\"\w*(?:Article|BlogPosting)\"")
# Addresses without a word for page are believed with a link that shows nothing but the number; "name-2" is how software
# also calls the second article of one name.
_BY_RELATION = frozenset("/_,")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read an address: as the n-th page of what is at `stem`."""

    stem: str  # in identity form
    form: str  # how the number is written: "?page", "/page/", "/", "-.html"
    number: int

    @property
    def says_page(self) -> bool:
        """Whether the address has a word for page."""
        return any(char.isalpha() for char in self.form.partition(".")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    url: str
    number: int | None  # that its text shows
    relations: frozenset[str]


# ---------------------------------------------------------------- questions


def next_page(page: Page, first: str, position: int, rules: Rules) -> str | None:
    """Return the address of the article's page after this one, None when there is none.

    `first` is the address of the article's first page, `position` this page's place, 1.. . A rule that matches
    decides; one that does not says that this was the last page.
    """
    if rules.next_page:
        return _by_rule(page, rules.next_page)
    wanted = position + 1
    if wanted > MAX_PAGES or not _may_have_pages(first) or not _may_lead_on(page, first, wanted):
        return None
    tree = parse(_light(page))
    if article_odds(first) <= MIN_ODDS and not _says_article(tree):
        return None
    stems = _stems(first)
    own = key(page.final_url)
    best: tuple[int, str] | None = None
    for link in _links(tree, page):
        for reading in readings(link.url):
            rank = _rank(reading, link, wanted, stems)
            if rank is not None and key(link.url) != own and (best is None or rank < best[0]):
                best = rank, link.url
    return best[1] if best else None


def first_page(page: Page) -> str | None:
    """Return the address of the first page of the article that this is a later page of; None when it is none."""
    url = page.final_url
    later = [one for one in readings(url) if one.number > 1 or (one.number == 1 and one.form[0] == "?")]
    if not later or not _may_have_pages(url):
        return None
    tree = parse(_light(page))
    own = key(url)
    for link in _links(tree, page):
        if key(link.url) == own:
            continue
        stem = identity_form(link.url)
        for one in later:
            begins = one.stem == stem or any(
                (other.stem, other.form) == (one.stem, one.form) and other.number in (0, 1) and one.number > 1
                for other in readings(link.url)
            )
            if begins and _tells_first(one, link) and _may_have_pages(link.url):
                return link.url if article_odds(link.url) > MIN_ODDS or _says_article(tree) else None
    return None


def single_page(page: Page, rules: Rules) -> str | None:
    """Return the address that a rule gives for the whole article on one page, None for no rule or no match."""
    return _by_rule(page, rules.single_page) if rules.single_page else None


# ---------------------------------------------------------------- addresses


def readings(url: str) -> Iterator[Reading]:
    """Give the ways to read a normalised address as a page with a number below 100."""
    start, _, asked = url.partition("?")
    parameters = asked.split("&") if asked else []
    for at, parameter in enumerate(parameters):
        name, _, value = parameter.partition("=")
        if _NUMBER.fullmatch(value) and _PARAMETER.fullmatch(name):
            others = "&".join([*parameters[:at], *parameters[at + 1 :]])
            yield _reading(f"{start}?{others}" if others else start, f"?{name.lower()}", value)
    behind = f"?{asked}" if asked else ""
    before, _, last = start.rstrip("/").rpartition("/")
    if not before or before.endswith(":/"):
        return
    if _NUMBER.fullmatch(last):
        above, _, word = before.rpartition("/")
        if _WORD_ALONE.fullmatch(word):
            yield _reading(above + behind, f"/{word.lower()}/", last)
        else:
            yield _reading(before + behind, "/", last)
    elif found := _WORD_IN_PATH.fullmatch(last):
        yield _reading(before + behind, f"/{found[1].lower()}", found[2])
    elif found := _IN_NAME.fullmatch(last):
        ending = found["ending"] or ""
        form = f"{found['mark']}{(found['word'] or '').lower()}{ending}"
        yield _reading(f"{before}/{found['name']}{ending}{behind}", form, found["number"])


def _reading(stem: str, form: str, number: str) -> Reading:
    return Reading(stem=identity_form(stem), form=form, number=int(number))


def _stems(first: str) -> dict[str, str | None]:
    """Return what the addresses of later pages are made of: the first one's, or it without its own number.

    With the form that the number must then have, None for any.
    """
    own: dict[str, str | None] = {one.stem: one.form for one in readings(first) if one.number in (0, 1)}
    return own | {identity_form(first): None}


def _may_have_pages(url: str) -> bool:
    """Tell whether an address may be an article's: the home page, listings and calendars have pages of their own."""
    if is_listing(url) or is_date_archive(url):
        return False
    return bool(segments(url) or query(url))


def _same_host(url: str, other: str) -> bool:
    return host(url).removeprefix("www.") == host(other).removeprefix("www.")


# ---------------------------------------------------------------- links


def _rank(reading: Reading, link: _Link, wanted: int, stems: dict[str, str | None]) -> int | None:
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


def _tells_first(later: Reading, link: _Link) -> bool:
    """Tell whether a link to what would be the first page shows that it is that."""
    if link.number == 1:
        return True
    related = bool(link.relations & {"canonical", "prev", "previous", "first", "start"})
    return related and (later.says_page or later.form[0] in _BY_RELATION)


def _links(tree: HtmlElement, page: Page) -> Iterator[_Link]:
    """Give the page's links that may be pages of its text, those of the head first."""
    base = page.final_url
    for element in islice(tree.iter("base"), 1):
        base = _absolute(element.get("href") or "", base) or base
    for element in islice(tree.iter("link", "a"), MAX_LINKS):
        href = (element.get("href") or "").strip()
        if not href or href[0] == "#" or _COMMENTS.search(href.partition("#")[2]):
            continue
        url = _absolute(href, base)
        if url is None:
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


def _absolute(href: str, base: str) -> str | None:
    try:
        return normalise(href, base)
    except UrlError:
        return None


def _may_lead_on(page: Page, first: str, wanted: int) -> bool:
    """Tell from the bytes whether a link may lead to the wanted page.

    Parsing a page and looking at its links is 20 to 40 ms, in the process of the crawl, and hardly any article has a
    second page. What cannot be read as bytes may lead anywhere.
    """
    body, numbers, stems = page.body, (wanted, wanted - 1), _stems(first)
    digits = [str(number).encode() for number in numbers]
    numbered = re.compile(b"(?:%b|%b)(?:/*\\Z|[.&#])" % tuple(digits))
    names = [_name(stem) for stem in stems]
    base: str | None = ""
    for found in _HREF.finditer(body):
        if not numbered.search(found[1]):
            continue
        href = found[1].partition(b"#")[0]
        bare = href.rstrip(b"/")
        if not any(bare.endswith(digit) or digit + b"." in bare[-10:] or digit + b"&" in bare for digit in digits):
            continue
        if _FROM_ROOT.match(href) and b"%" not in href and not any(name in href.lower() for name in names):
            continue  # the way to another text
        base = _base(page) if base == "" else base
        if base is None or _is_cut(body, found) or not href.isascii() or _REFERENCE.search(href):
            return True
        url = _absolute(href.decode("ascii").replace("&amp;", "&"), base)
        for one in readings(url) if url else ():
            if one.number in numbers and one.stem in stems and stems[one.stem] in (None, one.form):
                return True
    return False


def _name(stem: str) -> bytes:
    """Return what an address that is written out must hold to be made of the stem: its longest run of letters."""
    behind = stem.partition("//")[2].partition("/")[2]
    return max(_RUNS.findall(behind.lower().encode()), key=len, default=b"")


def _base(page: Page) -> str | None:
    """Return what the page's addresses go on from, None where the bytes do not tell."""
    count = page.body.lower().count(b"<base")
    if not count:
        return page.final_url
    found = _BASE.search(page.body) if count == 1 else None
    if found is None or not found[1].isascii() or b"&" in found[1]:
        return None
    return _absolute(found[1].decode("ascii"), page.final_url) or page.final_url


def _is_cut(body: bytes, found: re.Match[bytes]) -> bool:
    """Whether an address in quotes goes on behind white space."""
    quoted = body[found.start(1) - 1 : found.start(1)] in (b"'", b'"')
    return quoted and body[found.end() : found.end() + 1].isspace()


def _by_rule(page: Page, selectors: Iterable[str]) -> str | None:
    """Return the first address on this page's host that a selector gives, other than the page's own."""
    tree = parse(_light(page))
    for written in selectors:
        for href in addresses(tree, written):
            url = _absolute(href, page.final_url)
            if url is None or not _same_host(url, page.final_url) or key(url) == key(page.final_url):
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
