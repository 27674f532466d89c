"""The questions asked all the time are answered from indexes, by the databases' own word, with many rows around."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Date, bindparam, event, text

from ingest.model import Outcome, OutcomeKind, Verdict, VerdictKind
from ingest.store import PageEnd, RetentionLimits, SearchFilter, Store
from ingest.store.db.schema import Base, RunRow
from ingest.store.db.types import PackedJson, Utc
from ingest.web.urls import key
from tests.store.values import HOUR, NOW, article, link, source

SOURCES = 2_000
PAGES = 40_000
ARTICLES = 30_000

# rows enough that a planner with any sense takes an index; keys as URL keys are, spread evenly
FILL = {
    "source": """
        INSERT INTO source (id, name, url, unit, declared, added_at, next_due_at)
        SELECT n, 's' || n, 'https://s' || n || '.example/', 's' || n || '.example',
               '{"name":"s' || n || '","url":"https://s' || n || '.example/"}', :now, :later
        FROM numbers WHERE n > 2""",
    "page": """
        INSERT INTO page (source_id, url, url_key, state, rank, met_at, recheck_at, reason, article_id)
        SELECT n % 50 + 1, 'https://a.example/p' || n, 'k' || (n * 7919 % 1000003),
               CASE WHEN n % 10 = 0 THEN 'queued' ELSE 'done' END, -n, :now,
               CASE WHEN n % 10 = 5 THEN :later END, 'x', CASE WHEN n % 10 = 6 THEN 1 END
        FROM numbers""",
    "article": """
        INSERT INTO article (id, source_id, url, url_key, canonical_key, body_digest, revisions,
                             first_seen_at, last_seen_at, revised_at)
        SELECT n, n % 50 + 1, 'https://a.example/x' || n, 'x' || (n * 7919 % 1000003), 'c' || n, 'd' || n, 1,
               :now, :now, :now
        FROM numbers""",
    "cluster": "INSERT INTO cluster (id, made_at) SELECT n, :now FROM numbers",
    "revision": """
        INSERT INTO revision (article_id, no, fetched_at, title, authors, tags, body_digest, blocks, claims,
                              alternate_urls, snapshot_id)
        SELECT n, 1, :now, CASE WHEN n % 8 = 0 THEN 'Report ' || n || ' of the day' END, '[]', '[]', 'd' || n, :packed,
               :packed, '[]', n
        FROM numbers""",
    "snapshot": """
        INSERT INTO snapshot (id, source_id, url, url_key, file, "offset", length, digest, fetched_at)
        SELECT n, n % 50 + 1, 'u', 'x' || n, 'f', n, 1, 'b' || n, :now FROM numbers""",
    "run": """
        INSERT INTO run (id, begun_at, command, holder, finished_at)
        SELECT n, :now, 'run', 'all', :now FROM numbers""",
    "run_source": "INSERT INTO run_source (run_id, source_id) SELECT n / 10 + 1, n % 2000 + 1 FROM numbers",
    "finding": """
        INSERT INTO finding (id, source_id, kind, run_id, began_at, last_seen_at, ended_at, alerted_at,
                             recovery_alerted_at)
        SELECT n, n % 2000 + 1, 'quiet', n % 2000 + 1, :now, :now, CASE WHEN n % 500 > 0 THEN :now END, :now, :now
        FROM numbers""",
    "seed": """
        INSERT INTO seed (source_id, url, url_key, kind) SELECT n % 2000 + 1, 'u', 'k' || n, 'feed' FROM numbers""",
    "block": """
        INSERT INTO block (id, source_id, digest, pattern, text, kind, path, articles, first_on, last_on)
        SELECT n, n % 50 + 1, 'd' || n, 'words', 'words', 'paragraph', 'p', 3, :on, :on FROM numbers""",
    "block_use": "INSERT INTO block_use (block_id, article_id) SELECT n % 5000 + 1, n FROM numbers",
}
COUNTS = {
    "source": SOURCES,
    "page": PAGES,
    "cluster": 2_000,
    "run": 2_000,
    "run_source": 19_000,
    "finding": 20_000,
    "block": 5_000,
}
ORDER = (
    "source", "cluster", "article", "snapshot", "revision", "page", "run", "run_source", "finding", "seed", "block",
    "block_use",
)  # fmt: skip  # a table


@pytest.fixture
def filled(store: Store) -> Store:
    store.sources.sync([source("a"), source("b")], NOW)
    values = {"now": NOW, "later": NOW + 365 * 24 * HOUR, "packed": [], "on": NOW.date()}
    types = {"packed": PackedJson(), "on": Date()}
    with store._work.transaction() as connection:
        for name in ORDER:
            into, select = FILL[name].split("SELECT", 1)
            numbers = f"""
                WITH RECURSIVE numbers(n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {COUNTS.get(name, ARTICLES)})"""
            typed = [bindparam(key, values[key], type_=types.get(key, Utc())) for key in values if f":{key}" in select]
            connection.execute(text(f"{into} {numbers} SELECT {select}").bindparams(*typed))
            if connection.dialect.name == "postgresql" and name not in ("run_source", "block_use"):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 100000)"))
    # PostgreSQL counts what waits to be put into the index of words to its price, and empties that by itself anytime
    tidy = "VACUUM ANALYZE" if store._work.engine.dialect.name == "postgresql" else "ANALYZE"
    with store._work.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(tidy)
    return store


Explain = Callable[[Callable[[], Any]], list[str]]


@pytest.fixture
def explain(filled: Store) -> Explain:
    """Ask a question and return the plans of the statements it sends, each as one text."""

    def of(question: Callable[[], Any]) -> list[str]:
        sent: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
            if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                sent.append((statement, parameters[0] if many else parameters))

        engine = filled._work.engine
        event.listen(engine, "before_cursor_execute", note)
        question()
        event.remove(engine, "before_cursor_execute", note)
        plans = []
        with filled._work.reading() as connection:
            how = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
            for statement, parameters in sent:
                rows = connection.exec_driver_sql(how + statement, parameters).all()
                plans.append(statement + "\n" + "\n".join(str(row[-1]) for row in rows))
        return plans

    return of


def scans(plan: str) -> list[str]:
    """The tables that a plan walks over from end to end, by themselves or by an index."""
    return [name for name in re.findall(r"(?:Seq Scan on|SCAN) (\w+)", plan) if name in Base.metadata.tables]


STORED = article("stored", "Stored words.", canonical_url="https://a.example/canonical")


def ask(store: Store) -> dict[str, Callable[[], Any]]:
    run = store.runs.begin(NOW)
    _, article_id = store.articles.save(STORED, Verdict(kind=VerdictKind.NEW), NOW, run)
    revised = replace(STORED, title="Another title")
    stored = Outcome(kind=OutcomeKind.STORED, article_id=article_id)
    return {
        "meet": lambda: store.frontier.meet("a", [link(number) for number in range(30)], NOW, run),
        "unseen": lambda: store.frontier.unseen([link(number).url for number in range(30)]),
        "next_queued": lambda: store.frontier.next_queued("a", 20, NOW, run),
        "due_rechecks": lambda: store.frontier.due_rechecks("a", NOW + 999_999 * HOUR, 20, run),
        "lost": lambda: store.frontier.lost([key(link(1).url)], run),
        "take": lambda: store.frontier.take("a", link(1).url, NOW, run),
        "end_of": lambda: store.snapshots.end_of("raw/1.warc.gz"),
        "book": lambda: store.pages.record_outcome(
            run, PageEnd(source="a", url=link(1).url, outcome=stored, status=200), NOW
        ),
        "gone": lambda: store.pages.record_outcome(
            run, PageEnd(source="a", url=link(2).url, outcome=Outcome(kind=OutcomeKind.GONE), status=410), NOW
        ),
        "known": lambda: store.pages.known(link(1).url),
        "of_article": lambda: store.pages.of_article(article_id),
        "backlog": lambda: store.frontier.backlog("a"),
        "next_try": lambda: store.frontier.next_try("a"),
        "candidates": lambda: store.articles.candidates(STORED),
        "save": lambda: store.articles.save(article("new"), Verdict(kind=VerdictKind.NEW), NOW, run),
        "revise": lambda: store.articles.save(revised, Verdict(kind=VerdictKind.REVISION, of=article_id), NOW, run),
        "restrip": lambda: store.articles.restrip({article_id: article("stored", "-Stored words.")}),
        "get": lambda: store.articles.get(link("nowhere").url),
        "revisions": lambda: store.articles.revisions(article_id),
        "each of a source": lambda: next(store.articles.each(source="a")),
        "each since": lambda: list(store.articles.each(since=NOW + HOUR)),
        "of_source": lambda: list(store.articles.of_source("a", ARTICLES)),
        "due": lambda: store.sources.due(NOW),
        "last run": lambda: store.runs.last("a"),
        "history": lambda: store.runs.history("a"),
        "counts": lambda: store.runs.counts(5),
        "look_up": lambda: store.snapshots.look_up("b77", [link(1).url]),
        "latest": lambda: store.snapshots.latest(link(1).url),
        "search": lambda: store.search.find('stored "words" -nothing wor*', SearchFilter(source="a", since=NOW)),
        "search all": lambda: store.search.find("report"),
        "search newest": lambda: store.search.find("stored", newest=True),
        "export": lambda: list(store.articles.between(ARTICLES, 2 * ARTICLES, source="a")),
        "retract": lambda: store.articles.retract(
            store.articles.save(article("gone"), Verdict(kind=VerdictKind.NEW), NOW, run)[1],
            "wall",
            NOW,
            run_id=run,
            retry_at=NOW,
            counted={},
        ),
        "ended by the killed": lambda: store.pages.ended_by_the_killed("a"),
        "findings": lambda: store.findings.of("a", NOW),
        "prune": lambda: store.prune.prune(RetentionLimits(raw=NOW - HOUR, revisions=NOW - HOUR, log=NOW - HOUR)),
        "prune a run": lambda: store.prune._delete_runs(RunRow.id == 1999),
        "forget": lambda: store.forget_url(STORED.url, NOW),
        "forget a source": lambda: store.forget_source("s1000", NOW),
    }


def test_no_question_of_a_crawl_walks_over_a_table_or_sorts_the_queue(filled: Store, explain: Explain) -> None:
    plans = {name: explain(question) for name, question in ask(filled).items()}
    walked = [f"{name}: {plan}" for name, sent in plans.items() for plan in sent if scans(plan)]
    assert not walked, "\n\n".join(walked)
    queue = plans["next_queued"][0]
    assert "ix_page_queued" in queue
    assert "TEMP B-TREE" not in queue
    assert "Sort" not in queue
