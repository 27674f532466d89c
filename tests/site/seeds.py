"""What a machine asks a loopback site for: robots.txt, feeds, sitemaps."""

from __future__ import annotations

import gzip
import json
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.site.sites import Site, SiteArticle
from tests.site.writing import texts

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'

Answer = tuple[str, bytes]  # media type, body


def robots(site: Site, base: str) -> Answer:
    lines = ["User-agent: *", "Disallow: /private/", "Disallow: /search"]
    if site.crawl_delay is not None:
        lines.append(f"Crawl-delay: {site.crawl_delay}")
    if site.sitemap and site.sitemap_in_robots:
        lines.append(f"Sitemap: {base}/{_front(site)}")
    return "text/plain", "\n".join([*lines, ""]).encode()


def documents(site: Site, day: int, base: str) -> dict[str, Answer]:
    """Return the feed and the sitemaps of a day, by path."""
    articles = site.on(day)
    found: dict[str, Answer] = {}
    match site.feed:
        case "rss":
            found["/feed"] = ("application/rss+xml", _rss(site, articles, day, base))
        case "atom":
            found["/feed"] = ("application/atom+xml", _atom(site, articles, day, base))
        case "json":
            found["/feed"] = ("application/feed+json", _json_feed(site, articles, day, base))
    urls = [_entry(base + one.path, one, day, site) for one in articles]
    match site.sitemap:
        case "plain":
            listings = [f"<url><loc>{base}{path}</loc></url>" for path in ("/", "/s1", "/about")]
            found["/sitemap.xml"] = ("application/xml", _urlset([*urls, *listings]))
        case "news":
            found["/sitemap.xml"] = ("application/xml", _urlset(urls))
        case "gzip":
            found["/sitemap.xml.gz"] = ("application/gzip", gzip.compress(_urlset(urls), mtime=0))
        case "index":
            half = len(urls) // 2
            found["/sitemap-1.xml"] = ("application/xml", _urlset(urls[:half]))
            found["/sitemap-2.xml"] = ("application/xml", _urlset(urls[half:]))
            parts = "".join(f"<sitemap><loc>{base}/sitemap-{part}.xml</loc></sitemap>" for part in (1, 2))
            index = f"{XML}<sitemapindex {NAMESPACE}>{parts}</sitemapindex>"
            found["/sitemap.xml"] = ("application/xml", index.encode())
    return found


def _front(site: Site) -> str:
    return "sitemap.xml.gz" if site.sitemap == "gzip" else "sitemap.xml"


def _entry(url: str, article: SiteArticle, day: int, site: Site) -> str:
    news = ""
    if site.sitemap == "news":
        news = (
            f"<news:news><news:publication><news:name>{escape(texts(site.language).name)}</news:name>"
            f"<news:language>{site.language}</news:language></news:publication>"
            f"<news:publication_date>{article.published.isoformat()}</news:publication_date>"
            f"<news:title>{escape(article.words_on(day).title)}</news:title></news:news>"
        )
    return f"<url><loc>{url}</loc><lastmod>{article.modified_on(day).isoformat()}</lastmod>{news}</url>"


def _urlset(entries: list[str]) -> bytes:
    return (f"{XML}<urlset {NAMESPACE} {NEWS}>\n" + "\n".join(entries) + "\n</urlset>").encode()


def _rss(site: Site, articles: tuple[SiteArticle, ...], day: int, base: str) -> bytes:
    entries = "\n".join(
        f"<item><title>{escape(one.words_on(day).title)}</title><link>{base}{one.path}?utm_source=rss</link>"
        f"<guid>{site.key}-{one.number}</guid><pubDate>{format_datetime(one.published)}</pubDate></item>"
        for one in articles[: site.feed_entries]
    )
    name = escape(texts(site.language).name)
    head = f'{XML}<rss version="2.0"><channel><title>{name}</title><link>{base}/</link>\n'
    return f"{head}{entries}</channel></rss>".encode()


def _atom(site: Site, articles: tuple[SiteArticle, ...], day: int, base: str) -> bytes:
    entries = "\n".join(
        f'<entry><title>{escape(one.words_on(day).title)}</title><link href="{base}{one.path}"/>'
        f"<id>{base}{one.path}</id><published>{one.published.isoformat()}</published>"
        f"<updated>{one.modified_on(day).isoformat()}</updated></entry>"
        for one in articles[: site.feed_entries]
    )
    newest = max(one.modified_on(day) for one in articles).isoformat()
    name = escape(texts(site.language).name)
    return (
        f'{XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.language}"><title>{name}</title>'
        f"<id>{base}/</id><updated>{newest}</updated>\n{entries}</feed>"
    ).encode()


def _json_feed(site: Site, articles: tuple[SiteArticle, ...], day: int, base: str) -> bytes:
    items = [
        {
            "id": f"{site.key}-{one.number}",
            "url": base + one.path,
            "title": one.words_on(day).title,
            "date_published": one.published.isoformat(),
        }
        for one in articles[: site.feed_entries]
    ]
    name = texts(site.language).name
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": name, "home_page_url": base + "/", "items": items}
    ).encode()
