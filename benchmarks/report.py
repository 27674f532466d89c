"""What a report costs, and how large it is: by sources, by days and by articles.

    python -m benchmarks.report [--database postgresql://...]

CPU is that of this process, the median of some rounds: asking the store, drawing, writing the page. On PostgreSQL the
server's share is not in it. A database given must be empty; only the first line is measured on it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from statistics import median

from benchmarks.archive import NOW, Archive, fill
from ingest.report.numbers import gather
from ingest.report.overview import page
from ingest.store import open_store

ROUNDS = 3
WHOLE = Archive(sources=100, articles=50_000, days=30, words=120, phrases=())
SIZES = (
    WHOLE,
    replace(WHOLE, articles=5_000),
    replace(WHOLE, articles=5_000, sources=200),
    replace(WHOLE, articles=5_000, days=60),
)


def main() -> None:
    """Print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database")
    asked = arguments.parse_args()
    print("sources  days  articles  gather ms  page ms  file MB")
    for size in SIZES[:1] if asked.database else SIZES:
        with tempfile.TemporaryDirectory() as folder:
            with open_store(asked.database or f"sqlite:///{folder}/ingest.db", create=True) as store:
                fill(store, size)
                gathering, drawing = [], []
                for _ in range(ROUNDS):
                    begun = time.process_time()
                    numbers = gather(store, NOW, size.days)
                    gathered = time.process_time()
                    made = page(numbers)
                    gathering.append(1000 * (gathered - begun))
                    drawing.append(1000 * (time.process_time() - gathered))
            print(
                f"{size.sources:7}  {size.days:4}  {size.articles:8}  {median(gathering):9.0f}  {median(drawing):7.0f}"
                f"  {len(made.encode()) / 1e6:7.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
