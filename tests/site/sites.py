"""The family of sites on the loopback web: who offers which seeds, in which language, with which validators."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal

from tests.site.writing import ORDERS, Words, longer, rewritten, texts, write

EPOCH = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # day 0 of the clock
NEVER = 10**6


@dataclass(frozen=True, kw_only=True)
class SiteArticle:
    """One article's life: appears on `day` (negative: before the clock starts), changes once, is removed."""

    number: int
    section: int
    path: str
    published: datetime
    words: Words
    changed_words: Words
    day: int = 0
    changed_day: int = NEVER
    gone_day: int = NEVER

    def words_on(self, day: int) -> Words:
        return self.changed_words if day >= self.changed_day else self.words

    def modified_on(self, day: int) -> datetime:
        return EPOCH + timedelta(days=self.changed_day) if day >= self.changed_day else self.published

    def is_there(self, day: int) -> bool:
        return self.day <= day < self.gone_day


@dataclass(frozen=True, kw_only=True)
class Site:
    """One host and what it offers."""

    key: str
    host: str
    language: str
    count: int = 10  # articles on day 0
    new_per_day: int = 1
    days: int = 4  # as far as new ones are written
    feed: Literal["rss", "atom", "json"] | None = None
    feed_entries: int = 6
    sitemap: Literal["plain", "index", "news", "gzip"] | None = None
    sitemap_in_robots: bool = True
    etag: bool = True
    last_modified: bool = True
    charset: str = "utf-8"
    per_page: int = 5  # cards on a section page
    crawl_delay: float | None = None
    changed: tuple[int, ...] = (1,)  # numbers of the articles that change on day 1
    removed: tuple[int, ...] = (0,)  # and those that are removed on day 1
    corrected: tuple[int, ...] = (2,)  # and those that end in a correction note
    paged: dict[int, int] = field(default_factory=dict)  # number of an article -> pages that it goes over
    extra: dict[str, str] = field(default_factory=dict)  # path -> HTML of further pages

    @cached_property
    def articles(self) -> tuple[SiteArticle, ...]:
        """All articles that ever are, oldest first."""
        total = self.count + self.new_per_day * self.days
        return tuple(self._article(number) for number in range(total))

    def on(self, day: int) -> tuple[SiteArticle, ...]:
        """The articles that are there on a day, newest first."""
        return tuple(article for article in reversed(self.articles) if article.is_there(day))

    def _article(self, number: int) -> SiteArticle:
        late = number - self.count  # 0.. for those written while the clock runs
        day = 0 if late < 0 else 1 + late // self.new_per_day
        published = EPOCH + timedelta(days=day if late >= 0 else late, minutes=7 * number)
        section = number % len(texts(self.language).sections)
        seed = f"{self.key}-{number}"
        mixed = self.count > ORDERS
        words = write(self.language, seed, number=number, corrected=number in self.corrected, mixed=mixed)
        for more in range(1, self.paged.get(number, 1)):
            words = longer(words, write(self.language, f"{seed}-{more}", number=number + more, mixed=mixed))
        return SiteArticle(
            number=number,
            section=section,
            path=f"/s{section + 1}/{published:%Y/%m/%d}/{self.key}-report-{number:02d}-from-the-district",
            published=published,
            words=words,
            changed_words=rewritten(words, self.language, seed + "-changed", mixed=mixed),
            day=day,
            changed_day=1 if number in self.changed else NEVER,
            gone_day=1 if number in self.removed else NEVER,
        )


def family() -> tuple[Site, ...]:
    """The usual sites: between them every kind of seed, validator and script."""
    return (
        Site(key="post", host="127.4.1.1", language="en", count=12, feed="rss", sitemap="plain"),
        Site(key="lindtal", host="127.4.1.2", language="de", feed="atom", sitemap="index", etag=False),
        Site(
            key="zarechye", host="127.4.1.3", language="ru", sitemap="gzip", last_modified=False, charset="windows-1251"
        ),
        Site(key="qingshi", host="127.4.1.4", language="zh", sitemap="news", etag=False, last_modified=False),
        Site(key="wahat", host="127.4.1.5", language="ar", count=9, per_page=2),
        Site(
            key="weblog",
            host="127.4.1.6",
            language="en",
            count=8,
            feed="json",
            feed_entries=20,
            crawl_delay=0.01,
            removed=(),
        ),
    )
