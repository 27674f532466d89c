"""Days of a mini web: what each day's run finds new, changed and gone, against the truth.

    python -m benchmarks.days [--sites t01,t02] [--database URL]

Needs ../shared/miniweb. The program's clock is set with INGEST_CLOCK, so that ten days take minutes. A table comes out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.store import open_store
from ingest.web.urls import key

ROOT = Path(__file__).resolve().parents[1]
MINIWEB = ROOT.parent / "shared" / "miniweb"
EPOCH = datetime(2026, 3, 1, 6, tzinfo=UTC)  # day 0 of the mini web
HOUR = timedelta(hours=1)
DAYS = (0, 1, 3, 10)
PORT, CONTROL = 18690, 18691
NETWORKS = "127.2.0.0/15"
START_S = 60.0
RUN_S = 1800.0
GONE = 410
NOT_MODIFIED = 304


@dataclass(frozen=True, kw_only=True)
class Day:
    """What one day's run did, beside what the truth has. Counts of articles."""

    day: int
    new: int  # expected
    found: int  # of these
    changed: int  # so far, after they were first seen
    revised: int  # of these, with exactly one further revision
    false_revisions: int  # other articles with more than one revision
    gone: int  # so far
    marked: int  # of these, kept and marked
    asked: int  # requests for article pages
    not_modified: int  # of these, answered with 304
    recall: float  # of score.py --from-day
    seconds: float


def live_through(
    home: Path, *, days: Sequence[int] = DAYS, sites: str | None = None, database_url: str = ""
) -> Iterator[Day]:
    """Run the real command on each of the days and compare."""
    home.mkdir(parents=True, exist_ok=True)
    only = ["--sites", sites] if sites else []
    listed = [line.split() for line in _miniweb("list", *only).splitlines()]
    (home / "sources.toml").write_text("\n".join(f'[sources.{row[0]}]\nurl = "{row[1]}/"\n' for row in listed))
    with serving(home / "log-0.jsonl", only):
        before: dict[str, tuple[int, bool]] = {}
        seen: dict[str, int] = {}  # URL key -> day of the run that stored it
        last = -1
        for day in days:
            _ask(f"day?set={day}")
            _ask(f"logfile?set={home / f'log-{day}.jsonl'}")
            truth = home / f"truth-{day}.jsonl"
            _miniweb("truth", "--day", str(day), "--out", str(truth), *only)
            begun = time.monotonic()
            done = _ingest(home, "run", day=day, database_url=database_url)
            if done.returncode not in (0, 3):
                raise RuntimeError(f"day {day}: {done.stderr}")
            seconds = time.monotonic() - begun
            now = stored(database_url or f"sqlite:///{home / 'ingest.db'}")
            seen |= dict.fromkeys(now.keys() - before.keys(), day)
            rows = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
            articles = home / f"articles-{day}.jsonl"
            articles.write_text(
                _ingest(home, "export", "-f", "jsonl", day=day, database_url=database_url).stdout, "utf-8"
            )
            yield _compare(rows, before, now, seen, last, day, home, seconds)
            before, last = now, day


def stored(database_url: str) -> dict[str, tuple[int, bool]]:
    """URL key of each article -> number of its revisions, whether it is marked as removed."""
    with open_store(database_url) as store:
        return {key(one.article.url): (one.revision, one.removed_at is not None) for one in store.articles.each()}


def _compare(
    rows: list[dict[str, Any]],
    before: dict[str, tuple[int, bool]],
    now: dict[str, tuple[int, bool]],
    seen: dict[str, int],
    last: int,
    day: int,
    home: Path,
    seconds: float,
) -> Day:
    def there(row: dict[str, Any]) -> bool:
        return row.get("del_day") is None or row["del_day"] > day

    keyed = {key(row["url"]): row for row in rows}
    new = {one for one, row in keyed.items() if last < row["day"] <= day and there(row)}
    changed = {
        one
        for one, row in keyed.items()
        if row.get("upd_day") is not None
        and row["upd_day"] <= day
        and there(row)
        and seen.get(one, day) < row["upd_day"]
    }
    gone = {one for one, row in keyed.items() if not there(row) and one in before}
    twice = {one: revisions for one, (revisions, _) in now.items() if revisions > 1}
    log = [json.loads(line) for line in (home / f"log-{day}.jsonl").read_text("utf-8").splitlines()]
    asked = [line for line in log if _field(line, "kind", "k") in ("article", "dup")]
    return Day(
        day=day,
        new=len(new),
        found=len(new & (now.keys() - before.keys())),
        changed=len(changed),
        revised=sum(1 for one in changed if twice.get(one) == 2),
        false_revisions=len(twice.keys() - changed),
        gone=len(gone),
        marked=sum(1 for one in gone if now.get(one, (0, False))[1]),
        asked=len(asked),
        not_modified=sum(1 for line in asked if _field(line, "status", "s") == NOT_MODIFIED),
        recall=_recall(home, last, day),
        seconds=round(seconds, 1),
    )


def _field(line: dict[str, Any], *names: str) -> Any:
    return next((line[name] for name in names if name in line), None)


def _recall(home: Path, last: int, day: int) -> float:
    out = home / f"score-{day}.json"
    subprocess.run(
        [
            *(sys.executable, "score.py", "--truth", str(home / f"truth-{day}.jsonl")),
            *("--articles", str(home / f"articles-{day}.jsonl")),
            *("--day", str(day), "--from-day", str(last + 1), "--json", str(out)),
        ],
        cwd=MINIWEB,
        check=True,
        capture_output=True,
    )
    score = json.loads(out.read_text("utf-8"))
    return float(score["total"]["recall"])


@contextmanager
def serving(log: Path, only: Sequence[str]) -> Iterator[None]:
    """Serve the mini web on ports of our own."""
    arguments = ["serve", "--day", "0", "--port", str(PORT), "--control", str(CONTROL), "--log", str(log), *only]
    server = subprocess.Popen([sys.executable, "miniweb.py", *arguments], cwd=MINIWEB, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_S
        while True:
            try:
                _ask("day?set=0")
                break
            except OSError:
                if time.monotonic() > deadline or server.poll() is not None:
                    raise
                time.sleep(0.2)
        yield
    finally:
        server.terminate()
        server.wait(10)


def _ask(what: str) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{CONTROL}/{what}", timeout=10) as answer:
        answer.read()


def _miniweb(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "miniweb.py", *arguments, "--port", str(PORT)],
        cwd=MINIWEB,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout


def _ingest(home: Path, *arguments: str, day: int, database_url: str) -> subprocess.CompletedProcess[str]:
    clock = EPOCH + timedelta(days=day) + (2 * HOUR if day else HOUR)  # what was stored a day ago is due again
    environment = {
        "PATH": os.environ["PATH"],
        "INGEST_CLOCK": clock.isoformat(),
        "INGEST_ALLOW_NETWORKS": NETWORKS,
        "INGEST_DELAY_S": "0.01",
        "INGEST_MAX_REQUESTS": "5000",
        "INGEST_DATABASE_URL": database_url,
    }
    return subprocess.run(
        [sys.executable, "-m", "ingest", "--home", str(home), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=RUN_S,
        check=False,
    )


def main() -> None:
    """Print a line a day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", help="ids of sites, parted by commas; else all")
    parser.add_argument("--database", default="", help="database URL; else SQLite")
    parser.add_argument("--keep", type=Path, help="folder to work in and leave there")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="ingest-days-"))
    try:
        for day in live_through(folder, sites=chosen.sites, database_url=chosen.database):
            print("  ".join(f"{name}={getattr(day, name)}" for name in Day.__dataclass_fields__), flush=True)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
