"""The values of archives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.model import Page

# why a record gives no page; those of BAD want a person's look, the others are what archives hold beside pages
NOT_OK = "not-200"
NO_PAGE = "no-page"  # neither HTML nor text: a feed, a sitemap, an image
REVISIT = "revisit"  # the bytes are those of another record, often in another file
TRUNCATED = "truncated"  # the archiver kept the beginning only: never a short article
TOO_LARGE = "too-large"
NO_ADDRESS = "no-address"
BAD_RECORD = "bad-record"
UNREADABLE = "unreadable"
BAD = frozenset({TOO_LARGE, NO_ADDRESS, BAD_RECORD, UNREADABLE})


class ArchiveKind(StrEnum):
    """What a file of an archive is, by its first bytes."""

    WARC = "warc"
    PAGE = "page"  # one file of HTML
    TEXT = "text"
    CDX = "cdx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A file to import. `name` is its path as people see it: below the folder that was named."""

    path: Path
    name: str
    kind: ArchiveKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What one record gave: a page of no source yet, or why there is none."""

    page: Page | None = None
    reason: str = ""  # slug, for a record without a page
    offset: int = 0  # of the record in its file
