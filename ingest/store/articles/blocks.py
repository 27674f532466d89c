"""Blocks: what recurs over a source's articles, in which of them, and what was decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, func, select, update

from ingest.model import BlockKind, BlockVerdict, KnownBlock, Learned
from ingest.store.articles.article_rows import article_columns, stored_of
from ingest.store.db.engine import insert_for, upsert_for
from ingest.store.db.schema import ArticleRow, BlockRow, BlockUseRow, RevisionRow, SnapshotRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import StoredArticle
from ingest.text.normalize import digest

GAP = "*"  # never a folded word
EXAMPLES = 5  # articles given with a block
CHUNK = 500  # rows asked for at once

BLOCK, USE = table(BlockRow), table(BlockUseRow)
COUNTS = ("pattern", "text", "kind", "path", "articles", "first_on", "last_on")
DECIDED = ("verdict", "reason")  # a person's decision outranks what is learned
COUNTED = (
    update(BLOCK)
    .where(BLOCK.c.id == bindparam("row"))
    .values({name: bindparam(name, type_=BLOCK.c[name].type) for name in COUNTS})
    .values(
        {
            name: case((BLOCK.c.decided_at.is_(None), bindparam(name, type_=BLOCK.c[name].type)), else_=BLOCK.c[name])
            for name in DECIDED
        }
    )
)
_OF_SOURCE = select(BLOCK).where(BLOCK.c.source_id == bindparam("source"))
DECIDED_OF = _OF_SOURCE.where(BLOCK.c.verdict.is_not(None)).order_by(BLOCK.c.id)
KNOWN_OF = _OF_SOURCE.order_by(BLOCK.c.articles.desc(), BLOCK.c.id)
COUNT_ARTICLES = select(func.count()).select_from(ArticleRow).where(ArticleRow.source_id == bindparam("source"))
LEARNED_TO = select(SourceRow.learned_to).where(SourceRow.id == bindparam("source"))
COUNTED_OF = (
    select(*article_columns())
    .select_from(ArticleRow)
    .join(RevisionRow, (RevisionRow.article_id == ArticleRow.id) & (RevisionRow.no == ArticleRow.revisions))
    .join(SourceRow, SourceRow.id == ArticleRow.source_id)
    .outerjoin(SnapshotRow, SnapshotRow.id == RevisionRow.snapshot_id)
    .where(ArticleRow.source_id == bindparam("source"), RevisionRow.id <= SourceRow.learned_to)
    .order_by(ArticleRow.id.desc())
    .limit(bindparam("most"))
)
HELD = select(BLOCK).where(BLOCK.c.id.in_(bindparam("rows", expanding=True)))


class Blocks:
    """The stored blocks."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    # ------------------------------------------------------------ reading

    def learned(self, source: str) -> Learned:
        """Return the decisions about a source's boilerplate; none for a source that is not stored."""
        with self._work.reading(independent=not self._work.holds_back_source(source)) as connection:
            source_id = self._names.find(connection, source)
            if source_id is None:
                return Learned(source=source)
            rows = connection.execute(DECIDED_OF, {"source": source_id}).all()
            if not rows:  # as for most sources of an archive; how many articles taught nothing is not asked
                return Learned(source=source)
            articles = connection.execute(COUNT_ARTICLES, {"source": source_id}).scalar_one()
        return Learned(source=source, articles=articles, blocks=tuple(_block_of(row) for row in rows))

    def known(self, source: str) -> tuple[KnownBlock, ...]:
        """Return every block counted, with or without a verdict, the most frequent first; without examples."""
        with self._work.reading() as connection:
            rows = connection.execute(KNOWN_OF, {"source": self._names.id(connection, source)}).all()
        return tuple(_block_of(row) for row in rows)

    def examples(self, block: KnownBlock, most: int = EXAMPLES) -> tuple[int, ...]:
        """Return the latest articles a block was seen in, by id."""
        with self._work.reading() as connection:
            rows = connection.execute(
                select(BlockUseRow.article_id)
                .where(BlockUseRow.block_id == block.id)
                .order_by(BlockUseRow.article_id.desc())
                .limit(most)
            ).all()
        return tuple(row.article_id for row in reversed(rows))

    def learned_to(self, source: str) -> int:
        """Return the id of the last revision that was counted, 0 before the first."""
        with self._work.reading() as connection:
            last: int = connection.execute(LEARNED_TO, {"source": self._names.id(connection, source)}).scalar_one()
        return last

    def counted(self, source: str, most: int) -> tuple[StoredArticle, ...]:
        """Return the latest articles that were counted already, at most so many, oldest first."""
        with self._work.reading() as connection:
            rows = connection.execute(COUNTED_OF, {"source": self._names.id(connection, source), "most": most}).all()
        return tuple(stored_of(row) for row in reversed(rows))

    def users(self, block_ids: Iterable[int]) -> tuple[int, ...]:
        """Return the ids of the articles that any of the blocks was seen in, in order."""
        ids = tuple(block_ids)
        if not ids:
            return ()
        with self._work.reading() as connection:
            rows = connection.execute(
                select(BlockUseRow.article_id)
                .where(BlockUseRow.block_id.in_(ids))
                .distinct()
                .order_by(BlockUseRow.article_id)
            )
            return tuple(row.article_id for row in rows)

    # ------------------------------------------------------------ writing

    def remember(
        self, source: str, blocks: Sequence[KnownBlock], uses: Sequence[Sequence[int]], *, learned_to: int
    ) -> tuple[KnownBlock, ...]:
        """Keep new and changed blocks with the articles they were seen in (parallel); return them with their ids.

        A person's verdict in the database outranks the one given here.
        """
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            adding = _adding(connection.dialect.name)
            ids: list[int] = []
            for block in blocks:
                row = {"source_id": source_id, "digest": _digest(block), **_values(block)} if block.id is None else {}
                ids.append(block.id or connection.execute(adding, row).scalar_one())
            if counted := [{"row": block.id, **_values(block)} for block in blocks if block.id is not None]:
                connection.execute(COUNTED, counted)
            used = [
                {"block_id": block_id, "article_id": article_id}
                for block_id, articles in zip(ids, uses, strict=True)
                for article_id in articles
            ]
            if used:
                connection.execute(_using(connection.dialect.name), used)
            connection.execute(update(SourceRow).where(SourceRow.id == source_id).values(learned_to=learned_to))
            held: dict[int, KnownBlock] = {}
            for at in range(0, len(ids), CHUNK):
                for found in connection.execute(HELD, {"rows": tuple(ids[at : at + CHUNK])}):
                    held[found.id] = _block_of(found)
        return tuple(held[block_id] for block_id in ids)

    def overrule(self, source: str, block: KnownBlock, verdict: BlockVerdict | None, now: datetime) -> KnownBlock:
        """Keep a person's verdict on a block, stored or not, for good; None gives the block back to the learner."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            given = {
                "verdict": verdict.value if verdict else None,
                "reason": "a person's verdict" if verdict else None,
                "decided_at": now if verdict else None,
            }
            if block.id is not None:
                row_id = block.id
                connection.execute(
                    update(BlockRow).where(BlockRow.id == row_id, BlockRow.source_id == source_id).values(**given)
                )
            else:
                values = {**_values(block), **given}
                row_id = connection.execute(
                    upsert_for(connection)(BlockRow)
                    .values(source_id=source_id, digest=_digest(block), **values)
                    .on_conflict_do_update(index_elements=["source_id", "digest"], set_=given)
                    .returning(BlockRow.id)
                ).scalar_one()
            return _block_of(connection.execute(select(BlockRow).where(BlockRow.id == row_id)).one())

    def prune(self, source: str, before: date) -> int:
        """Forget blocks without a verdict that were last seen before that day; return how many."""
        with self._work.transaction() as connection:
            gone = connection.execute(
                delete(BlockRow).where(
                    BlockRow.source_id == self._names.id(connection, source),
                    BlockRow.verdict.is_(None),
                    BlockRow.last_on < before,
                )
            )
            return gone.rowcount


@cache
def _adding(dialect: str) -> Any:
    row = insert_for(dialect)(BLOCK)
    values = {name: row.excluded[name] for name in COUNTS} | {
        name: case((BLOCK.c.decided_at.is_(None), row.excluded[name]), else_=BLOCK.c[name]) for name in DECIDED
    }
    return row.on_conflict_do_update(index_elements=["source_id", "digest"], set_=values).returning(BLOCK.c.id)


@cache
def _using(dialect: str) -> Any:
    return insert_for(dialect)(USE).on_conflict_do_nothing()


def _digest(block: KnownBlock) -> str:
    """What a block is known by: its pattern, for a place where anything is boilerplate the place."""
    pattern = " ".join(word or GAP for word in block.pattern)
    return digest(pattern if pattern != GAP else f"{GAP} {block.path}")


def _values(block: KnownBlock) -> dict[str, Any]:
    return {
        "pattern": " ".join(word or GAP for word in block.pattern),
        "text": block.text,
        "kind": block.kind.value,
        "path": block.path,
        "articles": block.articles,
        "first_on": block.first_on,
        "last_on": block.last_on,
        "verdict": block.verdict.value if block.verdict else None,
        "reason": block.reason or None,
    }


def _block_of(row: Row[Any]) -> KnownBlock:
    return KnownBlock(
        id=row.id,
        pattern=tuple("" if word == GAP else word for word in row.pattern.split(" ")) if row.pattern else (),
        text=row.text,
        kind=BlockKind(row.kind),
        path=row.path,
        articles=row.articles,
        first_on=row.first_on,
        last_on=row.last_on,
        verdict=BlockVerdict(row.verdict) if row.verdict else None,
        reason=row.reason or "",
    )
