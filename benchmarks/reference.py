"""What one would write in an afternoon: Scrapy, trafilatura, SQLAlchemy, one commit for each article.

    python -m benchmarks.reference PORT DATABASE_URL LAG.json HOST...

Tuned in good faith: what Scrapy and trafilatura recommend, the same concurrency and delay as ours, no robots.txt, no
raw pages, no memory of what was met: the work of a crawl and nothing else. Used by throughput.py only.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from sqlalchemy import DateTime, String, Text, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from trafilatura import bare_extraction
from trafilatura.settings import Document

LOC = re.compile(r"<loc>([^<]+)</loc>")


class Base(DeclarativeBase):
    """The tables."""


class ArticleRow(Base):
    """One article."""

    __tablename__ = "reference_article"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2048), unique=True)
    title: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    published: Mapped[str | None] = mapped_column(String(40))
    site_name: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    description: Mapped[str | None] = mapped_column(Text)
    image: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class StoreArticle:
    """Pipeline: one commit for each article."""

    def __init__(self, database_url: str) -> None:
        self.engine = create_engine(database_url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode=WAL"))
        Base.metadata.create_all(self.engine)
        self.session = Session(self.engine)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the database's address."""
        return cls(crawler.settings["REFERENCE_DATABASE_URL"])

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Write the article."""
        self.session.add(ArticleRow(**item))
        self.session.commit()
        return item

    def close_spider(self) -> None:
        """Let the database go."""
        self.session.close()
        self.engine.dispose()


class Plain(Spider):
    """Sitemaps, then pages."""

    name = "plain"

    def __init__(self, hosts: list[str], port: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hosts, self.port = hosts, port

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the sitemaps."""
        for host in self.hosts:
            yield Request(f"http://{host}:{self.port}/sitemap.xml")

    def parse(self, response: Response) -> Iterator[Request]:
        """Ask for the pages of a sitemap."""
        for url in LOC.findall(response.text):
            yield Request(url, callback=self.page)

    def page(self, response: Response) -> Iterator[dict[str, Any]]:
        """Extract."""
        found = bare_extraction(response.body, url=response.url, include_comments=False, with_metadata=True)
        if not isinstance(found, Document) or not found.text:
            return
        yield {
            "url": response.url,
            "title": found.title,
            "author": found.author,
            "published": found.date,
            "site_name": found.sitename,
            "language": found.language,
            "description": found.description,
            "image": found.image,
            "body": found.text,
            "fetched_at": dt.datetime.now(dt.UTC),
        }


def main() -> None:
    """Crawl."""
    port, database_url, lag_file, *hosts = sys.argv[1:]
    process = AsyncCrawlerProcess(
        {
            "ITEM_PIPELINES": {StoreArticle: 100},
            "EXTENSIONS": {"benchmarks.lag.Lag": 100, "scrapy.extensions.telnet.TelnetConsole": None},
            "LAG_FILE": lag_file,
            "REFERENCE_DATABASE_URL": database_url,
            "CONCURRENT_REQUESTS": 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0.001,
            "RANDOMIZE_DOWNLOAD_DELAY": False,
            "COOKIES_ENABLED": False,
            "RETRY_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(Plain, hosts=hosts, port=int(port))
    process.start()


if __name__ == "__main__":
    main()
