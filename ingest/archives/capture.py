"""The values of archives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.model import Page

# Why a record gives no page. Those in BAD should be looked at by a person; the others are usual contents of archives.
NOT_OK = "not-200"
NO_PAGE = "no-page"  # neither HTML, text nor PDF: a feed, a sitemap, an image
REVISIT = "revisit"  # the body is that of another record, often in another file
TRUNCATED = "truncated"  # the archiver kept only the beginning
TOO_LARGE = "too-large"
NO_ADDRESS = "no-address"
BAD_RECORD = "bad-record"
UNDECODABLE = "undecodable"  # a content coding that cannot be undone
UNREADABLE = "unreadable"
BAD = frozenset({TOO_LARGE, NO_ADDRESS, BAD_RECORD, UNDECODABLE, UNREADABLE})
# and why a record is not wanted: see selection.py
TOO_OLD = "before-since"
TOO_NEW = "after-until"
OTHER_URL = "other-url"
OTHER_LANGUAGE = "other-language"


class ArchiveKind(StrEnum):
    """What a file is, by its first bytes."""

    WARC = "warc"  # ARC too, plain or compressed
    WACZ = "wacz"
    PAGE = "page"  # one file of HTML
    MHTML = "mhtml"
    WEBARCHIVE = "webarchive"  # Safari's
    MAIL = "mail"
    MBOX = "mbox"
    PDF = "pdf"
    TEXT = "text"
    CDX = "cdx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A file to import. `name` is its path relative to the folder that was given."""

    path: Path
    name: str
    kind: ArchiveKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What one record gave: a page without a source, or the reason why there is none."""

    page: Page | None = None
    reason: str = ""  # slug, for a record without a page
    offset: int = 0  # in bytes, of the record in its file
    sender: str = ""  # mail address, for a message
