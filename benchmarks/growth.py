"""Growth: what a crawl's memory and pages cost as it goes on, and a run without news as the known articles grow.

    python -m benchmarks.growth [--pages 20000] [--seconds 3600] [--known 1000,10000,100000]

The first part crawls generated pages of 16 loopback hosts with two workers and follows memory and CPU by the articles
stored; the slope is that of the last three quarters. A crawl that takes longer than it may is told as far as it came.
The second fills a store with known pages, has one run fetch every seed, and measures the next one, to which all seeds
answer 304.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.loopweb import Pages, Served, packed, serving, sitemap
from benchmarks.throughput import HOSTS, ROOT
from ingest.model import Link, SeedKind, Source
from ingest.store import open_store

WORDS = tuple(
    f"{one}{two}" for one in ("har", "mel", "tor", "sin", "bel", "gro") for two in ("vest", "low", "ming", "da")
)
PARAGRAPHS = 12
SAMPLE_S = 1.0
TOLD_EVERY = 20  # samples
LONGEST_S = 3600.0


def page(number: int) -> Served:
    """Return a generated article, like no other."""
    chance = random.Random(number)
    body = "".join(f"<p>{' '.join(chance.choices(WORDS, k=40)).capitalize()} {number}.</p>" for _ in range(PARAGRAPHS))
    title = " ".join(chance.choices(WORDS, k=6)).capitalize()
    return packed(
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home</a></nav>"
        f"<article><h1>{title} {number}</h1>{body}</article><footer>All rights reserved</footer></body></html>",
        "text/html",
    )


def generated(count: int) -> Pages:
    """Return the pages, dealt to the hosts."""
    hosts = {}
    for at, host in enumerate(HOSTS):
        paths = [f"/2026/11/a-generated-article-{number:06d}.html" for number in range(at, count, len(HOSTS))]
        pages = {path: page(int(path[-11:-5])) for path in paths}
        hosts[host] = {**pages, "/sitemap.xml": sitemap(host, paths)}
    return hosts


def run(home: Path, port: int) -> subprocess.Popen[bytes]:
    """Start `ingest run` on all hosts."""
    tables = "".join(
        f'[sources.host-{number}]\nurl = "http://{host}:{port}/"\nsitemaps = ["http://{host}:{port}/sitemap.xml"]\n'
        for number, host in enumerate(HOSTS)
    )
    (home / "sources.toml").write_text(tables, encoding="utf-8")
    own = {"ALLOW_NETWORKS": "127.9.0.0/24", "DELAY_S": "0.001", "MAX_ARTICLES": "1000000", "MAX_REQUESTS": "1000000"}
    own |= {"WORKERS": "2", "MAX_SOURCE_S": "100000"}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    names = [f"host-{number}" for number in range(len(HOSTS))]  # named, so that they are due
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", "--home", str(home), "run", *names],
        env=environment | {f"INGEST_{name}": value for name, value in own.items()},
        stdout=subprocess.DEVNULL,
    )


def follow(count: int, most_s: float) -> None:
    """Crawl and tell memory and CPU by the articles stored, for `most_s` at most."""
    samples: list[tuple[int, float, float]] = []  # articles, MB, seconds of CPU of the crawl process
    with serving(generated(count)) as port, tempfile.TemporaryDirectory(prefix="ingest-growth-") as folder:
        process = run(Path(folder), port)
        end_s = time.monotonic() + most_s
        while process.poll() is None and time.monotonic() < end_s:
            time.sleep(SAMPLE_S)
            if (sample := _sample(process.pid, Path(folder) / "ingest.db")) is not None:
                samples.append(sample)
                if len(samples) % TOLD_EVERY == 0:
                    print(f"{sample[0]} articles, {sample[1]:.0f} MB, {sample[2]:.0f} s", file=sys.stderr, flush=True)
        process.kill()
        process.wait()
    if not samples:
        raise SystemExit("nothing was stored; ask for more seconds")
    stored = samples[-1][0]
    # the last articles are committed while the first are learned from, which is no growth
    late = [sample for sample in samples if stored / 4 < sample[0] < 0.99 * stored]
    if len(late) < 3:
        raise SystemExit("too few pages to tell a slope; ask for more")
    slope, _ = statistics.linear_regression([one[0] / 1000 for one in late], [one[1] for one in late])
    cost, _ = statistics.linear_regression([one[0] for one in late], [one[2] * 1000 for one in late])
    print(f"{stored} articles, peak {max(one[1] for one in samples):.0f} MB in the crawl process")
    print(f"{slope:+.2f} MB per 1,000 pages, {cost:.1f} ms of its CPU a page, over the last {len(late)} samples")


def _sample(pid: int, database: Path) -> tuple[int, float, float] | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5) as file:
            (stored,) = file.execute("SELECT count(*) FROM article").fetchone()
    except (OSError, sqlite3.Error):
        return None
    resident = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    return stored, resident / 1024, sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def no_news(known: int) -> None:
    """Fill a store with known pages and tell what a run costs to which every seed says 304."""
    with serving(generated(160)) as port, tempfile.TemporaryDirectory(prefix="ingest-growth-") as folder:
        home = Path(folder)
        run(home, port).wait(LONGEST_S)
        _fill(home / "ingest.db", port, known)
        taken = []
        for _ in range(3):
            before = os.times()
            run(home, port).wait(LONGEST_S)
            after = os.times()
            taken.append(sum(after[2:4]) - sum(before[2:4]))
        print(f"{known:>8} known articles: {statistics.median(taken):.2f} s of CPU for a run with no news")


def _fill(database: Path, port: int, known: int) -> None:
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{database}") as store:
        sources = tuple(Source(name=f"host-{n}", url=f"http://{host}:{port}/") for n, host in enumerate(HOSTS))
        for source in sources:
            urls = (f"{source.url}2025/01/known-{number:06d}.html" for number in range(known // len(sources)))
            store.pages.meet(source.name, [Link(url=url, found_in=url, found_by=SeedKind.SITEMAP) for url in urls], now)
    with sqlite3.connect(database) as file:
        file.execute("UPDATE page SET state = 'done', outcome = 'stored' WHERE state = 'queued'")


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000, help="0: leave the first part out")
    parser.add_argument("--seconds", type=float, default=LONGEST_S, help="that the first part may take")
    parser.add_argument("--known", default="1000,10000,100000", help="empty: leave the second part out")
    chosen = parser.parse_args()
    if chosen.pages:
        follow(chosen.pages, chosen.seconds)
    for known in filter(None, chosen.known.split(",")):
        no_news(int(known))


if __name__ == "__main__":
    main()
