"""What a home page and robots.txt say about a site's seeds."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import UrlError
from ingest.model import SeedKind
from ingest.sources import common_paths, name_of, suggest
from tests.unit.seeds import page

HOME = "https://paper.example/"


def suggested(html: str, robots: str | None = None) -> list[tuple[str, str]]:
    """Return kind and address of what is suggested, the home page itself left out."""
    return [(seed.kind.value, seed.url) for seed in suggest(page(html.encode()), robots)[:-1]]


def test_declared_feeds_come_first_and_the_home_page_last() -> None:
    seeds = suggest(
        page(
            b'<head><link rel="alternate" type="application/rss+xml" href="/feed/"><link rel="stylesheet alternate" '
            b'type="text/css" href="/x"><link rel=alternate type="application/atom+xml; charset=utf-8" href="atom.xml">'
            b'<link rel=alternate type="application/feed+json" href="//feeds.example/paper.json"></head>'
        ),
        None,
    )
    assert [(seed.kind, seed.url) for seed in seeds] == [
        (SeedKind.FEED, "https://paper.example/feed/"),
        (SeedKind.FEED, "https://paper.example/atom.xml"),
        (SeedKind.FEED, "https://feeds.example/paper.json"),
        (SeedKind.SECTION, HOME),
    ]


def test_feeds_of_comments_and_translations_of_the_page_are_no_feeds() -> None:
    assert not suggested(
        '<link rel="alternate" type="application/rss+xml" title="Paper » Comments Feed" href="/feed2/">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
        '<link rel="alternate" hreflang="de" href="/de/">'
    )


def test_linked_feeds_are_found_where_none_is_declared() -> None:
    found = suggested(
        '<a href="/rss.xml">RSS</a><a href="https://other.example/feed">Their feed</a><a href="/feedback">Write</a>'
    )
    assert found == [("feed", "https://paper.example/rss.xml")]


def test_sitemaps_of_robots_txt_are_suggested_those_of_other_sites_not() -> None:
    robots = (
        "\ufeffSitemap: https://www.paper.example/sitemap.xml\nUser-agent: *\nDisallow: /\nsitemap:/news.xml  # new\n"
        "SITEMAP : https://paper.example/sitemap.xml.gz\nSitemap: https://other.example/s.xml\nSitemap: http://[\nSitemap:"
    )
    assert suggested("<p>", robots) == [
        ("sitemap", "https://www.paper.example/sitemap.xml"),
        ("sitemap", "https://paper.example/news.xml"),
        ("sitemap", "https://paper.example/sitemap.xml.gz"),
    ]


def test_usual_places_are_on_the_site_and_sitemaps_come_first() -> None:
    seeds = common_paths("https://paper.example/news/today")
    assert seeds[0].url == "https://paper.example/sitemap.xml"
    assert {seed.kind for seed in seeds} == {SeedKind.SITEMAP, SeedKind.FEED}
    assert all(seed.url.startswith(HOME) for seed in seeds)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.paper.example/", "paper-example"),
        ("http://127.2.0.1:18890/x", "127-2-0-1"),
        ("https://zürich.example", "xn--zrich-kva-example"),
        ("http://[::1]/", "1"),
    ],
)
def test_name_of_a_source_needs_no_quotes_in_toml(url: str, name: str) -> None:
    assert name_of(url) == name


@given(st.binary(max_size=200), st.text(max_size=200))
def test_any_page_and_robots_give_suggestions(body: bytes, robots: str) -> None:
    html = b"<link rel=alternate type=application/rss+xml href='" + body + b"'><a href='/rss" + body + b"'>"
    with suppress(UrlError):
        for seed in suggest(page(html), f"Sitemap: {robots}\n{robots}"):
            assert seed.url.startswith("http")
