"""Named exports: how far each has come, so that the next one goes on from there.

An export takes the articles whose latest revision lies in a window of revision ids. The window ends where all ids are
settled: SQLite has one writer, whose ids come in the order of its commits; on PostgreSQL a lower id may be committed
after a higher one, so the window's end is read while no transaction is writing. An article that is revised while an
export reads leaves the window and is in the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, text, update

from ingest.errors import StoreError, WrongUse
from ingest.store.articles.articles import Articles
from ingest.store.db.engine import upsert_for
from ingest.store.db.schema import ExportCursorRow, RevisionRow, table
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import StoredArticle

CURSOR = table(ExportCursorRow)
WAIT_S = 30  # for those who are writing; a crawl commits several times a second
EVERYTHING = ""  # in the column of the source
SEARCH = "search:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one named export takes: after one revision id, up to another."""

    name: str
    source: str | None
    search: str | None = None
    after: int
    upto: int
    exported_at: datetime | None  # the last time; None at the first
    articles: int = 0  # in the last export

    @property
    def is_first(self) -> bool:
        """Whether there was no export of that name."""
        return self.exported_at is None


class Exports:
    """The cursors of named exports."""

    def __init__(self, work: UnitOfWork, articles: Articles) -> None:
        self._work = work
        self._articles = articles

    def window(self, name: str, source: str | None = None, search: str | None = None) -> Window:
        """Return what the next export of that name takes. `search`: a saved search that the caller selects by.

        Raises WrongUse when the name was used with another choice of source or search: it would lose articles.
        """
        with self._work.reading() as connection:
            last = connection.execute(select(CURSOR).where(CURSOR.c.name == name)).first()
        upto = settled_revision(self._work)
        choice = _choice(source, search)
        if last is not None and last.source != choice:
            raise WrongUse(
                f'the export "{name}" was begun {_as_typed(last.source)}; go on like that, or take another name'
            )
        return Window(
            name=name,
            source=source,
            search=search,
            after=0 if last is None else last.revision_id,
            upto=upto,
            exported_at=None if last is None else last.exported_at,
            articles=0 if last is None else last.articles,
        )

    def articles(self, window: Window) -> Iterator[StoredArticle]:
        """Give the articles of a window, in the order of their latest revisions."""
        return self._articles.between(window.after, window.upto, source=window.source)

    def settle(self, window: Window, now: datetime, articles: int) -> None:
        """Remember that the window is exported. Raises StoreError when another export of that name ended first."""
        with self._work.transaction() as connection:
            values = {"revision_id": window.upto, "exported_at": now, "articles": articles}
            if window.is_first:
                row = upsert_for(connection)(CURSOR).values(
                    name=window.name, source=_choice(window.source, window.search), **values
                )
                row = row.on_conflict_do_nothing(index_elements=["name"]).returning(CURSOR.c.name)
            else:
                same = (CURSOR.c.name == window.name, CURSOR.c.revision_id == window.after)
                row = update(CURSOR).where(*same, CURSOR.c.exported_at == window.exported_at).values(**values)
                row = row.returning(CURSOR.c.name)
            done = connection.execute(row).first()
        if done is None:
            raise StoreError(f'another export "{window.name}" has ended meanwhile; run this one again')

    def undo(self, window: Window, made_at: datetime) -> bool:
        """Move the cursor back to where a window begins, if the export of that moment moved it last; tell whether."""
        moved = (CURSOR.c.name == window.name, CURSOR.c.revision_id == window.upto, CURSOR.c.exported_at == made_at)
        with self._work.transaction() as connection:
            if window.is_first:
                done = connection.execute(delete(CURSOR).where(*moved).returning(CURSOR.c.name)).first()
            else:
                values = {
                    "revision_id": window.after,
                    "exported_at": window.exported_at,
                    "articles": window.articles,
                }
                done = connection.execute(
                    update(CURSOR).where(*moved).values(**values).returning(CURSOR.c.name)
                ).first()
        return done is not None


def _choice(source: str | None, search: str | None) -> str:
    """Return what an export is of, as the column of the source holds it: no name of a source has a colon."""
    return (source or EVERYTHING) if search is None else f"{SEARCH}{search}"


def _as_typed(choice: str) -> str:
    if choice.startswith(SEARCH):
        return f"with --search {choice.removeprefix(SEARCH)}"
    return f"with --source {choice}" if choice else "without --source or --search"


def settled_revision(work: UnitOfWork) -> int:
    """Return the highest revision id below which none will be committed any more."""
    with work.reading() as connection:
        if connection.dialect.name != "postgresql":
            return _highest(connection)
    with work.transaction() as connection:
        return _settled(connection)


def _settled(connection: Connection) -> int:
    """Return the highest revision id below which none will be committed any more."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S}s'"))
    connection.execute(text("LOCK TABLE revision IN SHARE MODE"))  # until the end of this short transaction
    return _highest(connection)


def _highest(connection: Connection) -> int:
    highest: int | None = connection.execute(select(func.max(RevisionRow.id))).scalar()
    return highest or 0
