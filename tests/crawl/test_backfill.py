"""`crawl --since --until` goes back through the pages of a list, over runs that are killed, and fetches nothing more."""

# ruff: noqa: E501 - pages in one line each

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.command import RunIngest, StartIngest
from tests.crawl.stored import articles, sqlite_url
from tests.site.writing import write
from tests.smallsites.server import NETWORK, Served, serving
from tests.smallsites.sites import SmallSite

PER_PAGE = 20
LATEST = date(2025, 11, 20)


def paper(count: int) -> SmallSite:
    """A paper with an article every third day and nothing but a list over pages that leads back."""
    days = [LATEST - timedelta(days=3 * number) for number in range(count)]
    paths = [f"/{day:%Y/%m/%d}/the-story-of-day-{number}" for number, day in enumerate(days)]
    pages: dict[str, str] = {}
    for start in range(0, count, PER_PAGE):
        number = start // PER_PAGE + 1
        rows = "".join(
            f'<li><h2><a href="{path}">The story of the day, {path[-4:]}</a></h2></li>'
            for path in paths[start : start + PER_PAGE]
        )
        on = f'<a href="/page/{number + 1}/">Older stories</a>' if start + PER_PAGE < count else ""
        pages["/" if number == 1 else f"/page/{number}/"] = (
            f"<html><body><main><ul>{rows}</ul>{on}</main></body></html>"
        )
    for number, (path, day) in enumerate(zip(paths, days, strict=True)):
        words = write("en", f"backfill {number}", number=number % 30, mixed=True)
        text = "".join(f"<p>{paragraph}</p>" for paragraph in words.paragraphs)
        pages[path] = (
            f'<html><head><title>Story {number}</title></head><body><article><h1>Story {number}</h1><time datetime="{day}">{day}</time>{text}</article></body></html>'
        )
    return SmallSite(name="paper", pages=pages, articles=frozenset(paths))


def day_of(path: str) -> date:
    year, month, day = map(int, re.findall(r"\d+", path)[:3])
    return date(year, month, day)


def backfill(
    site: SmallSite, since: date, until: date, kills: int, run_ingest: RunIngest, start_ingest: StartIngest, home: Path
) -> Served:
    """Kill so many runs half-way and let the last one end; check that all of the window is stored and nothing else."""
    wanted = {path for path in site.articles if since <= day_of(path) <= until}
    env = {
        "INGEST_ALLOW_NETWORKS": NETWORK,
        "INGEST_DELAY_S": "0.005",
        "INGEST_MAX_REQUESTS": "100000",
        "INGEST_MAX_SOURCE_S": "3000",
    }
    with serving([site]) as (served,):
        args = ("crawl", f"{served.url}/", "--since", str(since), "--until", str(until), "--max-articles", "100000")
        for kill in range(1, kills + 1):
            with start_ingest(*args, env=env) as running:
                while sum(path in site.articles for path in tuple(served.asked)) < kill * len(wanted) // (kills + 1):
                    assert running.poll() is None
                    time.sleep(0.05)
                running.kill()
        done = run_ingest(*args, env=env, timeout_s=3000)
        assert done.code == 0, done.stderr
        assert f"backfill {since}..{until} is complete" in done.stdout
        stored = {url.removeprefix(served.url) for url in articles(sqlite_url(home))}
        assert stored == wanted
        assert not [path for path in served.asked if path in site.articles and path not in wanted]
        return served


def test_killed_backfill_goes_on_where_it_stopped(run_ingest: RunIngest, start_ingest: StartIngest, home: Path) -> None:
    site = paper(240)
    served = backfill(site, date(2024, 9, 1), date(2025, 6, 30), 1, run_ingest, start_ingest, home)
    first, last = served.asked["/page/2/"], max(int(path[6:-1]) for path in served.asked if path.startswith("/page/"))
    assert first == 1  # the pages before the window are not read again
    assert last < 12  # nor those behind it


@pytest.mark.slow
@pytest.mark.timeout(6000)
def test_five_thousand_articles_over_three_runs(run_ingest: RunIngest, start_ingest: StartIngest, home: Path) -> None:
    site = paper(5_600)
    since, until = LATEST - timedelta(days=3 * 5_299), LATEST - timedelta(days=3 * 300)
    served = backfill(site, since, until, 3, run_ingest, start_ingest, home)
    assert served.asked.total() <= 1.15 * 5_000
