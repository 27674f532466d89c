"""Extract again from stored raw pages: what it would change, before anything is changed.

Replayed are the raw page of each article's latest revision and the last raw page of every page that became none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from ingest import snapshots, steps
from ingest.boilerplate import Learned
from ingest.boilerplate.learn import RECENT_ARTICLES
from ingest.errors import SnapshotError
from ingest.model import Article, FetchedPart, FurtherPage, Page, RecordLocation, Source
from ingest.ops.source_wide import SourceValues, source_values, without_source_values
from ingest.store import Store, StoredArticle
from ingest.text.normalize import body_digest, words
from ingest.web.urls import key
from ingest.workers import AdaptiveExecutor, OrderedResults

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


class Rereading:
    """Reads raw pages again, in as many processes as are given. A context manager, which ends them."""

    def __init__(
        self,
        store: Store,
        home: Path,
        source_of: Callable[[str], Source],
        *,
        min_words: int,
        workers: int,
        storage: str,
    ) -> None:
        self.store = store
        self.home = home
        self.source_of = source_of
        self.min_words = min_words
        self.storage = storage
        self._learned: dict[str, Learned] = {}
        self._own: dict[str, SourceValues] = {}
        self._executor = AdaptiveExecutor(steps.extract_here, steps.WORK, workers, warm=steps.WARM)
        self._results = OrderedResults(self._executor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._results.__exit__(*error)

    def each(self, *, source: str | None = None, since: datetime | None = None) -> Iterator[Reread]:
        """Read every raw page again and compare; nothing is written."""
        self._results.coming = self.store.articles.count(source)
        waiting: deque[tuple[Raw, str]] = deque()  # with why it cannot be read
        extracted = self._results.of(self._tasks(raws(self.store, source=source, since=since), waiting))
        for article in extracted:
            raw, unreadable = waiting.popleft()
            if not isinstance(article, Article):
                lost = unreadable if article is None else f"{article.reason}: {article.detail}"
                yield Reread(raw=raw, change=Change.UNREADABLE, detail=lost)
                continue
            article = without_source_values(article, self._own_of(raw.source))
            reading = steps.strip_and_screen(article, learned=self._learned_of(raw.source), min_words=self.min_words)
            change = _change(raw.stored, reading)
            yield Reread(raw=raw, change=change, article=reading.article, detail=reading.refusal or "")

    def _tasks(
        self, raw_pages: Iterable[Raw], waiting: deque[tuple[Raw, str]]
    ) -> Iterator[tuple[steps.ExtractionTask, int] | None]:
        for raw in raw_pages:
            try:
                page = page_of(self.store, self.home, raw, storage=self.storage)
            except SnapshotError as error:
                waiting.append((raw, str(error)))
                yield None
            else:
                waiting.append((raw, ""))
                task = steps.ExtractionTask(page=page, source=self.source_of(raw.source))
                yield task, sum(len(one.body) for one in page.fetched)

    def _own_of(self, source: str) -> SourceValues:
        if source not in self._own:
            compared = self.store.blocks.counted(source, RECENT_ARTICLES)
            self._own[source] = source_values([stored.article for stored in compared])
        return self._own[source]

    def _learned_of(self, source: str) -> Learned:
        if source not in self._learned:
            self._learned[source] = self.store.blocks.learned(source)
        return self._learned[source]


def _change(stored: StoredArticle | None, reading: steps.ReadResult) -> Change:
    if stored is None:
        return Change.NEW if reading.refusal is None else Change.SCREENED
    if reading.refusal is not None:
        return Change.REFUSED
    if stored.body_digest != body_digest(reading.article.title, reading.article.blocks):
        return Change.WORDS
    return Change.SAME if _metadata(stored.article) == _metadata(reading.article) else Change.METADATA


def _metadata(article: Article) -> tuple[object, ...]:
    """Return what is read from the page's bytes."""
    return tuple(getattr(article, name) for name in EXTRACTED)


def count_words(article: Article) -> int:
    """Return the words of the body."""
    return sum(len(words(block.text)) for block in article.kept)
