"""A named export that is killed at any step: no article is lost, none comes in two editions."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.cli import main
from ingest.export.journal import Journal
from ingest.model import Verdict, VerdictKind
from ingest.store import open_store, upgrade
from ingest.store.exports import Exports
from tests.export.values import NOW
from tests.store.first_schema import fill
from tests.store.values import article, source

NEW = Verdict(kind=VerdictKind.NEW)
KILLED = 9
STEPS = 40  # more than an export has
NEVER = 10_000


def store_article(home: Path, number: int) -> None:
    home.mkdir(exist_ok=True)
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store:
        store.sources.sync([source("a")], NOW)
        store.articles.save(article(str(number), source="a"), NEW, NOW)


def export_in_child(
    home: Path, target: Path, kill_at: int, *, database_url: str = "", most_s: float | None = None
) -> int:
    """Export in a process of its own that ends without any clean-up at its n-th step; return its exit code.

    `most_s`: SIGKILL after so long.
    """
    pid = os.fork()
    if pid and most_s is not None:
        time.sleep(most_s)
        os.kill(pid, signal.SIGKILL)
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    left = [kill_at]

    def dying(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            for phase in (0, 1):
                if left[0] == 0:
                    os._exit(KILLED)
                left[0] -= 1
                if phase == 0:
                    done = function(*args, **kwargs)
            return done

        return step

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "chmod"), (Exports, "settle"),
                        (Exports, "undo"), (Exports, "window"), (Journal, "_write")):  # fmt: skip
        setattr(owner, name, dying(getattr(owner, name)))
    os.close(2)
    if database_url:
        os.environ["INGEST_DATABASE_URL"] = database_url
        sys.modules.pop("settings", None)  # an earlier test's, which has read the environment already
    try:
        main(["--home", str(home), "export", "--since-last", "daily", "-o", str(target)])
    except SystemExit as ended:
        os._exit(int(ended.code or 0))
    os._exit(0)


@pytest.mark.parametrize("same_name", [True, False])
def test_an_export_killed_at_any_step_loses_and_doubles_nothing(same_name: bool, home: Path, tmp_path: Path) -> None:
    editions: list[str] = []
    stored = killed = 0

    def collect(target: Path) -> None:
        """What whoever waits for the file takes away."""
        if target.exists():
            editions.extend(json.loads(line)["url"] for line in target.read_text().splitlines())
            target.unlink()

    for step in range(STEPS):
        store_article(home, stored)
        stored += 1
        target = tmp_path / ("latest.jsonl" if same_name else f"{step}.jsonl")
        code = export_in_child(home, target, step)
        assert code in (0, KILLED)
        collect(target)
        killed += code == KILLED
        if code == 0 and step > 10:
            break
    final = tmp_path / "last.jsonl"
    assert export_in_child(home, final, NEVER) == 0
    collect(final)
    assert killed >= 10
    assert sorted(editions) == sorted(f"https://a.example/{number}" for number in range(stored))


def test_an_export_killed_at_any_moment_loses_and_doubles_nothing(empty_database_url: str, tmp_path: Path) -> None:
    export_under_kills(empty_database_url, tmp_path, articles=50, kills=3)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills_of_an_export(empty_database_url: str, tmp_path: Path) -> None:
    export_under_kills(empty_database_url, tmp_path, articles=1_000, kills=40)


def export_under_kills(database_url: str, folder: Path, *, articles: int, kills: int) -> None:
    """Export so many articles, and a few new ones each time, until so many exports were killed.

    Two of three are killed at a step, the others by SIGKILL at some moment; targets have the same name or their own. No
    article is missing from the editions, none is in two.
    """
    fill(database_url, articles)
    upgrade(database_url)
    chance = random.Random(24)
    editions: Counter[str] = Counter()
    stored = killed = 0

    def collect() -> None:
        for file in folder.glob("*.jsonl"):
            editions.update(json.loads(line)["url"] for line in file.read_text(encoding="utf-8").splitlines())
            file.unlink()

    number = 0
    while killed < kills:
        number += 1
        with open_store(database_url) as store:
            for _ in range(chance.randint(0, 3)):
                store.articles.save(article(f"new-{stored}", source="a"), NEW, NOW)
                stored += 1
        target = folder / (f"{number}.jsonl" if chance.random() < 0.5 else "latest.jsonl")
        if number % 3:
            code = export_in_child(folder, target, chance.randrange(STEPS // 2), database_url=database_url)
        else:
            code = export_in_child(folder, target, NEVER, database_url=database_url, most_s=chance.uniform(0.0, 1.0))
        assert code in (0, KILLED, -signal.SIGKILL)
        killed += code != 0
        if chance.random() < 0.7:  # whoever waits for the file does not always come between
            collect()
        elif target.name == "latest.jsonl":
            collect()  # the next one would replace it
    assert export_in_child(folder, folder / "end.jsonl", NEVER, database_url=database_url) == 0
    collect()
    with open_store(database_url) as store:
        expected = {one.article.url for one in store.articles.each()}
    assert len(expected) >= articles + stored
    assert set(editions) == expected
    assert max(editions.values()) == 1
