"""The readers of what servers send, each as a function of any bytes: it returns, or raises what it says it raises.

Anything else that comes out is a fault of ours. `SEEDS` are what mutations begin with.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from ingest import discover
from ingest.errors import SeedUnreadable, SourceError, UrlError
from ingest.extract.html import jsonld
from ingest.extract.html.tree import parse_bytes
from ingest.fetch import delays
from ingest.fetch.reasons import NotFetched
from ingest.fetch.redirects import target_of
from ingest.fetch.robots_txt import robots_rules
from ingest.model import Page, Seed, SeedKind, Source
from ingest.sources import suggest
from ingest.sources.opml import read_opml
from ingest.steps import ExtractionTask, extract_here, strip_and_screen
from ingest.text.dates.reader import read
from ingest.text.normalize import normalise as normal_text
from ingest.web.charset import charset
from ingest.web.decoding import decode as unpack
from ingest.web.gunzip import UndecodableError
from ingest.web.urls import complete, identity_form, normalise, polite_unit
from tests.fuzz import archives

URL = "https://paper.example/a/"
NOW = datetime(2026, 3, 6, tzinfo=UTC)
PAPER = Source(name="paper", url="https://paper.example/")


def page(body: bytes, content_type: str = "text/html") -> Page:
    headers = (("Content-Type", content_type),)
    return Page(url=URL, final_url=URL, source="paper", status=200, headers=headers, body=body, fetched_at=NOW)


def seed_of(kind: SeedKind) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with suppress(SeedUnreadable):
            for link in discover.read(page(data, "text/xml"), Seed(url=URL, kind=kind), PAPER).links:
                assert link.url.partition("://")[2].startswith("paper.example"), link.url
                assert not link.title or normal_text(link.title) == link.title

    return read


def robots(data: bytes) -> None:
    read = robots_rules.read(robots_rules.decode(data, 512 * 1024))
    path = data[-40:].decode("latin-1")
    assert read.allows(f"https://paper.example/{path}") in (True, False)
    assert read.allows("https://paper.example/robots.txt")
    assert read.crawl_delay_s is None or read.crawl_delay_s >= 0


def url(data: bytes) -> None:
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    text, _, base = text.partition("\n")
    with suppress(UrlError):
        complete(text)
    with suppress(UrlError):
        once = normalise(text, base or None)
        assert normalise(once) == once
        assert once.isascii()
        assert "@" not in once.split("/")[2], once
        polite_unit(once)
        identity_form(once)


def location(data: bytes) -> None:
    with suppress(NotFetched):
        assert target_of(URL, data).startswith(("http://", "https://"))


def retry_after(data: bytes) -> None:
    seconds = delays.retry_after_s(data.decode("latin-1"), NOW)
    assert seconds is None or seconds >= 0


def moment(data: bytes) -> None:
    read(data.decode("utf-8", "replace"))


def opml(data: bytes) -> None:
    with suppress(SourceError):
        read_opml(data)


def packed(data: bytes) -> None:
    names = ("gzip", "deflate", "br", "zstd", "gzip,gzip", "identity")
    with suppress(UndecodableError):
        name = names[data[0] % len(names)] if data else ""
        assert len(unpack(data[1:], name.split(","), max_bytes=100_000)) <= 100_000


def html(data: bytes) -> None:
    content_type = data[:40].decode("latin-1")
    charset(data, content_type)
    parse_bytes(data, content_type=content_type)
    suggest(page(data, content_type), None)


def article(data: bytes) -> None:
    """A whole page, as `ingest clean` reads it."""
    head, _, body = data.partition(b"\n")
    made = extract_here(ExtractionTask(page=page(body, head.decode("latin-1")), source=PAPER))
    strip_and_screen(made, min_words=3)
    for block in made.blocks:
        assert "\0" not in block.text
        block.text.encode()  # no lone surrogates
    assert "<script" not in (made.title or ""), made.title
    assert made.published is None or made.published.iso()


def json_ld(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    values = jsonld.loads(text)
    jsonld.by_id(values)
    for node in jsonld.nodes(values):
        jsonld.types(node)
        for value in node.values():
            jsonld.text(value)
            jsonld.strings(value)


def text(data: bytes) -> None:
    once = normal_text(data.decode("utf-16-le", "surrogatepass") if len(data) % 2 == 0 else data.decode("latin-1"))
    assert normal_text(once) == once
    once.encode()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "feed": seed_of(SeedKind.FEED),
    "sitemap": seed_of(SeedKind.SITEMAP),
    "section": seed_of(SeedKind.SECTION),
    "list": seed_of(SeedKind.LIST),
    "robots": robots,
    "url": url,
    "location": location,
    "retry-after": retry_after,
    "date": moment,
    "opml": opml,
    "packed": packed,
    "html": html,
    "article": article,
    "json-ld": json_ld,
    "text": text,
    **archives.TARGETS,
}

FEED = b"""<?xml version="1.0" encoding="utf-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><language>en
</language><item xml:base="b/"><title>A &amp; <![CDATA[<b>B</b>]]></title><link>/2026/03/a-b-c</link><dc:date>2026-03-02
</dc:date><guid isPermaLink="false">7</guid><author>a@b.c (Ann)</author></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><entry><link href="/x" rel="alternate"
type="text/html"/><title type="xhtml"><div><b>x</b></div></title><updated>2026-03-02T10:00:00+01:00
</updated></entry></feed>"""
JSON_FEED = b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"/a","authors":[{"name":"A"}]}]}'
SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://paper.example/a</loc><lastmod>
2026-03-02</lastmod></url></urlset>"""
INDEX = b"<!DOCTYPE x [<!ENTITY a 'b'>]><sitemapindex><sitemap><loc>/s-2.xml</loc></sitemap></sitemapindex>"
SECTION = b"""<!doctype html><meta charset="shift_jis"><base href="/b/"><body><nav><a href="/c">C</a></nav><main><h2>
<a href="2026/03/02/a-long-story">A long story about it</a></h2></main><link rel="alternate" type="application/rss+xml"
href="/f">"""
ARTICLE = b"""text/html
<!doctype html><html lang=en><head><title>The mill ground corn | Paper</title><meta name=author content="Ann Field">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"The mill","author":[{"name":"Ann Field"}],
"datePublished":"2026-03-02T10:00:00+01:00","articleBody":"The mill by the river ground corn."}</script>
<meta property="article:published_time" content="2026-03-02"><link rel=canonical href="/a"></head><body><nav><ul><li>
<a href="/b">B</a></ul></nav><article><h1>The mill ground corn</h1><p class="byline">By <a rel=author href=/f>Ann
Field</a> <time datetime="2026-03-02">2 March 2026</time><p>BERLIN (dpa) - The mill by the river ground seven sacks of
corn for the town, and nobody was there to see it.</p><figure><img src="/i.jpg" srcset="/i.jpg 2x" alt=i><figcaption>
A mill</figcaption></figure><blockquote><p>It ground &amp; ground &#8211; again.</p></blockquote><table><tr><th>a<td>b
</table><pre>x  y</pre>
<ul><li>one<li>two<ol><li>three</ol></ul><a href="?page=2" rel=next>2</a></article><aside>Sign up for it</aside>"""
OLD_PAGE = b"""<html><meta http-equiv=content-type content="text/html; charset=windows-1251"><body><center><font size=5>
\xd0\x9c\xd0\xbb\xd1\x8b\xd0\xbd</font><br>2. M\xc3\xa4rz 2026, Von Anna Feld<br><br>The first line of it is long
enough to be a paragraph of text<br><br>and the second one as well, so that both are kept by whoever reads.</center>"""
SEEDS: dict[str, tuple[bytes, ...]] = {
    "feed": (FEED, ATOM, JSON_FEED, FEED.decode().encode("utf-16")),
    "sitemap": (SITEMAP, INDEX, b"https://paper.example/a\nhttps://paper.example/b\n"),
    "section": (SECTION,),
    "list": (b"https://paper.example/a\n# no\n/b\n",),
    "robots": (
        b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a*b$\rAllow: /%C3%a9?x=1\n\nCrawl-delay: 2.5\nSitemap: /s.xml # s",
    ),
    "url": (
        b"https://u:p@www.Ex%41mple.com:0443/a/../%7e;jsessionid=1?utm_source=a&b=%zz#c\nhttp://[::ffff:1.2.3.4]/x",
        "http://\u2460\u2461.0.0.1\\x\ty/é?sid=0123456789abcdef0".encode(),
    ),
    "location": (b"//[::1]:80/\\x?\xe9#y", b"http://u:p@x.test/a b"),
    "retry-after": (b"120.5", b"Fri, 31 Dec 9999 23:59:59 GMT"),
    "date": (b"Mon, 02 Mar 2026 10:00:00 -2359", b"2026-03-02T10:00:00.123456789+14:00", b"20260302"),
    "opml": (
        b'<opml><body><outline text="a"><outline xmlUrl="http://x.test/f" htmlUrl="http://x.test"/></outline></body></opml>',
    ),
    "packed": (
        b"\0\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K\x04\x00C\xbe\xb7\xe8\x01\x00\x00\x00",
        b"\1x\x9cK\x04\x00\x00b\x00b",
        b"\2\x0b\x00\x80a\x03",
        b"\3(\xb5/\xfd \x01\t\x00\x00a",
    ),
    "html": (SECTION, b"text/html; charset=utf-16le\0<p>a", b"<meta content='text/html; charset=x-sjis'>\x83\x40"),
    "article": (
        ARTICLE,
        b"text/html; charset=utf-8\n" + OLD_PAGE,
        b"\n\xff\xfe" + OLD_PAGE.decode().encode("utf-16-le"),
    ),
    "json-ld": (
        b'{"@context":"x","@graph":[{"@type":["NewsArticle"],"@id":"#a","author":{"@id":"#b"},"headline":"\\ud83d"},]}',
        b'<!-- {"a": "b "c" d",\n "e": [1e999, {"@id":"#a"}]} //-->',
    ),
    "text": ("e\u0301\u202e\U0001f468\u200d\ufeff".encode("utf-16-le"),),
    **archives.SEEDS,
}
