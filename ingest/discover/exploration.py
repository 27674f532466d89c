"""Exploration: a few links of a doubtful set are fetched, and their outcomes decide about the rest within the run.

A set is the links of one list with addresses of one form (`LinkSet`). The budget bounds what this costs a source in a
run; the verdict is remembered with the source, so that each set is tried once. Pure: outcomes come in, links go out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ingest.discover.found import LinkSet
from ingest.model import Link

PROBES = 3  # links of a set that are tried; the rest waits for what they turn out to be
MAX_PROBES = 9  # of all sets of a source in one run
ENOUGH_YES = 2  # articles among them, at least twice as many as others: the rest is fetched as well
ENOUGH_NO = 2
BELIEVED_SCORE = 0.6  # of links whose neighbours were articles
MAX_SETS = 200  # remembered of one source
MAX_WAITING = 5_000  # links of one set

Counts = Mapping[str, tuple[int, int]]  # set -> (articles, others) among what was tried


def is_believed(count: tuple[int, int]) -> bool:
    """Return whether what was tried of a set makes the rest articles."""
    yes, no = count
    return yes >= ENOUGH_YES and yes >= 2 * no


def is_refuted(count: tuple[int, int]) -> bool:
    """Return whether what was tried of a set makes the rest no articles."""
    return count[1] >= ENOUGH_NO and not is_believed(count)


@dataclass(slots=True)
class _Waiting:
    """One set in this run."""

    links: dict[str, Link] = field(default_factory=dict)  # not tried yet, by URL
    tried: dict[str, bool | None] = field(default_factory=dict)  # URL -> article or not, None: not known yet


class Exploration:
    """The doubtful sets of one source in one run. `known`: what earlier runs learned of each set."""

    def __init__(self, known: Counts) -> None:
        self._known = dict(known)
        self._sets: dict[str, _Waiting] = {}
        self._tried = 0
        self._set_of: dict[str, str] = {}

    @property
    def tried(self) -> int:
        """How many links were fetched to learn of their sets."""
        return self._tried

    def add(self, found: Iterable[LinkSet]) -> list[Link]:
        """Take the doubtful sets of a seed; return the links to fetch now, the first of each set or all."""
        now: list[Link] = []
        for one in found:
            count = self._count(one.key)
            if is_believed(count):
                now += [replace(link, score=max(link.score, BELIEVED_SCORE)) for link in one.links]
            elif not is_refuted(count):
                now += self._begin(one)
        return now

    def _begin(self, one: LinkSet) -> list[Link]:
        waiting = self._sets.setdefault(one.key, _Waiting())
        fresh = {link.url: link for link in one.links if link.url not in waiting.tried}
        if len(waiting.links) < MAX_WAITING:
            waiting.links |= fresh
        return self._probe(one.key, waiting)

    def _probe(self, key: str, waiting: _Waiting) -> list[Link]:
        """Choose the next links to try: as many as are missing for a verdict, within the budget."""
        known = sum(self._known.get(key, (0, 0)))
        wanted = min(PROBES - known - len(waiting.tried), MAX_PROBES - self._tried, len(waiting.links))
        chosen = [waiting.links.pop(url) for url in list(waiting.links)[: max(wanted, 0)]]
        for link in chosen:
            waiting.tried[link.url] = None
            self._set_of[link.url] = key
        self._tried += len(chosen)
        return [replace(link, score=max(link.score, BELIEVED_SCORE)) for link in chosen]

    def learn(self, outcomes: Iterable[tuple[str, bool]]) -> list[Link]:
        """Take outcomes, (URL, article or not); return the links of the sets that are believed now."""
        changed: dict[str, None] = {}
        for url, is_article in outcomes:
            key = self._set_of.get(url)
            if key is not None and self._sets[key].tried[url] is None:
                self._sets[key].tried[url] = is_article
                changed.setdefault(key)
        released: list[Link] = []
        for key in changed:
            if is_believed(self._count(key)):
                links, self._sets[key].links = self._sets[key].links, {}
                released += [replace(link, score=max(link.score, BELIEVED_SCORE)) for link in links.values()]
        return released

    def _count(self, key: str) -> tuple[int, int]:
        yes, no = self._known.get(key, (0, 0))
        tried = self._sets[key].tried.values() if key in self._sets else ()
        return yes + sum(one is True for one in tried), no + sum(one is False for one in tried)

    def is_believed(self, key: str) -> bool:
        """Return whether a set's links are taken for articles."""
        return is_believed(self._count(key))

    def learned(self) -> dict[str, tuple[int, int]]:
        """Return what is known of each set by now, to remember it."""
        keys = dict.fromkeys((*self._known, *self._sets))
        counts = {key: self._count(key) for key in keys}
        return dict([(key, count) for key, count in counts.items() if sum(count)][-MAX_SETS:])

    def held_back(self) -> list[Link]:
        """Return the links that were neither tried nor believed."""
        return [link for one in self._sets.values() for link in one.links.values()]
