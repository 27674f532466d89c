"""What a crawl shows in a terminal while it goes on: a line per source at work, one for all, rate and time left.

Nothing is shown when stderr is no terminal, when it cannot move its cursor, or when events are wanted as JSON.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.errors import StoreError
from ingest.text.normalize import normalise

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

    from ingest.crawl.run import Run
    from ingest.store import Counts

EVERY_S = 0.5  # between two readings of the counters; rare enough to cost nothing
MOST_SHARE = 0.02  # of the time may go into looking: with thousands of sources it is done less often
RATE_S = 30.0  # the window of the rate: a slow site needs some seconds for two pages
QUIET_S = 10.0  # a source without anything new for so long gives its line to others
FRAME_ROWS = 4  # of the terminal's height that are not for sources: heading, rule, total, the line below

# In the order in which they are shown, and what each is worth when the terminal is narrow: the least worth goes first.
WORTH = {
    "found": 6,
    "new": 9,
    "stored": 10,
    "revised": 4,
    "duplicate": 3,
    "failed": 7,
    "left": 5,
    "rate": 2,
    "eta": 8,
}
COUNTED = ("found", "new", "stored", "revised", "duplicate", "failed")
NAME_WIDTH = 12  # characters of a source's name that are shown at least
GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressSample:
    """The counters of one source at one moment; `at_s` on a monotonic clock, `ended`: pages with an outcome."""

    at_s: float
    ended: int


@dataclass(slots=True)
class Course:
    """How one source has come along: looks of the last RATE_S seconds and one from before."""

    looks: deque[ProgressSample] = field(default_factory=deque)
    moved_s: float = 0.0  # when something was last different
    seen: tuple[int, ...] = ()

    def look(self, at_s: float, counts: Counts) -> None:
        """Take one more look."""
        seen = (*(getattr(counts, name) for name in COUNTED), counts.requests, counts.outcomes)
        if seen != self.seen:
            self.seen, self.moved_s = seen, at_s
        self.looks.append(ProgressSample(at_s=at_s, ended=counts.outcomes))
        while len(self.looks) > 2 and self.looks[1].at_s <= at_s - RATE_S:
            self.looks.popleft()

    @property
    def rate(self) -> float:
        """Pages ended a second, 0.0 while there is too little to go by."""
        first, last = self.looks[0], self.looks[-1]
        return (last.ended - first.ended) / (last.at_s - first.at_s) if last.at_s > first.at_s else 0.0


def line(name: str, counts: Counts, left: int, rate: float) -> dict[str, str]:
    """Return the cells of one line."""
    cells = {key: str(getattr(counts, key)) for key in COUNTED}
    return {
        "source": normalise(name),
        **cells,
        "left": str(left),
        "rate": f"{rate:.1f}/s" if rate else "",
        "eta": duration(left / rate) if rate and left else "",
    }


def duration(seconds: float) -> str:
    """Return a time to wait as people say it: 40s, 3m, 2h05."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes = round(seconds / 60)
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}"


def fitting(lines: Sequence[Mapping[str, str]], width: int) -> tuple[str, ...]:
    """Return the columns that fit the width beside the sources' names, in their order."""
    columns = list(WORTH)
    needs = {name: max(len(name), *(len(cells[name]) for cells in lines)) + GAP for name in columns}
    while columns and NAME_WIDTH + sum(needs[name] for name in columns) > width:
        columns.remove(min(columns, key=WORTH.__getitem__))
    return tuple(columns)


def at_work(courses: Mapping[str, Course], now_s: float, most: int) -> tuple[str, ...]:
    """Return the sources to show: those that moved lately, the latest first to be kept, in alphabetical order."""
    lately = [name for name, course in courses.items() if course.seen and now_s - course.moved_s <= QUIET_S]
    return tuple(sorted(sorted(lately, key=lambda name: -courses[name].moved_s)[: max(most, 0)]))


class Progress:
    """The live lines of one crawl; `start` and `stop` belong to the crawl's own."""

    def __init__(self, run: Run, console: Console, about: Callable[[], str] | None = None) -> None:
        self._run = run
        self._console = console
        self._about = about  # a line below the others: how far an import has read
        self._courses: dict[str, Course] = {source.name: Course() for source in run.due}
        self._live: Live | None = None
        self._next_s = 0.0

    def start(self) -> None:
        """Begin to show; what is logged goes above the lines from now on."""
        from rich.live import Live

        self._live = Live(console=self._console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._live.start()
        _log_to(sys.stderr)

    def stop(self) -> None:
        """Take the lines away: the closing table comes in their place."""
        if self._live is not None:
            self._live.stop()
            self._live = None
            _log_to(sys.stderr)

    def look(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the counters and show them, unless reading has become slow."""
        begun_s = clock()
        if self._live is None or begun_s < self._next_s:
            return
        with suppress(StoreError):  # the next write meets it too and reports it
            self._live.update(self.lines(begun_s), refresh=True)
        self._next_s = begun_s + (clock() - begun_s) / MOST_SHARE

    def lines(self, now_s: float) -> RenderableType:
        """Return what is to be shown now."""
        from ingest.store import Counts

        counts = self._run.store.runs.counts(self._run.id)
        for name, course in self._courses.items():
            if name in counts:
                course.look(now_s, counts[name])
        shown = at_work(self._courses, now_s, self._console.height - FRAME_ROWS)
        left = {name: self._run.store.frontier.backlog(name) for name in shown}
        cells = [line(name, counts[name], left[name], self._courses[name].rate) for name in shown]
        if len(self._courses) > 1:
            total = self._run.store.runs.total(self._run.id) if counts else Counts()
            rate = sum(self._courses[name].rate for name in shown)
            cells.append(line(f"all {len(self._courses)}", total, sum(left.values()), rate))
        shown_lines: RenderableType = _table(cells, fitting(cells, self._console.width)) if cells else ""
        if self._about is None:
            return shown_lines
        from rich.console import Group

        return Group(shown_lines, self._about())


def _table(lines: Sequence[Mapping[str, str]], columns: Sequence[str]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    table.add_column("source", no_wrap=True, overflow="ellipsis")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for cells in lines:
        failed = cells["failed"] != "0"
        table.add_row(
            Text(cells["source"]),
            *(Text(cells[name], style="red" if name == "failed" and failed else "") for name in columns),
        )
    return table


def _log_to(stream: Any) -> None:
    """Have events written to this stream: beside live lines, to the one that keeps the lines apart."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)


def console() -> Console | None:
    """Return the terminal to show progress in, None when there is none that could."""
    if not sys.stderr.isatty():
        return None
    from rich.console import Console

    terminal = Console(stderr=True)
    return None if terminal.is_dumb_terminal else terminal
