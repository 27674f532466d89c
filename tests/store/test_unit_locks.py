"""Polite units of runs that share a database: one process at a time, free when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ingest.crawl.lock import held, in_turn
from ingest.errors import Locked, StoreError
from ingest.store.db.locks import Locks

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from ingest.crawl.lock import held, in_turn
with held(sys.argv[1], shard=sys.argv[2]) as lock:
    print(lock.take(sys.argv[3]), flush=True)
    time.sleep(60)
"""
FREED_S = 5.0


@contextmanager
def another(database_url: str, unit: str, shard: str = "2/2") -> Iterator[subprocess.Popen[bytes]]:
    """Another shard's process that has a unit."""
    command = [sys.executable, "-c", HOLDER, database_url, shard, unit]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_unit_is_one_process_at_a_time_and_free_when_that_is_killed(empty_database_url: str) -> None:
    with another(empty_database_url, "a.example") as process, held(empty_database_url, shard="1/2") as lock:
        assert not lock.take("a.example")
        assert lock.take("b.example"), "units do not lock each other"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + FREED_S  # the server notices a lost connection within milliseconds
        while not lock.take("a.example"):
            assert time.monotonic() < deadline, "the unit was not freed"
            time.sleep(0.05)


def test_a_unit_that_was_left_is_there_for_others(empty_database_url: str) -> None:
    with held(empty_database_url, shard="1/2") as lock:
        assert lock.take("a.example")
        lock.release("a.example")
        with another(empty_database_url, "a.example"):
            assert not lock.take("a.example")


def test_a_whole_run_needs_no_lock_for_a_unit(empty_database_url: str) -> None:
    with held(empty_database_url) as lock:
        assert (lock.holder, lock.shared) == ("all", False)
        assert lock.take("a.example")
        lock.release("a.example")


def test_crawls_of_workers_are_numbered_and_exclude_a_whole_run(empty_postgres_url: str) -> None:
    with held(empty_postgres_url, worker=True) as one, held(empty_postgres_url, worker=True) as two:
        assert (one.holder, two.holder) == ("worker 1", "worker 2")
        assert one.take("a.example")
        assert not two.take("a.example")
        with pytest.raises(Locked, match="crawl of ingest work"), held(empty_postgres_url):
            pass
    with held(empty_postgres_url, worker=True) as again:
        assert again.holder == "worker 1"
    with held(empty_postgres_url), pytest.raises(Locked), held(empty_postgres_url, worker=True):
        pass


def test_locks_that_the_server_took_back_are_noticed(empty_postgres_url: str) -> None:
    with held(empty_postgres_url, worker=True) as lock:
        lock.check()
        with psycopg.connect(empty_postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(StoreError):
            lock.check()
        with pytest.raises(StoreError):
            lock.take("a.example")


def test_a_database_that_is_not_there_is_reported(postgres: str) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        Locks(postgres.replace("/postgres?", "/nowhere?", 1))


TELLING = """
import sys, time
from ingest.crawl.lock import in_turn
with in_turn(sys.argv[1], "alerts") as ours:
    print(ours, flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_what_runs_side_by_side_would_do_twice_is_done_in_turn(empty_database_url: str) -> None:
    command = [sys.executable, "-c", TELLING, empty_database_url, "1.0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        with in_turn(empty_database_url, "alerts", most_s=0.3) as ours:
            assert not ours, "the other is at it"
        with in_turn(empty_database_url, "alerts", most_s=20.0) as ours:
            assert ours
