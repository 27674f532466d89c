"""Whoever reads the output may stop reading: the command ends at once and quietly, as one does that SIGPIPE ends."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from ingest.errors import SIGNAL_BASE
from ingest.model import Verdict, VerdictKind
from ingest.store import open_store
from tests.command import StartIngest, command, environment
from tests.store.values import NOW, article, source

ENDED = SIGNAL_BASE + signal.SIGPIPE
ARTICLES = 60  # of some 4 kB each: more than a pipe holds


def test_an_export_into_head_ends_quietly(home: Path, start_ingest: StartIngest) -> None:
    home.mkdir()
    texts = [f"{number} is a number among many others in this text." for number in range(80)]
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store:
        store.sources.sync((source(),), NOW)
        for number in range(ARTICLES):
            store.articles.save(article(number, *texts), Verdict(kind=VerdictKind.NEW), NOW)
    with start_ingest("export") as process:
        assert process.stdout.readline().startswith('{"id":1,')
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == ENDED


@pytest.mark.parametrize("args", [("--help",), ("config",)])
def test_so_does_what_fits_into_a_pipe_nobody_reads(args: tuple[str, ...], home: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            command(home, *args), stdout=write, stderr=subprocess.PIPE, env=environment({}), cwd="/", check=False
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (ENDED, b"")
