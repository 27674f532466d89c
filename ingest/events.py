"""One line per event: a short fixed event, then what it is about as key=value pairs, or the same as one JSON object."""

from __future__ import annotations

import logging
import time
from typing import Any

import orjson

from ingest.text.normalize import normalise, normalise_lines


def event(log: logging.Logger, level: int, name: str, /, **about: Any) -> None:
    """Log one event. Values are shown as they are; None and "" are left out."""
    if log.isEnabledFor(level):
        log.log(level, name, extra={"about": {key: value for key, value in about.items() if value not in (None, "")}})


class TextFormatter(logging.Formatter):
    """`2026-03-01T06:00:00Z WARNING source failed  source=example reason=dns`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; control characters from outside are taken out so that no page writes to a terminal."""
        about = "  ".join(f"{key}={_quoted(value)}" for key, value in getattr(record, "about", {}).items())
        line = f"{_when(record)} {record.levelname} {normalise(record.getMessage())}"
        failed = record.exc_info and record.exc_info[0]
        trace = "\n" + normalise_lines(self.formatException(record.exc_info)) if failed and record.exc_info else ""
        return f"{line}  {about}{trace}" if about else line + trace


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, event and the event's own keys."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        row: dict[str, Any] = {"at": _when(record), "level": record.levelname.lower(), "logger": record.name}
        row |= {"event": normalise(record.getMessage()), **_harmless(getattr(record, "about", {}))}
        if record.exc_info and record.exc_info[0]:
            row["trace"] = normalise_lines(self.formatException(record.exc_info))
        return orjson.dumps(row, default=str).decode()


def _harmless(about: dict[str, Any]) -> dict[str, Any]:
    """Return the values without what a terminal obeys and JSON cannot hold; a lone surrogate would lose the line."""
    return {key: normalise(value) if isinstance(value, str) else value for key, value in about.items()}


def _when(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))


def _quoted(value: Any) -> str:
    text = normalise(str(value))
    return orjson.dumps(text).decode() if not text or any(mark in text for mark in " =\"'") else text
