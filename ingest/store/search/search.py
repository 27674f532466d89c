"""Full text: one query for both databases, answered from an index over title and stripped text.

SQLite has an FTS5 table over a view of the latest revisions, kept current by triggers; PostgreSQL a tsvector column
that it generates itself, the words as they are and, where the language is one of its own, their stems. Either way the
index changes in the transaction that changes the text, whoever changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Date, bindparam, text

from ingest.store.db.codec import moment_of_columns
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.types import Json, Utc
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.search.snippets import snippet
from ingest.store.search.terms import Term, terms_of
from ingest.store.values import Hit, SearchFilter

EVERYTHING = SearchFilter()
ALL = 2**31 - 1  # of a limit
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

FROM = """
JOIN article ON article.id = {article}
JOIN revision ON revision.article_id = article.id AND revision.no = article.revisions
JOIN source ON source.id = article.source_id
"""
COLUMNS = """article.id, source.name AS source, article.url, revision.title, revision.authors, revision.language,
revision.published_at, revision.published_on, revision.published_offset_min, revision.published_precision,
revision.no, article.first_seen_at"""
NEWEST = "coalesce(revision.published_at, {day}, article.first_seen_at) DESC, article.id DESC"
DAY = {"sqlite": "revision.published_on", "postgresql": "CAST(revision.published_on AS timestamp) AT TIME ZONE 'UTC'"}

SQLITE = f"""
SELECT {COLUMNS}, -bm25(article_search, {TITLE_WEIGHT}, 1.0) AS score
FROM article_search {FROM.format(article="article_search.rowid")}
WHERE article_search MATCH :words {{where}} ORDER BY {{order}} LIMIT :most"""  # noqa: S608 - no word of a person's in it
POSTGRESQL = f"""
SELECT {COLUMNS}, ts_rank('{{{{0.1, 0.1, 0.1, 1.0}}}}', revision.search, CAST(:words AS tsquery), 1) AS score
FROM revision JOIN article ON article.id = revision.article_id AND revision.no = article.revisions
JOIN source ON source.id = article.source_id
WHERE revision.search @@ CAST(:words AS tsquery) {{where}} ORDER BY {{order}} LIMIT :most"""  # noqa: S608 - nor here


def settle(connection: Connection) -> None:
    """Rewrite SQLite's index: until then it holds the words of what was deleted. PostgreSQL's go with their rows."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO article_search(article_search) VALUES ('optimize')")


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
            rows = self._rows(connection, terms, among, most=most, newest=newest)
            bodies = _bodies(connection, [row.id for row in rows])
        return tuple(_hit(row, snippet(bodies.get(row.id, ""), terms)) for row in rows)

    def ids(self, asked: str, among: SearchFilter = EVERYTHING) -> tuple[int, ...]:
        """Return the ids of all articles that hold what is asked for, in ascending order. Raises as `find` does."""
        with self._work.reading() as connection:
            rows = self._rows(connection, terms_of(asked), among, most=ALL, newest=True)
            return tuple(sorted(row.id for row in rows))

    def _rows(
        self, connection: Connection, terms: Sequence[Term], among: SearchFilter, *, most: int, newest: bool
    ) -> Any:
        source_id = None if among.source is None else self._names.id(connection, among.source)
        where, values = _conditions(source_id, among)
        sqlite = connection.dialect.name == "sqlite"
        given = _fts5(terms) if sqlite else _tsquery(connection, terms, among.language)
        order = ("" if newest else "score DESC, ") + NEWEST.format(day=DAY[connection.dialect.name])
        query = text((SQLITE if sqlite else POSTGRESQL).format(where=where, order=order)).columns(
            authors=Json(), published_at=Utc(), published_on=Date(), first_seen_at=Utc()
        )
        query = query.bindparams(
            *(bindparam(name, value, type_=Utc()) for name, value in values.items() if isinstance(value, datetime))
        )
        return connection.execute(query, {"words": given, "most": most, **values}).all()


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
                f"CASE WHEN revision.published_at IS NOT NULL THEN revision.published_at {sign} :{name} "
                f"WHEN revision.published_on IS NOT NULL THEN revision.published_on {sign} :{name}_on "
                f"ELSE article.first_seen_at {sign} :{name} END"
            )
            day = moment.date() + timedelta(days=name == "until" and moment.time() != moment.min.time())
            values |= {name: moment, f"{name}_on": day}
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


def _hit(row: Any, shown: str) -> Hit:
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
        score=round(float(row.score), 4),
        snippet=shown,
    )


# ---------------------------------------------------------------- the databases' own query languages


def _fts5(terms: Sequence[Term]) -> str:
    """Write terms for FTS5; in its quotes everything is text."""
    wanted = " AND ".join(_quoted(term) for term in terms if not term.excluded)
    unwanted = " OR ".join(_quoted(term) for term in terms if term.excluded)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _quoted(term: Term) -> str:
    inner = term.text.replace('"', " ").strip().rstrip("*")
    return f'"{inner}"' + ("*" if term.begins else "")


# the languages PostgreSQL knows stems of, by ISO 639-1; those that a server lacks are left out by the migration
STEMMED = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "nn": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip  # a table
EXACT = text("SELECT phraseto_tsquery('simple', ingest_words(:words))::text")
BEGINS = text(
    "SELECT string_agg(quote_literal(word), ' <-> ') || ':*' "
    "FROM regexp_split_to_table(trim(ingest_words(:words)), '\\s+') AS word WHERE word <> ''"
)
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
            ways += connection.execute(STEMS, {"words": term.text, "names": tuple(names)}).scalars()
        if found := " | ".join(dict.fromkeys(way for way in ways if way)):
            (unwanted if term.excluded else wanted).append(f"({found})")
    return " & ".join(wanted + [f"!{one}" for one in unwanted]) if wanted else ""
