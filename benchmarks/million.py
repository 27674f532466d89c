"""What a large store costs: commands on 100,000 and on 1,000,000 articles of 2,000 sources, on both databases.

    python -m benchmarks.million [--articles 1000000] [--first 100000] [--databases sqlite,postgresql] [--bands 40]

The rows are generated, most of them in SQL. Each command is run as a process of its own; seconds of CPU are those of
the process and, for PostgreSQL, of its server. Beside it another writer begins a transaction again and again: the
longest it had to wait is how long a transaction of the command lasted.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, bindparam, create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.growth import page
from benchmarks.throughput import _postgres, _server_cpu_s
from ingest.store import open_store, upgrade
from ingest.store.db.engine import engine_for, url_of
from ingest.store.db.keys import url_key
from ingest.store.db.types import PackedJson, Utc
from ingest.text import minhash

ROOT = Path(__file__).resolve().parents[1]
SOURCES = 2_000
RUNS = 2_000
OLD_RUNS = 10  # older than runs are kept: what prune deletes
RUNS_SHOWN = 30  # of each source, the latest: what status and health read
TEXTS = 2_000  # different texts; each article adds its own number
WORDS = 90
STEP = 50_000  # articles written at once
NEW = 100  # of the named export
FEW, MANY = 50, 450  # pages imported
NOW = datetime.now(UTC).replace(microsecond=0)
COMMON = "harbour"  # in every text

FILL = {
    "snapshot": """
        INSERT INTO snapshot (id, source_id, run_id, url, url_key, file, "offset", length, digest, fetched_at)
        SELECT n, n % :sources + 1, {run}, 'https://s' || (n % :sources + 1) || '.example/a-story-' || n, {key},
               'raw/none-' || {run} || '.warc.gz', n, 1000, 'b' || n, {moment} FROM numbers""",
    "article": """
        INSERT INTO article (id, source_id, url, url_key, body_digest, signature, revisions, first_seen_at,
                             last_seen_at, revised_at, dated_at)
        SELECT n, n % :sources + 1, 'https://s' || (n % :sources + 1) || '.example/a-story-' || n, {key}, 'd' || n,
               pool.signature, 1, {moment}, {moment}, {moment}, {moment}
        FROM numbers JOIN pool ON pool.id = n % :texts""",
    "revision": """
        INSERT INTO revision (id, article_id, no, run_id, snapshot_id, fetched_at, title, authors, tags, words, body,
                              body_digest, blocks, claims, alternate_urls, language)
        SELECT n, n, 1, {run}, n, {moment}, 'Story number ' || n, '[]', '[]', :words,
               pool.body || ' Number ' || n || '.', 'd' || n, pool.blocks, pool.claims, '[]', 'en'
        FROM numbers JOIN pool ON pool.id = n % :texts""",
    "page": """
        INSERT INTO page (id, source_id, url, url_key, state, rank, met_at, outcome, reason, run_id, ended_at,
                          fetched_at, status, article_id)
        SELECT n, n % :sources + 1, 'https://s' || (n % :sources + 1) || '.example/a-story-' || n, {key}, 'done', 0,
               {moment}, 'stored', '', {run}, {moment}, {moment}, 200, n FROM numbers""",
}
BANDS = """
    INSERT INTO fingerprint (band, value, article_id)
    SELECT band, {random}, n FROM numbers CROSS JOIN (SELECT n AS band FROM bands) AS bands ORDER BY 1, 2, 3"""
DIALECT = {
    "sqlite": {"key": "'k' || n", "random": "abs(random()) % 4294967296 - 2147483648"},
    "postgresql": {"key": "'k' || n", "random": "CAST(floor(random() * 4294967295) - 2147483648 AS bigint)"},
}
MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', :begun, '+' || (n * 60 / :per_hour) || ' minutes') || '000'",
    "postgresql": ":begun + make_interval(mins => CAST(n * 60 / :per_hour AS integer))",
}


@dataclass(slots=True)
class Measured:
    """A command's CPU seconds, and the longest that another writer waited for it."""

    cpu_s: dict[int, float] = field(default_factory=dict)  # by articles in the store
    waited_s: dict[int, float] = field(default_factory=dict)


def generate(connection: Connection, low: int, high: int, articles: int, bands: int) -> None:
    """Add articles low..high-1 with their pages, raw pages and fingerprints."""
    dialect = connection.dialect.name
    forms = {**DIALECT[dialect], "moment": MOMENT[dialect], "run": "n * :runs / :articles + 1"}
    numbers = (
        f"WITH RECURSIVE numbers(n) AS (SELECT {low} UNION ALL SELECT n + 1 FROM numbers WHERE n < {high - 1})"
        if dialect == "sqlite"
        else f"WITH numbers(n) AS (SELECT generate_series({low}, {high - 1}))"
    )
    values = {
        "sources": SOURCES,
        "runs": RUNS,
        "articles": articles,
        "texts": TEXTS,
        "words": WORDS,
        "begun": NOW - timedelta(hours=RUNS),
        "per_hour": max(articles // RUNS, 1),
    }
    for fill in FILL.values():
        into, chosen = fill.format(**forms).split("SELECT", 1)
        used = {key: value for key, value in values.items() if f":{key}" in fill.format(**forms)}
        typed = [bindparam("begun", type_=Utc())] if "begun" in used else []
        connection.execute(text(f"{into} {numbers} SELECT {chosen}").bindparams(*typed), used)
    into, chosen = BANDS.format(**forms).split("SELECT", 1)
    series = ", ".join(f"({band})" for band in range(bands))
    connection.execute(text(f"{into} {numbers}, bands(n) AS (VALUES {series}) SELECT {chosen}"))


def prepare(connection: Connection) -> None:
    """Add sources, runs and the texts that the articles are made of."""
    chance = random.Random(1)
    vocabulary = [f"{chance.choice('bcdfglmnprst')}{chance.choice('aeiou')}{number:x}" for number in range(20_000)]
    rows = []
    for number in range(TEXTS):
        words = [vocabulary[int(20_000 * chance.random() ** 3)] for _ in range(WORDS)]
        body = " ".join([*words[:40], COMMON, *words[40:]]).capitalize() + "."
        signature = minhash.signature(minhash.shingles(tuple(words)))
        rows.append({"id": number, "body": body, "blocks": [{"text": body}], "claims": [], "signature": signature})
    binary = "bytea" if connection.dialect.name == "postgresql" else "blob"
    columns = f"body text, blocks {binary}, claims {binary}, signature {binary}"
    connection.execute(text(f"CREATE TABLE pool (id integer PRIMARY KEY, {columns})"))
    packed = [bindparam(name, type_=PackedJson()) for name in ("blocks", "claims")]
    into = "INSERT INTO pool (id, body, blocks, claims, signature) VALUES (:id, :body, :blocks, :claims, :signature)"
    connection.execute(text(into).bindparams(*packed), rows)
    sources = [
        {
            "id": number,
            "name": f"s{number}",
            "url": f"https://s{number}.example/",
            "unit": f"s{number}.example",
            "declared": f'{{"name":"s{number}","url":"https://s{number}.example/"}}',
            "at": NOW,
        }
        for number in range(1, SOURCES + 1)
    ]
    into = (
        "INSERT INTO source (id, name, url, unit, declared, added_at, next_due_at, last_run_at, state, learned_to)"
        " VALUES (:id, :name, :url, :unit, :declared, :at, :at, :at, 'ok', 2000000000)"
    )
    connection.execute(text(into).bindparams(bindparam("at", type_=Utc())), sources)
    runs = [
        {"id": run, "at": NOW - (timedelta(days=500) if run <= OLD_RUNS else timedelta(hours=RUNS - run))}
        for run in range(1, RUNS + 1)
    ]
    into = (
        "INSERT INTO run (id, begun_at, finished_at, command, holder, exit_code)"
        " VALUES (:id, :at, :at, 'run', 'all', 0)"
    )
    connection.execute(text(into).bindparams(bindparam("at", type_=Utc())), runs)
    shown = [
        {"run": run["id"], "source": source, "at": run["at"]}
        for run in runs[-RUNS_SHOWN:]
        for source in range(1, SOURCES + 1)
    ]
    into = (
        "INSERT INTO run_source (run_id, source_id, begun_at, finished_at, state, found, new, fetched, stored, dated)"
        " VALUES (:run, :source, :at, :at, 'ok', 20, 2, 2, 2, 2)"
    )
    connection.execute(text(into).bindparams(bindparam("at", type_=Utc())), shown)


def pack(file: Path, low: int, count: int) -> None:
    """Write a WARC file of new pages, like no others, of the sources that are there."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with file.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number in range(low, low + count):
            host = address(number).removeprefix("https://").partition("/")[0]
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            body = BytesIO(gzip.decompress(page(number).body))
            url = f"https://{host}/a-new-story-{number}.html"
            writer.write_record(writer.create_warc_record(url, "response", payload=body, http_headers=headers))


def settle_keys(connection: Connection, numbers: list[int]) -> None:
    """Give some articles the keys that the store makes of their addresses, so that they are found by them."""
    for number in numbers:
        key = url_key(address(number))
        for table in ("article", "page", "snapshot"):
            connection.execute(text(f"UPDATE {table} SET url_key = :key WHERE id = :id"), {"key": key, "id": number})


def address(number: int) -> str:
    """Return the address of a generated article."""
    return f"https://s{number % SOURCES + 1}.example/a-story-{number}"


def measure(url: str, home: Path, articles: int, found: dict[str, Measured]) -> None:
    """Run each command once and note its cost."""
    engine = create_engine(url_of(url), poolclass=NullPool)
    one, other = articles // 3, articles // 2
    with engine.begin() as connection:
        settle_keys(connection, [one, other])
        connection.execute(text("DELETE FROM export_cursor"))
        connection.execute(
            text(
                "INSERT INTO export_cursor (name, source, revision_id, exported_at, articles)"
                " VALUES ('mine', '', :after, :at, 1)"
            ).bindparams(bindparam("at", type_=Utc())),
            {"after": articles - 1 - NEW, "at": NOW - timedelta(hours=1)},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    commands = {
        "search": ["search", COMMON],
        "search --newest": ["search", COMMON, "--newest"],
        "search --since": ["search", COMMON, "--since", "2d"],
        "status": ["status"],
        "health": ["health"],
        "why": ["why", address(one)],
        "export, 100 new": ["export", "-f", "jsonl", "--since-last", "mine", "-o", str(home / "out.jsonl")],
        "forget one": ["forget", address(other), "--yes"],
        "prune ten runs": ["prune"],
    }
    for name, arguments in commands.items():
        cpu_s, waited_s = run(url, home, arguments)
        measured = found.setdefault(name, Measured())
        measured.cpu_s[articles], measured.waited_s[articles] = cpu_s, waited_s
        print(f"  {articles:9,}  {name:18} {cpu_s:6.2f} s of CPU, others waited {waited_s:.2f} s", flush=True)


def import_ms(url: str, home: Path, articles: int) -> float:
    """Import some pages; return the CPU of each in milliseconds, the start of the program apart."""
    costs = []
    for at, count in enumerate((FEW, MANY)):
        file = home / f"{count}-{articles}.warc.gz"
        pack(file, 10_000_000 + articles * 10 + at * MANY, count)
        costs.append(run(url, home, ["import", str(file)])[0])
    return (costs[1] - costs[0]) * 1000 / (MANY - FEW)


def run(url: str, home: Path, arguments: list[str]) -> tuple[float, float]:
    """Return the CPU seconds of a command, and how long another writer waited for it at most."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "INGEST_DATABASE_URL": url}
    command = [sys.executable, "-m", "ingest", "--home", str(home), *arguments]
    server = "" if url.startswith("sqlite") else url
    with other_writer(url) as waits:
        before, server_before = children_s(), _server_cpu_s(server)
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        cpu_s = children_s() - before + _server_cpu_s(server) - server_before
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{arguments}: {done.returncode}\n{done.stderr}")
    return cpu_s, max(waits, default=0.0)


@contextmanager
def other_writer(url: str) -> Iterator[list[float]]:
    """Begin a write transaction again and again meanwhile; give how long each took to begin."""
    waits: list[float] = []
    stop = threading.Event()
    engine = engine_for(url_of(url), pool=NullPool)

    def write() -> None:
        with engine.connect() as connection:
            connection = connection.execution_options(ingest_writes=True)
            while not stop.wait(0.02):
                begun_s = time.perf_counter()
                with connection.begin():
                    connection.execute(text("UPDATE host SET reason = NULL WHERE name = 'nobody.example'"))
                waits.append(time.perf_counter() - begun_s)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join()
        engine.dispose()


def children_s() -> float:
    """Return the CPU seconds of processes that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def grow(url: str, home: Path, steps: list[int], bands: int) -> dict[str, Measured]:
    """Fill a database step by step and measure at each."""
    upgrade(url)
    engine = engine_for(url_of(url), pool=NullPool)
    found: dict[str, Measured] = {}
    with engine.connect() as connection, connection.execution_options(ingest_writes=True).begin():
        prepare(connection)
    at = 1
    for articles in steps:
        begun_s = time.perf_counter()
        while at < articles:
            upto = min(at + STEP, articles)
            with engine.connect() as connection, connection.execution_options(ingest_writes=True).begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(text("SET session_replication_role = replica"))  # no foreign key is looked at
                generate(connection, at, upto, steps[-1], bands)
            at = upto
        if engine.dialect.name == "postgresql":
            with engine.begin() as connection:
                for name in ("source", "run", *FILL):
                    connection.execute(
                        text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")
                    )
        print(f"{articles:,} articles after {time.perf_counter() - begun_s:.0f} s", flush=True)
        measure(url, home, articles, found)
    with open_store(url) as store:
        print(f"  {store.articles.count():,} articles are left", flush=True)
    empty_ms, full_ms = import_ms(_empty(url), home, 0), import_ms(url, home, steps[-1])
    print(f"a page imported into it takes {full_ms:.1f} ms of CPU, into an empty one {empty_ms:.1f}", flush=True)
    return found


def _empty(url: str) -> str:
    """Return the URL of another database, with nothing in it."""
    if url.startswith("sqlite"):
        empty = url.replace("ingest.db", "empty.db")
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE empty")
        empty = url.replace("/postgres?", "/empty?")
    upgrade(empty)
    return empty


def table(found: dict[str, Measured], steps: list[int], title: str) -> str:
    """Return what was measured as a table."""
    head = "".join(f"{articles:>12,}" for articles in steps)
    lines = [f"{title:<20}{head}   ratio   others waited s"]
    for name, one in found.items():
        costs = "".join(f"{one.cpu_s[articles]:12.2f}" for articles in steps)
        ratio = one.cpu_s[steps[-1]] / one.cpu_s[steps[0]]
        lines.append(f"{name:<20}{costs}   {ratio:5.2f}   {max(one.waited_s.values()):15.2f}")
    return "\n".join(lines)


def main() -> None:
    """Fill and measure both databases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=100_000)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--bands", type=int, default=40)
    chosen = parser.parse_args()
    steps = [chosen.first, chosen.articles]
    for database in chosen.databases.split(","):
        with tempfile.TemporaryDirectory(prefix="ingest-million-") as folder:
            home = Path(folder)
            if database == "sqlite":
                found: dict[str, Any] = grow(f"sqlite:///{home / 'ingest.db'}", home, steps, chosen.bands)
            else:
                with _postgres() as url:
                    found = grow(url, home, steps, chosen.bands)
            print(table(found, steps, database), flush=True)


if __name__ == "__main__":
    main()
