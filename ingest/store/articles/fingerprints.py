"""Fingerprints: the bands of every article's MinHash as rows, so that texts alike are found without reading all.

A look-up is one small index range for each band, bounded: what thousands share is no likeness (boilerplate that is not
learned yet). Rows are added and deleted with `article.signature`, from which they can be computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    TextClause,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    true,
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
# PostgreSQL takes forty rows in one message; one by one they are as many for client and server
_VALUES = "band_values"
_GIVEN = (
    func.unnest(bindparam(_VALUES, type_=ARRAY(Integer)))
    .table_valued("value", with_ordinality="number", name="given")
    .render_derived()
)
COLUMNS = ("band", "value", "article_id")
ADD_ALL = insert(BAND).from_select(
    COLUMNS, select(_GIVEN.c.number - 1, _GIVEN.c.value, bindparam("article", type_=BigInteger))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Ids of the stored articles whose text may be nearly the same, the likest first."""

    own: tuple[int, ...] = ()  # of the source that was named
    others: tuple[int, ...] = ()  # of all the others


def add(connection: Connection, article_id: int, signature: bytes) -> None:
    """Make an article findable by its signature; one without, its text being too short, is not."""
    values = minhash.bands(signature)
    if not values:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(ADD_ALL, {"article": article_id, **values_of(signature)})
        return
    rows = [{"band": band, "value": value, "article_id": article_id} for band, value in enumerate(values)]
    connection.execute(ADD, rows)


def adding_to(made: CTE) -> CTE:
    """Return what adds the bands of `values_of` to an article that the same statement of PostgreSQL makes."""
    rows = select(_GIVEN.c.number - 1, _GIVEN.c.value, made.c.id).select_from(made.join(_GIVEN, true()))
    return insert(BAND).from_select(COLUMNS, rows).cte("bands")


def values_of(signature: bytes) -> dict[str, list[int]]:
    """Return a signature's bands as the parameters of `adding_to`."""
    return {_VALUES: list(minhash.bands(signature))}


def replace(connection: Connection, article_id: int, signature: bytes) -> None:
    """Take over the signature of an article's changed text."""
    before: bytes | None = connection.execute(SIGNATURE, {"article": article_id}).scalar()
    if before == signature:
        return
    if before:
        connection.execute(_without(len(minhash.bands(before))), _bound(before, article_id))
    connection.execute(UPDATE_SIGNATURE, {"article": article_id, "given": signature})
    add(connection, article_id, signature)


def forget(connection: Connection, articles: ColumnElement[bool]) -> None:
    """Drop the fingerprints of the articles that a condition on their rows names, before the rows go."""
    for row in connection.execute(select(ARTICLE.c.id, ARTICLE.c.signature).where(articles)).all():
        if row.signature:
            connection.execute(_without(len(minhash.bands(row.signature))), _bound(row.signature, row.id))


def near(connection: Connection, signature: bytes, source_id: int) -> Near:
    """Return the articles that share most bands with a signature and may so have nearly its text."""
    values = minhash.bands(signature)
    if not values:
        return Near()
    if connection.dialect.name == "postgresql":
        asked: dict[str, Any] = {"values": list(values)}
        query = SHARING_OF_ARRAY
    else:
        asked = {f"value{band}": value for band, value in enumerate(values)}
        query = _sharing(len(values))
    likeness: dict[bool, dict[int, float]] = {True: {}, False: {}}
    for row in connection.execute(query, {**asked, "source": source_id}):
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


def _most_shared(hits: str) -> TextClause:
    """The articles that are among the hits most often. `hits`: a query that gives an article's id for each."""
    return text(
        "SELECT id, signature, own FROM (SELECT article.id, article.signature, article.source_id = :source AS own,"  # noqa: S608 - numbers of ours
        " row_number() OVER (PARTITION BY article.source_id = :source ORDER BY shared DESC, article.id) AS place"
        f" FROM article JOIN (SELECT article_id, count(*) AS shared FROM ({hits}) AS hit GROUP BY article_id) AS found"
        f" ON found.article_id = article.id) AS ranked WHERE place <= {COMPARED}"
    )


# with unnest PostgreSQL plans the query in a fifth of the time
SHARING_OF_ARRAY = _most_shared(
    "SELECT hit.article_id FROM unnest(CAST(:values AS integer[])) WITH ORDINALITY AS own (value, number)"  # noqa: S608 - numbers of ours
    " CROSS JOIN LATERAL (SELECT article_id FROM fingerprint"
    " WHERE fingerprint.band = own.number - 1 AND fingerprint.value = own.value"
    f" ORDER BY article_id DESC LIMIT {NEWEST_OF_BAND}) AS hit"
)


@cache
def _sharing(count: int) -> TextClause:
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
