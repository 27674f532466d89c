"""Runs that are killed, and what must be the same after one more run as if nothing had happened."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest import snapshots
from ingest.store import open_store
from tests.command import command, environment
from tests.site import Web
from tests.site.sites import Site
from tests.waiting import wait_until

HOSTS = ("north", "east", "west")
RUN_S = 900.0  # a run of some hundred pages on a machine that has much else to do
LOCK_S = 10.0  # PostgreSQL lets go of a killed process' lock when it notices
LOCKED = 75
MORE_S = 0.3  # a kill comes so much later at most: before, in and after the commit of what was fetched


def three_hosts(articles: int) -> tuple[Site, ...]:
    """Three sites whose articles are found in three ways: sitemap, index and feed, pages of listings."""
    return (
        Site(key="north", host="127.4.2.1", language="en", count=articles, sitemap="plain", removed=()),
        Site(key="east", host="127.4.2.2", language="de", count=articles, feed="rss", sitemap="index", removed=()),
        Site(key="west", host="127.4.2.3", language="en", count=articles, per_page=10, removed=()),
    )


@dataclass(frozen=True, kw_only=True)
class Home:
    """A home folder and its database."""

    folder: Path
    database_url: str
    env: Mapping[str, str]

    @classmethod
    def made(cls, folder: Path, database_url: str, web: Web, **env: str) -> Home:
        folder.mkdir(parents=True)
        tables = (f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in HOSTS)
        (folder / "sources.toml").write_text("\n".join(tables))
        pace = {"INGEST_DELAY_S": "0.01", "INGEST_MAX_ARTICLES": "1000", "INGEST_MAX_REQUESTS": "5000"}
        own = {"INGEST_DATABASE_URL": database_url, "INGEST_WORKERS": "2"}  # workers are killed with their crawl
        return cls(folder=folder, database_url=database_url, env={**pace, **own, **env})

    def started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command(self.folder, "run"),
            env=environment(self.env),
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def run(self) -> None:
        """Run to the end; a lock that a killed process left is waited for."""
        deadline = time.monotonic() + LOCK_S
        while True:
            done = subprocess.run(
                command(self.folder, "run"),
                env=environment(self.env),
                cwd="/",
                capture_output=True,
                encoding="utf-8",
                timeout=RUN_S,
                check=False,
            )
            if done.returncode != LOCKED or time.monotonic() > deadline:
                break
        assert (done.returncode, done.stderr) == (0, ""), f"{done.returncode}: {done.stderr}"

    def killed(self, web: Web, articles: int, more_s: float) -> bool:
        """Start a run and kill it a moment after so many articles were asked for, by all runs together.

        0: while it still looks for links. False when it came to its end before.
        """
        deadline = time.monotonic() + LOCK_S
        while True:
            with self.started() as process:
                wait_until(self._far(web, articles, process), most_s=RUN_S)
                time.sleep(more_s)
                process.kill()
                _, told = process.communicate()
            if process.returncode != LOCKED or time.monotonic() > deadline:
                break
        assert process.returncode in (-signal.SIGKILL, 0), told.decode()
        return process.returncode == -signal.SIGKILL

    def _far(self, web: Web, articles: int, process: subprocess.Popen[bytes]) -> Callable[[], bool]:
        before = len(web.log)

        def far() -> bool:
            there = len(fetched(web)) >= articles if articles else len(web.log) > before + len(HOSTS)
            return there or process.poll() is not None

        return far

    # ------------------------------------------------------------ what must hold

    def rows(self) -> dict[str, Any]:
        """All that is stored, as values that do not depend on when and in which order it was."""
        with open_store(self.database_url) as store:
            articles = {}
            for stored in store.articles.each():
                article, revisions = stored.article, store.articles.revisions(stored.article_id)
                about = (article.source, article.title, article.body, article.published, article.authors)
                assert article.url not in articles, "no article twice"
                articles[article.url] = (*about, len(revisions))
            outcomes = {
                url: (state.outcome, state.reason, state.status)
                for source in HOSTS
                for url in self.urls(source)
                if (state := store.pages.known(url)) is not None
            }
        return {"articles": articles, "outcomes": outcomes}

    def urls(self, source: str) -> list[str]:
        with open_store(self.database_url) as store:
            return sorted({url for name, url, _ in store.snapshots.each(source) if name == source})

    def check(self) -> None:
        """Database sound, every raw page that a row points to there, every WARC file readable to its end."""
        with open_store(self.database_url) as store:
            assert store.check() == ()
            for _, _, place in store.snapshots.each():
                assert snapshots.read(self.folder, place).body
        for file in sorted((self.folder / snapshots.FOLDER).glob(f"*{snapshots.SUFFIX}")):
            pages = list(snapshots.read_all(file))
            assert all(page.status for page in pages)


def fetched(web: Web) -> Counter[str]:
    """How often each article was asked for."""
    return Counter(f"{one.key}{one.target.partition('?')[0]}" for one in web.articles_asked())


def moments(seed: int, count: int, articles: int) -> list[tuple[int, float]]:
    """Return seeded moments: after so many articles were asked for, and so many seconds more."""
    chance = random.Random(seed)
    return [(chance.randint(0, articles), chance.random() * MORE_S) for _ in range(count)]
