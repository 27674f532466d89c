"""`ingest add` in a terminal: a numbered choice of seeds, and what a run will ask of the site."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest

from ingest import sources
from ingest.cli.support.seed_choice import outlook, picked
from ingest.config import Config
from tests.command import TIMEOUT_S, RunIngest, command, environment
from tests.site import Web
from tests.site.sites import family

SITES = {site.key: site for site in family()}
ASKED = b"or all [all]: "


@pytest.fixture
def web() -> Iterator[Web]:
    with Web([replace(SITES["post"], count=6)]) as web:
        yield web


def typed(home: Path, *args: str, answers: list[bytes]) -> tuple[int, str]:
    """Run a command in a terminal, typing an answer at each prompt."""
    ours, theirs = pty.openpty()
    given = environment({"TERM": "xterm-256color", "COLUMNS": "100"})
    with subprocess.Popen(
        command(home, *args), stdin=theirs, stdout=theirs, stderr=theirs, env=given, cwd="/", start_new_session=True
    ) as process:
        os.close(theirs)
        sent, asked = b"", 0
        until = time.monotonic() + TIMEOUT_S
        while time.monotonic() < until:
            if not select.select([ours], [], [], 0.2)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                data = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            sent += data
            if sent.count(ASKED) > asked and answers:
                asked += 1
                os.write(ours, answers.pop(0) + b"\n")
        code = process.wait(TIMEOUT_S)
    os.close(ours)
    return code, sent.decode().replace("\r\n", "\n")


def test_a_terminal_is_asked_which_seeds_to_take(web: Web, home: Path) -> None:
    code, said = typed(home, "add", web.url("post"), "--name", "post", answers=[b"9", b"1"])
    assert code == 0, said
    assert "  1  feed" in said
    assert "type numbers from 1 to" in said
    assert "A run asks the site at most 500 times" in said
    assert "next: ingest run post" in said
    (source,) = sources.load(home).sources
    assert len(source.seeds) == 1
    assert f"  1  {source.seeds[0].kind:<8} {source.seeds[0].url}  (" in said


def test_without_a_terminal_all_are_taken_and_nothing_is_asked(web: Web, run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest("add", web.url("post"))
    assert (done.code, done.stderr) == (0, "")
    assert "Which to take" not in done.stdout
    assert "A run asks" not in done.stdout
    assert len(sources.load(home).sources[0].seeds) > 1


@pytest.mark.parametrize(
    ("given", "numbers"),
    [("all", {1, 2, 3}), ("1,3", {1, 3}), ("2-3", {2, 3}), (" 1  2 ", {1, 2}), ("ALL", {1, 2, 3}), ("3-9", None),
     ("0", None), ("", None), ("x", None), ("1-", None), ("9" * 30, None)],
)  # fmt: skip  # a table
def test_numbers_are_read_as_people_type_them(given: str, numbers: set[int] | None) -> None:
    if numbers is None:
        with pytest.raises(click.UsageError):
            picked(given, 3)
    else:
        assert picked(given, 3) == numbers


def test_the_outlook_counts_requests_and_minutes() -> None:
    said = outlook(Config(delay_s=2.0), 90)
    assert "at most 500 times, 2 s apart" in said
    assert "the 90 newest links in about 3 minutes" in said
    assert "every hour" in said
    assert "newest" not in outlook(Config(), 0)
