"""Import archives: which sources their pages belong to, and the pages one by one with what became of the records.

Read twice: for the hosts, then for the pages. The first reading costs a small part of extraction and lets the run know
its sources from the start; memory does not grow with an archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from ingest.archives import BAD, BAD_RECORD, Archive, ArchiveKind, addresses, captures, listed
from ingest.errors import SourceError, UrlError
from ingest.model import Link, Page, Source
from ingest.sources import ad_hoc, source_for
from ingest.store import Store
from ingest.text.normalize import digest
from ingest.web.urls import origin, polite_unit

KNOWN = "known"  # these very bytes were had from this address before
FORGOTTEN = "forgotten"  # taken down
QUEUED = 1_000  # addresses of a listing that are queued at once


@dataclass(slots=True)
class ImportReport:
    """What one file gave."""

    name: str
    kind: ArchiveKind
    pages: int = 0  # that went through the stages
    queued: int = 0  # addresses of a listing, for the source's next run
    skipped: Counter[str] = field(default_factory=Counter)  # reasons of records that gave no page

    @property
    def bad(self) -> int:
        """Records that a person may want to look at."""
        return sum(count for reason, count in self.skipped.items() if reason in BAD)


@dataclass(slots=True)
class Sorter:
    """Tells which source an address belongs to: the one named, a declared one, else one of its host's own."""

    declared: Sequence[Source]
    named: Source | None = None  # by the person, for everything
    found: dict[str, Source] = field(default_factory=dict)
    _by_host: dict[str, str] = field(default_factory=dict)
    _units: dict[str, list[Source]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.declared:
            self._units.setdefault(polite_unit(source.url), []).append(source)

    def source_of(self, url: str) -> str | None:
        """Return the name of the source, None for what is no address."""
        if self.named is not None:
            self.found.setdefault(self.named.name, self.named)
            return self.named.name
        host = urlsplit(url).netloc
        if host not in self._by_host:
            try:
                (own,) = ad_hoc([f"{origin(url)}/"])
            except (UrlError, ValueError):
                return None
            near = self._units.get(polite_unit(own.url), [])
            if len(near) > 1:  # of several on one site, the address decides
                chosen = source_for(url, near) or own
                self.found.setdefault(chosen.name, chosen)
                return chosen.name
            chosen = near[0] if near else self.found.get(own.name, own)
            self._by_host[host] = chosen.name
            self.found.setdefault(chosen.name, chosen)
        return self._by_host[host]


def named_source(name: str, declared: Iterable[Source], known: Iterable[Source], url: str | None) -> Source | None:
    """Return the source a person named: as declared, as the database knows it, or new at an address.

    None for a new one whose address is still to be told by its pages.
    """
    for source in (*declared, *known):
        if source.name == name:
            return source
    if url is None:
        return None
    (made,) = ad_hoc([url], names=[name])
    return made


def survey(archives: Iterable[Archive], sorter: Sorter, *, base: str | None, most_bytes: int) -> dict[str, int]:
    """Read the archives for their hosts; return how many records each source has."""
    counts: Counter[str] = Counter()
    for archive in archives:
        for url in addresses(archive, base=base, most_bytes=most_bytes):
            name = sorter.source_of(url)
            if name is not None:
                counts[name] += 1
    return dict(counts)


def first_address(archives: Iterable[Archive], *, most_bytes: int) -> str:
    """Return the first address in the archives. Raises SourceError when nothing tells one."""
    for archive in archives:
        for url in addresses(archive, base=None, most_bytes=most_bytes):
            return f"{origin(url)}/"
    raise SourceError("nothing in these files tells an address; name the one they lie below with --url")


class Import:
    """The pages of archives for one run."""

    def __init__(
        self, archives: Sequence[Archive], sorter: Sorter, *, base: str | None, most_bytes: int, now: datetime
    ) -> None:
        self.archives = archives
        self.sorter = sorter
        self.base = base
        self.most_bytes = most_bytes
        self.now = now
        self.told: list[ImportReport] = []

    def pages(self, store: Store) -> Iterator[Page]:
        """Give every page that was not had before; queue what listings name. A bad record costs itself."""
        forgotten = {state.name for state in store.sources.all() if state.forgotten_at is not None}
        for archive in self.archives:
            told = ImportReport(name=archive.name, kind=archive.kind)
            self.told.append(told)
            self._queue(store, archive, told, forgotten)
            for capture in captures(archive, base=self.base, most_bytes=self.most_bytes):
                page, reason = capture.page, capture.reason
                if page is not None:
                    page, reason = self._wanted(store, page, forgotten)
                if page is None:
                    told.skipped[reason] += 1
                else:
                    told.pages += 1
                    yield page

    def _wanted(self, store: Store, page: Page, forgotten: set[str]) -> tuple[Page | None, str]:
        """Return the page with its source, or why it is left alone."""
        try:
            name = self.sorter.source_of(page.url)
            if name is None or name in forgotten:
                return None, BAD_RECORD if name is None else FORGOTTEN
            state = store.pages.known(page.url)
            if (
                state is not None
                and state.outcome is not None
                and store.snapshots.has(page.final_url, digest(page.body))
            ):
                return None, KNOWN
        except UrlError:
            return None, BAD_RECORD
        return replace(page, source=name), ""

    def _queue(self, store: Store, archive: Archive, told: ImportReport, forgotten: set[str]) -> None:
        links: list[Link] = []
        for one in listed(archive):
            if isinstance(one, Link):
                links.append(one)
            else:
                told.skipped[one] += 1
            if len(links) == QUEUED:
                self._meet(store, links, told, forgotten)
                links = []
        self._meet(store, links, told, forgotten)

    def _meet(self, store: Store, links: list[Link], told: ImportReport, forgotten: set[str]) -> None:
        of: dict[str, list[Link]] = {}
        for link in links:
            name = self.sorter.source_of(link.url)
            if name is None or name in forgotten:
                told.skipped[BAD_RECORD if name is None else FORGOTTEN] += 1
            else:
                of.setdefault(name, []).append(link)
        for name, some in of.items():
            new = store.pages.meet(name, some, self.now)
            told.queued += new
            told.skipped[KNOWN] += len(some) - new
        told.skipped += Counter()  # without zeros
