"""Read the demo's articles from their data files; know nothing of HTML or HTTP.

A file is TOML, a line of three dashes, then the body: paragraphs parted by empty lines, `## ` before a heading, `> `
before a quote, and a run of lines with `- ` as a list. Days count back from TODAY, so the site never ages.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from importlib import resources

TODAY = date(2026, 3, 2)  # the site's present day
ZONE = timezone(timedelta(hours=1))
SECTIONS = {"news": "News", "business": "Business", "culture": "Culture"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePart:
    """One piece of a body: tag is p, h2, blockquote or li."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoArticle:
    """One article as its author wrote it."""

    number: int  # 1.., in the order of the files; decides where the boilerplate goes
    slug: str
    title: str
    standfirst: str
    section: str  # a key of SECTIONS
    authors: tuple[str, ...]
    published: datetime
    modified: datetime
    tags: tuple[str, ...]
    parts: tuple[ArticlePart, ...]

    @property
    def path(self) -> str:
        """The URL path, e.g. /news/2026/03/otters-counted-on-the-elder."""
        return f"/{self.section}/{self.published:%Y/%m}/{self.slug}"


@cache
def read_articles() -> tuple[DemoArticle, ...]:
    """Return all articles, newest first."""
    folder = resources.files("ingest.demo") / "articles"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".txt")), key=lambda file: file.name)
    articles = [_read(number, file.read_text(encoding="utf-8")) for number, file in enumerate(files, start=1)]
    return tuple(sorted(articles, key=lambda article: article.published, reverse=True))


@cache
def expected() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return, by URL path, each article's title and the blocks of its body in reading order."""
    return {article.path: (article.title, tuple(part.text for part in article.parts)) for article in read_articles()}


def _read(number: int, text: str) -> DemoArticle:
    front, _, body = text.partition("\n---\n")
    facts = tomllib.loads(front)
    published = _moment(facts["days_before"], facts["time"])
    modified = published
    if "modified_time" in facts:
        modified = _moment(facts["modified_days_before"], facts["modified_time"])
    return DemoArticle(
        number=number,
        slug=facts["slug"],
        title=facts["title"],
        standfirst=facts["standfirst"],
        section=facts["section"],
        authors=tuple(facts["authors"]),
        published=published,
        modified=modified,
        tags=tuple(facts["tags"]),
        parts=_parts(body),
    )


def _moment(days_before: int, clock: str) -> datetime:
    return datetime.combine(TODAY - timedelta(days=days_before), time.fromisoformat(clock), ZONE)


def _parts(body: str) -> tuple[ArticlePart, ...]:
    marks = {"## ": "h2", "> ": "blockquote", "- ": "li"}
    parts: list[ArticlePart] = []
    for chunk in body.strip().split("\n\n"):
        lines = chunk.splitlines() if chunk.startswith("- ") else [" ".join(chunk.split())]
        for line in lines:
            mark = next((mark for mark in marks if line.startswith(mark)), "")
            parts.append(ArticlePart(tag=marks.get(mark, "p"), text=line.removeprefix(mark)))
    return tuple(parts)
