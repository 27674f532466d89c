"""How a run ends before it is done: signals, a time limit, another run, a full disk, a lost database."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ingest import snapshots
from ingest.lock import held
from ingest.store import open_store
from tests.command import RunIngest, command, environment
from tests.crawl.killing import HOSTS, three_hosts
from tests.site import Web
from tests.waiting import wait_until

ARTICLES = 12
END_S = 10.0  # the promise
SLOW = {"INGEST_DELAY_S": "0.4"}  # the crawl is far from its end when it is disturbed
SourcesToml = Callable[[str], Path]


@pytest.fixture
def three() -> Iterator[Web]:
    with Web(three_hosts(ARTICLES)) as web:
        yield web


@pytest.fixture
def declared(three: Web, sources_toml: SourcesToml) -> Web:
    sources_toml("\n".join(f'[sources.{key}]\nurl = "{three.url(key)}"\n' for key in HOSTS))
    return three


@contextmanager
def running(home: Path, *args: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A run that is on its way; killed at the end if it still goes on."""

    with subprocess.Popen(
        command(home, "run", *args),
        env=environment(env),
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def stored(database_url: str) -> set[str]:
    with open_store(database_url) as store:
        return {one.article.url for one in store.articles.each()}


def asked(web: Web, count: int) -> bool:
    return wait_until(lambda: len(web.articles_asked()) >= count, most_s=100)


def check(home: Path, database_url: str) -> None:
    with open_store(database_url) as store:
        assert store.check() == ()
        for _, _, place in store.snapshots.each():
            assert snapshots.read(home, place).body


# ------------------------------------------------------------ signals and time


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_run_in_seconds_with_all_that_was_finished_stored(
    declared: Web, home: Path, run_ingest: RunIngest, database_url: str, signum: signal.Signals, code: int
) -> None:
    env = {"INGEST_DATABASE_URL": database_url}
    with running(home, **env, **SLOW) as process:
        assert asked(declared, 4)
        begun = time.monotonic()
        process.send_signal(signum)
        said, told = process.communicate(timeout=60)
        took_s = time.monotonic() - begun
    assert (process.returncode, said) == (code, "")
    assert took_s < END_S
    (line,) = told.splitlines()
    assert signum.name in line
    assert "left to the next run" in line
    answered = {f"{one.key}{one.target}" for one in declared.articles_asked()}
    assert len(stored(database_url)) == len(answered)
    check(home, database_url)
    assert run_ingest("run", env=env).code == 0
    assert stored(database_url) == set(declared.expected(*HOSTS))
    assert len(declared.articles_asked()) == len(declared.expected(*HOSTS)), "no article was asked for twice"


@pytest.mark.usefixtures("declared")
def test_a_run_that_reaches_its_time_limit_is_no_failure_and_the_rest_goes_on_in_the_next(
    declared: Web, home: Path, run_ingest: RunIngest
) -> None:
    first = run_ingest("run", "-v", "--max-runtime", "4s", env={"INGEST_DELAY_S": "0.8"})
    assert first.code == 0
    assert "left" in first.stderr
    some = stored(f"sqlite:///{home / 'ingest.db'}")
    assert some < set(declared.expected(*HOSTS))
    status = run_ingest("status", "--json").json
    assert sum(row["left"] for row in status["sources"]) > 0
    assert run_ingest("run").code == 0, "sources with something left are due at once"
    assert stored(f"sqlite:///{home / 'ingest.db'}") == set(declared.expected(*HOSTS))


# ------------------------------------------------------------ two at once


@pytest.mark.usefixtures("declared")
def test_a_second_run_ends_at_once_and_changes_nothing(
    declared: Web, home: Path, run_ingest: RunIngest, database_url: str
) -> None:
    env = {"INGEST_DATABASE_URL": database_url}
    with running(home, **env, INGEST_DELAY_S="3") as process:
        assert asked(declared, 2)
        requests = len(declared.log)
        second = run_ingest("run", env=env)
        assert (second.code, second.stdout) == (75, "")
        assert "another run holds" in second.stderr
        assert len(second.stderr.splitlines()) == 1
        by_scrapy = scrapy_crawl(home, env)
        assert by_scrapy.returncode != 0
        assert "another run holds" in by_scrapy.stderr
        with open_store(database_url) as store:  # reading goes on meanwhile
            assert [run.command for run in store.runs.recent()] == ["run"]
        assert run_ingest("status", env=env).code == 0
        assert run_ingest("export", "-f", "jsonl", env=env).code == 0
        assert {one.key for one in declared.log[requests:]} <= set(HOSTS)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


@pytest.mark.usefixtures("declared")
def test_a_run_waits_for_nobody_while_scrapy_crawls(home: Path, run_ingest: RunIngest, database_url: str) -> None:
    env = {"INGEST_DATABASE_URL": database_url}
    with held(database_url):
        assert run_ingest("run", env=env).code == 75
        assert scrapy_crawl(home, env).returncode != 0
    done = scrapy_crawl(home, env)
    assert done.returncode == 0, done.stderr
    assert run_ingest("status", env=env).code == 0
    assert stored(database_url)


def scrapy_crawl(home: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`scrapy crawl articles` in the project's folder, as Scrapy people type it."""
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [*command(None)[:2], "scrapy", "crawl", "articles"],
        env=environment({**env, "INGEST_HOME": str(home)}),
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


# ------------------------------------------------------------ what breaks


def test_a_full_disk_ends_the_run_with_one_line_and_what_was_committed_stays(
    declared: Web, home: Path, run_ingest: RunIngest
) -> None:
    database_url = f"sqlite:///{home / 'ingest.db'}"
    with running(home, **SLOW) as process:
        assert asked(declared, 6)
        assert wait_until(lambda: bool(stored(database_url)))
        largest = max(file.stat().st_size for file in home.rglob("*") if file.is_file())
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest + 4096, largest + 4096))  # writing past it fails
        said, told = process.communicate(timeout=100)
    assert (process.returncode, said) == (1, "")
    assert len(told.splitlines()) == 1, told
    some = stored(database_url)
    assert some
    check(home, database_url)
    assert run_ingest("run").code == 0
    everything = stored(database_url)
    assert some < everything
    assert everything == set(declared.expected(*HOSTS))
    check(home, database_url)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; the next test takes a folder of another kind")
def test_a_read_only_folder_is_told_in_one_line(declared: Web, home: Path, run_ingest: RunIngest) -> None:
    home.chmod(0o555)
    done = run_ingest("run")
    home.chmod(0o755)
    assert done.code == 1
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_told_in_one_line(run_ingest: RunIngest) -> None:
    done = run_ingest("--home", "/proc/ingest", "crawl", "http://127.4.2.1:1/", at_home=False)
    assert done.code == 1
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_goes_away_ends_the_run_with_one_line(
    declared: Web, home: Path, run_ingest: RunIngest, postgres_url: str
) -> None:
    env = {"INGEST_DATABASE_URL": postgres_url}
    with running(home, **env, **SLOW) as process:
        assert asked(declared, 6)
        assert wait_until(lambda: bool(stored(postgres_url)))
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        said, told = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert len(told.splitlines()) == 1, told
    some = stored(postgres_url)
    assert some
    assert run_ingest("run", env=env).code == 0
    everything = stored(postgres_url)
    assert some < everything
    assert everything == set(declared.expected(*HOSTS))
    check(home, postgres_url)
