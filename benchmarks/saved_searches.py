"""What saved searches cost a run: 200 searches over its 100 new articles, in an archive of 100,000.

    python -m benchmarks.saved_searches [--database postgresql://...] [--articles 100000] [--server PID]

CPU is that of this process, and with --server that of a PostgreSQL server and its children, from /proc.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.archive import NOW, Archive, fill, made
from ingest.config import Config
from ingest.model import SavedSearch, Verdict, VerdictKind
from ingest.ops.saved_searches import report_matches
from ingest.store import open_store

ROUNDS = 5
NEW = 100  # articles of a run
SEARCHES = 200


def main() -> None:
    """Print the median CPU of some runs."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database")
    arguments.add_argument("--articles", type=int, default=100_000)
    arguments.add_argument("--words", type=int, default=400, help="of an article")
    arguments.add_argument("--server", type=int, help="process id of the PostgreSQL server")
    asked = arguments.parse_args()
    archive = Archive(articles=asked.articles, words=asked.words, runs_a_day=1)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(asked.database or f"sqlite:///{folder}/ingest.db", create=True) as store,
    ):
        fill(store, archive)
        fresh = list(made(Archive(articles=ROUNDS * NEW + 1, words=asked.words)))
        chosen = random.Random(25)
        vocabulary = sorted({word for article in fresh for word in (article.body or "").split()})
        searches = [SavedSearch(name=f"s{n}", query=_query(chosen, vocabulary)) for n in range(SEARCHES)]
        used, matched = [], []
        for number in range(ROUNDS):
            now = NOW + timedelta(hours=number)
            run_id = store.runs.begin(now)
            with store.group():
                for article in fresh[number * NEW : (number + 1) * NEW]:
                    url = f"{article.url}?new={number}"
                    one = type(article)(
                        source=article.source, url=url, fetched_at=now, title=article.title, blocks=article.blocks
                    )
                    store.articles.save(one, Verdict(kind=VerdictKind.NEW), now, run_id)
            before = time.process_time() + _server_s(asked.server)
            matched.append(report_matches(store, Config(), searches, run_id, now))
            used.append(time.process_time() + _server_s(asked.server) - before)
        print(
            f"{SEARCHES} searches, {NEW} new of {asked.articles:,} articles of {asked.words} words: "
            f"median {median(used):.3f} s of CPU, most {max(used):.3f} s; {median(matched):.0f} searches matched"
        )


def _query(chosen: random.Random, vocabulary: list[str]) -> str:
    """Return a query as people write them: a word or two, a phrase, a beginning, something excluded."""
    one, two, three = (word.strip(".,").lower() for word in chosen.choices(vocabulary, k=3))
    return chosen.choice((one, f"{one} {two}", f'"{one} {two}"', f"{one[:3]}*", f"{one} -{three}"))


def _server_s(server: int | None) -> float:
    """Return the CPU seconds of a server process and its children."""
    if server is None:
        return 0.0
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    ticks = 0
    for process in (str(server), *children):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])  # of itself and of children that ended
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
