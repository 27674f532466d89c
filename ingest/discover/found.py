"""Found: what one seed gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.discover.dates import newest_first_key
from ingest.discover.links import moment_in_path
from ingest.model import Link, Seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Links to pages and further seeds, the most promising first.

    `notes` are slugs of what a person may want to know: "cut-off", "too-many-entries", "read-as-sitemap".
    """

    links: tuple[Link, ...] = ()
    seeds: tuple[Seed, ...] = ()
    notes: tuple[str, ...] = ()


def in_order(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return links newest first by the seed's dates, else by a date in the address; undated ones last, as they came."""
    return tuple(
        sorted(links, key=lambda link: newest_first_key(link.published or link.modified or moment_in_path(link.url)))
    )
