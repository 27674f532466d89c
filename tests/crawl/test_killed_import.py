"""SIGKILL while archives are read: after one more import every page of theirs is stored once."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ingest import snapshots
from ingest.store import open_store, upgrade
from tests.command import command, environment
from tests.site.archives import page, warc
from tests.site.foreign import arc, letter, mbox
from tests.waiting import wait_until

PAGES = 40  # of each web archive
KILLS = 6
SEED = 20260508
LOCKED = 75
IMPORT_S = 300.0
LOCK_S = 20.0  # PostgreSQL lets go of a killed process' lock when it notices


def archives(folder: Path) -> set[str]:
    """Write a WARC file, an ARC file and a mailbox; return the addresses of their articles."""
    folder.mkdir()
    north = [(f"https://north.example/2024/story-{number}", page(number)) for number in range(PAGES)]
    south = [(f"https://south.example/2024/story-{number}", page(number)) for number in range(PAGES, 2 * PAGES)]
    warc(folder / "a.warc.gz", north)
    arc(folder / "b.arc.gz", south, packed=True)
    mbox(folder / "c.mbox", [letter(number) for number in range(3)])
    return {url for url, _ in north + south}


def imported(home: Path, folder: Path, database_url: str) -> subprocess.Popen[bytes]:
    env = environment({"INGEST_DATABASE_URL": database_url, "INGEST_WORKERS": "2"})
    words = command(home, "import", str(folder), "--json")
    return subprocess.Popen(words, env=env, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def stored(database_url: str) -> list[str]:
    with open_store(database_url) as store:
        return [one.article.url for one in store.articles.each()]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_import_killed_at_any_record_loses_and_doubles_nothing(tmp_path: Path, database_url: str) -> None:
    upgrade(database_url)
    home, folder = tmp_path / "home", tmp_path / "archives"
    home.mkdir()
    expected = archives(folder)
    chance = random.Random(SEED)
    killed = 0
    for least in sorted(chance.sample(range(1, 2 * PAGES - 10), KILLS)):
        deadline = time.monotonic() + LOCK_S
        while True:
            with imported(home, folder, database_url) as process:
                running = process
                wait_until(
                    lambda: len(stored(database_url)) >= least or running.poll() is not None,  # noqa: B023 - called here
                    most_s=IMPORT_S,
                )
                time.sleep(chance.random() * 0.1)
                process.kill()
                process.communicate()
            if process.returncode != LOCKED or time.monotonic() > deadline:
                break
        killed += process.returncode == -signal.SIGKILL
        urls = stored(database_url)
        assert len(urls) == len(set(urls)), "no article twice"
    assert killed >= KILLS // 2, "most kills came while records were read"
    deadline = time.monotonic() + LOCK_S
    while True:
        with imported(home, folder, database_url) as process:
            _, errors = process.communicate(timeout=IMPORT_S)
        if process.returncode != LOCKED or time.monotonic() > deadline:
            break
    assert process.returncode == 0, errors.decode()
    urls = stored(database_url)
    assert len(urls) == len(set(urls)) == 2 * PAGES + 3
    assert expected < set(urls)
    with open_store(database_url) as store:
        assert store.check() == ()
        for _, _, place in store.snapshots.each():
            assert snapshots.read(home, place).body
    with imported(home, folder, database_url) as process:
        printed, _ = process.communicate(timeout=IMPORT_S)
    assert {file["pages"] for file in json.loads(printed)["files"]} == {0}, "a second import adds nothing"
