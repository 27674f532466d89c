"""The run lock: one run per database and shard, free at once when its holder dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.crawl.lock import held
from ingest.errors import Locked, StoreError

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from ingest.crawl.lock import held
with held(sys.argv[1], shard=sys.argv[2] or None):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another(database_url: str, shard: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, database_url, shard or ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_run_is_refused_and_reported_who_holds_the_lock(empty_database_url: str) -> None:
    with another(empty_database_url) as process:
        with pytest.raises(Locked, match="another run holds") as caught, held(empty_database_url):
            pass
        assert caught.value.exit_code == 75
        assert str(process.pid) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_lock_is_free_when_its_holder_is_killed(empty_database_url: str) -> None:
    with another(empty_database_url) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for _ in range(100):  # the server notices a lost connection within milliseconds, the kernel at once
            try:
                with held(empty_database_url):
                    return
            except Locked:
                assert empty_database_url.startswith("postgresql"), "a file lock is free at once"
                time.sleep(0.05)
    pytest.fail("the lock was not freed within 5 s")


def test_the_lock_is_free_after_the_run(empty_database_url: str) -> None:
    for _ in range(2):
        with held(empty_database_url):
            pass


def test_shards_run_side_by_side_and_exclude_a_whole_run(empty_database_url: str) -> None:
    with another(empty_database_url, "1/2"):
        with held(empty_database_url, shard="2/2"):
            pass
        with pytest.raises(Locked), held(empty_database_url, shard="1/2"):
            pass
        with pytest.raises(Locked), held(empty_database_url):
            pass
    with another(empty_database_url), pytest.raises(Locked), held(empty_database_url, shard="1/2"):
        pass


def test_databases_do_not_lock_each_other(tmp_path: Path) -> None:
    with another(f"sqlite:///{tmp_path}/one.db"), held(f"sqlite:///{tmp_path}/two.db"):
        pass


FORKING = """
import os, sys, time
from ingest.crawl.lock import held
with held(sys.argv[1]):
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
    time.sleep(30)
"""


def test_a_child_process_does_not_keep_the_lock_of_a_killed_run(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    command = [sys.executable, "-c", FORKING, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        try:
            with held(url):
                pass
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="see that the folder exists"), held(f"sqlite:///{tmp_path}/no/ingest.db"):
        pass
