"""Full text: one query for both databases, answered from an index over title and stripped text.

SQLite has an FTS5 table over a view of the latest revisions, kept current by triggers; PostgreSQL a tsvector column
that it generates itself, the words as they are and, where the language is one of its own, their stems. Either way the
index changes in the transaction that changes the text, whoever changes it.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Date, TextClause, TextualSelect, bindparam, text

from ingest.store.db.codec import moment_of_columns
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.types import Json, Utc
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.search.counting import CountBy, counted
from ingest.store.search.snippets import snippet
from ingest.store.values import Hit, SearchFilter
from ingest.text.search_terms import Term, terms_of

log = logging.getLogger(__name__)

EVERYTHING = SearchFilter()
ALL = 2**31 - 1  # of a limit
OLD_FORMAT = 4  # of FTS5 tables; deleting securely makes it 5
MERGED_PAGES = 250  # of 4 KB, of the index rewritten in one transaction: some 0.05 s
TITLE_WEIGHT = 8.0  # of a word in the title, one in the body being 1
# what the migration made for searching, beyond the tables of schema.py
OWN_TABLES = (
    "article_search",
    "article_search_config",
    "article_search_data",
    "article_search_docsize",
    "article_search_idx",
)
OWN_COLUMN, OWN_INDEX = "search", "ix_revision_search"  # PostgreSQL's, of revision

COLUMNS = """article.id, source.name AS source, article.url, revision.title, revision.authors, revision.language,
revision.published_at, revision.published_on, revision.published_offset_min, revision.published_precision,
revision.no, article.first_seen_at"""
LATEST = "revision.article_id = article.id AND revision.no = article.revisions"
NEWEST = "article.dated_at DESC, article.id DESC"
ORDER = {False: f"hit.score DESC, {NEWEST}", True: NEWEST}  # by whether the newest are asked for

# First ids and scores, then what is shown of those few. Of a word that a great part of all articles has the newest are
# ranked: its score says little, and to score and sort a million of them takes seconds.
CONSIDERED = 10_000
# From so many articles with the words on, the newest are found by walking from the newest article back.
MANY = 20_000
WALKED = 2_000  # articles at a time; of those with a word that 2 in 100 have, 40 are found
_BM25 = f"-bm25(article_search, {TITLE_WEIGHT}, 1.0) AS score"
_HITS = f"""
SELECT hit.id, hit.score FROM (
    SELECT article_search.rowid AS id, {_BM25} FROM article_search {{joins}}
    WHERE article_search MATCH :words {{where}} ORDER BY article_search.rowid DESC LIMIT :considered) AS hit
JOIN article ON article.id = hit.id ORDER BY {{order}} LIMIT :most"""  # noqa: S608 - no word of a person's in it
_JOINED = f" CROSS JOIN article ON article.id = article_search.rowid CROSS JOIN revision ON {LATEST}"
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM article_search WHERE article_search MATCH :words LIMIT :many) AS some"
_NEXT_NEWEST = f"""
SELECT article.id, article.dated_at FROM article CROSS JOIN revision ON {LATEST}
WHERE (article.dated_at, article.id) < (:dated_at, :id) {{where}} ORDER BY {NEWEST} LIMIT :walked"""  # noqa: S608 - nor here
_AMONG = "SELECT rowid FROM article_search WHERE article_search MATCH :words AND rowid BETWEEN :low AND :high"
_RANK = "ts_rank('{0.1, 0.1, 0.1, 1.0}', revision.search, CAST(:words AS tsquery), 1) AS score"
_HITS_POSTGRESQL = f"""
SELECT hit.id, hit.score FROM (
    SELECT article.id, {_RANK.replace("{", "{{").replace("}", "}}")}
    FROM revision JOIN article ON {LATEST}
    WHERE revision.search @@ CAST(:words AS tsquery) {{where}} ORDER BY revision.id DESC LIMIT :considered) AS hit
JOIN article ON article.id = hit.id ORDER BY {{order}} LIMIT :most"""  # noqa: S608 - nor here
_NEWEST_POSTGRESQL = f"""
SELECT article.id, {_RANK.replace("{", "{{").replace("}", "}}")} FROM article JOIN revision ON {LATEST}
WHERE revision.search @@ CAST(:words AS tsquery) {{where}} ORDER BY {NEWEST} LIMIT :most"""  # noqa: S608 - nor here
_SHOWN = (
    text(
        f"SELECT {COLUMNS} FROM article JOIN revision ON {LATEST} JOIN source ON source.id = article.source_id"  # noqa: S608 - nor here
        " WHERE article.id IN :ids"
    )
    .bindparams(bindparam("ids", expanding=True))
    .columns(authors=Json(), published_at=Utc(), published_on=Date(), first_seen_at=Utc())
)


def delete_securely(connection: Connection, *, on: bool = True) -> None:
    """Have SQLite take the words of deleted texts out of its index at once, where its version can (3.42)."""
    if _deletes_securely(connection):
        how = f"INSERT INTO article_search(article_search, rank) VALUES ('secure-delete', {int(on)})"  # noqa: S608 - a number
        connection.exec_driver_sql(how)


def scrub(work: UnitOfWork) -> None:
    """Rewrite the index of an older SQLite: until then it holds the words of deleted texts. PostgreSQL's does not.

    In steps, so that nobody waits for the database: together they take as long as writing the index once.
    """
    with work.reading() as connection:
        if connection.dialect.name != "sqlite" or _deletes_securely(connection):
            return
    pages = -MERGED_PAGES  # negative: all of it, not only what is worth merging
    while True:
        with work.transaction() as connection:
            before = _changes(connection)
            connection.exec_driver_sql(f"INSERT INTO article_search(article_search, rank) VALUES ('merge', {pages})")  # noqa: S608 - a number
            if _changes(connection) - before < 2 and pages > 0:  # as FTS5 says that nothing is left to be done
                return
        pages = MERGED_PAGES


def _deletes_securely(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite" and sqlite3.sqlite_version_info >= (3, 42)


def make_readable(work: UnitOfWork) -> None:
    """Build SQLite's index anew when a newer SQLite has left it in a form that this one cannot read."""
    with work.reading() as connection:
        if connection.dialect.name != "sqlite" or _deletes_securely(connection):
            return
        version = connection.exec_driver_sql("SELECT v FROM article_search_config WHERE k = 'version'").scalar()
    if version is not None and int(version) > OLD_FORMAT:
        log.info("building the full-text index anew: a newer SQLite wrote it last")
        with work.transaction() as connection:
            connection.exec_driver_sql("UPDATE article_search_config SET v = 4 WHERE k = 'version'")
            connection.exec_driver_sql("INSERT INTO article_search(article_search) VALUES ('rebuild')")


def _changes(connection: Connection) -> int:
    driver: Any = connection.connection.driver_connection
    return int(driver.total_changes)


class Search:
    """Looks for words in titles and stripped texts."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    def find(
        self, asked: str, among: SearchFilter = EVERYTHING, *, most: int = 20, newest: bool = False
    ) -> tuple[Hit, ...]:
        """Return the articles that hold what is asked for, the best first, or the newest.

        Raises WrongUse when nothing is asked for, SourceError for a source that is not stored.
        """
        terms = terms_of(asked)
        with self._work.reading() as connection:
            scores = self._hits(connection, terms, among, most=most, newest=newest)
            shown = {row.id: row for row in connection.execute(_SHOWN, {"ids": tuple(scores)})} if scores else {}
            bodies = _bodies(connection, tuple(shown))
        return tuple(
            _hit(shown[one], score, snippet(bodies.get(one, ""), terms))
            for one, score in scores.items()
            if one in shown
        )

    def ids(self, asked: str, among: SearchFilter = EVERYTHING) -> tuple[int, ...]:
        """Return the ids of all articles that hold what is asked for, in ascending order. Raises as `find` does."""
        with self._work.reading() as connection:
            return tuple(sorted(self._hits(connection, terms_of(asked), among, most=ALL, newest=False)))

    def counts(self, asked: str, among: SearchFilter = EVERYTHING, *, by: CountBy) -> dict[str, int]:
        """Return how many articles hold what is asked for, by day, week or source. Raises as `find` does."""
        ids = self.ids(asked, among)
        with self._work.reading() as connection:
            return counted(connection, ids, by)

    def _hits(
        self, connection: Connection, terms: Sequence[Term], among: SearchFilter, *, most: int, newest: bool
    ) -> dict[int, float]:
        """Return the ids of the articles found, in order, with their scores."""
        source_id = None if among.source is None else self._names.id(connection, among.source)
        where, values = _conditions(source_id, among)
        given: dict[str, Any] = {**values, "most": most, "considered": max(most, MANY if newest else CONSIDERED)}
        if connection.dialect.name == "sqlite":
            given["words"] = _fts5(terms)
            return _hits_sqlite(connection, where, given, newest=newest)
        given["words"] = _tsquery(connection, terms, among.language)
        query = (_NEWEST_POSTGRESQL if newest else _HITS_POSTGRESQL).format(where=where, order=ORDER[newest])
        return _scores(connection, query, given)


def _hits_sqlite(connection: Connection, where: str, given: dict[str, Any], *, newest: bool) -> dict[int, float]:
    if newest and given["most"] < MANY:
        many = connection.execute(text(_COUNT), {"words": given["words"], "many": MANY}).scalar_one()
        if many == MANY:
            return dict.fromkeys(islice(_newest(connection, where, given), given["most"]), 0.0)
    query = _HITS.format(where=where, joins=_JOINED if where else "", order=ORDER[newest])
    return _scores(connection, query, given)


def _newest(connection: Connection, where: str, given: dict[str, Any]) -> Iterator[int]:
    """Give the articles found, from the newest back; a word that so many have says nothing of their order."""
    query = _NEXT_NEWEST.format(where=where)
    given = given | {"dated_at": datetime.max.replace(tzinfo=UTC), "id": ALL, "walked": WALKED}
    while rows := connection.execute(*_bound(query, given)).all():
        ids = [row.id for row in rows]
        found = connection.execute(text(_AMONG), {"words": given["words"], "low": min(ids), "high": max(ids)})
        yield from filter(set(found.scalars()).__contains__, ids)
        given |= {"dated_at": rows[-1].dated_at, "id": ids[-1]}


def _scores(connection: Connection, query: str, given: dict[str, Any]) -> dict[int, float]:
    return {row.id: row.score for row in connection.execute(*_bound(query, given))}


def _bound(query: str, given: dict[str, Any]) -> tuple[TextClause | TextualSelect, dict[str, Any]]:
    """Return a query with those of the values that it names."""
    values = {name: given[name] for name in given if re.search(f":{name}\\b", query)}
    typed = [bindparam(name, type_=Utc()) for name in values if isinstance(values[name], datetime)]
    clause = text(query).bindparams(*typed)
    return (clause.columns(dated_at=Utc()) if "article.dated_at FROM" in query else clause), values


def _conditions(source_id: int | None, among: SearchFilter) -> tuple[str, dict[str, Any]]:
    """Return conditions and their values."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    if source_id is not None:
        parts.append("article.source_id = :source")
        values["source"] = source_id
    for name, moment, sign in (("since", among.since, ">="), ("until", among.until, "<")):
        if moment is not None:
            parts.append(
                f"article.dated_at {sign} :{name}_day AND "  # what an index knows
                f"CASE WHEN revision.published_at IS NOT NULL THEN revision.published_at {sign} :{name} "
                f"WHEN revision.published_on IS NOT NULL THEN revision.published_on {sign} :{name}_on "
                f"ELSE article.first_seen_at {sign} :{name} END"
            )
            day = moment.date() + timedelta(days=name == "until" and moment.time() != moment.min.time())
            edge = datetime.combine(moment.astimezone(UTC).date() + timedelta(days=name == "until"), time(), UTC)
            values |= {name: moment, f"{name}_on": day, f"{name}_day": edge}
    if among.language is not None:
        parts.append("(revision.language = :language OR revision.language LIKE :dialects)")
        values |= {"language": among.language.lower(), "dialects": f"{among.language.lower()}-%"}
    if among.author is not None:
        parts.append("lower(revision.authors) LIKE :author ESCAPE '!'")
        escaped = among.author.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values["author"] = f"%{escaped}%"
    return "".join(f" AND {part}" for part in parts), values


def _bodies(connection: Connection, article_ids: Sequence[int]) -> dict[int, str]:
    if not article_ids:
        return {}
    rows = connection.execute(
        text("SELECT article_id, body FROM revision WHERE article_id IN :ids AND body IS NOT NULL").bindparams(
            bindparam("ids", expanding=True)
        ),
        {"ids": article_ids},
    )
    return {row.article_id: row.body for row in rows}


def _hit(row: Any, score: float, shown: str) -> Hit:
    return Hit(
        article_id=row.id,
        source=row.source,
        url=row.url,
        title=row.title,
        authors=tuple(row.authors),
        language=row.language,
        published=moment_of_columns(
            row.published_at, row.published_on, row.published_offset_min, row.published_precision
        ),
        first_seen_at=row.first_seen_at,
        score=round(float(score), 4),
        snippet=shown,
    )


# ---------------------------------------------------------------- the databases' own query languages


def _fts5(terms: Sequence[Term]) -> str:
    """Write terms for FTS5; in its quotes everything is text."""
    wanted = " AND ".join(_quoted(term) for term in terms if not term.excluded)
    unwanted = " OR ".join(_quoted(term) for term in terms if term.excluded)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _quoted(term: Term) -> str:
    return f'"{term.text}"' + ("*" if term.begins else "")


# the languages PostgreSQL knows stems of, by ISO 639-1; those that a server lacks are left out by the migration
STEMMED = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "nn": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip  # a table
EXACT = text("SELECT phraseto_tsquery('simple', :words)::text")
BEGINS = text("SELECT string_agg(quote_literal(word), ' <-> ') || ':*' FROM regexp_split_to_table(:words, ' ') AS word")
STEMS = text(
    "SELECT DISTINCT plainto_tsquery(config.oid, ingest_spaced(:words))::text "
    "FROM pg_ts_config AS config WHERE config.cfgname IN :names"
).bindparams(bindparam("names", expanding=True))


def _tsquery(connection: Connection, terms: Sequence[Term], language: str | None) -> str:
    """Write terms for PostgreSQL: a word counts as it is, or by its stem in any language, or in the one asked for."""
    names = {STEMMED[language]} if language in STEMMED else set(STEMMED.values())
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in terms:
        ways = [str(connection.execute(BEGINS if term.begins else EXACT, {"words": term.text}).scalar() or "")]
        if term.exact and len(term.words) == 1 and ways[0]:
            ways[0] += f" <0> {ways[0]}"  # at the place where it stands itself: stems have no place
        if not term.exact and not term.begins and len(term.words) == 1:
            for form in dict.fromkeys((term.asked, term.text)):
                ways += connection.execute(STEMS, {"words": form, "names": tuple(names)}).scalars()
        if found := " | ".join(dict.fromkeys(way for way in ways if way)):
            (unwanted if term.excluded else wanted).append(f"({found})")
    return " & ".join(wanted + [f"!{one}" for one in unwanted]) if wanted else ""
