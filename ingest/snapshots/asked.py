"""What a run has asked for: a list beside the raw pages, gone when the run ends in order.

The store hears of what was handed out with the next commit, up to a quarter of a second later; a killed run cannot say
then what it had asked for. This list can: a URL key is handed to the operating system before the request is made.
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
    """The list of one run; made with the first key. A context manager: after an error the list stays for the next."""

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
        """Write down that a page, given by its key, is about to be asked for.

        Raises SnapshotError when the disk does not take it.
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
        fcntl.flock(file, fcntl.LOCK_EX)  # not locked any more: the run was killed
        os.write(file, f"{self.run_id} {self.owner}\n".encode())
        return file


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The list of a run that was killed."""

    run_id: int
    owner: str
    keys: tuple[str, ...]


@contextmanager
def left(home: Path) -> Iterator[tuple[Left, ...]]:
    """Give the lists of killed runs; afterwards they are gone, after an error they stay."""
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
            if run_id.isdigit():  # else it was killed before it could write that line
                read.append(Left(run_id=int(run_id), owner=owner, keys=tuple(keys[:-1])))  # what has no end was cut
        yield tuple(read)
        for path in done:
            path.unlink(missing_ok=True)
