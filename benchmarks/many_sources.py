"""What it costs to have many sources when there is nothing to do: CPU seconds of status, health and a run.

    python -m benchmarks.many_sources [--sources 10000] [--days 30] [--rounds 3] [--database URL]

The home has that many sources and the counters of so many days; the commands are the real ones. The median of the
rounds is shown beside the most that is allowed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine, text

from ingest import sources
from ingest.store import open_store
from ingest.store.db.engine import url_of

ALLOWED_S = 2.0
FORM = "%Y-%m-%d %H:%M:%S.%f"  # of a moment in SQLite, which PostgreSQL reads too
COMMANDS = (("run", "-v"), ("status",), ("status", "--json"), ("health",))
TABLE = '[sources.s{0}]\nurl = "https://s{0}.example/"\nfeeds = ["https://s{0}.example/feed.xml"]\n\n'


INSERT_RUNS = """
    INSERT INTO run_source (run_id, source_id, begun_at, finished_at, state, found, new, requests, stored, fresh, words)
    SELECT run.id, source.id, run.begun_at, run.begun_at, 'ok', 20, 3, 1, source.id % 5, source.id % 5, 900
    FROM run, source"""
TIMES = "UPDATE source SET last_run_at = :now, next_due_at = :due, state = 'ok'"


def fill(home: Path, database: str, count: int, days: int) -> None:
    """Write sources.toml and the counters of a run a day; the next is due tomorrow."""
    (home / "sources.toml").write_text("".join(TABLE.format(number) for number in range(count)))
    now = datetime.now(UTC)
    declared = sources.load(home).sources
    with open_store(database, create=True) as store, store.transaction():
        store.sources.sync(declared, now - timedelta(days=days))
        for ago in reversed(range(days)):
            begun = now - timedelta(days=ago)
            store.runs.finish(store.runs.begin(begun, command="run"), begun)
        for source in declared[:: max(count // 100, 1)]:
            store.findings.begin(
                source.name, "yield", now, suspicion="less-published", detail="9 in 2 days, usually 20"
            )
    engine = create_engine(url_of(database))
    with engine.begin() as connection:  # a million rows one by one would take ten minutes
        connection.execute(text(INSERT_RUNS))
        connection.execute(text(TIMES), {"now": f"{now:{FORM}}", "due": f"{now + timedelta(days=1):{FORM}}"})
    engine.dispose()


def cpu_s(home: Path, database: str, *words: str) -> float:
    """Run a command to its end and return the CPU seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "--home", str(home), *words],
        env={"PATH": os.environ["PATH"], "INGEST_DATABASE_URL": database},
        capture_output=True,
        check=False,
        timeout=300,
    )
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr.decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", help="empty PostgreSQL database; else SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        database = given.database or f"sqlite:///{home / 'ingest.db'}"
        fill(home, database, given.sources, given.days)
        print(f"{given.sources} sources, {given.days} days of runs; CPU seconds, median of {given.rounds}")
        for words in COMMANDS:
            taken = median(cpu_s(home, database, *words) for _ in range(given.rounds))
            told = "" if taken <= ALLOWED_S else f"   more than {ALLOWED_S}"
            print(f"  ingest {' '.join(words):<20} {taken:5.2f}{told}")


if __name__ == "__main__":
    main()
