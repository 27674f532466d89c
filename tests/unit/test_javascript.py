"""Pages that are empty until their scripts have run, told from pages that are short, broken or merely have scripts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.crawl.plan import SourceResult
from ingest.discover import read
from ingest.errors import SeedUnreadable
from ingest.extract.article import extract
from ingest.extract.screen import screen
from ingest.model import OutcomeKind, Page, Seed, SeedKind, Source
from ingest.ops.likely_cause import LikelyCause, of_pages
from ingest.store import Counts, SourceEnd
from ingest.web.javascript import NEEDS_RENDERING, RENDERED

WORDS = "The harbour board spoke about the plans for the northern lock and voted for another survey before the winter. "
APP = "<script src='/static/main.4f3c.js'></script>"
SHELLS = (
    f"<div id=root></div>{APP}",
    f"<div id='__next'></div>{APP}",
    f"<app-root></app-root>{APP}",
    f"<app-root><div class=spinner>Loading ...</div></app-root>{APP}",
    f"<noscript>You need to enable JavaScript to run this app.</noscript><div class=x></div>{APP}",
    f"<noscript>Bitte aktivieren Sie JavaScript.</noscript>{APP}",
    f"{APP}",
    f"<div class=c4></div><script type=module src=/a.js></script>{APP}",
    f"<header><nav>{'<a href=/x>Sport</a> ' * 9}</nav></header><div id=app></div><footer>{WORDS * 3}</footer>{APP}",
    "<div id=root></div><script>window.start()</script>",
)
OTHERS = (
    "",
    "<p>Short.</p>",
    "<div id=root></div>",  # nothing would fill it
    '<div id=root></div><script type="application/ld+json">{}</script>',
    f"<p>{WORDS}</p><p>{WORDS}</p><div id=app></div>{APP}",  # an island on a page of text
    f"<noscript>Comments need JavaScript.</noscript><p>{WORDS}</p><p>{WORDS}</p>{APP}",
    "<form action=/login><input type=password></form><script src=/login.js></script><p>Sign in to go on.</p>",
)


def page(body: str, *headers: tuple[str, str]) -> Page:
    return Page(
        url="https://example.com/2026/11/harbour-board-votes",
        final_url="https://example.com/2026/11/harbour-board-votes",
        source="x",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"), *headers),
        body=f"<!doctype html><html><head><title>Harbour Post</title></head><body>{body}</body></html>".encode(),
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


@pytest.mark.parametrize("body", SHELLS)
def test_a_page_that_scripts_would_build_needs_rendering(body: str) -> None:
    assert screen(extract(page(body)), min_words=30) == NEEDS_RENDERING
    assert screen(extract(page(body)), min_words=0) == NEEDS_RENDERING


@pytest.mark.parametrize("body", OTHERS)
def test_other_pages_without_an_article_do_not(body: str) -> None:
    assert screen(extract(page(body)), min_words=30) != NEEDS_RENDERING


def test_what_was_rendered_and_is_still_empty_is_empty() -> None:
    assert screen(extract(page(SHELLS[0], (RENDERED, "1"))), min_words=30) == "empty"


def test_a_section_without_links_that_scripts_would_build_says_so() -> None:
    source = Source(name="x", url="https://example.com/")
    seed = Seed(url="https://example.com/", kind=SeedKind.SECTION)
    with pytest.raises(SeedUnreadable, match=NEEDS_RENDERING):
        read(page(SHELLS[0]), seed, source)
    assert read(page(SHELLS[0], (RENDERED, "1")), seed, source).links == ()


@pytest.mark.parametrize(("articles", "state"), [(0, SourceEnd.FAILED), (12, SourceEnd.OK)])
def test_a_source_without_any_text_failed_and_one_that_had_some_has_changed(articles: int, state: SourceEnd) -> None:
    result = SourceResult(alive=True, articles=articles, counts=Counts(screened=5))
    result.reasons[f"{OutcomeKind.SCREENED} {NEEDS_RENDERING}"] = 5
    result.settle()
    assert result.state is state
    assert "JavaScript" in (result.cause or "") or "empty without their scripts" in (result.cause or "")
    assert of_pages(result.reasons, "screened") is LikelyCause.LAYOUT_CHANGED
