"""How runs end before they are done, and what the next one makes of it; the other ways to start one."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.crawl.run import NO_PLAN
from tests.command import RunIngest, StartIngest, environment
from tests.crawl.stored import articles, sqlite_url
from tests.site import Web
from tests.site.sites import family
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SLOWLY_S = 0.4  # an answer takes so long that a signal comes in the middle of a run


@pytest.fixture
def web() -> Iterator[Web]:
    with Web([replace(site, count=8) for site in family() if site.key == "post"]) as web:
        yield web


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_run_with_everything_finished_kept(
    number: signal.Signals, code: int, web: Web, run_ingest: RunIngest, start_ingest: StartIngest, home: Path
) -> None:
    web.latency_s = SLOWLY_S
    with start_ingest("crawl", web.url("post")) as process:
        assert wait_until(lambda: len(web.articles_asked()) > 2)
        process.send_signal(number)
        assert process.wait(60) == code
        assert "Traceback" not in process.stderr.read()
    kept = set(articles(sqlite_url(home)))
    assert 0 < len(kept) < 8
    if number is not signal.SIGTERM:
        return  # the next run has the same to do after either
    web.latency_s = 0
    assert run_ingest("crawl", web.url("post")).code == 0
    assert set(articles(sqlite_url(home))) == set(web.expected())
    asked = [one.target.partition("?")[0] for one in web.articles_asked()]
    assert len(asked) <= len(web.expected()) + 1  # what was under way when the signal came may be asked again


def test_max_runtime_ends_with_nought_and_the_next_run_goes_on(web: Web, run_ingest: RunIngest, home: Path) -> None:
    web.latency_s = SLOWLY_S
    done = run_ingest("crawl", web.url("post"), "--max-runtime", "2s")
    assert done.code == 0, done.stderr
    assert int(done.table[next(iter(done.table))]["left"]) > 0
    web.latency_s = 0
    assert run_ingest("crawl", web.url("post")).code == 0
    assert set(articles(sqlite_url(home))) == set(web.expected())


def test_scrapy_people_can_crawl_a_source_by_its_name(
    web: Web, home: Path, sources_toml: Callable[[str], Path]
) -> None:
    sources_toml(f'[sources.post]\nurl = "{web.url("post")}"\n')
    done = scrapy(home, "crawl", "articles", "-a", "source=post")
    assert done.returncode == 0, done.stderr
    assert set(articles(sqlite_url(home))) == set(web.expected())


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("crawl", "articles", "-a", "source=nope"),
            'ingest: no source "nope" in sources.toml; `ingest sources list` shows what there is',
        ),
        (("fetch", "--nolog", "http://127.0.0.1:9/"), f"ingest: {NO_PLAN}"),
        (("shell", "http://127.0.0.1:9/"), f"ingest: {NO_PLAN}"),
    ],
)
def test_wrong_uses_of_scrapys_commands_end_with_one_line(
    words: tuple[str, ...], line: str, home: Path, sources_toml: Callable[[str], Path]
) -> None:
    sources_toml('[sources.post]\nurl = "https://post.example/"\n')
    done = scrapy(home, *words)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == line
    assert "Traceback" not in done.stderr


def scrapy(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of Scrapy's in the folder of scrapy.cfg."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        env=environment({"INGEST_HOME": str(home)}),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )
