"""Secret headers of a source (a cookie, a token), from a file of their own: never in sources.toml, log or store."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.errors import SourceError

MAX_FILE_BYTES = 64 * 1024
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2, token
# what the connection itself says; a second word on it would desynchronise us and the server
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "accept-encoding"})

Headers = tuple[tuple[str, str], ...]


def read_headers(source: str, file: Path) -> Headers:
    """Return the headers a file holds, `Name: value` a line; empty lines and those that begin with # are passed over.

    Raises SourceError that names source, file and line, never a value.
    """
    where = f'source "{source}": headers_file {file}'
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise SourceError(f"{where}: larger than {MAX_FILE_BYTES // 1024} KiB; it holds `Name: value` lines")
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise SourceError(f"{where}: not UTF-8 text") from None
    except OSError as cause:
        raise SourceError(f"{where}: cannot be read: {cause.strerror}") from cause
    headers = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not NAME.fullmatch(name) or not value or not _sendable(value):
            raise SourceError(f"{where}, line {number}: not a header; write it as: Cookie: name=value")
        if name.lower() in OURS:
            raise SourceError(f"{where}, line {number}: {name} is set by the program; leave it out")
        headers.append((name, value))
    return tuple(headers)


def _sendable(value: str) -> bool:
    """Tell whether a value can stand in a header: Latin-1 without controls."""
    return value.isprintable() and all(ord(char) < 256 for char in value)
