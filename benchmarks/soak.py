"""A soak: thousands of sources with faults drawn at random over simulated days, the real command killed now and then.

    python -m benchmarks.soak [--sources 2000] [--days 20] [--kills 12] [--database URL]

Prints a line a day: articles stored and the fewest there must be, sources broken, kills, the most memory of the run,
and whatever is wrong: a database out of balance, a broken source that `status` calls ok, an article that is missing.
Ends with 1 when anything was, or when memory grew.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crawl.soak import Soak, live_through, memory_grew


def main() -> None:
    """Live through the days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--database", default="", help="empty PostgreSQL database; else SQLite")
    given = parser.parse_args()
    soak = Soak(sources=given.sources, days=given.days, kills=given.kills)
    days = []
    with tempfile.TemporaryDirectory(prefix="ingest-soak-") as folder:
        for day in live_through(soak, Path(folder), given.database):
            print(day.line(), flush=True)
            days.append(day)
    grew = memory_grew(days)
    wrong = sum(bool(day.wrong) for day in days)
    print(f"{len(days) - wrong} of {len(days)} days without a fault; memory {'grew' if grew else 'is flat'}")
    sys.exit(bool(wrong or grew))


if __name__ == "__main__":
    main()
