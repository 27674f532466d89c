"""Extract again from stored raw pages: what it would change, before anything is changed.

Replayed are the raw page of each article's latest revision and the last raw page of every page that became none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ingest import snapshots, steps
from ingest.errors import SnapshotError
from ingest.model import Article, FetchedPart, FurtherPage, Page, RecordLocation, Source
from ingest.store import Store, StoredArticle
from ingest.text.normalize import body_digest, words
from ingest.web.urls import key

MOST_SHRUNK_SHARE = 0.05  # of the articles ...
SHRUNK_TO = 0.7  # ... may keep less of their words than this: PRODUCT bounds of the shrink guard

EXTRACTED = (
    "title",
    "blocks",
    "canonical_url",
    "alternate_urls",
    "description",
    "authors",
    "published",
    "modified",
    "language",
    "site_name",
    "section",
    "tags",
    "image",
    "paywalled",
    "claims",
)


class Change(StrEnum):
    """What extraction makes of a raw page today, beside what is stored."""

    SAME = "same"
    METADATA = "metadata"  # the words are the same
    WORDS = "words"
    NEW = "new"  # an article where there was none
    REFUSED = "refused"  # an article is stored, and today the page would be screened out
    SCREENED = "screened"  # no article then and now
    UNREADABLE = "unreadable"  # the raw page is not there, or damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A raw page to replay."""

    source: str
    url: str
    place: RecordLocation
    fetched_at: datetime
    parts: tuple[FurtherPage, ...] = ()
    stored: StoredArticle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A raw page, read again."""

    raw: Raw
    change: Change
    article: Article | None = None  # None: unreadable
    detail: str = ""

    @property
    def shrunk(self) -> bool:
        """Whether a stored article would lose so much text that extraction is to be doubted."""
        if self.raw.stored is None or self.article is None or self.change is Change.SAME:
            return False
        now = 0 if self.change is Change.REFUSED else count_words(self.article)
        return now < SHRUNK_TO * count_words(self.raw.stored.article)

    @property
    def writes(self) -> bool:
        """Whether replaying the page would write anything."""
        return self.change in (Change.METADATA, Change.WORDS, Change.NEW)


def trips(shrunk: int, articles: int) -> bool:
    """The shrink guard: tell whether too many of the articles would shrink."""
    return shrunk > MOST_SHRUNK_SHARE * articles


def raws(store: Store, *, source: str | None = None, since: datetime | None = None) -> Iterator[Raw]:
    """Give every raw page that counts, articles first."""
    for stored in store.articles.each(source=source, since=since):
        article = stored.article
        if article.place is not None:
            yield Raw(
                source=article.source,
                url=article.url,
                place=article.place,
                fetched_at=article.fetched_at,
                parts=article.parts,
                stored=stored,
            )
    for name, url, place, fetched_at in store.snapshots.without_article(source, since):
        yield Raw(source=name, url=url, place=place, fetched_at=fetched_at)


def page_of(store: Store, home: Path, raw: Raw, *, storage: str = "") -> Page:
    """Return the page as it was fetched, with what its seed said. Raises SnapshotError.

    Equal bytes are kept once: a record may be another page's, and then gives its address and time up for this one's.
    """
    page = snapshots.read(home, raw.place, storage=storage)
    if key(page.final_url) != key(raw.url):
        page = replace(page, url=raw.url, final_url=raw.url)
    known = store.pages.known(page.url)
    hint = known.link if known else None
    parts = tuple(_part_of(home, raw, part, storage) for part in raw.parts)
    return replace(page, source=raw.source, fetched_at=raw.fetched_at, hint=hint, parts=parts)


def _part_of(home: Path, raw: Raw, part: FurtherPage, storage: str) -> FetchedPart:
    """Return a further page as it was fetched; one that came to nothing does so again. Raises SnapshotError."""
    if part.place is None:
        if not part.note:
            raise SnapshotError(f"{part.url}: a further page of {raw.url} that was not to be kept")
        return FetchedPart(url=part.url, note=part.note, whole=part.whole)
    page = snapshots.read(home, part.place, storage=storage)
    page = replace(page, source=raw.source, fetched_at=raw.fetched_at)
    return FetchedPart(url=part.url, page=page, whole=part.whole)


def reread(
    store: Store,
    home: Path,
    source_of: Callable[[str], Source],
    *,
    min_words: int,
    storage: str = "",
    source: str | None = None,
    since: datetime | None = None,
) -> Iterator[Reread]:
    """Read every raw page again and compare; nothing is written."""
    learned = {}
    for raw in raws(store, source=source, since=since):
        if raw.source not in learned:
            learned[raw.source] = store.blocks.learned(raw.source)
        try:
            page = page_of(store, home, raw, storage=storage)
        except SnapshotError as error:
            yield Reread(raw=raw, change=Change.UNREADABLE, detail=str(error))
            continue
        reading = steps.read(page, source=source_of(raw.source), learned=learned[raw.source], min_words=min_words)
        change = _change(raw.stored, reading)
        yield Reread(raw=raw, change=change, article=reading.article, detail=reading.refusal or "")


def _change(stored: StoredArticle | None, reading: steps.ReadResult) -> Change:
    if stored is None:
        return Change.NEW if reading.refusal is None else Change.SCREENED
    if reading.refusal is not None:
        return Change.REFUSED
    if stored.body_digest != body_digest(reading.article.title, reading.article.blocks):
        return Change.WORDS
    return Change.SAME if _told(stored.article) == _told(reading.article) else Change.METADATA


def _told(article: Article) -> tuple[object, ...]:
    """Return what is read from the page's bytes."""
    return tuple(getattr(article, name) for name in EXTRACTED)


def count_words(article: Article) -> int:
    """Return the words of the body."""
    return sum(len(words(block.text)) for block in article.kept)
