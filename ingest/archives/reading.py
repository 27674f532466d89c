"""An archive's captures, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.archives import cdx, folders, messages, wacz, warc
from ingest.archives.capture import OTHER_LANGUAGE, UNREADABLE, Archive, ArchiveKind, Capture
from ingest.archives.selection import EVERYTHING, Selection
from ingest.model import Link, SeedKind


def captures(
    archive: Archive, *, base: str | None, most_bytes: int, selection: Selection = EVERYTHING
) -> Iterator[Capture]:
    """Give the pages of an archive, and the reasons of records without one; nothing for a listing.

    `base` is the address of a folder whose files do not state their own. Raises WrongUse when an extra is missing.
    """
    if archive.kind is ArchiveKind.WARC:
        yield from warc.captures(archive.path, most_bytes=most_bytes, selection=selection)
    elif archive.kind is ArchiveKind.WACZ:
        yield from wacz.captures(archive.path, most_bytes=most_bytes, selection=selection)
    elif archive.kind is not ArchiveKind.CDX:
        for capture in _of_file(archive, base, most_bytes):
            reason = selection.unwanted_page(capture.page) if capture.page is not None else ""
            yield Capture(reason=reason, offset=capture.offset) if reason else capture


def _of_file(archive: Archive, base: str | None, most_bytes: int) -> Iterator[Capture]:
    if archive.kind is ArchiveKind.MHTML:
        yield messages.saved_page(archive.path, most_bytes=most_bytes)
    elif archive.kind is ArchiveKind.MAIL:
        yield messages.mail(archive.path, base=base, most_bytes=most_bytes)
    elif archive.kind is ArchiveKind.MBOX:
        yield from messages.mbox(archive.path, base=base, most_bytes=most_bytes)
    else:
        yield folders.capture(archive, base=base, most_bytes=most_bytes)


def addresses(
    archive: Archive, *, base: str | None, most_bytes: int, selection: Selection = EVERYTHING
) -> Iterator[tuple[str, str]]:
    """Give the address of each page of an archive and its sender, without reading more than that takes."""
    if archive.kind is ArchiveKind.WARC:
        yield from ((url, "") for url in warc.addresses(archive.path, selection=selection))
    elif archive.kind is ArchiveKind.WACZ:
        yield from ((url, "") for url in wacz.addresses(archive.path, selection=selection))
    elif archive.kind is ArchiveKind.CDX:
        yield from ((link.url, "") for link in listed(archive, selection=selection) if isinstance(link, Link))
    else:
        for found in captures(archive, base=base, most_bytes=most_bytes, selection=selection):
            if found.page is not None:
                yield found.page.url, found.sender


def listed(archive: Archive, *, selection: Selection = EVERYTHING) -> Iterator[Link | str]:
    """Give the links of a listing, or why a line gives none; nothing for archives that hold pages."""
    if archive.kind is not ArchiveKind.CDX:
        return
    found_in = archive.path.resolve().as_uri()
    try:
        for found in cdx.listed(archive.path):
            if found.reason:
                yield found.reason
            elif reason := selection.unwanted(found.url, found.moment):
                yield reason
            elif found.language and selection.languages and found.language not in selection.languages:
                yield OTHER_LANGUAGE
            else:
                yield Link(url=found.url, found_in=found_in, found_by=SeedKind.LIST)
    except OSError:
        yield UNREADABLE
