"""Links of one list with addresses of one form, scored together."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from ingest.discover.html import Anchor, Region
from ingest.web.url_patterns import (
    ENDING,
    LISTING_NAMES,
    LISTING_PARAMETERS,
    SERVICE_NAMES,
    article_odds,
    is_date_archive,
    parameter_names,
    segments,
    sigmoid,
)

MIN_SET = 3  # links of one signature that count as a list
MIN_DOUBTFUL = 4  # links of a set that is worth trying a few of
MENU_LINKS = 12  # short words in a row: more are rarely a menu
# Log-odds, set by hand as in url_patterns.py; swept on pages of all sorts in tests/data/sections.
BIAS = -1.0
HEADING = 1.2
REGION = {Region.NAVIGATION: -2.5, Region.FOOTER: -3.0, Region.ASIDE: -0.3, Region.MAIN: 0.4, Region.BODY: 0.0}
WIDTHS = ((8, -1.5), (16, -0.7), (26, 0.2), (40, 1.0), (math.inf, 1.6))  # a headline has 30 to 90 characters
SHORT_TITLE = 0.2  # of an entry whose set shows what it is
HEADINGS_IN_A_ROW = 0.9
LIST_OF_LONG, LIST_OF_SHORT = 1.0, -0.6
LONG = 26  # characters; the median of a list of headlines is above, of a menu below
HEADLINE_WORDS = 3.5  # at the median: short headlines have so many words, menus fewer
NUMBERED = 2.2  # all differ in one number only, and have words
DATED = 2.2  # each with a date beside it
DESCRIBED = 0.6  # each with a sentence or more beside it
DESCRIPTION_CHARS = 60
MOST = 0.7  # share of a set's links that stands for all
NAMED_FOLDER = 2.5  # what article_odds takes off for "/people/..."; headlines are no names of people
DOUBTFUL_REGIONS = frozenset((Region.MAIN, Region.BODY, Region.ASIDE))
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class AnchorSet:
    """The links of a page that share a signature and a form of address."""

    signature: str
    form: str
    anchors: tuple[Anchor, ...]
    of_list: tuple[Anchor, ...]  # all of the signature, whatever the form of their addresses

    @property
    def key(self) -> str:
        """What the set is remembered by, over runs."""
        return f"{self.signature}|{self.form}"

    @cached_property
    def urls(self) -> frozenset[str]:
        """The addresses, each once."""
        return frozenset(anchor.url for anchor in self.anchors)

    @cached_property
    def is_numbered(self) -> bool:
        """Whether all addresses differ in one number only and the links have words: entries, not pages of a list."""
        if len(self.urls) < MIN_SET or self._names_listings:
            return False
        worded = [anchor for anchor in self.anchors if any(char.isalpha() for char in anchor.text)]
        numbers = [DIGITS.findall(url.partition("://")[2].partition("/")[2]) for url in self.urls]
        skeletons = {DIGITS.sub("#", url) for url in self.urls}
        if len(skeletons) > 1 or not numbers[0] or len(worded) < MOST * len(self.anchors):
            return False
        return sum(len(set(column)) > 1 for column in zip(*numbers, strict=True)) == 1

    @cached_property
    def _names_listings(self) -> bool:
        """Whether the addresses name lists: "/?cat=3", "/tag/12"."""
        url = next(iter(self.urls))
        names = frozenset(parameter_names(url))
        last = [part.lower() for part in segments(url)[-2:]]
        if names and names <= LISTING_PARAMETERS:
            return True
        return any(name in LISTING_NAMES | SERVICE_NAMES for name in last) and not self.is_of_headlines

    @cached_property
    def is_of_headlines(self) -> bool:
        """Whether the texts of the list are long enough for headlines, in characters or in words."""
        if len({anchor.url for anchor in self.of_list}) < MIN_SET:
            return False
        long = median(anchor.width for anchor in self.of_list) >= LONG
        return long or median(anchor.words for anchor in self.of_list) >= HEADLINE_WORDS

    @cached_property
    def is_menu(self) -> bool:
        """Whether these are short links in a row that no landmark marks as a menu."""
        return self._list_odds == LIST_OF_SHORT and not self.is_numbered and not self._is_most("dated")

    @cached_property
    def _list_odds(self) -> float:
        if len({anchor.url for anchor in self.of_list}) < MIN_SET:
            return 0.0
        return LIST_OF_LONG if self.is_of_headlines else LIST_OF_SHORT

    def _is_most(self, what: str) -> bool:
        shown = [anchor for anchor in self.anchors if anchor.text]
        if what == "dated":
            return sum(anchor.dated for anchor in shown) >= max(2, MOST * len(shown))
        return sum(anchor.beside >= DESCRIPTION_CHARS for anchor in shown) >= max(2, MOST * len(shown))

    @cached_property
    def _set_odds(self) -> float:
        """Return the log-odds that a link gets from the set that it belongs to."""
        if self._names_listings:
            return self._list_odds
        odds = max(self._list_odds, 0.0) if self._is_of_entries else self._list_odds
        odds += NUMBERED * self.is_numbered + DATED * self._is_most("dated")
        return odds + DESCRIBED * self._is_most("described")

    @cached_property
    def _is_of_entries(self) -> bool:
        """Whether numbers or dates show that these are entries of a list, however short their titles are."""
        return self.is_numbered or (self._is_most("dated") and not self._names_listings)

    def scores(self) -> Iterator[tuple[Anchor, float]]:
        """Yield each link with the probability that it is an article."""
        for anchor in self.anchors:
            yield anchor, sigmoid(self._odds(anchor))

    def _odds(self, anchor: Anchor) -> float:
        odds = BIAS + article_odds(anchor.url) + REGION[anchor.region] + self._set_odds
        wide = next(weight for limit, weight in WIDTHS if anchor.width < limit)
        odds += max(wide, SHORT_TITLE) if self._is_of_entries and anchor.text else wide
        if anchor.heading:
            odds += HEADING + max(0.0, HEADINGS_IN_A_ROW - self._list_odds)  # short headlines in a row are no menu
        parents = segments(anchor.url)[-2:-1]
        if parents and parents[0].lower() in LISTING_NAMES and (self.is_of_headlines or self._is_most("dated")):
            odds += NAMED_FOLDER
        return odds

    def mean_score(self) -> float:
        """Return the mean of the links' scores."""
        scores = [score for _, score in self.scores()]
        return sum(scores) / len(scores)

    def is_doubtful(self, unsure: int) -> bool:
        """Return whether it may be a list of articles although most of its links, `unsure` of them, do not look it."""
        if unsure < MIN_DOUBTFUL or self._names_listings:
            return False
        url = next(iter(self.urls))
        if is_date_archive(url) or any(name.lower() in SERVICE_NAMES for name in segments(url)):
            return False
        regions = [anchor.region for anchor in self.anchors]
        placed = sum(region in DOUBTFUL_REGIONS for region in regions) >= MOST * len(regions)
        worded = sum(len(anchor.text) > 2 and not anchor.text.isdigit() for anchor in self.anchors)
        return placed and worded >= MOST * len(self.anchors)


def shape_of(url: str) -> str:
    """Return what addresses of one list have in common: folders, file ending and names of parameters.

    >>> shape_of("https://a.example/2025/03/old-mill.html"), shape_of("https://a.example/?p=3")
    ('/#/#/*.html', '/?p')
    """
    parts = segments(url)
    folders = [DIGITS.sub("#", part.lower()) if part.isdigit() else part.lower() for part in parts[:-1]]
    ending = ENDING.search(parts[-1]) if parts else None
    last = ("#" if parts[-1].isdigit() else "*") + (ending.group().lower() if ending else "") if parts else ""
    if ending and "?" in url:
        last = parts[-1].lower()  # a script: its parameters choose
    return "/" + "/".join([*folders, last]) + ("?" + ",".join(parameter_names(url)) if "?" in url else "")


def scored_sets(found: Iterable[Anchor]) -> list[AnchorSet]:
    """Group a page's links into sets."""
    lists: dict[str, list[Anchor]] = defaultdict(list)
    grouped: dict[tuple[str, str], list[Anchor]] = defaultdict(list)
    for anchor in found:
        lists[anchor.signature].append(anchor)
        grouped[anchor.signature, shape_of(anchor.url)].append(anchor)
    return [
        AnchorSet(signature=signature, form=form, anchors=tuple(members), of_list=tuple(lists[signature]))
        for (signature, form), members in grouped.items()
    ]
