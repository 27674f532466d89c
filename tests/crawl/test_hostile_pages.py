"""Pages and seeds that are made to hurt, beside a healthy article: each costs itself, is told, and leaves no harm."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.fetch.server import Answer, Exchange, Server, serving

SENTENCE = (
    "The town council met on Tuesday evening to talk about bridge number {n}, which has been closed for repairs. "
)
MIB = 2**20
DAY = "/2026/03/02"
LIMITS = {"INGEST_REQUEST_TIMEOUT_S": "15", "INGEST_RETRIES": "0", "INGEST_ALLOW_NETWORKS": "127.3.0.0/16"}


def text(number: int = 0) -> str:
    return "".join(f"<p>{SENTENCE.format(n=f'{number}-{part}') * 3}</p>" for part in range(5))


def page(head: str = "", body: str = "", number: int = 0, title: str = "") -> bytes:
    heading = title or f"The story of bridge {number}"
    made = f"<!doctype html><html lang=en><head><title>{heading}</title>{head}</head><body><article><h1>{heading}</h1>"
    return (made + text(number) + body + "</article></body></html>").encode("utf-8", "surrogatepass")


def json_ld(inner: str) -> str:
    return f'<script type="application/ld+json">{inner}</script>'


def redirected(target: str) -> Answer:
    return lambda exchange: exchange.redirect(target)


def typed(content_type: str, body: bytes) -> Answer:
    return lambda exchange: exchange.page(body, "200 OK", f"Content-Type: {content_type}")


def refresh(exchange: Exchange) -> None:
    here = exchange.asked.path
    exchange.page(page(f'<meta http-equiv=refresh content="0; url={here}"><meta http-equiv=refresh content="0;/x">'))


NEWS = '{"@context":"https://schema.org","@type":"NewsArticle","headline":"%s","datePublished":"%s"}'
# what is wrong -> the page; "" when it must be stored, else outcome words that will do
PAGES: dict[str, tuple[Callable[[int], Answer | bytes], str]] = {
    "JSON-LD of 100,000 levels": (lambda n: page(json_ld("[" * 100_000 + "]" * 100_000), number=n), ""),
    "JSON-LD of 9 MB": (lambda n: page(json_ld('{"a":"' + "x" * 9 * MIB + '"}'), number=n), ""),
    "JSON-LD of a million keys": (lambda n: page(json_ld("{" + '"k":1,' * 10**6 + '"z":1}'), number=n), ""),
    "JSON-LD that refers to itself": (
        lambda n: page(json_ld('{"@graph":[{"@id":"#a","author":{"@id":"#a"},"@type":"NewsArticle"}]}'), number=n),
        "",
    ),
    "a date of the year 99999": (lambda n: page(json_ld(NEWS % ("A", "99999-01-01T00:00:00Z")), number=n), ""),
    "a date before the calendar": (
        lambda n: page("<meta property=article:published_time content='-0001-13-45T99:99:99+99:99'>", number=n),
        "",
    ),
    "a date of a thousand digits": (lambda n: page(f"<meta name=date content='{'9' * 1000}'>", number=n), ""),
    "lone surrogates and NULs": (
        lambda n: page(json_ld(NEWS % ("\\ud83d\\u0000 x", "2026-03-02")), "<p>&#xD83D;&#0;\0 end</p>", number=n),
        "",
    ),
    "canonical at an inner address": (
        lambda n: page("<link rel=canonical href=http://169.254.169.254/latest/>", number=n),
        "",
    ),
    "canonical and AMP of other schemes": (
        lambda n: page(
            "<link rel=canonical href=file:///etc/passwd><link rel=amphtml href=data:text/html,x>", number=n
        ),
        "",
    ),
    "canonical of 100 kB": (lambda n: page(f"<link rel=canonical href='/{'a' * 100_000}'>", number=n), ""),
    "a base that leads away": (lambda n: page("<base href='http://[::1]:22/'><base href='//x'>", number=n), ""),
    "a refresh to itself, for ever": (lambda n: refresh, "any"),
    "a title of a megabyte": (lambda n: page(number=n, title="Word " * 200_000), "any"),
    "a title of markup": (lambda n: page(number=n, title="&lt;script>alert(1)&lt;/script> The bridge"), ""),
    "100,000 levels of boxes": (lambda n: page(body="<div>" * 100_000, number=n), "any"),
    "a million open tags": (lambda n: page(body="<b>" * 10**6, number=n), "any"),
    "a tag of a million attributes": (
        lambda n: page(body="<p " + " ".join(f"a{i}=1" for i in range(10**6)) + ">", number=n),
        "any",
    ),
    "9 MB of one word": (lambda n: page(body="<p>" + "w" * 9 * MIB + "</p>", number=n), "any"),
    "9 MB of entities": (lambda n: page(body="<p>" + "&amp;" * (9 * MIB // 5) + "</p>", number=n), "any"),
    "9 MB of combining marks": (lambda n: page(body="<p>a" + "\u0301" * (4 * MIB) + "</p>", number=n), "any"),
    "tables in tables in tables": (lambda n: page(body="<table><tr><td>" * 5_000 + "x", number=n), "any"),
    "a comment, a CDATA section and a script without end": (
        lambda n: page(body="<script>//<!-- <![CDATA[", number=n),
        "",
    ),
    "charset zlib": (lambda n: typed("text/html; charset=zlib", page(number=n)), ""),
    "charset punycode": (lambda n: typed("text/html; charset=punycode", page(body="<p>" + "x" * MIB, number=n)), "any"),
    "charset unicode_escape": (lambda n: typed("text/html; charset=unicode_escape", page(number=n)), ""),
    "charset of 10,000 characters": (lambda n: typed("text/html; charset=" + "u" * 10_000, page(number=n)), ""),
    "UTF-7": (lambda n: typed("text/html; charset=utf-7", page(body="<p>+ADw-script+AD4-alert(1)", number=n)), ""),
    "a picture that says it is a page": (
        lambda n: typed("text/html", b"\x89PNG\r\n\x1a\n" + b"\0\xff" * 50_000),
        "any",
    ),
    "a page that says it is a picture": (lambda n: typed("image/png", page(number=n)), "any"),
    "a PDF": (lambda n: typed("text/html", b"%PDF-1.7\n" + b"stream " * 10_000), "any"),
    "an XML bomb as a page": (
        lambda n: typed(
            "application/xhtml+xml",
            b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'lol'>"
            + b"".join(b"<!ENTITY a%d '%s'>" % (i, b"&a%d;" % (i - 1) * 10 if i else b"&a;") for i in range(20))
            + b"]><html><body><p>&a19;</p></body></html>",
        ),
        "any",
    ),
}


def feeds(host: str) -> dict[str, bytes | Answer]:
    """Seeds that are made to hurt; none but the last two names a page."""
    loop = b"".join(b"<sitemap><loc>/loop/%d.xml</loc></sitemap>" % n for n in range(5))
    schemes = ("file:///etc/passwd", "data:text/html,x", "javascript:alert(1)", "http://169.254.169.254/", "ftp://x/y")
    items = "".join(f"<item><link>{target}</link></item>" for target in (*schemes, "/" + "a" * 100_000, "http://[::1"))
    external = f'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss><item><link>/{host}&e;</link></item></rss>'
    return {
        "/feed-of-schemes": f"<rss><channel>{items}</channel></rss>".encode(),
        "/feed-of-entities": external.encode(),
        "/feed-of-dates": b"<rss><item><link>/x</link><pubDate>Fri, 31 Dec 99999 23:59:59 +9999</pubDate></item></rss>",
        "/feed-that-is-binary": bytes(range(256)) * 4_000,
        **{f"/loop/{n}.xml": b"<sitemapindex>" + loop + b"</sitemapindex>" for n in range(5)},
    }


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_each_hostile_page_costs_itself_and_healthy_ones_are_stored(home: Path, run_ingest: RunIngest) -> None:
    server = Server("127.3.8.1")
    paths = {f"{DAY}/story-of-the-bridge-{number}": name for number, name in enumerate(PAGES)}
    for number, (path, name) in enumerate(paths.items()):
        server.pages[path] = PAGES[name][0](number)
    healthy = [f"{DAY}/healthy-story-of-the-harbour-{number}" for number in range(5)]
    server.pages |= {path: page(number=900 + number) for number, path in enumerate(healthy)}
    links = "".join(f"<item><link>{path}</link></item>" for path in (*paths, *healthy))
    server.pages["/feed"] = f"<rss><channel>{links}</channel></rss>"
    server.pages |= feeds("x")
    home.mkdir(exist_ok=True)
    with serving(server):
        hostile = [f"{server.url}{path}" for path in server.pages if path.startswith("/feed-")]
        declared = {"feeds": [f"{server.url}/feed", *hostile], "sitemaps": [f"{server.url}/loop/0.xml"]}
        lines = "".join(f"{kind} = {json.dumps(urls)}\n" for kind, urls in declared.items())
        (home / "sources.toml").write_text(f'[sources.evil]\nurl = "{server.url}/"\n{lines}', "utf-8")
        run = run_ingest("run", "-vv", env={**LIMITS, "INGEST_WORKERS": "2"}, timeout_s=350)
    assert run.code in (0, 3), run.stderr[-2000:]
    assert "Traceback" not in run.stderr
    ended = {path: outcome for outcome, path in re.findall(r"outcome=(\w+).*?url=http://[^/]+(/\S+)", run.stderr)}
    assert {path: ended.get(path) for path in healthy} == dict.fromkeys(healthy, "stored")
    wrong = {
        name: ended.get(path, "no outcome")
        for path, name in paths.items()
        if ended.get(path) not in (("stored",) if not PAGES[name][1] else ("stored", "screened", "failed", "duplicate"))
    }
    assert wrong == {}
    assert sum(path.startswith("/loop/") for path in server.asked()) <= 5
    assert set(server.asked()) <= set(server.pages) | {"/sitemap.xml", "/", "/x"}
    exported = run_ingest("export", "-f", "jsonl")
    rows = exported.json_lines
    assert "root:" not in exported.stdout
    assert [row["canonical_url"] for row in rows if not row["canonical_url"].startswith(server.url)] == []
    assert [row for row in rows if row["published"] and not "2000" < row["published"] < "2027"] == []
