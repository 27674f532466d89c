"""Which listings of a source are worth a request in one run, and when to stop.

The spider keeps Listings and reports how many new links each listing had. Pagination is followed while it brings new
links; further listings are fetched one by one, the most promising first, until too many in a row had nothing new. A
site whose front page shows everything costs a few requests; an endless calendar costs no more than one that ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ingest.discover.url_form_model import forms
from ingest.model import Seed, SeedKind
from ingest.web.url_patterns import first_page, is_pagination
from ingest.web.urls import key

MAX_ASKED = 40  # listings of one source in one run; the next run goes on with others
# Listings in a row without one new link that end the search. Menus begin with the sections that carry most.
MAX_FRUITLESS = 3
FRUITLESS_FORM = 2  # so many listings of a form ("/author/<ss>") without any news: others of that form are not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Listings:
    """The listings known and not yet asked, in order, and how the search goes. Immutable: each step gives the next."""

    open: tuple[Seed, ...] = ()
    met: frozenset[str] = frozenset()  # URL keys of all listings ever in the plan
    asked: int = 0
    fruitless: int = 0  # in a row
    dry: tuple[str, ...] = ()  # forms of the listings that had nothing new, one entry each
    fruitful: frozenset[str] = frozenset()  # forms of which one had news
    most: int = MAX_ASKED  # listings to read; a backfill ends with its archives or its budget
    most_fruitless: int = MAX_FRUITLESS

    def with_listings(self, seeds: Iterable[Seed]) -> Listings:
        """Add the listings a page linked to; pagination goes to the front, sections to the end.

        Further pages of a listing of which one had nothing new are left out: what lies behind it is older still.
        """
        fresh: dict[str, Seed] = {}
        for seed in seeds:
            ended = _follows(seed) and _form(seed.url) in self.dry
            if seed.kind is SeedKind.SECTION and not ended and (known := key(seed.url)) not in self.met:
                fresh.setdefault(known, seed)
        pages = tuple(seed for seed in fresh.values() if _follows(seed))
        others = tuple(seed for seed in fresh.values() if not _follows(seed))
        return replace(self, open=(*pages, *self.open, *others), met=self.met | fresh.keys())

    def gave(self, seed: Seed, *, new: int) -> Listings:
        """Note how many links to articles a listing gave that nobody had met before."""
        if new:  # behind the first page as well: others like it are worth a look, though their first pages be known
            news = {_form(seed.url), _form(first_page(seed.url))}
            return replace(self, fruitless=0, fruitful=self.fruitful | news)
        rest = tuple(other for other in self.open if not _is_next(other, seed))
        return replace(self, open=rest, fruitless=self.fruitless + 1, dry=(*self.dry, _form(seed.url)))

    def without_following(self, seed: Seed) -> Listings:
        """Leave out the further pages of a listing: what lies behind it is too old."""
        return replace(self, open=tuple(other for other in self.open if not _is_next(other, seed)))

    def next(self) -> tuple[Seed | None, Listings]:
        """Return the listing to ask now and the plan after that; None when the search is over."""
        if self.asked >= self.most or self.fruitless >= self.most_fruitless:
            return None, self
        for at, seed in enumerate(self.open):
            form = _form(seed.url)
            if form in self.fruitful or self.dry.count(form) < FRUITLESS_FORM:
                return seed, replace(self, open=self.open[at + 1 :], asked=self.asked + 1)
        return None, replace(self, open=())


def _follows(seed: Seed) -> bool:
    """Return whether a listing is a further page of another one: it was found as such, or its address says so."""
    return seed.follows or is_pagination(seed.url)


def _form(url: str) -> str:
    """Return the most special form of a listing's address."""
    return list(forms(url))[-1]


def _is_next(other: Seed, seed: Seed) -> bool:
    """Tell whether a listing is a further page of another one."""
    return _follows(other) and _form(other.url) == _form(seed.url)
