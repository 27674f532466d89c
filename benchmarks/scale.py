"""The scheduler over 100,000 sources and 10 million known pages in PostgreSQL: times, plans, sizes. Rows are generated.

    python -m benchmarks.scale [--sources 100000] [--pages 10000000] [--first 1000000]

Asked twice, with the first part of the pages and with all of them: a question whose cost grows with its answer costs
the same both times. A server of its own is started from the package that the tests use and removed at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg

from benchmarks.fleet import postgres
from ingest.ops.fleet.due_queue import app_for, enqueue
from ingest.store import Store, open_store, upgrade
from ingest.store.db.keys import url_key
from ingest.store.fleet.queue import CRAWL, DUE, Queue, prepare

LINKS = (500, 5_000, 50_000)  # of one look, half of them known
DUE_COUNTS = (100, 1_000, 10_000, 100_000)
FETCHES = 200
ROUNDS = 3

SOURCES = """
INSERT INTO source (id, name, url, unit, declared, added_at, next_due_at)
SELECT n, 's' || n, 'https://s' || n || '.example/', 's' || n || '.example',
       jsonb_build_object('name', 's' || n, 'url', 'https://s' || n || '.example/'), now(),
       now() + interval '1 day' FROM generate_series(1, {count}) AS n"""

PAGES = """
INSERT INTO page (id, source_id, url, url_key, state, rank, met_at, recheck_at, outcome, reason, etag, fetched_at)
SELECT n, n % {sources} + 1, 'https://s' || n % {sources} + 1 || '.example/2026/03/an-article-number-' || n || '/',
       md5(n::text), CASE WHEN n % 200 = 0 THEN 'queued' ELSE 'done' END, -n, now(),
       CASE WHEN n % 10 = 5 THEN now() + interval '1 day' END, 'stored', 'new', 'W/"' || n || '"', now()
FROM generate_series({low}, {high}) AS n"""


def address(number: int, sources: int) -> str:
    """Return the address of a generated page."""
    return f"https://s{number % sources + 1}.example/2026/03/an-article-number-{number}/"


def seconds(ask: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the median of several rounds, after one that is not counted."""
    ask()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def fill(connection: psycopg.Connection[Any], low: int, high: int, sources: int) -> None:
    """Add pages low..high with keys spread evenly, as digests are; the indexes that can be made afterwards are."""
    begun = time.perf_counter()
    indexes = connection.execute(
        "SELECT indexdef, indexname FROM pg_indexes WHERE tablename = 'page' AND indexdef NOT LIKE '%UNIQUE%'"
    ).fetchall()
    for _, name in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    connection.execute("SET session_replication_role = replica")  # no foreign key is looked at
    connection.execute(PAGES.format(low=low, high=high, sources=sources))
    connection.execute("SET session_replication_role = origin")
    for definition, _ in indexes:
        connection.execute(definition)
    connection.execute("VACUUM ANALYZE page")
    print(f"pages {low:,}..{high:,} filled in {time.perf_counter() - begun:.0f} s", flush=True)


def know(connection: psycopg.Connection[Any], numbers: list[int], sources: int) -> None:
    """Give pages the keys that the store makes of their addresses, so that they are found by them."""
    connection.execute("CREATE TEMP TABLE known (id bigint, url_key varchar(32))")
    with connection.cursor() as cursor, cursor.copy("COPY known FROM STDIN") as copy:
        for number in numbers:
            copy.write_row((number, url_key(address(number, sources))))
    connection.execute("UPDATE page SET url_key = known.url_key FROM known WHERE page.id = known.id")
    connection.execute("DROP TABLE known")
    connection.execute("VACUUM ANALYZE page")


def ask_unseen(connection: psycopg.Connection[Any], store: Store, pages: int, sources: int) -> None:
    """Time the look for links never met, half of them known; the known ones lie all over the table."""
    numbers = [1 + number * 991 * 7 % pages for number in range(LINKS[-1] // 2)]
    know(connection, numbers, sources)
    for count in LINKS:
        old = [address(number, sources) for number in numbers[: count // 2]]
        new = [f"https://s{number % sources + 1}.example/2026/04/never-met-{number}" for number in range(count // 2)]
        links = [one for pair in zip(old, new, strict=True) for one in pair]
        unseen = store.frontier.unseen(links)
        assert len(unseen) == len(new), f"{len(unseen)} of {count} links unseen"
        took_s = seconds(partial(store.frontier.unseen, links))
        print(
            f"  unseen: {count:6,} links against {pages:,} pages {took_s:.3f} s, {took_s / count * 1e6:.1f} us a link",
            flush=True,
        )


def ask_due(connection: psycopg.Connection[Any], url: str, store: Store, sources: int) -> None:
    """Time the look for due sources, with more and more of them due."""
    for count in DUE_COUNTS:
        if count > sources:
            continue
        connection.execute("UPDATE source SET next_due_at = now() + interval '1 day' WHERE next_due_at < now()")
        connection.execute(
            "UPDATE source SET next_due_at = now() - interval '1 h' WHERE id %% %s = 0", (max(sources // count, 1),)
        )
        connection.execute("VACUUM ANALYZE source")
        with Queue(url) as queue:
            assert len(queue.due(datetime.now(UTC))) == count
            took_s = seconds(partial(queue.due, datetime.now(UTC)))
        whole_s = seconds(lambda: store.sources.due(datetime.now(UTC)), 1)
        print(
            f"  due: {count:7,} of {sources:,} sources {took_s:.4f} s, {took_s / count * 1e6:.1f} us each; "
            f"with their declarations, for ingest run, {whole_s:.2f} s",
            flush=True,
        )
        if count in (1_000, sources):
            connection.execute("SET enable_nestloop = off")  # as the store does
            print_plan(connection, DUE.replace(":now", "now()"))
            connection.execute("RESET enable_nestloop")


def ask_queue(connection: psycopg.Connection[Any], url: str, sources: int) -> None:
    """Time queueing all sources, and taking some out of a full queue."""
    begun = time.perf_counter()
    asked = enqueue(url, datetime.now(UTC))
    print(f"  enqueue: {asked.queued:,} sources in {time.perf_counter() - begun:.1f} s", flush=True)
    with Queue(url) as queue:  # as it is right after: nobody has counted the jobs for the planner yet
        print(f"  due again, all queued: {seconds(lambda: queue.due(datetime.now(UTC)), 1):.2f} s")
        print(f"  status of the fleet: {seconds(queue.state, 1):.2f} s")
        print(f"  share of a bundle: {seconds(lambda: queue.runnable(500), 1):.4f} s")
    print(f"  taking one of {sources:,} queued: {asyncio.run(fetches(url)) * 1000:.1f} ms")


async def fetches(url: str) -> float:
    """Return the seconds for one fetch out of a full queue."""
    async with app_for(url).open_async() as app:
        worker_id = await app.job_manager.register_worker()
        begun = time.perf_counter()
        for _ in range(FETCHES):
            assert await app.job_manager.fetch_job(queues=[CRAWL], worker_id=worker_id) is not None
        return (time.perf_counter() - begun) / FETCHES


def print_plan(connection: psycopg.Connection[Any], question: str, *values: Any) -> None:
    """Print how the server answers a question."""
    for (line,) in connection.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS) {question}", values or None):
        print(f"      {line[:150]}")


def print_unseen_plan(connection: psycopg.Connection[Any], sources: int) -> None:
    """Print the plan of one of the statements that a look for links sends: 500 keys."""
    keys = [url_key(address(1 + number * 991 * 7, sources)) for number in range(500)]
    question = "SELECT url_key, id, state, rank, reason, attempts, claimed_run_id FROM page WHERE url_key = ANY(%s)"
    print_plan(connection, question, keys)


def print_sizes(connection: psycopg.Connection[Any]) -> None:
    """Print tables and indexes by size."""
    rows = connection.execute(
        "SELECT relname, relkind, pg_relation_size(oid), reltuples::bigint FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND pg_relation_size(oid) > 1e6 "
        "ORDER BY 3 DESC"
    ).fetchall()
    for name, kind, size, rows_in_it in rows:
        print(f"  {'table' if kind == 'r' else 'index'} {name:28} {size / 1e6:8,.0f} MB  {rows_in_it:>12,} rows")


def main() -> None:
    """Fill, ask, fill more, ask again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=10_000_000)
    parser.add_argument("--first", type=int, default=1_000_000)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: parser.exit(143))  # the server is not to outlive us
    with postgres() as url, psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync = off", "max_wal_size = '8GB'", "checkpoint_timeout = '30min'"):
            connection.execute(f"ALTER SYSTEM SET {setting}")  # for the filling only: the questions write little
        connection.execute("SELECT pg_reload_conf()")
        upgrade(url)
        prepare(url)
        connection.execute(SOURCES.format(count=chosen.sources))
        connection.execute("VACUUM ANALYZE source")
        with open_store(url) as store:
            fill(connection, 1, chosen.first, chosen.sources)
            ask_unseen(connection, store, chosen.first, chosen.sources)
            print_unseen_plan(connection, chosen.sources)
            if chosen.pages > chosen.first:
                fill(connection, chosen.first + 1, chosen.pages, chosen.sources)
                ask_unseen(connection, store, chosen.pages, chosen.sources)
                print_unseen_plan(connection, chosen.sources)
            ask_due(connection, url, store, chosen.sources)
            ask_queue(connection, url, chosen.sources)
            print_sizes(connection)


if __name__ == "__main__":
    main()
