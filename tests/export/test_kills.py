"""A named export that is killed at any step: no article is lost, none comes in two editions."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.cli import main
from ingest.export.journal import Journal
from ingest.model import Verdict, VerdictKind
from ingest.store import open_store
from ingest.store.exports import Exports
from tests.export.values import NOW
from tests.store.values import article, source

NEW = Verdict(kind=VerdictKind.NEW)
KILLED = 9
STEPS = 40  # more than an export has


def store_article(home: Path, number: int) -> None:
    home.mkdir(exist_ok=True)
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store:
        store.sources.sync([source("a")], NOW)
        store.articles.save(article(str(number), source="a"), NEW, NOW)


def export_in_child(home: Path, target: Path, kill_at: int) -> int:
    """Export in a process of its own that ends without any clean-up at its n-th step; return its exit code."""
    pid = os.fork()
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
    assert export_in_child(home, final, 10_000) == 0
    collect(final)
    assert killed >= 10
    assert sorted(editions) == sorted(f"https://a.example/{number}" for number in range(stored))
