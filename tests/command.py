"""The real command, in a process of its own, in an environment as empty as cron's."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.site import NETWORK

TIMEOUT_S = 90.0
LOOPBACK = {  # what a test of a crawl cannot do without; extracting in processes of their own costs a small one more
    "INGEST_ALLOW_NETWORKS": NETWORK,
    "INGEST_DELAY_S": "0.005",
    "INGEST_WORKERS": "0",
}


@pytest.fixture
def demo_alone() -> Iterator[None]:
    """Have the demo's port for oneself: at another port its articles have other addresses."""
    with (Path(tempfile.gettempdir()) / "ingest-demo.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def table(self) -> dict[str, dict[str, str]]:
        """The closing table: row by its first cell, cells by column."""
        lines = [line.split() for line in self.stdout.split("\n\n")[0].splitlines()]
        return {cells[0]: dict(zip(lines[0][1:], cells[1:], strict=False)) for cells in lines[1:]}


class RunIngest(Protocol):
    """Run `ingest ARGS` to its end; --home is the test's home unless told otherwise."""

    def __call__(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        at_home: bool = True,
        cwd: Path | str = "/",
        stdin: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> Ended: ...


def command(home: Path | None, *args: str) -> list[str]:
    where = [] if home is None else ["--home", str(home)]
    return [sys.executable, "-m", "ingest", *where, *args]


def environment(env: Mapping[str, str] | None) -> dict[str, str]:
    """PATH, what loopback needs, and what the test says; nothing else."""
    return {"PATH": os.environ["PATH"], **LOOPBACK, **(env or {})}


@pytest.fixture
def run_ingest(home: Path) -> RunIngest:
    def run(
        *args: str,
        env: Mapping[str, str] | None = None,
        at_home: bool = True,
        cwd: Path | str = "/",
        stdin: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> Ended:
        done = subprocess.run(
            command(home if at_home else None, *args),
            env=environment(env),
            cwd=cwd,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )
        return Ended(code=done.returncode, stdout=done.stdout, stderr=done.stderr)

    return run


StartIngest = Callable[..., Any]


@pytest.fixture
def start_ingest(home: Path) -> StartIngest:
    """Start `ingest ARGS` and go on: `with start_ingest("run") as process`; killed at the end if it still runs."""

    @contextmanager
    def start(*args: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            command(home, *args),
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

    return start


@pytest.fixture
def sources_toml(home: Path) -> Callable[[str], Path]:
    """Write a sources.toml into the home."""

    def write(text: str) -> Path:
        home.mkdir(exist_ok=True)
        file = home / "sources.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write
