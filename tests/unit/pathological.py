"""Work that goes wrong in every way, for processes that must bear it."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any


def endless() -> None:
    while True:
        pass


def backtracking() -> None:
    re.match(r"(a|aa)+$", "a" * 60 + "b")


def careless() -> None:
    """What a library does that catches everything."""
    while True:
        try:
            endless()
        except Exception:
            continue


def swelling() -> None:
    held = []
    while True:
        held.append(bytes(16 << 20))  # asked for and never touched: it is its size that counts, and no second is spent


def silent() -> str:
    """What a library does that takes no memory for no more to read."""
    held = []
    with suppress(MemoryError):
        while True:
            held.append(bytes(4 << 20))
    return "half a page"


def bulging_tree() -> None:
    """lxml runs out of memory in C; that is not to pass for a short page."""
    from ingest.extract.html.tree import parse_bytes

    parse_bytes(b"<p a=1 b=2 c=3>x" * 900_000)


def leaking() -> str:
    leaked.append(bytes(300 << 20))
    return "leaked"


leaked: list[bytes] = []
PATHOLOGIES: dict[str, Any] = {
    "endless": endless,
    "backtracking": backtracking,
    "careless": careless,
    "sleeping": lambda: time.sleep(60),
    "swelling": swelling,
    "silent": silent,
    "bulging tree": bulging_tree,
    "leaking": leaking,
    "crashing": lambda: ctypes.string_at(0),
    "aborting": os.abort,
    "leaving": lambda: os._exit(7),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "raising": lambda: {}["nothing"],
    "unpicklable": lambda: lambda: None,
}


warmed: list[int] = []


def warm() -> None:
    """What is loaded before the first thing comes."""
    from ingest.extract.html import tree

    assert tree
    warmed.append(os.getpid())


def cold() -> None:
    raise KeyError("nothing")


def hanging() -> None:
    time.sleep(60)


def open_files() -> list[str]:
    """Return what kinds of files are open, without the folder that is being read for it."""
    kinds = []
    for file in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            kinds.append(str(file.readlink()).partition(":")[0])
    return sorted(kind for kind in kinds if not kind.startswith("/proc"))


def do(what: str) -> Any:
    if what.startswith("#"):
        time.sleep(0.02)
        return what
    if what == "a while":
        time.sleep(0.5)
        return what
    if what == "pid":
        return os.getpid()
    if what == "warmed":
        return warmed
    if what == "open files":
        return open_files()
    if what.startswith("big "):
        return "x" * int(what[4:])
    return PATHOLOGIES[what]()
