"""Growth: what a crawl's memory and pages cost as it goes on, and a run without news as the known articles grow.

    python -m benchmarks.growth [--pages 20000] [--seconds 3600] [--sources 20,200] [--known 1000,10000,100000]

The first part crawls generated pages of 16 loopback hosts with two workers and follows memory and CPU by the articles
stored; the slope is that of the last three quarters. A crawl that takes too long is reported as far as it came.
The second has a run crawl so many sources, adds known articles to them, and measures further runs, to which all seeds
answer 304: for each number of sources with the fewest known articles, for the most sources with each number of them.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.loopweb import Pages, Served, packed, serving, sitemap
from benchmarks.throughput import HOSTS, ROOT

WORDS = tuple(
    f"{one}{two}" for one in ("har", "mel", "tor", "sin", "bel", "gro") for two in ("vest", "low", "ming", "da")
)
PARAGRAPHS = 12
SAMPLE_S = 1.0
TOLD_EVERY = 20  # samples
LONGEST_S = 3600.0
HOSTS_A_NET = 250
OWN_ARTICLES = 2  # of each source in the run with no news
NO_NEWS_ROUNDS = 5


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


def generated(count: int, names: Sequence[str] = HOSTS) -> Pages:
    """Return the pages, dealt to the hosts."""
    hosts = {}
    for at, host in enumerate(names):
        paths = [f"/2026/11/a-generated-article-{number:06d}.html" for number in range(at, count, len(names))]
        pages = {path: page(int(path[-11:-5])) for path in paths}
        hosts[host] = {**pages, "/sitemap.xml": sitemap(host, paths)}
    return hosts


def run(home: Path, port: int, hosts: Sequence[str] = HOSTS) -> subprocess.Popen[bytes]:
    """Start `ingest run` on all hosts."""
    tables = "".join(
        f'[sources.host-{number}]\nurl = "http://{host}:{port}/"\nsitemaps = ["http://{host}:{port}/sitemap.xml"]\n'
        for number, host in enumerate(hosts)
    )
    (home / "sources.toml").write_text(tables, encoding="utf-8")
    own = {"ALLOW_NETWORKS": "127.9.0.0/16", "DELAY_S": "0.001", "MAX_ARTICLES": "1000000", "MAX_REQUESTS": "1000000"}
    own |= {"WORKERS": "2", "MAX_SOURCE_S": "100000"}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    names = [f"host-{number}" for number in range(len(hosts))]  # named, so that they are due
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


def no_news(sources: int, known: Sequence[int]) -> None:
    """Tell what a run costs to which all seeds of so many sources say 304, by how many articles are known, in turns."""
    hosts = [f"127.9.{number // HOSTS_A_NET}.{number % HOSTS_A_NET + 1}" for number in range(sources)]
    pages = generated(sources * OWN_ARTICLES, hosts)
    taken: dict[int, list[float]] = {some: [] for some in known}
    with serving(pages) as port, tempfile.TemporaryDirectory(prefix="ingest-growth-") as folder:
        for some in known:
            home = Path(folder) / str(some)
            home.mkdir()
            run(home, port, hosts).wait(LONGEST_S)
            _add_known(home / "ingest.db", some)
        for _, some in itertools.product(range(1 + NO_NEWS_ROUNDS), known):
            before = os.times()
            run(Path(folder) / str(some), port, hosts).wait(LONGEST_S)
            after = os.times()
            taken[some].append(sum(after[2:4]) - sum(before[2:4]))
    for some, (_, *rounds) in taken.items():  # the first brings the pages of the database into memory
        print(
            f"{sources:>5} sources, {some:>7} known articles: {statistics.median(rounds):.2f} s of CPU"
            f" ({min(rounds):.2f}-{max(rounds):.2f}) for a run without news",
            flush=True,
        )


def _add_known(database: Path, known: int) -> None:
    """Add articles like those that are there, with their revisions and pages, until there are so many."""
    with sqlite3.connect(database) as file:
        file.row_factory = sqlite3.Row
        first = [dict(row) for row in file.execute("SELECT * FROM article ORDER BY id")]
        of_article = {
            table: {row["article_id"]: dict(row) for row in file.execute(f"SELECT * FROM {table}")}
            for table in ("revision", "page")
        }
        rows: dict[str, list[dict[str, Any]]] = {"article": [], "revision": [], "page": []}
        for number in range(max(0, known - len(first))):
            like = first[number % len(first)]
            new = {"id": first[-1]["id"] + number + 1, "url": f"{like['url']}?{number}", "url_key": f"{number:032x}"}
            own = {"article_id": new["id"]}
            rows["article"].append(like | new | {"signature": None})
            rows["revision"].append(of_article["revision"][like["id"]] | own | {"id": None, "body": f"Known {number}."})
            rows["page"].append(of_article["page"][like["id"]] | own | new | {"id": None})
        for table, given in rows.items():
            if given:
                values = ", ".join(f":{name}" for name in given[0])
                file.executemany(f"INSERT INTO {table} VALUES ({values})", given)
        file.execute("UPDATE source SET learned_to = (SELECT max(id) FROM revision)")


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000, help="0: leave the first part out")
    parser.add_argument("--seconds", type=float, default=LONGEST_S, help="that the first part may take")
    parser.add_argument("--sources", default="20,200")
    parser.add_argument("--known", default="1000,10000,100000", help="empty: leave the second part out")
    chosen = parser.parse_args()
    if chosen.pages:
        follow(chosen.pages, chosen.seconds)
    known = [int(one) for one in chosen.known.split(",") if one]
    sources = [int(one) for one in chosen.sources.split(",")]
    for some in sources if known else ():
        no_news(some, known if some == sources[-1] else known[:1])


if __name__ == "__main__":
    main()
