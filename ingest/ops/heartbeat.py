"""Heartbeat: report to a monitor that a run began and how it ended, so that a missing run is noticed.

The addresses are those that such services agree on: URL/start, URL for success, URL/CODE for an exit code.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ingest.errors import SIGNAL_BASE

BROKE = 1  # what a fault of ours ends the command with
INTERRUPTED = SIGNAL_BASE + signal.SIGINT


@dataclass(slots=True)
class Heartbeat:
    """One run as its monitor sees it; the command sets `code` before it ends."""

    code: int = 0


@contextmanager
def beating(url: str, *, proxy: str = "") -> Iterator[Heartbeat]:
    """Ping at the beginning and at the end, whatever the end is; with an empty URL nothing is sent.

    A monitor that cannot be reached, or that does not speak HTTP, is logged; the run goes on.
    """
    beat = Heartbeat()
    if not url:
        yield beat
        return
    from ingest.ops.posting import post  # with its HTTP client, which a run without a monitor need not load

    post(_under(url, "start"), proxy=proxy, what="heartbeat")
    try:
        yield beat
    except BaseException as error:
        beat.code = INTERRUPTED if isinstance(error, KeyboardInterrupt) else getattr(error, "exit_code", BROKE)
        raise
    finally:
        post(_under(url, str(beat.code)) if beat.code else url, proxy=proxy, what="heartbeat")


def _under(url: str, name: str) -> str:
    """Return the address one step below another, its query kept."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # "http://[": the request itself fails with it, and that is logged
        return url
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))
