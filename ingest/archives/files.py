"""Which files are to be imported, and what each of them is."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.archives.capture import Archive, ArchiveKind
from ingest.errors import WrongUse

PAGES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
TEXTS = frozenset({".txt", ".md", ".text"})
SUFFIXES = PAGES | TEXTS | {".warc", ".cdx", ".cdxj"}  # with or without .gz behind
LOOK_BYTES = 4096
HTML = re.compile(rb"<!doctype html|<(?:html|head|body|article|div|p|h1)[\s>]", re.IGNORECASE)
# canonical URL in search order, timestamp, then the address or JSON: " CDX" heads classic listings
CDX_LINE = re.compile(rb"(?:\xef\xbb\xbf)?(?: CDX |\[\[?\s*\"urlkey\"|\S+ \d{14} (?:https?://|\{))")
GZIP_MAGIC = b"\x1f\x8b"


def archives(paths: Iterable[Path]) -> Iterator[Archive]:
    """Give every file to import, those of folders by name. Raises WrongUse for one that is nothing we can read.

    In a folder only files that look like archives or pages by their names are taken; one that is named is taken
    whatever its name.
    """
    for path in paths:
        if path.is_dir():
            found = [(one, kind) for one in sorted(_below(path)) if (kind := _kind(one)) is not None]
            if not found:
                raise WrongUse(f"{path}: no WARC, HTML, text or CDX file in this folder")
            for one, kind in found:
                yield Archive(path=one, name=one.relative_to(path).as_posix(), kind=kind)
        else:
            kind = _kind(path)
            if kind is None:
                raise WrongUse(f"{path}: neither WARC, HTML, text nor a CDX listing")
            yield Archive(path=path, name=path.name, kind=kind)


def _below(folder: Path) -> Iterator[Path]:
    return (
        path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and _suffix(path) in SUFFIXES
    )


def _suffix(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _kind(path: Path) -> ArchiveKind | None:
    """Look at the first bytes. Raises WrongUse for a file that cannot be opened."""
    try:
        head = head_of(path)
    except OSError as error:
        raise WrongUse(f"{path}: cannot be read: {error.strerror or error}") from error
    if head.startswith(b"WARC/"):
        return ArchiveKind.WARC
    if CDX_LINE.match(head):
        return ArchiveKind.CDX
    if HTML.search(head.replace(b"\0", b"")) and not head.lstrip().startswith(b"<?xml"):
        return ArchiveKind.PAGE
    suffix = _suffix(path)
    if suffix == ".warc":
        return ArchiveKind.WARC  # the reading tells what is wrong with it
    if suffix in PAGES:
        return ArchiveKind.PAGE
    is_text = head.strip() and b"\0" not in head
    return ArchiveKind.TEXT if is_text and suffix in TEXTS else None


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file, unpacked. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(LOOK_BYTES)
    if not head.startswith(GZIP_MAGIC):
        return head
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, LOOK_BYTES)
    except zlib.error:
        return head


def unpacked(path: Path, most_bytes: int) -> bytes:
    """Return a file's bytes, at most so many and one more, unpacked. Raises OSError for what cannot be read."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        if not packed:
            return file.read(most_bytes + 1)
        try:
            with gzip.GzipFile(fileobj=file) as inner:
                return inner.read(most_bytes + 1)
        except (EOFError, zlib.error) as error:
            raise OSError(str(error)) from error
