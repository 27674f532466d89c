"""Store: open, close, transaction; one attribute for each subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from ingest.model import RecordLocation
from ingest.store.articles.articles import Articles
from ingest.store.articles.blocks import Blocks
from ingest.store.articles.changes import Changes
from ingest.store.articles.clusters import Clusters
from ingest.store.db.engine import engine_for, named, url_of
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import GROUP_S, GROUP_TRANSACTIONS, UnitOfWork
from ingest.store.exports import Exports
from ingest.store.maintenance import forget
from ingest.store.maintenance.check import Fault, check
from ingest.store.maintenance.forget import Forgotten
from ingest.store.maintenance.prune import Prune
from ingest.store.maintenance.upgrade import check_exists, check_schema, create_if_new
from ingest.store.notices import Notices
from ingest.store.overview import Overview
from ingest.store.pages.frontier import Frontier
from ingest.store.pages.hosts import Hosts
from ingest.store.pages.modifications import Modifications
from ingest.store.pages.pages import Pages
from ingest.store.pages.seeds import Seeds
from ingest.store.pages.snapshots import Snapshots
from ingest.store.runs.findings import Findings
from ingest.store.runs.history import History
from ingest.store.runs.runs import Runs
from ingest.store.runs.source_summaries import SourceSummaries
from ingest.store.runs.sources import Sources
from ingest.store.search.search import Search, make_readable, scrub

Places = tuple[RecordLocation, ...]


def _leave(_places: Places) -> None:
    """Erase nothing: the caller sees to the raw pages."""


class Store:
    """The database as the rest of the program sees it. Made by `open_store`; to be closed, or used in a `with`."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._names = names = SourceIds(work)
        self.sources = Sources(work, names)
        self.seeds = Seeds(work, names)
        self.hosts = Hosts(work)
        self.pages = Pages(work, names)
        self.frontier = Frontier(work, names)
        self.modifications = Modifications(work)
        self.snapshots = Snapshots(work, names)
        self.articles = Articles(work, names, self.pages, self.snapshots)
        self.changes = Changes(work, names, self.articles)
        self.blocks = Blocks(work, names)
        self.runs = Runs(work, names)
        self.clusters = Clusters(work)
        self.history = History(work, names)
        self.findings = Findings(work, names)
        self.summaries = SourceSummaries(work)
        self.prune = Prune(work)
        self.search = Search(work, names)
        self.exports = Exports(work, self.articles)
        self.notices = Notices(work)
        self.overview = Overview(work, self.articles)

    @property
    def name(self) -> str:
        """The database's name for messages, never with a password."""
        return named(self._work.url)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all or nothing. An inner transaction joins the outer; an error undoes all since the outermost."""
        with self._work.transaction():
            yield

    @contextmanager
    def group(self, *, most: int = GROUP_TRANSACTIONS, seconds: float = GROUP_S) -> Iterator[None]:
        """Let the transactions within share commits; each stays whole. `flush_if_due` must be called now and then."""
        with self._work.group(most=most, seconds=seconds):
            yield

    def before_commit(self, make_safe: Callable[[], None]) -> None:
        """Have this called before each commit of a group: what the rows refer to must survive a loss of power."""
        self._work.before_commit = make_safe

    def forget_url(
        self, url: str, now: datetime, erase: Callable[[Places], None] = _leave, *, source: str | None = None
    ) -> Forgotten:
        """Forget the article known by this URL without a trace; the URL is never fetched again.

        `erase` is called with the locations of its raw pages before the commit: when it fails, nothing is done.
        Raises SourceError for a URL that was never met and belongs to no source, unless `source` names it.
        """
        with self._work.transaction() as connection:
            source_id = None if source is None else self._names.id(connection, source)
            forgotten = forget.forget_url(connection, url, now, source_id)
            erase(forgotten.places)
        self._clean_up(forgotten.articles)
        return forgotten

    def forget_source(self, name: str, now: datetime, erase: Callable[[Places], None] = _leave) -> Forgotten:
        """Forget all articles of a source and what was learned of it; it stays retired whatever sources.toml says.

        In pieces, each with its raw pages: after an error the rest is forgotten by doing it again.
        """
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, name)
            forget.retire_for_good(connection, source_id, now)
        gone = Forgotten(articles=0, pages=0, places=())
        more = True
        while more:
            with self._work.transaction() as connection:
                some = forget.forget_some(connection, source_id, now)
                more = some is not None
                if some is not None:
                    erase(some.places)
                    gone += some
        self._clean_up(gone.articles)
        return gone

    def _clean_up(self, articles: int) -> None:
        """Remove what still holds the words of forgotten articles: the index, and the write-ahead log."""
        if articles:
            scrub(self._work)
        self._work.checkpoint()

    def check(self) -> tuple[Fault, ...]:
        """Return what is wrong with the database: damage, orphans, counters that do not match; nothing when sound."""
        return check(self._work)

    def flush(self) -> None:
        """Commit what a group has finished."""
        self._work.flush()

    def flush_if_due(self) -> None:
        """Commit what a group has finished if the oldest of it has waited long enough."""
        self._work.flush_if_due()

    def close(self) -> None:
        """Commit what a group has finished and close the database."""
        self._work.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def check_database(database_url: str) -> None:
    """Raise NoDatabase when there is none yet, SettingsError when the URL names none. Nothing is opened or made."""
    check_exists(url_of(database_url))


def open_store(database_url: str, *, create: bool = False) -> Store:
    """Open a database of this version's schema. `create` makes a new one, but never changes an old one.

    Raises SchemaError when the schema is missing, old or newer than the program, StoreError when the database cannot
    be opened, SettingsError when the URL names none.
    """
    url = url_of(database_url)
    if create:
        create_if_new(url)
    engine = engine_for(url)
    try:
        check_schema(engine, url)
    except BaseException:
        engine.dispose()
        raise
    work = UnitOfWork(engine, url)
    make_readable(work)
    return Store(work)
