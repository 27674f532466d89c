"""Writes that wait for each other while a crawl shares commits: new articles, their pages' ends, raw pages' rows.

They are written together, one statement a table, before anything else of the store is read or written that they could
concern, at the latest with the next commit. When that fails, the articles are saved one by one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ingest.errors import IngestError
from ingest.model import Article
from ingest.store.articles import adding, fingerprints
from ingest.store.articles.adding import NewArticle
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.pages.pages import Pages
from ingest.store.pages.snapshots import Snapshots
from ingest.store.values import PageEnd
from ingest.text import minhash

log = logging.getLogger(__name__)

MOST = 16  # articles written together: some 20 ms, for which the event loop stands still


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A new article that waits to be written with others."""

    article: Article
    new: NewArticle
    keys: frozenset[str]  # of all its addresses
    end: PageEnd  # of its page; the article's id is still to be set
    run_id: int
    now: datetime
    done: Callable[[bool | None], None]  # gets whether the outcome counts; None: it is to be saved alone


class WriteBuffer:
    """What waits to be written."""

    def __init__(self, work: UnitOfWork, pages: Pages, snapshots: Snapshots) -> None:
        self._work = work
        self._pages = pages
        self._snapshots = snapshots
        self._waiting: list[Waiting] = []
        self._since_s: float | None = None
        self._keys: set[str] = set()
        self._digests: set[str] = set()
        self._bands: set[tuple[int, int]] = set()

    @property
    def since_s(self) -> float | None:
        """When the oldest came, on the monotonic clock; None when nothing waits."""
        times = [at for at in (self._since_s, self._snapshots.since_s) if at is not None]
        return min(times, default=None)

    def holds(self, keys: Iterable[str]) -> bool:
        """Return whether one of these URL keys is of an article that waits."""
        return not self._keys.isdisjoint(keys)

    def holds_source(self, source: str) -> bool:
        """Return whether an article of that source waits."""
        return any(waiting.article.source == source for waiting in self._waiting)

    def concerns(self, keys: Iterable[str], digest: str, signature: bytes) -> bool:
        """Return whether an article that waits may be the same as one with these keys, this text or one like it."""
        if self.holds(keys) or digest in self._digests:
            return True
        if self._bands.isdisjoint(enumerate(minhash.bands(signature))):
            return False
        alike = (minhash.likeness(signature, waiting.new.signature) for waiting in self._waiting)
        return any(one >= fingerprints.MIN_LIKENESS for one in alike)

    def add(self, waiting: Waiting) -> None:
        """Let an article wait; it is not like one that waits: see `concerns`."""
        self._waiting.append(waiting)
        self._keys |= waiting.keys
        self._digests.add(waiting.new.row["body_digest"])
        self._bands.update(enumerate(minhash.bands(waiting.new.signature)))
        if self._since_s is None:
            self._since_s = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Whether as much waits as is written together."""
        return len(self._waiting) >= MOST

    def write(self) -> None:
        """Write all that waits, and tell each article's `done`. Raises StoreError when the database takes nothing."""
        waiting = self._taken()
        try:
            with self._work.transaction() as connection:
                written = self._snapshots.write(connection)
                ends = self._write(connection, waiting) if waiting else []
        except IngestError:
            raise
        except Exception:
            if not waiting:
                raise
            log.info("a group of articles could not be written; they are saved one by one", exc_info=True)
            with self._work.transaction() as connection:
                written = self._snapshots.write(connection)
            ends = [None] * len(waiting)
        self._snapshots.settle(written)
        for one, end in zip(waiting, ends, strict=True):
            one.done(end)

    def _taken(self) -> list[Waiting]:
        waiting, self._waiting, self._since_s = self._waiting, [], None
        self._keys.clear()
        self._digests.clear()
        self._bands.clear()
        return waiting

    def _write(self, connection: Connection, waiting: list[Waiting]) -> list[bool | None]:
        for one in waiting:
            one.new.revision["snapshot_id"] = self._snapshots.id_of(connection, one.article, one.run_id)
        ids = adding.add(connection, [one.new for one in waiting])
        ends = []
        for one, article_id in zip(waiting, ids, strict=True):
            if article_id is not None:
                self._pages.add_addresses(connection, one.article, article_id, one.now, one.end.url)
                outcome = replace(one.end.outcome, article_id=article_id)
                ends.append((replace(one.end, outcome=outcome), one.now))
        first = iter(self._pages.end_together(connection, waiting[0].run_id, ends))
        return [None if article_id is None else next(first) for article_id in ids]
