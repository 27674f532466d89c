"""`ingest db check`: is the file sound, does every reference lead to a row, do the counters match the pages?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from ingest.model import OutcomeKind
from ingest.store.db.unit_of_work import UnitOfWork

SHOWN = 5  # row ids named in a message; of the rest the number


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that should not be. `kind` is a slug."""

    kind: str
    detail: str


# each query returns the row ids of faults; EXCEPT reads two indexes side by side where a join would look up each row
ORPHANS = {
    "revision-missing": """
        SELECT article.id FROM article
        JOIN (SELECT article_id, count(*) AS revisions FROM revision GROUP BY article_id) AS there
          ON there.article_id = article.id
        WHERE there.revisions <> article.revisions""",
    "page-without-article": """
        SELECT page.id FROM page
        WHERE outcome IN ('stored', 'revised', 'unchanged', 'duplicate') AND article_id IS NULL
          AND coalesce(reason, '') <> 'not-modified'""",
    "page-ended-in-no-run": """
        SELECT page.id FROM page
        WHERE run_id IN (SELECT run_id FROM page WHERE run_id IS NOT NULL EXCEPT SELECT id FROM run)""",
    "fingerprint-without-article": "SELECT article_id FROM fingerprint EXCEPT SELECT id FROM article",
    "empty-cluster": """
        SELECT id FROM cluster EXCEPT SELECT cluster_id FROM article WHERE cluster_id IS NOT NULL""",
}
# of articles whose latest revision is wrong: one look at each finds all that may be
LATEST = """
    SELECT article.id, CASE WHEN revision.id IS NULL THEN 'article-without-revision'
                            WHEN revision.body_digest <> article.body_digest THEN 'digest-differs'
                            ELSE 'body-missing' END AS kind
    FROM article LEFT JOIN revision ON revision.article_id = article.id AND revision.no = article.revisions
    WHERE revision.id IS NULL OR revision.body_digest <> article.body_digest OR revision.body IS NULL
    ORDER BY article.id"""


def check(work: UnitOfWork) -> tuple[Fault, ...]:
    """Return what is wrong, the worst first; nothing for a sound database."""
    with work.reading() as connection:
        unsound = _unsound(connection)  # a damaged file answers no other query
        return tuple(unsound or _unsearchable(connection) + _orphans(connection) + _unbalanced(connection))


def _unsound(connection: Connection) -> list[Fault]:
    """Have SQLite check its file; PostgreSQL checks its own pages."""
    if connection.dialect.name != "sqlite":
        return []
    try:
        lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    except DatabaseError as cause:
        lines = [str(cause.orig)]
    return [Fault(kind="damaged", detail=line) for line in lines if line != "ok"]


def _unsearchable(connection: Connection) -> list[Fault]:
    """Hold SQLite's full-text index against the texts; PostgreSQL generates its own."""
    if connection.dialect.name != "sqlite":
        return []
    try:
        connection.exec_driver_sql("INSERT INTO article_search(article_search, rank) VALUES ('integrity-check', 1)")
    except DatabaseError as error:
        if "readonly" in str(error):  # FTS5 takes its check as an insert: of what may only be read, nothing is known
            return []
        mend = "INSERT INTO article_search(article_search) VALUES ('rebuild')"
        return [
            Fault(
                kind="search-differs", detail=f"the full-text index does not match the texts; rebuild it in SQL: {mend}"
            )
        ]
    return []


def _orphans(connection: Connection) -> list[Fault]:
    faults = []
    if connection.dialect.name == "sqlite":  # PostgreSQL always enforces its foreign keys
        faults += [
            Fault(kind="orphan", detail=f"{row[0]} {row[1]} points to a {row[2]} that is not there")
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
        ]
    found_of: dict[str, list[int]] = {}
    for row in connection.execute(text(LATEST)):
        found_of.setdefault(row.kind, []).append(row.id)
    for kind, query in ORPHANS.items():
        found_of[kind] = sorted(connection.execute(text(query)).scalars())
    for kind, found in found_of.items():
        if found:
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            faults.append(Fault(kind=kind, detail=", ".join(map(str, found[:SHOWN])) + more))
    return faults


def _unbalanced(connection: Connection) -> list[Fault]:
    """Compare the last run's counters with the pages it ended: pages of earlier runs were ended again since."""
    run_id = connection.execute(text("SELECT max(run_id) FROM run_source")).scalar()
    if run_id is None:
        return []
    sums = ", ".join(f"sum({kind.value}) AS {kind.value}" for kind in OutcomeKind)
    counters = connection.execute(text(f"SELECT {sums} FROM run_source WHERE run_id = :run"), {"run": run_id}).one()  # noqa: S608 - names of an enum
    rows = connection.execute(
        text("SELECT outcome, count(*) AS pages FROM page WHERE run_id = :run GROUP BY outcome"), {"run": run_id}
    )
    pages = {row.outcome: row.pages for row in rows}
    forgotten = connection.execute(text("SELECT count(*) FROM page WHERE reason = 'forgotten'")).scalar_one()
    return [
        Fault(kind="unbalanced", detail=f"run {run_id}: {kind.value} counts {counted}, but {there} pages ended so")
        for kind in OutcomeKind
        if (counted := int(getattr(counters, kind.value) or 0)) != (there := int(pages.get(kind.value, 0)))
        and not there <= counted <= there + forgotten
    ]
