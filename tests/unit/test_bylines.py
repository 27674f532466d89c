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


ACCOUNT = '<meta name="author" content="Kim Keeper">'
PAGE = f"<p>{LONG}</p><p>{LONG}</p>"


def article_data(kind: str, *people: str) -> str:
    named = ",".join(f'{{"@type":"Person","name":"{name}"}}' for name in people)
    return f'<script type="application/ld+json">{{"@type":"{kind}","headline":"Ferry","author":[{named}]}}</script>'


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        (ACCOUNT, PAGE, ()),  # nobody whom readers see
        (ACCOUNT, f"{PAGE}<p>Text: Kim Keeper</p>", ("Kim Keeper",)),
        (article_data("BlogPosting", "Kim Keeper"), PAGE, ()),
        (article_data("NewsArticle", "Kim Keeper"), PAGE, ("Kim Keeper",)),  # written with each article
        (article_data("BlogPosting", "Kim Keeper") + ACCOUNT, PAGE, ("Kim Keeper",)),  # in two places
        ('<meta name="author" content="Reuters">', PAGE, ("Reuters",)),
        (ACCOUNT, "<div id=app></div>", ("Kim Keeper",)),  # a page that scripts build tells nothing
        (
            '<meta property="og:site_name" content="The Norvik Mail"><meta name="author" content="The Norvik Mail">',
            PAGE,
            (),
        ),
        (
            article_data("NewsArticle", "Ada Quill") + '<meta name="author" content="Ada Quill, Tom Reed">',
            f"<p>Ada Quill and Tom Reed</p>{PAGE}",
            ("Ada Quill", "Tom Reed"),
        ),
        (
            article_data("NewsArticle", "Kim Keeper") + '<meta name="author" content="Ada Quill">',
            f"<p>Ada Quill</p>{PAGE}",
            ("Ada Quill",),
        ),
        (
            "".join(article_data("NewsArticle", name) for name in ("Kim Keeper", "Ada Quill", "Tom Reed")),
            PAGE,
            ("Kim Keeper",),  # the page's data list other articles
        ),
    ],
)
def test_accounts_that_no_reader_sees_sign_nothing(head: str, body: str, wanted: tuple[str, ...]) -> None:
    assert authors(body, head) == wanted


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (f'{PAGE}<figure><span class="author">Kim Lens</span></figure>', ()),
        (f'{PAGE}<div class="license-info"><a class="author">Kim Lens</a></div>', ()),
        (
            2 * PAGE
            + "".join(
                f'<div><h3>Another story</h3><div><span class="item-author">{name}</span></div></div>'
                for name in ("Ada Quill", "Tom Reed", "Kim Lens")
            ),
            (),
        ),
        (f"{PAGE}<p><em>NM-Redaktion</em></p>", ("NM-Redaktion",)),
        (f"<div><p>- Redaktion: Ada Quill (Press Officer)</p></div>{PAGE}", ("Ada Quill",)),
        (f"<p>Posted in Schools by adaquill on August 3, 2019</p>{PAGE}", ("adaquill",)),
        (f"<p><span>Ada Quill |</span> <span>05.04.2025</span></p>{PAGE}", ("Ada Quill",)),
        (f'<div class="entry-meta"><ul><li>Ada Quill</li><li>02-12-2025</li></ul></div>{PAGE}', ("Ada Quill",)),
        (
            (
                '<p><span class="by">Von: <a href="/p/ada-quill">Ada Quill</a></span>'
                f'<span class="by"><a href="/p/tom-reed">Tom Reed</a></span></p>{PAGE}'
            ),
            ("Ada Quill", "Tom Reed"),
        ),
        (f"<h4>2018 - Norvik Arena</h4>{PAGE}", ()),
    ],
)
def test_bylines_by_their_place(body: str, wanted: tuple[str, ...]) -> None:
    assert authors(body) == wanted


def test_an_agencys_office_stands_beside_people() -> None:
    found = read_names(["Von: Ada Quill und AFP Brüssel"])
    assert found is not None
    assert found.names == ("Ada Quill", "AFP Brüssel")
