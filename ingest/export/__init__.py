"""Articles out of the store, in formats that other programs read: one writer per file, one table of columns in rows.py.

A file appears under its name when it is whole: it is written beside and moved into place.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from ingest.errors import IngestError
from ingest.export import jsonl
from ingest.store import StoredArticle

Writer = Callable[[Iterable[StoredArticle], IO[bytes]], int]

FORMATS: dict[str, Writer] = {"jsonl": jsonl.write}


def export(articles: Iterable[StoredArticle], form: str, target: Path | None) -> int:
    """Write articles in a format to a file, or to stdout when target is None; return how many.

    Raises IngestError when the file cannot be written; an older file of that name is then still there.
    """
    write = FORMATS[form]
    if target is None:
        count = write(articles, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return count
    beside: str | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.absolute().parent, prefix=f".{target.name}.", delete=False) as out:
            beside = out.name
            count = write(articles, out)
        Path(beside).chmod(0o666 & ~_umask())
        Path(beside).replace(target)
    except OSError as error:
        raise IngestError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
    return count


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
