"""Which addresses of a seed may become links: on the source's own hosts, wanted by its patterns, and web pages."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import unquote

from ingest.errors import UrlError
from ingest.model import Link, Moment, Source
from ingest.text.normalize import normalise as normalise_text
from ingest.web.operator_patterns import BoundedPattern, bounded_pattern
from ingest.web.url_patterns import DATE_IN_PATH, is_trap
from ingest.web.urls import identity_form, normalise, site, with_all_parameters

MATCHED_SCORE = 0.6  # at least, of a link that matches a pattern of the source: a person says what articles look like
MAX_TITLE_CHARS = 500  # a title longer than that is a text put in the wrong place
AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
TAGS = re.compile(r"<[a-zA-Z/!][^<>]*>")
CODE = re.compile(r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
MARKUP = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|<[a-zA-Z/!]")

# Files that are no web pages; a seed that lists them is not asking us to read them.
FILES = frozenset(
    """
    7z aac apk avi avif bin bmp bz2 css csv deb dmg doc docx eot epub exe flac flv gif gz heic ico ics iso jar jpeg jpg
    js json kml m3u8 m4a m4v mjs mkv mobi mov mp3 mp4 mpeg mpg msi odp ods odt oga ogg ogv opus otf pdf pkg png ppt
    pptx ps psd rar rpm rtf svg swf tar tgz tif tiff torrent ts ttf vcf wasm wav webm webmanifest webp wma wmv woff
    woff2 xls xlsx xz zip
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
FEED_FILES = frozenset(("atom", "rdf", "rss", "xml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFilter:
    """Which addresses one source accepts. Built once per seed: patterns compiled, hosts looked up."""

    sites: frozenset[str]
    match: tuple[BoundedPattern, ...]
    exclude: tuple[BoundedPattern, ...]
    refused: Counter[str] = field(default_factory=Counter)  # sites of addresses that are not the source's
    linked: dict[str, str] = field(default_factory=dict)  # address -> the same with the parameters it lost
    own: frozenset[str]  # identity forms of the home page and the seeds: listings, never articles

    @classmethod
    def of(cls, source: Source, seed_url: str | None = None) -> LinkFilter:
        """Accept the source's own site and every site that it declares a seed on; the seed itself is no article."""
        addresses = [source.url, *(seed.url for seed in source.seeds if not seed.url.startswith("file:"))]
        listings = [*addresses, *([seed_url] if seed_url else [])]
        return cls(
            sites=frozenset(site(url) for url in addresses),
            match=tuple(bounded_pattern(pattern) for pattern in source.match),
            exclude=tuple(bounded_pattern(pattern) for pattern in source.exclude),
            own=frozenset(identity_form(url) for url in listings),
        )

    def page(self, url: str, base: str) -> str | None:
        """Return the normalised address of a page of this source, wanted or not; None for all else."""
        try:
            normalised = normalise(unescaped(url), base)
            found_on = site(normalised)
        except UrlError:
            return None
        if found_on not in self.sites:
            self.refused[found_on] += 1
            return None
        if extension(normalised) in FILES or is_trap(normalised):
            return None
        if (linked := with_all_parameters(unescaped(url), base)) is not None:
            self.linked.setdefault(normalised, linked)
        return normalised

    def as_linked(self, link: Link) -> Link:
        """Return a link with the parameters that its address lost, for the case that the site needs them."""
        linked = self.linked.get(link.url)
        return link if linked is None else replace(link, linked=linked)

    def most_refused(self, share: float) -> str | None:
        """Return the one other site that at least a share of the refused addresses lie on; None without such."""
        for name, count in self.refused.most_common(1):
            if count >= share * self.refused.total():
                return name
        return None

    def link(self, url: str, base: str) -> str | None:
        """Return the normalised address if it may become a link: a page of this source that its patterns want."""
        page = self.page(url, base)
        if page is None or extension(page) in FEED_FILES or self.is_own(page):
            return None
        return page if self.wants(page) else None

    def is_own(self, url: str) -> bool:
        """Return whether an address is the home page's or a seed's: a listing, never an article."""
        return identity_form(url) in self.own

    def wants(self, url: str) -> bool:
        """Return whether the source's patterns accept an address."""
        if self.match and not any(pattern.found_in(url) for pattern in self.match):
            return False
        return not any(pattern.found_in(url) for pattern in self.exclude)

    def is_matched(self, url: str) -> bool:
        """Return whether a `match` pattern of the source names the address as an article's."""
        return bool(self.match) and self.wants(url)

    def seed(self, url: str, base: str) -> str | None:
        """Return the normalised address of a further seed; match and exclude are about articles and do not apply."""
        try:
            normalised = normalise(unescaped(url), base)
            return normalised if site(normalised) in self.sites else None
        except UrlError:
            return None


def unescaped(url: str) -> str:
    """Return an address whose writer escaped it once too often ("?a=1&amp;b=2") as it was meant."""
    return AMPERSAND.sub("&", url) if "&" in url else url


def extension(url: str) -> str:
    """Return the lower-case file extension of an address's path, "" when there is none."""
    path = url.partition("?")[0]
    last = path.rpartition("/")[2] if path.count("/") > 2 else ""
    stem, dot, ending = last.rpartition(".")
    return ending.lower() if dot and stem and len(ending) <= 11 and ending.isalnum() else ""


def plain_title(text: str | None) -> str | None:
    """Return a title as plain text: markup that feeds escape into titles is taken out. None when nothing is left."""
    if not text:
        return None
    text = text[: 4 * MAX_TITLE_CHARS]
    for _ in range(2):  # escaped once by the feed, once more by what wrote the feed
        if MARKUP.search(text):
            text = html.unescape(TAGS.sub(" ", CODE.sub(" ", text)))
    return normalise_text(text)[:MAX_TITLE_CHARS].strip() or None


MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: place for place, name in enumerate(MONTH_NAMES, start=1)}


def moment_in_path(url: str) -> Moment | None:
    """Return the day an address's path names (/2024/03/02/, /2024/mar/02/, /20240302-), to order links by."""
    found = DATE_IN_PATH.search(unquote(url))
    if not found:
        return None
    month = found["month"] or found["short"] or MONTHS.get((found["name"] or "").lower())
    try:
        return Moment.of_day(date(int(found["year"]), int(month or 0), int(found["day"] or found["shortday"])))
    except ValueError:
        return None
