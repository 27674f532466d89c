"""The steps that make an article out of a page, as pure functions that any process may run.

The stages of a crawl, `ingest clean`, `ingest why`, re-extraction and the benchmarks all call these, so that a page
comes out the same wherever it came in. Takes values, gives values: no network, no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.boilerplate import Learned, strip
from ingest.extract.screen import screen
from ingest.model import Article, Page, Source
from ingest.web.html_limits import bounded

__all__ = [
    "WARM",
    "WORK",
    "ExtractionTask",
    "ReadResult",
    "extract_here",
    "read",
    "run_task",
    "screen",
    "strip",
    "strip_and_screen",
    "warm",
]

# what workers do, and what loads all they need for it; see ingest.workers
WORK = "ingest.steps:run_task"
WARM = "ingest.steps:warm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionTask:
    """A page to be read, with its source's rules: what goes to another process."""

    page: Page
    source: Source | None


def run_task(unread: ExtractionTask) -> Article:
    """Extract one page; of one argument, as workers call it."""
    return _extract(unread.page, unread.source)


def extract_here(unread: ExtractionTask) -> Article:
    """Extract one page in a process that nothing ends: its markup is bounded first."""
    return _extract(_bounded(unread.page), unread.source)


def _extract(page: Page, source: Source | None) -> Article:
    from ingest.extract.article import extract  # with numpy, 0.2 s: not for a crawl that leaves pages to its workers

    return extract(page, source)


def _bounded(page: Page) -> Page:
    parts = tuple(replace(part, page=_bounded(part.page)) if part.page else part for part in page.parts)
    return replace(page, body=bounded(page.body), parts=parts)


def warm() -> None:
    """Load what reading pages loads with the first of them: models, tables and libraries, 1.1 s of CPU.

    The page leaves language, body and date so much in doubt that the identifier and trafilatura are asked.
    """
    line = "<p>Lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore.</p>"
    page = f"<html><head><title>Warming up</title></head><body><div>{line * 4}</div></body></html>"
    url = "https://www.example.org/warming-up"
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    made = Page(url=url, final_url=url, source="", status=200, headers=(), body=page.encode(), fetched_at=moment)
    run_task(ExtractionTask(page=made, source=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """What a page turned out to be. `refusal` is the reason slug when it is no article, else None."""

    article: Article
    refusal: str | None


def read(page: Page, *, source: Source | None = None, learned: Learned | None = None, min_words: int = 0) -> ReadResult:
    """Extract, strip and screen one page.

    Without `source` no rules of a person apply; without `learned` nothing is known about the site.
    """
    return strip_and_screen(_extract(page, source), learned=learned, min_words=min_words)


def strip_and_screen(article: Article, *, learned: Learned | None = None, min_words: int = 0) -> ReadResult:
    """Strip and screen an article that was extracted."""
    if learned is not None:
        article = strip(article, learned)
    return ReadResult(article=article, refusal=screen(article, min_words=min_words))
