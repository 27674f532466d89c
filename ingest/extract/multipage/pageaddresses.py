"""What the numbers in addresses may mean: the n-th page of the text at another address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.errors import UrlError
from ingest.web.url_patterns import is_date_archive, is_listing, query, segments
from ingest.web.urls import host, identity_form, normalise

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """One way to read an address: as the n-th page of what is at `stem`."""

    stem: str  # in identity form
    form: str  # how the number is written: "?page", "/page/", "/", "-.html"
    number: int

    @property
    def says_page(self) -> bool:
        """Whether the address has a word for page."""
        return any(char.isalpha() for char in self.form.partition(".")[0])


def readings(url: str) -> Iterator[NumberReading]:
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


def _reading(stem: str, form: str, number: str) -> NumberReading:
    return NumberReading(stem=identity_form(stem), form=form, number=int(number))


def stems_of(first: str) -> dict[str, str | None]:
    """Return what the addresses of later pages are made of: the first one's, or it without its own number.

    With the form that the number must then have, None for any.
    """
    own: dict[str, str | None] = {one.stem: one.form for one in readings(first) if one.number in (0, 1)}
    return own | {identity_form(first): None}


def may_have_pages(url: str) -> bool:
    """Tell whether an address may be an article's: the home page, listings and calendars have pages of their own."""
    if is_listing(url) or is_date_archive(url):
        return False
    return bool(segments(url) or query(url))


def same_host(url: str, other: str) -> bool:
    """Tell whether two addresses are on one host, with or without www."""
    return host(url).removeprefix("www.") == host(other).removeprefix("www.")


def absolute(href: str, base: str) -> str | None:
    """Return the normalised address a link leads to, None for none that can be fetched."""
    try:
        return normalise(href, base)
    except UrlError:
        return None
