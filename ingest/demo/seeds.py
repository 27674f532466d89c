"""The documents a machine asks the demo site for: feed, sitemaps, robots.txt."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import format_datetime
from xml.sax.saxutils import escape

from ingest.demo.articles import SECTIONS, DemoArticle
from ingest.demo.pages import NAME, TAG

FEED_ENTRIES = 8  # fewer than there are articles, as with real feeds: the rest is found elsewhere
SITEMAP_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def feed(articles: tuple[DemoArticle, ...], base: str) -> str:
    """Return the RSS feed of the newest articles; links carry the tracking parameters feeds tend to carry."""
    entries = "".join(
        f"<item><title>{escape(article.title)}</title>"
        f"<link>{base}{article.path}?utm_source=feed&amp;utm_medium=rss</link>"
        f'<guid isPermaLink="false">courier-{article.number}</guid>'
        f"<dc:creator>{escape(', '.join(article.authors))}</dc:creator>"
        f"<pubDate>{format_datetime(article.published)}</pubDate>"
        f"<description>{escape(article.standfirst)}</description></item>\n"
        for article in articles[:FEED_ENTRIES]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{NAME}</title><link>{base}/</link><description>News from Tarnwick</description>"
        "<language>en</language>\n"
        f"{entries}</channel></rss>\n"
    )


def sitemap_index(articles: tuple[DemoArticle, ...], base: str) -> str:
    """Return the index that robots.txt names."""
    newest = max(article.modified for article in articles).isoformat()
    parts = "".join(
        f"<sitemap><loc>{base}/sitemap-{name}.xml</loc><lastmod>{newest}</lastmod></sitemap>\n"
        for name in ("articles", "pages")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{SITEMAP_NAMESPACE}">\n{parts}</sitemapindex>\n'
    )


def article_sitemap(articles: tuple[DemoArticle, ...], base: str) -> str:
    """Return the sitemap of all articles."""
    return _sitemap((base + article.path, article.modified.isoformat()) for article in articles)


def page_sitemap(articles: tuple[DemoArticle, ...], base: str) -> str:
    """Return the sitemap of what is no article: it is in the nature of sitemaps to list that too."""
    newest = max(article.modified for article in articles).isoformat()
    paths = ("/", *(f"/{section}" for section in SECTIONS), f"/tags/{TAG}", "/about")
    return _sitemap((base + path, newest) for path in paths)


def robots(base: str) -> str:
    """Return robots.txt."""
    return f"User-agent: *\nDisallow: /search\nDisallow: /share\nDisallow: /support\n\nSitemap: {base}/sitemap.xml\n"


def _sitemap(entries: Iterable[tuple[str, str]]) -> str:
    urls = "".join(f"<url><loc>{escape(url)}</loc><lastmod>{lastmod}</lastmod></url>\n" for url, lastmod in entries)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP_NAMESPACE}">\n{urls}</urlset>\n'
