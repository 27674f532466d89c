"""What a page says about itself: who is believed, who is not, and that nobody's word is lost."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ingest.extract.html.tree import parse
from ingest.extract.metadata.metadata import Metadata, read_metadata, settle_language
from ingest.model import Field, Image, Link, Moment, Page, SeedKind, Source

CASES = tomllib.loads((Path(__file__).parents[1] / "data/metadata/pages.toml").read_text("utf-8"))["case"]
FETCHED = datetime(2024, 6, 1, 12, tzinfo=UTC)


def page(html: str | bytes, url: str = "https://paper.example/story", **more: Any) -> Page:
    body = html.encode("utf-8") if isinstance(html, str) else html
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    given: dict[str, Any] = {"url": url, "final_url": url, "source": "s", "status": 200, "headers": headers}
    return Page(**(given | {"body": body, "fetched_at": FETCHED} | more))


def read(html: str | bytes, url: str = "https://paper.example/story", **more: Any) -> Metadata:
    one = page(html, url, **more)
    return read_metadata(parse(one), one)


def plain(value: object) -> object:
    """Write a field's value as the case file does."""
    if value is None:
        return ""
    if isinstance(value, Moment):
        return value.iso()
    if isinstance(value, Image):
        return value.url
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_page_is_read_as_its_case_says(case: dict[str, Any]) -> None:
    one = page(case["html"], case["url"])
    source = Source(name="s", url=case["url"], timezone=case.get("timezone"))
    found = read_metadata(parse(one), one, source=source)
    assert {name: plain(getattr(found, name)) for name in case["expect"]} == case["expect"]
    for field, values in case.get("claims", {}).items():
        lost = [plain(claim.value) for claim in found.claims if claim.field == field and not claim.won]
        for value in values:
            assert value in lost


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_value_has_one_winning_claim(case: dict[str, Any]) -> None:
    found = read(case["html"], case["url"])
    for field in Field:
        if field is Field.ALTERNATE_URL:
            continue
        winners = [claim for claim in found.claims if claim.field is field and claim.won]
        assert len(winners) == (1 if getattr(found, field) not in (None, (), "") else 0), field


def test_the_tree_is_left_as_it_was() -> None:
    for case in CASES:
        one = page(case["html"], case["url"])
        tree = parse(one)
        before = etree.tostring(tree)
        read_metadata(tree, one)
        assert etree.tostring(tree) == before


def hint(**more: Any) -> Link:
    return Link(
        url="https://paper.example/story", found_in="https://paper.example/feed", found_by=SeedKind.FEED, **more
    )


def test_a_feed_is_believed_where_the_page_is_silent() -> None:
    said = hint(
        title="A story told by the feed",
        authors=("Ida Holm",),
        published=Moment.of_instant(datetime(2024, 5, 30, 8, tzinfo=UTC)),
        language="sv-SE",
    )
    found = read("<html><body><p>Text.</p></body></html>", hint=said)
    assert (found.title, found.authors, found.language) == ("A story told by the feed", ("Ida Holm",), "sv")
    assert found.published == said.published
    assert {claim.origin for claim in found.claims if claim.won} == {"feed"}


def test_a_feed_is_the_weakest_witness() -> None:
    html = """<html lang="en"><head><meta name="author" content="Ann Field">
    <meta property="article:published_time" content="2024-05-29T08:00:00+01:00"></head>
    <body><h1>A story told by the page</h1></body></html>"""
    found = read(
        html,
        hint=hint(
            title="Something else altogether here",
            authors=("Ida Holm",),
            published=Moment.of_day(date(2024, 5, 30)),
            language="sv",
        ),
    )
    assert (found.title, found.authors, found.language) == ("A story told by the page", ("Ann Field",), "en")
    assert found.published
    assert found.published.iso() == "2024-05-29T08:00:00+01:00"
    assert not any(claim.won for claim in found.claims if claim.origin == "feed")


GERMAN = "Der Rat der Stadt hat am Donnerstag beschlossen, den alten Hafen umzubauen und die Brücke zu sperren. " * 4

TATAR = (
    "Шәһәр советы пәнҗешәмбе көнне иске портны яңартырга һәм күперне ябарга карар кылды. Урамнарда халык күп иде, "
    "чөнки бу турыда инде берничә ел сөйлиләр. Төзелеш эшләре киләсе җәйгә кадәр тәмамланырга тиеш, диде хакимият."
)
OCCITAN = (
    "Lo conselh de la vila a decidit dijòus de renovar lo vièlh pòrt e de barrar lo pont als veituras. Los estatjants "
    "son pas d'acòrdi entre eles, qu'aquò fa longtemps que se'n parla. Los trabalhs deurián s'acabar abans l'estiu."
)
PORTUGUESE = (
    "A câmara da cidade decidiu na quinta-feira renovar o porto velho e fechar a ponte aos carros durante as obras, "
    "que devem terminar antes do verão. Os moradores não estão de acordo, porque há muitos anos que se fala disso na "
    "cidade e ninguém sabe quanto vai custar."
)


@pytest.mark.parametrize(
    ("declared", "text", "language", "origin"),
    [
        ("en", GERMAN, "de", "text"),
        ("de", GERMAN, "de", "html-lang"),
        (None, GERMAN, "de", "text"),
        ("en", "Zu kurz.", "en", "html-lang"),
        (
            "bs",
            "Gradsko vijeće je u četvrtak odlučilo da obnovi staru luku i zatvori most za saobraćaj. " * 4,
            "bs",
            "html-lang",
        ),
        ("tt", TATAR, "tt", "html-lang"),
        ("oc", OCCITAN, "oc", "html-lang"),
        ("br", PORTUGUESE, "pt", "text"),
        ("und", GERMAN, "de", "text"),
    ],
)
def test_the_text_decides_where_the_declared_language_cannot_be(
    declared: str | None, text: str, language: str, origin: str
) -> None:
    attribute = f' lang="{declared}"' if declared else ""
    found = settle_language(read(f"<html{attribute}><body><p>x</p></body></html>"), text)
    assert found.language == language
    assert [claim.origin for claim in found.claims if claim.field is Field.LANGUAGE and claim.won] == [origin]


TAGS = """<h1> | </h1> | <meta name="author" content=" | "> | <script type="application/ld+json"> | </script> |
{"@type": | "NewsArticle" | "author": | [ | ] | } | , | <time datetime=" | 2024-13-45 |
<div class="byline"> | Von | By | \\u0000 | \\" | <a rel=author href='//[::1'> |
<link rel="canonical" href="http://[ | &#0; | <p itemprop="author" itemscope> | http:// | // |
<meta itemprop="datePublished" content=" | 99999999999 | ٢٠٢٤ | <html lang=' | <body> |
<a rel="tag"> | @id | "@graph" | é | 記者 | </body> | <a class="author" href="/author/x"> | 4 May 2024 |
<div class="tags">""".replace("\n", " ").split(" | ")


@given(st.lists(st.one_of(st.sampled_from([*TAGS, "\ud800", "\x00"]), st.text(max_size=12)), max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_page_makes_it_raise(pieces: list[str]) -> None:
    read("".join(pieces).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=400))
@settings(max_examples=80, deadline=None)
def test_no_bytes_make_it_raise(body: bytes) -> None:
    found = read(body)
    assert {field.name for field in fields(Metadata)} >= {str(claim.field) for claim in found.claims} - {
        "alternate_url"
    }


@pytest.mark.parametrize(
    "html",
    [
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
        '<script type="application/ld+json">' + '{"a":' * 5_000 + "</script>",
        '<script type="application/ld+json">' + "/*" * 100_000 + "</script>",
        '<script type="application/ld+json">' + '"' * 100_000 + "</script>",
        "<div class=author>" * 5_000 + "x",
        "<h1>" + "a - " * 50_000 + "</h1>",
        "<title>" + " | x" * 50_000 + "</title>",
        '<meta name="author" content="' + "von " * 50_000 + '">',
        '<meta name="keywords" content="' + "," * 100_000 + '">',
        "<h1>t</h1>" + "<time datetime='2024'></time>" * 5_000,
        "<h1>t</h1><p class=byline>" + "Von " * 30_000 + "</p>",
        '<meta property="article:published_time" content="' + "1" * 100_000 + '">',
    ],
    ids=lambda html: html[:40],
)
def test_a_page_made_to_be_slow_is_read_in_good_time(html: str) -> None:
    read(f"<html><body>{html}</body></html>")  # the suite's own limit a test is far above what these take
