"""What `ingest schedule` prints runs as printed, under cron's empty environment; and what one hears of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.command import LOOPBACK, Ended, RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.ops.hook import hook
from tests.site import Web
from tests.site.sites import family


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(replace(site, count=4) for site in family() if site.key == "weblog") as web:
        yield web


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "100 % news"  # cron takes a bare % for a line break


def as_cron(line: str, *more: str, **environment: str) -> Ended:
    """Run a crontab line as cron does: without its five fields, from /, with nothing in the environment but these."""
    given = " ".join(f"{name}={value}" for name, value in environment.items())
    words = line.split(None, 5)[5].replace(r"\%", "%")
    done = subprocess.run(
        ["env", "-i", "/bin/sh", "-c", " ".join((given, words, *more))],
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Ended(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


SILENT = Ended(code=0, stdout="", stderr="")


def cron_line(web: Web, run_ingest: RunIngest, sources_toml: Callable[[str], Path]) -> str:
    sources_toml(f'[sources.weblog]\nurl = "{web.url("weblog")}"\n')
    printed = run_ingest("schedule", "cron", "--every", "30m", env={**LOOPBACK, "INGEST_RETRIES": "0"})
    assert (printed.code, printed.stderr) == (0, "")
    (line,) = printed.stdout.splitlines()
    return line


def test_the_cron_line_runs_as_printed_and_is_silent_on_success(
    web: Web, run_ingest: RunIngest, sources_toml: Callable[[str], Path], home: Path
) -> None:
    line = cron_line(web, run_ingest, sources_toml)
    with hook() as watcher:
        assert as_cron(line, INGEST_PING_URL=f"{watcher.url}/check") == SILENT
        assert set(articles(sqlite_url(home))) == set(web.expected())
        asked = len(web.log)
        assert as_cron(line) == SILENT  # nothing is due
        assert len(web.log) == asked
        assert watcher.paths == ["/check/start", "/check"]


@pytest.mark.slow
def test_a_newly_failing_source_is_reported_once_and_its_recovery_once(
    web: Web, run_ingest: RunIngest, sources_toml: Callable[[str], Path]
) -> None:
    line = cron_line(web, run_ingest, sources_toml)
    now = datetime.now(UTC)
    with hook() as watcher, hook() as webhook:

        def run(*more: str, hours: float) -> Ended:
            clock = (now + timedelta(hours=hours)).isoformat()
            ping = f"{watcher.url}/check"
            return as_cron(line, *more, INGEST_CLOCK=clock, INGEST_PING_URL=ping, INGEST_WEBHOOK=webhook.url)

        assert run(hours=0) == SILENT
        web.misbehave("weblog", "*", "500")
        failed = run(hours=2)
        assert (failed.code, failed.stdout, len(failed.stderr.splitlines())) == (3, "", 1)
        assert "weblog" in failed.stderr
        assert "500" in failed.stderr
        assert watcher.paths[-1] == "/check/3"
        assert run(hours=3) == SILENT  # asked less often: not due for twice the time
        asked = len(web.log)
        assert run(hours=5) == SILENT  # the same failure
        assert len(web.log) > asked
        assert run("--strict", hours=12).code == 3
        web.behave()
        assert run(hours=48) == SILENT
        assert [(one["event"], one["source"], one["kind"]) for one in webhook.messages] == [
            ("finding", "weblog", "failed"),
            ("recovery", "weblog", "failed"),
        ]
        assert run_ingest("health").stdout == "all sources are well\n"
    gone = run_ingest("sources", "retire", "weblog")
    assert "its 4 articles stay" in gone.stdout
    assert run_ingest("status", "--json").json["sources"][0]["state"] == "retired"
    assert run_ingest("sources", "retire", "weblog").code == 2
