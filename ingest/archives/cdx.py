"""Listings of captures, as the indexes of the Wayback Machine and of Common Crawl answer -> addresses with moments.

A listing holds no pages: its addresses are fetched by the next run of their source, like any link. Read are, plain,
gzipped or with Zstandard:

- lines of fields in any choice and order (`fl=`), with a ` CDX ` head or without; fields are recognised by their form;
- JSON arrays with a first row of names, a row a line or all on one;
- JSON objects, one a line; CDXJ lines, and the `!meta` lines before them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from ingest.archives.capture import BAD_RECORD, NO_ADDRESS, NO_PAGE, NOT_OK
from ingest.archives.streams import ZstdError, opened
from ingest.errors import UrlError
from ingest.extract.metadata.languages import primary
from ingest.web.urls import normalise

OK = frozenset({"200", "-", ""})
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "-", "", "unk", "warc/revisit"})
LINE_BYTES = 1 << 20
WHOLE_BYTES = 64 << 20  # of a JSON answer that is all on one line
LOOK_LINES = 50
# the letters of a classic head, " CDX N b a m s k r M S V g"
FIELDS = {"N": "urlkey", "a": "url", "b": "timestamp", "m": "mime", "s": "status", "g": "filename"}
NAMES = {"original": "url", "mimetype": "mime", "statuscode": "status", "file": "filename"}
KNOWN_NAMES = frozenset({"urlkey", "timestamp", "url", "original", "mimetype", "mime", "statuscode", "status", "digest",
                         "length", "filename", "offset", "endtimestamp", "groupcount", "uniqcount"})  # fmt: skip
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_MOMENT = re.compile(r"(?:19[89]\d|20\d\d)\d{10}")
_STATUS = re.compile(r"[1-5]\d\d")
_MIME = re.compile(r"(?:text|application|image|audio|video|font|multipart|message|model)/[\w.+-]+|unk|warc/revisit")
_KEY = re.compile(r"[\w.,:-]+\)/\S*")
_RESUME_KEY = re.compile(r"[\w.,%+!*()-]+")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One capture that a listing names, or why a line is no page to fetch."""

    url: str = ""
    moment: datetime | None = None  # None where the listing does not say
    language: str | None = None  # the first that the index states
    reason: str = ""


def looks_like_listing(head: bytes, *, is_text: bool) -> bool:
    """Tell whether a file that begins so is a listing. A file that is named as text needs a moment or JSON in it."""
    head = head.removeprefix(BOM)
    if head.startswith((b" CDX ", b"!meta")):
        return True
    lines = [line for raw in head.splitlines()[:LOOK_LINES] if (line := raw.decode("utf-8", "replace").strip())]
    if len(lines) > 1 and not head.endswith(b"\n"):
        lines.pop()  # cut by the look
    if not lines:
        return False
    first = lines[0]
    if first.startswith("["):
        names = re.findall(r'"(\w+)"', first.split("]")[0])
        return bool(names) and set(names) <= KNOWN_NAMES
    if first.startswith("{"):
        return '"url"' in first and ('"timestamp"' in first or '"urlkey"' in first or '"filename"' in first)
    if is_text and not any(_MOMENT.search(line) for line in lines):
        return False
    fitting = sum(_fields(line) for line in lines)
    return fitting == len(lines) if is_text else 2 * fitting > len(lines)


def _fields(line: str) -> bool:
    """Tell whether a line is made of the fields of an index, an address or its key among them."""
    words = line.split(None, 2) if "{" in line else line.split()
    if not any(_URL.fullmatch(word) or _KEY.fullmatch(word) for word in words):
        return False
    return "{" in line or all(
        _URL.fullmatch(word)
        or _KEY.fullmatch(word)
        or _MOMENT.fullmatch(word)
        or _MIME.fullmatch(word)
        or re.fullmatch(r"[\w:./-]+", word)
        for word in words
    )


def listed(path: Path) -> Iterator[Listed]:
    """Give each capture of a listing and what is wrong with other lines. Raises OSError for damage of the file."""
    names: tuple[str, ...] = ()
    resume = False  # an empty line or row stands before the key to go on with
    for line in _lines(path):
        if line in ("", "[]", "[],"):
            resume = True
            continue
        if line.startswith("!"):
            continue
        if line.startswith("urn:"):  # browsertrix notes text and resources of a page beside it
            yield Listed(reason=NO_PAGE)
            continue
        if line.startswith("CDX "):
            names = tuple(FIELDS.get(letter, letter) for letter in line.split()[1:])
            continue
        row = _row(line, names)
        if row is not None and row.get("timestamp") == "timestamp":  # the names of a JSON answer
            continue
        if row is None and line.startswith("["):
            cells = _cells(line)
            if cells and set(cells) <= KNOWN_NAMES:
                names = tuple(NAMES.get(cell, cell) for cell in cells)
                continue
        if resume and (row is None or not row.get("url")) and _RESUME_KEY.fullmatch(line.strip('[]", ')):
            continue
        yield Listed(reason=BAD_RECORD) if row is None else _listed(row)


def files_named(path: Path) -> set[str]:
    """Return the names of the WARC files that the first captures of a listing lie in."""
    found = set()
    try:
        for at, line in enumerate(_lines(path)):
            found |= {
                PurePosixPath(name).name
                for name in re.findall(r"[\w./+%@~-]+\.w?arc(?:\.gz|\.zst)?(?=[\s\"']|$)", line)
            }
            if at > LOOK_LINES:
                break
    except OSError:
        return set()
    return found


def _lines(path: Path) -> Iterator[str]:
    """Give the lines of a listing; rows of a JSON array that is all on one line count as lines."""
    try:
        with opened(path) as file:
            first = True
            while line := file.readline(LINE_BYTES):
                if first:
                    line = line.removeprefix(BOM)
                    first = False
                    if line.lstrip().startswith(b"[[") and re.search(rb"\],\s*\[", line):
                        yield from _rows_of(line + file.read(WHOLE_BYTES))
                        return
                    if line.strip() == b"[":
                        yield from _rows_of(line + file.read(WHOLE_BYTES))
                        return
                yield line.decode("utf-8", "replace").strip()
    except (EOFError, zlib.error, ZstdError) as error:
        raise OSError(str(error)) from error


def _rows_of(data: bytes) -> Iterator[str]:
    try:
        rows = orjson.loads(data)
    except ValueError:
        yield "?"  # no row: counted as a bad line
        return
    yield from (orjson.dumps(row).decode() for row in rows)


def _row(line: str, names: tuple[str, ...]) -> dict[str, str] | None:
    """Return the fields of a line by name, None for a line without any."""
    try:
        if line.startswith("["):
            cells = _cells(line)
            if cells is None:
                return None
            return dict(zip(names, cells, strict=False)) if names else _by_form(cells)
        if "{" in line:
            head, _, rest = line.partition("{")
            found = {NAMES.get(name, name): _text(value) for name, value in orjson.loads("{" + rest).items()}
            words = head.split()
            if "timestamp" not in found and words:
                found["timestamp"] = words[-1]
            if words and words[0] != found["timestamp"]:
                found.setdefault("urlkey", words[0])
            return found if found.get("url") or found.get("timestamp") else None
    except (ValueError, AttributeError):
        return None
    words = line.split()
    return dict(zip(names, words, strict=False)) if names else _by_form(words)


def _is_sent(row: dict[str, str]) -> bool:
    """Return whether a capture is the answer to a POST or PUT, which its address alone does not give again.

    pywb and cdxj-indexer say so in `method`, and in the key with what was sent.
    """
    return row.get("method", "GET").upper() not in ("", "GET") or "__wb_method=" in row.get("urlkey", "").lower()


def _cells(line: str) -> list[str] | None:
    try:
        cells = orjson.loads("[" + line.strip().rstrip(",").strip("[]") + "]")
    except ValueError:
        return None
    return [_text(cell) for cell in cells]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _by_form(words: list[str]) -> dict[str, str] | None:
    """Return fields of an answer that does not name them, by what each looks like."""
    found: dict[str, str] = {}
    for word in words:
        if _URL.fullmatch(word):
            found.setdefault("url", word)
        elif _KEY.fullmatch(word) and "url" not in found:
            found.setdefault("urlkey", word)
        elif _MOMENT.fullmatch(word):
            found.setdefault("timestamp", word)
        elif _MIME.fullmatch(word):
            found.setdefault("mime", word)
        elif _STATUS.fullmatch(word):
            found.setdefault("status", word)
    return found if "url" in found or "urlkey" in found else None


def _listed(row: dict[str, str]) -> Listed:
    if _is_sent(row):
        return Listed(reason=NO_PAGE)
    if row.get("status", "-") not in OK:
        return Listed(reason=NOT_OK)
    if row.get("mime", "-").partition(";")[0].strip().lower() not in PAGE_TYPES:
        return Listed(reason=NO_PAGE)
    if not row.get("url"):
        return Listed(reason=NO_ADDRESS)
    try:
        stamp = row.get("timestamp", "")
        moment = datetime.strptime(stamp[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC) if stamp else None
        language = primary(row.get("languages", "").partition(",")[0])
        return Listed(url=normalise(row["url"]), moment=moment, language=language)
    except (ValueError, UrlError):
        return Listed(reason=BAD_RECORD)
