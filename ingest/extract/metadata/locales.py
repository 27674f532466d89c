"""The country and the language a page is written for, as far as dates need them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ingest.model import Page
from ingest.text.dates.reader import DateContext
from ingest.web.suffix_countries import country_of_host

_REGION = re.compile(r"([a-z]{2,3})(?:[-_][a-z]{4})?(?:[-_]([a-z]{2}))?(?:[-_.@].*)?", re.IGNORECASE)
# Languages whose papers nearly all appear in one country (CLDR, likelySubtags), or in several of one time zone.
_HOMES = {
    "is": "IS", "ja": "JP", "ko": "KR", "fi": "FI", "da": "DK", "no": "NO", "nb": "NO", "nn": "NO", "sv": "SE",
    "pl": "PL", "cs": "CZ", "sk": "SK", "hu": "HU", "lt": "LT", "lv": "LV", "et": "EE", "he": "IL", "iw": "IL",
    "el": "GR", "th": "TH", "vi": "VN", "ka": "GE", "hy": "AM", "uk": "UA", "bg": "BG", "hr": "HR", "sl": "SI",
    "mk": "MK", "mt": "MT", "lo": "LA", "km": "KH", "my": "MM", "fa": "IR", "tr": "TR", "ro": "RO", "it": "IT",
    "sq": "AL", "bs": "BA", "az": "AZ", "ne": "NP", "si": "LK", "hi": "IN", "mr": "IN", "te": "IN", "gu": "IN",
}  # fmt: skip  # a table
_MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "CA", "PR", "GU"})  # CLDR: short dates of English there begin with it


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLocale:
    """Where a page comes from. `sure` is False for a country that only a template's language tag says."""

    country: str | None
    language: str | None
    sure: bool
    month_first: bool

    def context(self, page: Page, *, declared: bool = True) -> DateContext:
        """Return the context in which the page's dates are read."""
        return DateContext(
            now=page.fetched_at,
            month_first=self.month_first,
            country=self.country,
            language=self.language,
            declared=declared,
        )


def locale_of(tree: HtmlElement, page: Page) -> PageLocale:
    """Return the locale: the host's country suffix, else the language tag's, else the language's only country."""
    match = _REGION.fullmatch((tree.getroottree().getroot().get("lang") or "").strip())
    language = match[1].lower() if match else None
    region = match[2].upper() if match and match[2] else None
    host = country_of_host(urlsplit(page.final_url).hostname or "")
    home = _HOMES.get(language or "")
    country = host or region or home
    month_first = language == "en" and (region in _MONTH_FIRST_COUNTRIES or (region is None and host in (None, "US")))
    return PageLocale(
        country=country,
        language=language,
        sure=bool(host) or (bool(country) and country != "US"),
        month_first=month_first,
    )
