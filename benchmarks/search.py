"""What a search costs, and whether it finds: 20 known phrases in 50,000 articles, and boilerplate not at all.

    python -m benchmarks.search [--database postgresql://...] [--articles 50000]

CPU is that of this process: SQLite's is in it, PostgreSQL's server is not; the wall clock tells of both.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from statistics import median

from benchmarks.archive import BOILERPLATE, Archive, fill
from ingest.store import open_store

ROUNDS = 3


def main() -> None:
    """Print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database")
    arguments.add_argument("--articles", type=int, default=50_000)
    arguments.add_argument("--words", type=int, default=400, help="of an article")
    asked = arguments.parse_args()
    archive = Archive(articles=asked.articles, words=asked.words, runs_a_day=1)
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/ingest.db"
        with open_store(url, create=True) as store:
            begun = time.perf_counter(), time.process_time()
            where = fill(store, archive)
            print(
                f"{asked.articles:,} articles written in {time.perf_counter() - begun[0]:.0f} s, "
                f"{1000 * (time.process_time() - begun[1]) / asked.articles:.2f} ms of CPU each"
            )
            right = 0
            waits, cpu = [], []
            for phrase, ids in where.items():
                for _ in range(ROUNDS):
                    began, used = time.perf_counter(), time.process_time()
                    hits = store.search.find(f'"{phrase}"', most=100)
                    waits.append(1000 * (time.perf_counter() - began))
                    cpu.append(1000 * (time.process_time() - used))
                right += sorted(hit.article_id for hit in hits) == ids and bool(ids)
            print(f"{right} of {len(where)} phrases found in exactly the articles that hold them")
            print(f"a phrase: median {median(waits):.1f} ms, {median(cpu):.1f} ms of CPU")
            wrong = sum(len(store.search.find(f'"{one}"')) for one in BOILERPLATE)
            print(f"{wrong} articles found by {len(BOILERPLATE)} lines of boilerplate that were cut from all of them")
            for asked_for in ("a*", "quillon -marsh", f"{hits[0].title}"):
                began = time.perf_counter()
                found = len(store.search.find(asked_for, most=20))
                print(f"{asked_for[:30]!r}: {found} shown in {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
