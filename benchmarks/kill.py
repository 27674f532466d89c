"""Kills: 40 seeded SIGKILL moments for a database, over 3 hosts of 100 articles, each followed by one more run.

    python -m benchmarks.kill [--kills 40] [--articles 100] [--database postgresql://...]

After each: rows equal those of an undisturbed run, no article twice, no page fetched more than twice, the database
sound, every raw page readable. With --database the named PostgreSQL database is emptied before each. Prints a line a
kill, and at the end "N of N".
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.crawl.killing import HOSTS, Home, fetched, moments, three_hosts
from tests.site import Web

SEED = 17
SEEDS_AND_ROBOTS = 30  # requests that are not for articles: a kill may hit those too


def emptied(database_url: str) -> str:
    """Drop all that is in a PostgreSQL database."""
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return database_url


def main() -> None:
    """Kill, run once more, compare; again and again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--articles", type=int, default=100, help="of each host")
    parser.add_argument("--database", default="", help="a PostgreSQL database to empty and use; else SQLite")
    chosen = parser.parse_args()
    requests = len(HOSTS) * chosen.articles + SEEDS_AND_ROBOTS
    good = 0
    with tempfile.TemporaryDirectory(prefix="ingest-kill-") as folder, Web(three_hosts(chosen.articles)) as web:
        place = Path(folder)
        undisturbed = Home.made(place / "undisturbed", f"sqlite:///{place / 'undisturbed.db'}", web)
        undisturbed.run()
        expected = undisturbed.rows()
        for number, (after, more_s) in enumerate(moments(SEED, chosen.kills, requests), 1):
            begun = time.monotonic()
            url = emptied(chosen.database) if chosen.database else f"sqlite:///{place / f'{number}.db'}"
            home = Home.made(place / str(number), url, web)
            web.clear_log()
            killed = home.killed(web, after, more_s)
            if killed:
                home.check()
            home.run() if killed else None
            home.check()
            same = home.rows() == expected
            most = max(fetched(web).values())
            good += same and most <= 2
            took_s = round(time.monotonic() - begun)
            print(
                f"{number:>3}  after {after} requests + {more_s:.2f} s  {'killed' if killed else 'ended before'}  "
                f"rows {'equal' if same else 'DIFFER'}  at most {most} fetches of a page  {took_s} s",
                flush=True,
            )
    print(f"{good} of {chosen.kills} as if nothing had happened")


if __name__ == "__main__":
    main()
