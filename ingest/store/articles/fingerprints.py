"""Fingerprints: the bands of every article's MinHash as rows, so that texts alike are found without reading all.

A look-up is one small index range for each band, bounded: what thousands share is no likeness (boilerplate that is not
learned yet). Rows are added and deleted with `article.signature`, from which they can be computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Connection,
    TextualSelect,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from ingest.store.db.schema import ArticleRow, FingerprintRow, RevisionRow, table
from ingest.text import minhash
from ingest.text.normalize import words

NEWEST_OF_BAND = 40  # articles looked at that share one band, the newest first: copies come within days
COMPARED = 20  # of these, the articles that share most bands: of the own source, and of the others
# Below this estimate a text is not read: three standard deviations of 120 numbers under the least resemblance that
# counts in minhash.is_copy.
MIN_LIKENESS = 0.13

ARTICLE, REVISION, BAND = table(ArticleRow), table(RevisionRow), table(FingerprintRow)
SIGNATURE = select(ARTICLE.c.signature).where(ARTICLE.c.id == bindparam("article"))
UPDATE_SIGNATURE = update(ARTICLE).where(ARTICLE.c.id == bindparam("article")).values(signature=bindparam("given"))
ADD = insert(BAND).inline()
# PostgreSQL takes all rows in one message; one by one they are as many for client and server
COLUMNS = ("band", "value", "article_id")
_GIVEN = (
    func.unnest(*(bindparam(name, type_=ARRAY(BAND.c[name].type)) for name in COLUMNS))
    .table_valued(*COLUMNS, name="given")
    .render_derived()
)
ADD_ALL = insert(BAND).from_select(COLUMNS, select(_GIVEN))
DELETE_ALL = delete(BAND).where(*(BAND.c[name] == _GIVEN.c[name] for name in COLUMNS))
_GONE = tuple(f"gone_{name}" for name in COLUMNS)
DELETE = delete(BAND).where(*(BAND.c[name] == bindparam(f"gone_{name}") for name in COLUMNS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Ids of the stored articles whose text may be nearly the same, the likest first."""

    own: tuple[int, ...] = ()  # of the source that was named
    others: tuple[int, ...] = ()  # of all the others


def add(connection: Connection, signatures: Sequence[tuple[int, bytes]]) -> None:
    """Make articles findable by their signatures; one without, its text being too short, is not."""
    rows = _rows(signatures)
    if rows and connection.dialect.name == "postgresql":
        connection.execute(ADD_ALL, _columns_of(rows))
    elif rows:
        connection.execute(ADD, [dict(zip(COLUMNS, row, strict=True)) for row in rows])


def _rows(signatures: Iterable[tuple[int, bytes]]) -> list[tuple[int, int, int]]:
    return [
        (band, value, article_id)
        for article_id, signature in signatures
        for band, value in enumerate(minhash.bands(signature))
    ]


def _columns_of(rows: Sequence[tuple[int, int, int]]) -> dict[str, list[int]]:
    return dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))


def replace(connection: Connection, article_id: int, signature: bytes) -> None:
    """Take over the signature of an article's changed text."""
    before: bytes | None = connection.execute(SIGNATURE, {"article": article_id}).scalar()
    if before == signature:
        return
    if before:
        connection.execute(_without(len(minhash.bands(before))), _bound(before, article_id))
    connection.execute(UPDATE_SIGNATURE, {"article": article_id, "given": signature})
    add(connection, [(article_id, signature)])


def replace_all(connection: Connection, signatures: Mapping[int, tuple[bytes | None, bytes]]) -> None:
    """Take over the signatures of articles, given by id with the ones before and those now in their rows."""
    gone = _rows((article_id, before or b"") for article_id, (before, _) in signatures.items())
    if gone and connection.dialect.name == "postgresql":
        connection.execute(DELETE_ALL, _columns_of(gone))
    elif gone:
        connection.execute(DELETE, [dict(zip(_GONE, row, strict=True)) for row in gone])
    add(connection, [(article_id, now) for article_id, (_, now) in signatures.items()])


def forget(connection: Connection, articles: ColumnElement[bool]) -> None:
    """Drop the fingerprints of the articles that a condition on their rows names, before the rows go."""
    for row in connection.execute(select(ARTICLE.c.id, ARTICLE.c.signature).where(articles)).all():
        if row.signature:
            connection.execute(_without(len(minhash.bands(row.signature))), _bound(row.signature, row.id))


def near(connection: Connection, signature: bytes, source_id: int) -> Near:
    """Return the articles that share most bands with a signature and may so have nearly its text."""
    if not signature:
        return Near()
    query = sharing(connection.dialect.name, len(minhash.bands(signature)))
    return likest(signature, connection.execute(query, asked(connection.dialect.name, signature, source_id)))


def sharing(dialect: str, bands: int) -> TextualSelect:
    """Return the query for the articles that share most bands with a signature: id, signature, own (of the source)."""
    return SHARING_OF_ARRAY if dialect == "postgresql" else _sharing(bands)


def asked(dialect: str, signature: bytes, source_id: int) -> dict[str, Any]:
    """Return the parameters of `sharing`."""
    values = minhash.bands(signature)
    if dialect == "postgresql":
        return {"values": list(values), "source": source_id}
    return {f"value{band}": value for band, value in enumerate(values)} | {"source": source_id}


def likest(signature: bytes, rows: Iterable[Any]) -> Near:
    """Return the articles of these rows whose signatures are like one."""
    likeness: dict[bool, dict[int, float]] = {True: {}, False: {}}
    for row in rows:
        likeness[bool(row.own)][row.id] = minhash.likeness(signature, row.signature)
    return Near(own=_likest(likeness[True]), others=_likest(likeness[False]))


def _likest(likeness: Mapping[int, float]) -> tuple[int, ...]:
    enough = (one for one in likeness if likeness[one] >= MIN_LIKENESS)
    return tuple(sorted(enough, key=lambda one: (-likeness[one], one)))


def shingles_of(connection: Connection, article_ids: tuple[int, ...]) -> dict[int, frozenset[str]]:
    """Return the shingles of the articles' latest revisions, in their order; of those that are still there."""
    if not article_ids:
        return {}
    bodies: dict[int, str] = {row.id: row.body or "" for row in connection.execute(BODIES, {"articles": article_ids})}
    return {one: minhash.shingles(words(bodies[one])) for one in article_ids if one in bodies}


BODIES = (
    select(ARTICLE.c.id, REVISION.c.body)
    .join(REVISION, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.id.in_(bindparam("articles", expanding=True)))
)


def _most_shared(hits: str) -> TextualSelect:
    """The articles that are among the hits most often. `hits`: a query that gives an article's id for each."""
    return text(
        "SELECT id, signature, own FROM (SELECT article.id, article.signature, article.source_id = :source AS own,"  # noqa: S608 - numbers of ours
        " row_number() OVER (PARTITION BY article.source_id = :source ORDER BY shared DESC, article.id) AS place"
        f" FROM article JOIN (SELECT article_id, count(*) AS shared FROM ({hits}) AS hit GROUP BY article_id) AS found"
        f" ON found.article_id = article.id) AS ranked WHERE place <= {COMPARED}"
    ).columns(id=ARTICLE.c.id.type, signature=ARTICLE.c.signature.type, own=Boolean)


# with unnest PostgreSQL plans the query in a fifth of the time
SHARING_OF_ARRAY = _most_shared(
    "SELECT hit.article_id FROM unnest(CAST(:values AS integer[])) WITH ORDINALITY AS own (value, number)"  # noqa: S608 - numbers of ours
    " CROSS JOIN LATERAL (SELECT article_id FROM fingerprint"
    " WHERE fingerprint.band = own.number - 1 AND fingerprint.value = own.value"
    f" ORDER BY article_id DESC LIMIT {NEWEST_OF_BAND}) AS hit"
)


@cache
def _sharing(count: int) -> TextualSelect:
    """The articles that share most bands: one query, with an index range of its own for each band."""
    parts = (
        "SELECT article_id FROM (SELECT article_id FROM fingerprint"  # noqa: S608 - numbers of ours
        f" WHERE band = {band} AND value = :value{band} ORDER BY article_id DESC LIMIT {NEWEST_OF_BAND}) AS band{band}"
        for band in range(count)
    )
    return _most_shared(" UNION ALL ".join(parts))


@cache
def _without(count: int) -> Any:
    """Delete an article's bands, each by its whole key."""
    keys = [(BAND.c.band == band) & (BAND.c.value == bindparam(f"value{band}")) for band in range(count)]
    return delete(BAND).where(or_(*keys), BAND.c.article_id == bindparam("article"))


def _bound(signature: bytes, article_id: int) -> dict[str, int]:
    values = minhash.bands(signature)
    return {f"value{band}": value for band, value in enumerate(values)} | {"article": article_id}
