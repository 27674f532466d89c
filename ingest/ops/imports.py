"""Import archives: which sources their pages belong to, then the pages one by one, with a report per file.

Archives are read twice: for the hosts, then for the pages. The first reading costs a small part of extraction, and the
run knows its sources from the start; memory does not grow with an archive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote, urlsplit

from ingest.archives import (
    BAD,
    BAD_RECORD,
    EVERYTHING,
    Archive,
    ArchiveKind,
    Capture,
    Selection,
    addresses,
    captures,
    listed,
)
from ingest.errors import SourceError, UrlError
from ingest.model import Link, Page, Source
from ingest.sources import ad_hoc, source_for
from ingest.store import Store
from ingest.text.normalize import digest
from ingest.web.urls import key, origin, site

KNOWN = "known"  # the same bytes of the same address are stored
FORGOTTEN = "forgotten"  # taken down
QUEUED = 1_000  # addresses of a listing that are queued at once
NAME_CHARS = 64  # of a source


@dataclass(slots=True)
class ImportReport:
    """What one file gave."""

    name: str
    kind: ArchiveKind
    pages: int = 0  # given to the stages
    queued: int = 0  # addresses of a listing, for the next run of their source
    skipped: Counter[str] = field(default_factory=Counter)  # reasons of records that gave no page

    @property
    def bad(self) -> int:
        """Records that a person may want to look at."""
        return sum(count for reason, count in self.skipped.items() if reason in BAD)


@dataclass(slots=True)
class Sorter:
    """Finds the source of a page: the one named, a declared one, else one for its host or its sender."""

    declared: Sequence[Source]
    named: Source | None = None  # by the person, for everything
    found: dict[str, Source] = field(default_factory=dict)
    _by_host: dict[str, str] = field(default_factory=dict)
    _sites: dict[str, list[Source]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.declared:
            self._sites.setdefault(site(source.url), []).append(source)

    def source_of(self, url: str, sender: str = "") -> str | None:
        """Return the name of the source, None for what is no address. `sender`: mail address of a newsletter."""
        if self.named is not None:
            self.found.setdefault(self.named.name, self.named)
            return self.named.name
        try:
            host = sender or urlsplit(url).netloc
        except ValueError:  # brackets without an IPv6 address
            return None
        if host not in self._by_host:
            try:
                own = _of_sender(sender) if sender else ad_hoc([f"{origin(url)}/"])[0]
            except (UrlError, ValueError):
                return None
            near = self._sites.get(site(own.url), [])
            if len(near) > 1:  # of several on one site, the address decides
                chosen = source_for(url, near) or own
                self.found.setdefault(chosen.name, chosen)
                return chosen.name
            chosen = near[0] if near else self.found.get(own.name, own)
            self._by_host[host] = chosen.name
            self.found.setdefault(chosen.name, chosen)
        return self._by_host[host]


def _of_sender(sender: str) -> Source:
    """Return the source of a newsletter: named after its sender, because many send from one domain."""
    local, _, domain = sender.rpartition("@")
    url = f"https://{domain}/mail/{quote(local)}/"
    words = re.sub(r"[^\w]+", "-", f"{local}-{domain}").strip("-")
    return ad_hoc([url], names=[words[:NAME_CHARS]])[0]


def named_source(name: str, declared: Iterable[Source], known: Iterable[Source], url: str | None) -> Source | None:
    """Return the source of that name: as declared, as the database knows it, or new at an address.

    None for a new one whose address is not known yet.
    """
    for source in (*declared, *known):
        if source.name == name:
            return source
    if url is None:
        return None
    (made,) = ad_hoc([url], names=[name])
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How archives are read."""

    base: str | None = None  # address of a folder whose files do not state their own
    most_bytes: int
    selection: Selection = EVERYTHING


def survey(archives: Iterable[Archive], sorter: Sorter, options: ReadingOptions) -> dict[str, int]:
    """Read the archives for their hosts; return how many records each source has."""
    counts: Counter[str] = Counter()
    for archive in archives:
        for url, sender in addresses(
            archive, base=options.base, most_bytes=options.most_bytes, selection=options.selection
        ):
            name = sorter.source_of(url, sender)
            if name is not None:
                counts[name] += 1
    return dict(counts)


def first_address(archives: Iterable[Archive], *, most_bytes: int) -> str:
    """Return the first address in the archives. Raises SourceError when they state none."""
    for archive in archives:
        for url, _ in addresses(archive, base=None, most_bytes=most_bytes):
            return f"{origin(url)}/"
    raise SourceError("nothing in these files states an address; name the one they lie below with --url")


class Import:
    """The pages of archives for one run, and how far the reading is."""

    def __init__(self, archives: Sequence[Archive], sorter: Sorter, options: ReadingOptions, *, now: datetime) -> None:
        self.archives = archives
        self.sorter = sorter
        self.options = options
        self.now = now
        self.reports: list[ImportReport] = []
        self.records = 0
        self.read_bytes = 0
        self.all_bytes = sum(_size(archive) for archive in archives)

    def pages(self, store: Store) -> Iterator[Page]:
        """Give every page that is not stored yet; queue the addresses of listings. A bad record costs itself."""
        options = self.options
        forgotten = {state.name for state in store.sources.all() if state.forgotten_at is not None}
        before = 0
        for archive in self.archives:
            report = ImportReport(name=archive.name, kind=archive.kind)
            self.reports.append(report)
            self._queue(store, archive, report, forgotten)
            for capture in captures(
                archive, base=options.base, most_bytes=options.most_bytes, selection=options.selection
            ):
                self.records += 1
                self.read_bytes = before + capture.offset
                page, reason = capture.page, capture.reason
                if page is not None:
                    page, reason = self._wanted(store, page, capture, forgotten)
                if page is None:
                    report.skipped[reason] += 1
                else:
                    report.pages += 1
                    yield page
            before += _size(archive)
            self.read_bytes = before

    def progress(self) -> str:
        """Return how far the reading is, in one line."""
        share = self.read_bytes / self.all_bytes if self.all_bytes else 1.0
        megabytes = f"{self.read_bytes / 1e6:,.0f} of {self.all_bytes / 1e6:,.0f} MB"
        return f"{self.records:,} records, {megabytes} read ({share:.0%})"

    def dry_run(self, store: Store | None) -> None:
        """Fill the reports as an import would, without storing anything; None: there is no database yet."""
        options = self.options
        forgotten = {state.name for state in store.sources.all() if state.forgotten_at is not None} if store else set()
        for archive in self.archives:
            report = ImportReport(name=archive.name, kind=archive.kind)
            self.reports.append(report)
            met: set[str] = set()
            for one in listed(archive, selection=options.selection):
                reason = one if isinstance(one, str) else self._not_queued(store, one, forgotten, met)
                report.queued += not reason
                report.skipped[reason] += bool(reason)
            for capture in captures(
                archive, base=options.base, most_bytes=options.most_bytes, selection=options.selection
            ):
                page, reason = capture.page, capture.reason
                if page is not None and store is not None:
                    page, reason = self._wanted(store, page, capture, forgotten)
                report.pages += page is not None
                report.skipped[reason] += page is None
            report.skipped += Counter()  # without zeros

    def _not_queued(self, store: Store | None, link: Link, forgotten: set[str], met: set[str]) -> str:
        """Return why a link would not be queued, "" if it would be."""
        name = self.sorter.source_of(link.url)
        if name is None or name in forgotten:
            return BAD_RECORD if name is None else FORGOTTEN
        if key(link.url) in met or (store is not None and store.pages.known(link.url) is not None):
            return KNOWN
        met.add(key(link.url))
        return ""

    def _wanted(self, store: Store, page: Page, capture: Capture, forgotten: set[str]) -> tuple[Page | None, str]:
        """Return the page with its source, or why it is left alone."""
        try:
            name = self.sorter.source_of(page.url, capture.sender)
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

    def _queue(self, store: Store, archive: Archive, report: ImportReport, forgotten: set[str]) -> None:
        links: list[Link] = []
        for one in listed(archive, selection=self.options.selection):
            if isinstance(one, Link):
                links.append(one)
            else:
                report.skipped[one] += 1
            if len(links) == QUEUED:
                self._meet(store, links, report, forgotten)
                links = []
        self._meet(store, links, report, forgotten)

    def _meet(self, store: Store, links: list[Link], report: ImportReport, forgotten: set[str]) -> None:
        of: dict[str, list[Link]] = {}
        for link in links:
            name = self.sorter.source_of(link.url)
            if name is None or name in forgotten:
                report.skipped[BAD_RECORD if name is None else FORGOTTEN] += 1
            else:
                of.setdefault(name, []).append(link)
        for name, some in of.items():
            new = store.frontier.meet(name, some, self.now)
            report.queued += new
            report.skipped[KNOWN] += len(some) - new
        report.skipped += Counter()  # without zeros


def _size(archive: Archive) -> int:
    try:
        return archive.path.stat().st_size
    except OSError:
        return 0
