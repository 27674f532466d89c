"""Small values to fill a store with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.model import Article, Block, Cut, CutBy, Link, Seed, SeedKind, Source

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = Seed(url="https://a.example/feed", kind=SeedKind.FEED)


def source(name: str = "a", **more: Any) -> Source:
    return Source(name=name, url=f"https://{name}.example/", **more)


def link(path: str | int, **more: Any) -> Link:
    return Link(url=f"https://a.example/{path}", found_in=FEED.url, found_by=SeedKind.FEED, **more)


def article(path: str | int = "one", *texts: str, **more: Any) -> Article:
    """An article of source "a"; a text that starts with "-" is a cut block."""
    blocks = tuple(
        Block(text=text[1:], cut=Cut(by=CutBy.LEARNED, reason="recurs")) if text.startswith("-") else Block(text=text)
        for text in texts or (f"The text of {path}.",)
    )
    given: dict[str, Any] = {"source": "a", "fetched_at": NOW, "title": f"Title of {path}"}
    return Article(url=f"https://a.example/{path}", blocks=blocks, **(given | more))
