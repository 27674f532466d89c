"""Lag: a Scrapy extension that measures how late the event loop is, and keeps the milliseconds in LAG_FILE."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

EVERY_S = 0.01


class Lag:
    """Asks to be woken every 10 ms and notes by how much it was later."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.late_ms: list[float] = []
        self.task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Measure from the opening to the closing of the spider."""
        made = cls(crawler.settings["LAG_FILE"])
        crawler.signals.connect(made.begin, signals.spider_opened)
        crawler.signals.connect(made.end, signals.spider_closed)
        return made

    def begin(self) -> None:
        """Start."""
        self.task = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        while True:
            due_s = time.monotonic() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.late_ms.append((time.monotonic() - due_s) * 1000)

    def end(self) -> None:
        """Write what was seen."""
        if self.task is not None:
            self.task.cancel()
        Path(self.file).write_text(json.dumps(self.late_ms), encoding="utf-8")
