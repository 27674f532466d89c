"""The journal of a named export: no edition is lost and none comes twice, whenever the process is killed.

The cursor in the database and the name of the file cannot change in one step. Before the cursor moves, the journal
notes the finished file under its temporary name; when the file has its own name, the note goes. What a killed export
left is settled by the next one: with the temporary file still there, the edition was never seen, and the cursor moves
back; without it, the file has got its name. The journal lies in the home, because the file does on this machine.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

import orjson

from ingest.errors import IngestError, Locked

FOLDER = "exports"
NAME_CHARS = 40  # of the export, in the name of its journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move of a cursor, so that it can be taken back."""

    after: int  # revision id that it stood at
    upto: int
    exported_at: datetime | None  # of the export before; None: there was none
    articles: int  # in that one
    made_at: datetime  # of the export that moves it


Undo = Callable[[Step], bool]  # moves the cursor back if this step was the last one


@dataclass(slots=True)
class Journal:
    """The journal of one named export, locked."""

    file: IO[bytes]
    step: Step | None = None  # what is about to happen

    def prepare(self, beside: Path, target: Path) -> None:
        """Note a file that is complete under its temporary name, before the cursor moves."""
        if self.step is not None:
            self._write(orjson.dumps({**asdict(self.step), "beside": str(beside), "target": str(target)}))

    def done(self) -> None:
        """Note that the file has its name, or that there is none."""
        self._write(b"")

    def settle_last(self, undo: Undo) -> Path | None:
        """Settle what a killed export left; return the file that never came to be, None where all is well."""
        self.file.seek(0)
        try:
            note = orjson.loads(self.file.read())
            beside, target = Path(note["beside"]), Path(note["target"])
            step = Step(
                after=note["after"],
                upto=note["upto"],
                exported_at=datetime.fromisoformat(note["exported_at"]) if note["exported_at"] else None,
                articles=note["articles"],
                made_at=datetime.fromisoformat(note["made_at"]),
            )
        except (ValueError, KeyError, TypeError):  # empty, or cut while the cursor had not moved yet
            return None
        lost: Path | None = None
        if beside.exists():
            if undo(step):
                lost = target
            with suppress(OSError):
                beside.unlink()
        self.done()
        return lost

    def _write(self, data: bytes) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.file.write(data)
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def journal(home: Path, name: str) -> Iterator[Journal]:
    """Give the journal of a named export. Raises Locked while another export of that name runs on this machine."""
    path = (
        home
        / FOLDER
        / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:NAME_CHARS]}-{sha256(name.encode()).hexdigest()[:8]}.json"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    except OSError as error:
        raise IngestError(f"{path}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(f'another export "{name}" is running; try again when it has ended') from None
        yield Journal(file=file)
