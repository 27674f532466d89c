"""Blocks: what recurs over a source's articles, and what was decided about it."""

from __future__ import annotations

from ingest.store.names import Names
from ingest.store.work import Work


class Blocks:
    """The memory of recurring blocks."""

    def __init__(self, work: Work, names: Names) -> None:
        self._work = work
        self._names = names
