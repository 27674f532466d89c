"""CDX listings, as the Wayback Machine and Common Crawl give them -> addresses that were captured.

A listing holds no pages: what it names is fetched by the next run of its source, like any link.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ingest.archives.files import GZIP_MAGIC
from ingest.errors import UrlError
from ingest.web.urls import normalise

OK = ("200", "-")
PAGE_TYPES = ("text/html", "application/xhtml+xml", "-", "unk", "warc/revisit")
LINE_CHARS = 20_000
# the letters of a classic head, " CDX N b a m s k r M S V g"
FIELDS = {"a": "original", "b": "timestamp", "m": "mimetype", "s": "statuscode"}
BARE = ("urlkey", "timestamp", "original", "mimetype", "statuscode")  # without a head, as the server gives them


def addresses(path: Path) -> Iterator[tuple[str, datetime] | None]:
    """Give each page's address with the moment of its capture, None for a line that cannot be read.

    Captures of errors, pictures and the like are passed over.
    """
    names: tuple[str, ...] = BARE
    for line in _lines(path):
        if line.startswith("CDX "):
            names = tuple(FIELDS.get(letter, letter) for letter in line.split()[1:])
            continue
        row = _row(line, names)
        if row is None:
            yield None
            continue
        if "original" in row.values() and "timestamp" in row.values():  # the first row of a JSON answer
            names = tuple(row.values())
            continue
        if row.get("statuscode", "-") in OK and row.get("mimetype", "-") in PAGE_TYPES:
            yield _capture(row)


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    with gzip.open(path, "rb") if packed else path.open("rb") as lines:
        while line := lines.readline(LINE_CHARS):
            text = line.decode("utf-8", "replace").strip().strip("\ufeff")
            if text:
                yield text


def _row(line: str, names: tuple[str, ...]) -> dict[str, str] | None:
    """Return a line's fields by name: a row of a JSON array, a CDXJ line, or words."""
    try:
        if line.startswith("["):
            cells = orjson.loads("[" + line.strip("[],") + "]")
            return dict(zip(names, map(str, cells), strict=False))
        if "{" in line:
            head, _, rest = line.partition("{")
            told: dict[str, Any] = orjson.loads("{" + rest)
            return {
                "timestamp": head.split()[-1],
                "original": str(told["url"]),
                "statuscode": str(told.get("status", "-")),
                "mimetype": str(told.get("mime", "-")),
            }
    except (ValueError, KeyError, IndexError):
        return None
    words = line.split()
    return dict(zip(names, words, strict=False)) if len(words) >= 3 else None


def _capture(row: dict[str, str]) -> tuple[str, datetime] | None:
    try:
        moment = datetime.strptime(row["timestamp"][:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return normalise(row["original"]), moment
    except (ValueError, KeyError, UrlError):
        return None
