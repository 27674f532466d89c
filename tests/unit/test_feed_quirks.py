"""Feeds and sitemaps by writers who spell namespaces otherwise, hide mail addresses in names and scripts in titles."""

from __future__ import annotations

import pytest

from ingest.model import SeedKind
from tests.unit.seeds import found_in

URL = "https://paper.example/feed"
ENTRY = "<entry><title>Harbour works</title><link href='/town/harbour-works-begin'/></entry>"
ITEM = "<item><title>Harbour works</title><link>/town/harbour-works-begin</link></item>"
PAGE = "<url><loc>https://paper.example/town/harbour-works-begin</loc><lastmod>2026-03-04</lastmod></url>"


@pytest.mark.parametrize(
    "body",
    [
        f"<feed xmlns='https://www.w3.org/2005/Atom'>{ENTRY}</feed>",
        f"<feed xmlns='http://www.w3.org/2005/Atom/'>{ENTRY}</feed>",
        f"<feed xmlns='http://www.w3.org/2005/atom'>{ENTRY}</feed>",
        f"<feed xmlns='urn:our-own-atom'>{ENTRY}</feed>",
        f"<rss xmlns='http://backend.userland.com/RSS2'><channel>{ITEM}</channel></rss>",
        f"<rss xmlns='http://blogs.law.harvard.edu/tech/rss'><channel>{ITEM}</channel></rss>",
        f"<rss xmlns='http://cyber.law.harvard.edu/rss/rss.html'><channel>{ITEM}</channel></rss>",
    ],
)
def test_a_feed_is_read_whatever_its_namespace_is_called(body: str) -> None:
    (link,) = found_in(body.encode(), url=URL, kind=SeedKind.FEED).links
    assert (link.url, link.title) == ("https://paper.example/town/harbour-works-begin", "Harbour works")


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.google.com/schemas/sitemap/0.9",
        "https://www.sitemaps.org/schemas/sitemap/0.9",
        "http://www.sitemaps.org/schemas/sitemap/0.9/",
        "https://www.google.com/schemas/sitemap/0.84",
        "http://example.com/own-sitemap",
    ],
)
def test_a_sitemap_is_read_whatever_its_namespace_is_called(namespace: str) -> None:
    body = f"<urlset xmlns='{namespace}'>{PAGE}</urlset>".encode()
    (link,) = found_in(body, url=URL, kind=SeedKind.SITEMAP).links
    assert link.url == "https://paper.example/town/harbour-works-begin"


def test_titles_of_pictures_are_not_those_of_the_article() -> None:
    media = "<media:title xmlns:media='http://search.yahoo.com/mrss/'>A picture</media:title>"
    (link,) = found_in(
        f"<rss><channel>{ITEM.replace('<item>', '<item>' + media)}</channel></rss>".encode(),
        url=URL,
        kind=SeedKind.FEED,
    ).links
    assert link.title == "Harbour works"
    image = "<image:image xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'><image:loc>https://paper.example/a.jpg</image:loc></image:image>"
    body = (
        f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{PAGE.replace('<url>', '<url>' + image)}</urlset>"
    )
    (link,) = found_in(body.encode(), url=URL, kind=SeedKind.SITEMAP).links
    assert link.url.endswith("harbour-works-begin")


@pytest.mark.parametrize(
    "prolog",
    [
        "<!-- no <!DOCTYPE html> here -->",
        "<?xml version='1.0'?><!-- <!DOCTYPE rss [ --><?style <!DOCTYPE ?>",
        "<!-- <rss> --><!DOCTYPE rss [<!ENTITY a 'b'>]><!-- ]> -->",
        "<!DOCTYPE rss SYSTEM 'rss.dtd'>",
    ],
)
def test_a_doctype_in_a_comment_costs_nothing(prolog: str) -> None:
    assert (
        len(found_in(f"{prolog}<rss><channel>{ITEM}</channel></rss>".encode(), url=URL, kind=SeedKind.FEED).links) == 1
    )


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("eva.berg@paper.example", ()),
        ("eva.berg@paper.example (Eva Berg)", ("Eva Berg",)),
        ("Eva Berg eva.berg@paper.example", ("Eva Berg",)),
        ("Eva Berg &lt;eva.berg@paper.example&gt;", ("Eva Berg",)),
        ("Eva Berg (eva.berg@paper.example)", ("Eva Berg",)),
        ("Eva Berg - mailto:eva@paper.example", ("Eva Berg",)),
        ("eva.berg [at] paper.example", ()),
        ("eva.berg(at)paper(dot)example", ()),
        ("Eva Berg", ("Eva Berg",)),
    ],
)
def test_a_mail_address_is_no_author(author: str, names: tuple[str, ...]) -> None:
    body = f"<rss><channel>{ITEM.replace('</item>', f'<author>{author}</author></item>')}</channel></rss>"
    (link,) = found_in(body.encode(), url=URL, kind=SeedKind.FEED).links
    assert link.authors == names


@pytest.mark.parametrize(
    "title",
    [
        "Harbour works<script>alert('x')</script>",
        "&lt;script src='a.js'&gt;var a = 1 &lt; 2;&lt;/script&gt;Harbour works",
        "<![CDATA[<style>.a > b { color: red }</style>Harbour <b>works</b>]]>",
        "Harbour works &amp;lt;SCRIPT&amp;gt;steal()&amp;lt;/SCRIPT&amp;gt;",
        "Harbour works &lt;script&gt;never ends",
    ],
)
def test_a_script_in_a_title_is_no_text(title: str) -> None:
    body = f"<rss><channel>{ITEM.replace('Harbour works', title)}</channel></rss>"
    (link,) = found_in(body.encode(), url=URL, kind=SeedKind.FEED).links
    assert link.title == "Harbour works"
