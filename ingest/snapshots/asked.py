"""The request log of a run: a file beside the raw pages, deleted when the run ends normally.

The store records requests with its next commit, up to a quarter of a second later, so a killed run may have sent
requests that the database does not know. This log has them: a URL key is written before its request is sent.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.errors import SnapshotError, disk_refused
from ingest.snapshots.format import FOLDER

SUFFIX = ".asked"


class RequestLog:
    """The request log of one run, created with the first key. A context manager: after an error the file stays."""

    def __init__(self, home: Path, run_id: int, *, owner: str) -> None:
        self.home = home
        self.run_id = run_id
        self.owner = owner
        self._path = Path()
        self._file: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        if kind is None:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None

    def note(self, key: str) -> None:
        """Log the URL key of a page before its request.

        Raises SnapshotError when the file cannot be written.
        """
        try:
            if self._file is None:
                self._file = self._made()
            os.write(self._file, f"{key}\n".encode())
        except OSError as error:
            raise SnapshotError(f"{self._path}: cannot be written: {disk_refused(error)}") from error

    def _made(self) -> int:
        folder = self.home / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"run-{datetime.now(UTC):%Y%m%d%H%M%S%f}-{os.getpid()}{SUFFIX}"
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        fcntl.flock(file, fcntl.LOCK_EX)  # an unlocked file belongs to a killed run
        os.write(file, f"{self.run_id} {self.owner}\n".encode())
        return file


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The request log of a killed run."""

    run_id: int
    owner: str
    keys: tuple[str, ...]


@contextmanager
def left(home: Path) -> Iterator[tuple[Left, ...]]:
    """Yield the request logs of killed runs and delete them afterwards; after an error they stay."""
    with ExitStack() as held:
        read: list[Left] = []
        done: list[Path] = []
        for path in sorted((home / FOLDER).glob(f"*{SUFFIX}")):
            file = held.enter_context(path.open("rb"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # another run is writing it
            done.append(path)
            head, *keys = file.read().decode().split("\n")
            run_id, _, owner = head.partition(" ")
            if run_id.isdigit():  # else the run was killed before it wrote that line
                read.append(
                    Left(run_id=int(run_id), owner=owner, keys=tuple(keys[:-1]))
                )  # the last key may be incomplete
        yield tuple(read)
        for path in done:
            path.unlink(missing_ok=True)
