"""Found: what one seed gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.discover.links import moment_in_path
from ingest.model import Link, Seed
from ingest.text.dates.reader import newest_first_key


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSet:
    """Links of one list and one form of address that may all be articles, though none of them looks like one.

    `key` names the set over pages and runs.
    """

    key: str
    links: tuple[Link, ...]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Links to pages and further seeds, the most promising first.

    `doubtful` are sets of links worth trying a few of. `notes` are slugs of what a person may want to know: "cut-off",
    "too-many-entries", "read-as-sitemap".
    """

    links: tuple[Link, ...] = ()
    seeds: tuple[Seed, ...] = ()
    notes: tuple[str, ...] = ()
    doubtful: tuple[LinkSet, ...] = ()
    archives: tuple[Seed, ...] = ()  # of days, months and years: only a backfill reads them


def in_order(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return links newest first by the seed's dates, else by a date in the address; undated ones last, as they came."""
    return tuple(
        sorted(links, key=lambda link: newest_first_key(link.published or link.modified or moment_in_path(link.url)))
    )
