"""Fingerprints: the bands of every article's MinHash as rows, so that texts alike are found without reading all.

A look-up is one small index range for each band, bounded: what thousands share is no likeness (boilerplate that is not
learned yet). Rows go and come with `article.signature`, from which they can be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    TextClause,
    bindparam,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)

from ingest import fingerprint
from ingest.store.schema import ArticleRow, FingerprintRow, RevisionRow, table
from ingest.text import words

NEWEST_OF_BAND = 40  # articles looked at that share one band, the newest first: copies come within days
COMPARED = 20  # of these, the articles that share most bands
# Below this estimate a text is not read: three standard deviations of 120 numbers under the least resemblance that
# counts in fingerprint.is_copy.
MIN_LIKENESS = 0.13

ARTICLE, REVISION, BAND = table(ArticleRow), table(RevisionRow), table(FingerprintRow)
SIGNATURE = select(ARTICLE.c.signature).where(ARTICLE.c.id == bindparam("article"))
SET = update(ARTICLE).where(ARTICLE.c.id == bindparam("article")).values(signature=bindparam("given"))
ADD = insert(BAND).inline()
# forty rows in one message; one by one they are as many for client and server
ADD_ALL = text(
    "INSERT INTO fingerprint (band, value, article_id) SELECT number - 1, value, :article"
    " FROM unnest(CAST(:values AS integer[])) WITH ORDINALITY AS band (value, number)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """A stored article whose text may be nearly the same."""

    article_id: int
    likeness: float  # as the signatures estimate it, 0..1
    shingles: frozenset[str]  # of its latest revision


def add(connection: Connection, article_id: int, signature: bytes) -> None:
    """Make an article findable by its signature; one without, its text being too short, is not."""
    values = fingerprint.bands(signature)
    if not values:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(ADD_ALL, {"article": article_id, "values": list(values)})
        return
    rows = [{"band": band, "value": value, "article_id": article_id} for band, value in enumerate(values)]
    connection.execute(ADD, rows)


def replace(connection: Connection, article_id: int, signature: bytes) -> None:
    """Take over the signature of an article's changed text."""
    before: bytes | None = connection.execute(SIGNATURE, {"article": article_id}).scalar()
    if before == signature:
        return
    if before:
        connection.execute(_without(len(fingerprint.bands(before))), _bound(before, article_id))
    connection.execute(SET, {"article": article_id, "given": signature})
    add(connection, article_id, signature)


def forget(connection: Connection, articles: ColumnElement[bool]) -> None:
    """Drop the fingerprints of the articles that a condition on their rows names, before the rows go."""
    for row in connection.execute(select(ARTICLE.c.id, ARTICLE.c.signature).where(articles)).all():
        if row.signature:
            connection.execute(_without(len(fingerprint.bands(row.signature))), _bound(row.signature, row.id))


def alike(connection: Connection, signature: bytes, source_id: int, *, own: bool) -> tuple[Like, ...]:
    """Return the articles of the source, or of all the others, whose text may be nearly this one; the likest first."""
    values = fingerprint.bands(signature)
    if not values:
        return ()
    if connection.dialect.name == "postgresql":
        asked: dict[str, Any] = {"values": list(values)}
        question = _sharing_of_array(own)
    else:
        asked = {f"value{band}": value for band, value in enumerate(values)}
        question = _sharing(len(values), own)
    rows = connection.execute(question, {**asked, "source": source_id})
    near = {row.id: fingerprint.likeness(signature, row.signature) for row in rows}
    ids = sorted((one for one in near if near[one] >= MIN_LIKENESS), key=lambda one: (-near[one], one))
    if not ids:
        return ()
    bodies: dict[int, str] = {row.id: row.body or "" for row in connection.execute(BODIES, {"articles": tuple(ids)})}
    return tuple(Like(article_id=one, likeness=near[one], shingles=_shingles(bodies[one])) for one in ids)


BODIES = (
    select(ARTICLE.c.id, REVISION.c.body)
    .join(REVISION, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.id.in_(bindparam("articles", expanding=True)))
)


def _shingles(body: str) -> frozenset[str]:
    return fingerprint.shingles(words(body))


@cache
def _sharing_of_array(own: bool) -> TextClause:
    """The same question in PostgreSQL's words: planned in a fifth of the time."""
    return _most_shared(
        "SELECT hit.article_id FROM unnest(CAST(:values AS integer[])) WITH ORDINALITY AS own (value, number)"  # noqa: S608 - numbers of ours
        " CROSS JOIN LATERAL (SELECT article_id FROM fingerprint"
        " WHERE fingerprint.band = own.number - 1 AND fingerprint.value = own.value"
        f" ORDER BY article_id DESC LIMIT {NEWEST_OF_BAND}) AS hit",
        own,
    )


@cache
def _sharing(count: int, own: bool) -> TextClause:
    """The articles that share most bands: one question, with an index range of its own for each band."""
    parts = (
        "SELECT article_id FROM (SELECT article_id FROM fingerprint"  # noqa: S608 - numbers of ours
        f" WHERE band = {band} AND value = :value{band} ORDER BY article_id DESC LIMIT {NEWEST_OF_BAND}) AS band{band}"
        for band in range(count)
    )
    return _most_shared(" UNION ALL ".join(parts), own)


def _most_shared(hits: str, own: bool) -> TextClause:
    """The articles that are among the hits most often. `hits`: a question that gives an article's id for each."""
    return text(
        f"SELECT article.id, article.signature FROM article JOIN (SELECT article_id, count(*) AS shared FROM ({hits}"  # noqa: S608 - numbers of ours
        ") AS hit GROUP BY article_id) AS found ON found.article_id = article.id"
        f" WHERE article.source_id {'=' if own else '<>'} :source ORDER BY shared DESC, article.id LIMIT {COMPARED}"
    )


@cache
def _without(count: int) -> Any:
    """Delete an article's bands, each by its whole key."""
    keys = [(BAND.c.band == band) & (BAND.c.value == bindparam(f"value{band}")) for band in range(count)]
    return delete(BAND).where(or_(*keys), BAND.c.article_id == bindparam("article"))


def _bound(signature: bytes, article_id: int) -> dict[str, int]:
    values = fingerprint.bands(signature)
    return {f"value{band}": value for band, value in enumerate(values)} | {"article": article_id}
