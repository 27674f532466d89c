"""Others at the same database: reading while a crawl writes, a full disk, a lost connection, a kill."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from ingest.errors import StoreError
from ingest.model import Outcome, OutcomeKind, Verdict, VerdictKind
from ingest.store import PageEnd, Store, open_store
from tests.command import command, environment
from tests.store.values import NOW, article, link, source

ROOT = Path(__file__).parents[2]
NEW = Verdict(kind=VerdictKind.NEW)
STORED = OutcomeKind.STORED

# a crawl as the store sees it: links met, articles and outcomes in one transaction each, commits shared; between two
# pages it does what else a crawl does, in less time than that takes
CRAWL = """
    import itertools, sys, time
    from ingest.model import Outcome, OutcomeKind, Verdict, VerdictKind
    from ingest.store import PageEnd, open_store
    from tests.store.values import NOW, article, link, source
    with open_store(sys.argv[1]) as store:
        store.sources.sync([source("a")], NOW)
        run = store.runs.begin(NOW)
        store.frontier.meet("a", [link(number) for number in range(1000)], NOW, run)
        print("ready", flush=True)
        with store.group(seconds=0.05):
            while pages := store.frontier.next_queued("a", 10, NOW, run):
                for page in pages:
                    time.sleep(0.003)
                    with store.transaction():
                        read = article(page.url.rsplit("/", 1)[-1])
                        verdict, number = store.articles.save(read, Verdict(kind=VerdictKind.NEW), NOW, run)
                        outcome = Outcome(kind=OutcomeKind.STORED, article_id=number)
                        end = PageEnd(source="a", url=page.url, outcome=outcome, status=200)
                        store.pages.record_outcome(run, end, NOW)
        store.runs.finish(run, NOW)
"""


@contextmanager
def crawling(database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", textwrap.dedent(CRAWL), database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield process
        finally:
            process.kill()


# in one statement, for a crawl goes on between two
WHOLE = "SELECT (SELECT count(*) FROM page WHERE state = 'queued') + (SELECT count(*) FROM article)"


def test_readers_never_wait_for_a_crawl_nor_it_for_them(database_url: str) -> None:
    with crawling(database_url) as crawl, open_store(database_url) as reader:
        seen = []
        while crawl.poll() is None and len(seen) < 30:
            seen.append(len(list(reader.articles.each())))
            assert reader.sources.get("a") is not None
            with open_store(database_url) as another, another._work.reading() as connection:
                whole = connection.exec_driver_sql(WHOLE).scalar_one()
            assert whole == 1000, "an article without its outcome"
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_a_shell_and_exports_read_while_a_crawl_writes_and_nobody_is_told_of_a_lock(
    sqlite_url: str, tmp_path: Path
) -> None:
    file = sqlite_url.removeprefix("sqlite:///")
    env = environment({"INGEST_DATABASE_URL": sqlite_url})
    files = ("one.jsonl", "two.jsonl")
    with (
        crawling(sqlite_url) as crawl,
        closing(sqlite3.connect(file, timeout=0)) as shell,  # it does not wait: a lock would be an error at once
        closing(sqlite3.connect(file, timeout=0)) as slow,  # and this one reads in one long transaction
    ):
        slow.execute("BEGIN")
        before = slow.execute("SELECT count(*) FROM article").fetchone()
        exports = [
            subprocess.Popen(command(tmp_path, "export", "-o", str(tmp_path / name)), env=env, stderr=subprocess.PIPE)
            for name in files
        ]
        counts = []
        while any(one.poll() is None for one in exports):
            counts += shell.execute("SELECT count(*) FROM articles_clean").fetchone()
            assert slow.execute("SELECT count(*) FROM article").fetchone() == before
            time.sleep(0.02)
        said = [one.communicate()[1].decode() for one in exports]
        assert [line.partition(" articles in ")[2] for line in said] == [f"{tmp_path / name}\n" for name in files]
        assert [one.returncode for one in exports] == [0, 0]
        assert crawl.poll() in (None, 0)
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_a_short_writer_gets_its_turn_while_a_crawl_writes(database_url: str) -> None:
    with crawling(database_url) as crawl, open_store(database_url) as other:
        for number in range(10):
            other.hosts.remember("a.example", delay_s=float(number))
        assert crawl.poll() is None


@pytest.mark.parametrize("commits", [1, 7, 40])
def test_after_a_kill_the_next_run_finds_every_article_once(database_url: str, commits: int) -> None:
    with crawling(database_url) as crawl, open_store(database_url) as reader:
        while reader.articles.count() < commits * 3:
            assert crawl.poll() is None
        os.kill(crawl.pid, signal.SIGKILL)
        crawl.wait()
    with open_store(database_url) as store:
        assert store.check() == ()
        stored = store.articles.count()
        assert store.frontier.backlog("a") == 1000 - stored
        run = store.runs.begin(NOW)
        assert [info.broken for info in store.runs.recent()] == [False, True]
        left = {page.url for page in store.frontier.next_queued("a", 5000, NOW, run)}
        known = {item.article.url for item in store.articles.each()}
        assert len(known) == stored
        assert left.isdisjoint(known)
        assert left | known == {link(number).url for number in range(1000)}


# ---------------------------------------------------------------- what breaks


def save(store: Store, number: int, run: int) -> None:
    with store.transaction():
        read = article(number, f"Words of {number}. " * 200)
        _, article_id = store.articles.save(read, NEW, NOW, run)
        store.pages.record_outcome(
            run, PageEnd(source="a", url=read.url, outcome=Outcome(kind=STORED, article_id=article_id)), NOW
        )


@pytest.mark.parametrize("grouped", [False, True])
def test_a_full_disk_ends_in_one_line_and_keeps_what_was_committed(sqlite_url: str, grouped: bool) -> None:
    """The disk is full at a number of pages: SQLite gives the same error as for a full one."""
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
        run = store.runs.begin(NOW)
        save(store, 0, run)
        with store._work.engine.connect() as connection:  # the pool gives the same connection again
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(StoreError, match="full; make room") as caught:
            fill(store, run, grouped)
        assert "\n" not in str(caught.value)
    with open_store(sqlite_url) as store:
        assert store.check() == ()
        kept = store.articles.count()
        assert 1 <= kept < 1000
        save(store, 5000, store.runs.begin(NOW))
        assert store.articles.count() == kept + 1


def fill(store: Store, run: int, grouped: bool) -> None:
    if grouped:
        with store.group(most=3):
            fill(store, run, False)
    for number in range(1, 1000):
        save(store, number, run)


def test_a_folder_that_may_not_be_written_is_reported(sqlite_url: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "ingest.db"
        shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), file)
        file.chmod(0o444)
        Path(name).chmod(0o555)
        before = file.read_bytes()
        told = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(WRITE), f"sqlite:///{file}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (told.returncode, told.stderr) == (1, "")
        assert "writable" in told.stdout
        assert file.read_bytes() == before


WRITE = """
    import os, sys
    from ingest.errors import StoreError
    from ingest.store import PageEnd, open_store
    from tests.store.values import NOW
    if os.geteuid() == 0:
        os.setuid(65534)  # root may write anywhere
    try:
        with open_store(sys.argv[1], create=True) as store:
            store.runs.begin(NOW)
    except StoreError as told:
        print(told)
        sys.exit(told.exit_code)
"""


@pytest.mark.parametrize("grouped", [False, True])
def test_a_lost_connection_is_reported_in_one_line_and_the_next_one_goes_on(postgres_url: str, grouped: bool) -> None:
    with open_store(postgres_url) as store:
        store.sources.sync([source("a")], NOW)
        run = store.runs.begin(NOW)
        save(store, 1, run)
        with pytest.raises(StoreError, match="run again when the server is back") as caught:
            lose_connection(store, run, postgres_url, grouped)
        assert "\n" not in str(caught.value)
        assert store.articles.count() == 1
        save(store, 3, run)
        assert store.articles.count() == 2
        assert store.check() == ()


def lose_connection(store: Store, run: int, url: str, grouped: bool) -> None:
    if grouped:
        with store.group(seconds=1000):
            save(store, 2, run)
            disconnect(url)
            save(store, 4, run)
    else:
        with store.transaction():
            save(store, 2, run)
            disconnect(url)
            save(store, 4, run)


def disconnect(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_sqlite_is_asked_for_what_was_promised(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store, store._work.reading() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
