"""An archive's captures, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.archives import cdx, folders, warc
from ingest.archives.capture import BAD_RECORD, UNREADABLE, Archive, ArchiveKind, Capture
from ingest.model import Link, SeedKind


def captures(archive: Archive, *, base: str | None, most_bytes: int) -> Iterator[Capture]:
    """Give the pages of an archive and what kept records from being any; nothing for a listing.

    `base` is the address of a folder whose files do not tell their own.
    """
    if archive.kind is ArchiveKind.WARC:
        yield from warc.captures(archive.path, most_bytes=most_bytes)
    elif archive.kind is not ArchiveKind.CDX:
        yield folders.capture(archive, base=base, most_bytes=most_bytes)


def addresses(archive: Archive, *, base: str | None, most_bytes: int) -> Iterator[str]:
    """Give the addresses of an archive's pages, without reading more than that takes."""
    if archive.kind is ArchiveKind.WARC:
        yield from warc.addresses(archive.path)
    elif archive.kind is ArchiveKind.CDX:
        yield from (link.url for link in listed(archive) if isinstance(link, Link))
    else:
        found = folders.capture(archive, base=base, most_bytes=most_bytes)
        if found.page is not None:
            yield found.page.url


def listed(archive: Archive) -> Iterator[Link | str]:
    """Give the links that a listing names, or why a line gives none; nothing for archives that hold pages."""
    if archive.kind is not ArchiveKind.CDX:
        return
    try:
        for found in cdx.addresses(archive.path):
            if found is None:
                yield BAD_RECORD
            else:
                yield Link(url=found[0], found_in=archive.path.resolve().as_uri(), found_by=SeedKind.LIST)
    except (OSError, EOFError):
        yield UNREADABLE
