"""Names in bylines and author fields, by language; who signs a text; what is inherited from a feed."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.extract.html.tree import parse
from ingest.extract.metadata.metadata import read_metadata
from ingest.extract.metadata.names import read_names
from ingest.model import Page

BYLINES = tomllib.loads((Path(__file__).parents[1] / "data/metadata/bylines.toml").read_text("utf-8"))
LONG = "The harbour board added four crossings a day after a winter of missed connections. " * 4


@pytest.mark.parametrize("language", BYLINES)
def test_bylines_name_people_without_roles_dates_and_places(language: str) -> None:
    found = [(text, list(names.names) if (names := read_names([text])) else []) for text, _ in BYLINES[language]]
    assert found == [(text, wanted) for text, wanted in BYLINES[language]]


def test_bylines_cover_the_languages() -> None:
    assert sum(map(len, BYLINES.values())) >= 120
    assert len(BYLINES) >= 20


def authors(body: str, head: str = "") -> tuple[str, ...]:
    html = f'<html lang="en"><head><title>Ferry</title>{head}</head><body><h1>Ferry</h1>{body}</body></html>'
    url = "https://paper.example/ferry"
    page = Page(
        url=url,
        final_url=url,
        source="paper",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=html.encode(),
        fetched_at=datetime(2026, 11, 30, tzinfo=UTC),
    )
    return read_metadata(parse(page), page).authors


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (f"<p>{LONG}</p><p><strong>Ada Quill</strong></p>", ("Ada Quill",)),
        (f"<p>{LONG}</p><p>(Ada Quill)</p>", ("Ada Quill",)),
        (f"<p>{LONG}</p><p>By Ada Quill</p>", ("Ada Quill",)),
        (f"<p>{LONG}</p><p><b>Read more about the harbour</b></p>", ()),
        (f"<p>{LONG}</p><p><strong>The Harbour Board Speaks</strong></p>", ()),
        (f"<p>{LONG}</p><p>Ada Quill</p>", ()),
        (
            '<p class="byline">By <a href="/a">Ada Quill</a> in Norvik<br>and <a href="/b">Tom Reed</a></p>',
            ("Ada Quill", "Tom Reed"),
        ),
        (
            '<p>By <a href="/a">Ada Quill</a>, Crime Reporter, and <a href="/b">Tom Reed</a></p>',
            ("Ada Quill", "Tom Reed"),
        ),
    ],
)
def test_authors_stand_in_signatures_and_linked_bylines(body: str, wanted: tuple[str, ...]) -> None:
    assert authors(body) == wanted


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (
            (
                '<meta name="citation_author" content="Doe, Jane">'
                '<meta name="citation_author" content="García Márquez, Luz">'
            ),
            ("Jane Doe", "Luz García Márquez"),
        ),
        ('<meta name="DC.creator" content="Doe, Jane">', ("Jane Doe",)),
        ('<meta name="author" content="Super User">', ()),
        ('<meta name="author" content="Norvik Energie GmbH">', ()),
        ('<meta name="author" content="dpa">', ("dpa",)),
        (
            (
                '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry",'
                '"author":{"@type":"Person","givenName":"Ada","familyName":"Quill"}}</script>'
            ),
            ("Ada Quill",),
        ),
    ],
)
def test_declared_authors(head: str, wanted: tuple[str, ...]) -> None:
    assert authors(f"<p>{LONG}</p>", head) == wanted
