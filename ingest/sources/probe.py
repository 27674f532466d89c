"""What to suggest as seeds when only a home page is known: pure functions over its bytes and robots.txt."""

from __future__ import annotations

import re

from lxml import etree

from ingest.errors import UrlError
from ingest.model import Page, Seed, SeedKind
from ingest.web.html_limits import bounded
from ingest.web.urls import host, normalise, same_site

MAX_SEEDS_A_KIND = 10
FEED_TYPES = frozenset(f"application/{kind}" for kind in ("rss+xml", "atom+xml", "rdf+xml", "feed+json", "json+feed"))
# Anchors to feeds where no <link> declares them; also the addresses that site software gives its feeds.
FEED_ADDRESS = re.compile(
    r"/(?:feed|rss|atom|feeds?/all|rss/news|index)(?:\.(?:xml|rss|atom|rdf|json))?/?$|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
# Words of links that lead to a page of feeds, alike in all languages; and of the feeds that stand there.
FEED_WORD = re.compile(r"(?:^|[^a-z])(?:rss|atom|feeds?|xml|syndicat\w*)(?![a-z])", re.IGNORECASE)
LISTED_FEED = re.compile(r"(?:^|[^a-z])(?:rss|atom|feeds?|xml|rdf)(?![a-z])", re.IGNORECASE)
MAX_FEED_PAGES = 2
FEED_FILE = re.compile(r"(?:feed|rss|atom|\.rdf|index\.xml)", re.IGNORECASE)
# Feeds of one article's comments are no source of articles.
COMMENTS = re.compile(r"comment|kommentar|coment|comentar", re.IGNORECASE)
COMMON_FEEDS = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")
COMMON_SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.txt")
ROBOTS_SITEMAP = re.compile(r"^\s*site-?map\s*:\s*(\S+)", re.IGNORECASE)
MAX_ROBOTS_LINES = 20_000


def suggest(home: Page, robots: str | None) -> tuple[Seed, ...]:
    """Return the seeds a site declares: feeds its home page links, sitemaps robots.txt names, the home page itself.

    The home page comes last, as a section: read with `discover.read` it gives the site's sections from its menus.
    What is declared is only believed to be there; nothing is fetched here.
    """
    feeds = _feeds(home)
    sitemaps = _sitemaps(robots, home)
    return (*feeds, *sitemaps, Seed(url=normalise(home.final_url), kind=SeedKind.SECTION))


def feed_pages(home: Page) -> tuple[str, ...]:
    """Return pages of the site that may list its feeds, by the address or the text of a link: "/rss-feeds/", "RSS"."""
    tree = _tree(home)
    found: dict[str, None] = {}
    for anchor in tree.iter("a") if tree is not None else ():
        href = (anchor.get("href") or "").strip()
        said = f"{href} {''.join(map(str, anchor.itertext()))[:100]} {anchor.get('title') or ''}"
        if href and FEED_WORD.search(said) and not COMMENTS.search(said):
            _take(found, href, href, home.final_url, anywhere=False)
    return tuple(found)[:MAX_FEED_PAGES]


def feeds_listed(page: Page) -> tuple[Seed, ...]:
    """Return what a page that lists feeds may mean by them: declared feeds, else links to files of feeds' kinds."""
    tree = _tree(page)
    found = {seed.url: None for seed in _feeds(page)}
    for anchor in tree.iter("a") if tree is not None else ():
        href = (anchor.get("href") or "").strip()
        if LISTED_FEED.search(href):
            _take(found, href, href, page.final_url, anywhere=True)
    return tuple(Seed(url=url, kind=SeedKind.FEED) for url in list(found)[:MAX_SEEDS_A_KIND])


def common_paths(url: str) -> tuple[Seed, ...]:
    """Return where feeds and sitemaps usually are, to try when a site declares none. Raises UrlError."""
    feeds = (Seed(url=normalise(path, url), kind=SeedKind.FEED) for path in COMMON_FEEDS)
    sitemaps = (Seed(url=normalise(path, url), kind=SeedKind.SITEMAP) for path in COMMON_SITEMAPS)
    return (*sitemaps, *feeds)


def name_of(url: str) -> str:
    """Return a name for a source at that address: its host without www. and punctuation TOML would need quotes for."""
    name = host(normalise(url)).removeprefix("www.")
    return re.sub(r"[^a-z0-9-]+", "-", name).strip("-")[:64] or "source"


def _feeds(home: Page) -> tuple[Seed, ...]:
    tree = _tree(home)
    if tree is None:
        return ()
    base = home.final_url
    found: dict[str, None] = {}
    for link in tree.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in (link.get("rel") or "").lower().split() and kind in FEED_TYPES:
            _take(found, link.get("href"), f"{link.get('title') or ''} {link.get('href') or ''}", base, anywhere=True)
    if not found:
        for anchor in tree.iter("a"):
            href = anchor.get("href") or ""
            if FEED_ADDRESS.search(href.partition("?")[0]) and FEED_FILE.search(href):
                _take(found, href, href, base, anywhere=False)
    return tuple(Seed(url=url, kind=SeedKind.FEED) for url in list(found)[:MAX_SEEDS_A_KIND])


def _take(found: dict[str, None], href: str | None, said: str, base: str, *, anywhere: bool) -> None:
    """Note a feed's address unless it is one of comments; a feed host elsewhere only if the site declares it."""
    if not href or COMMENTS.search(said):
        return
    try:
        url = normalise(href.strip(), base)
        if anywhere or same_site(url, base):
            found.setdefault(url)
    except UrlError:
        return


def _sitemaps(robots: str | None, home: Page) -> tuple[Seed, ...]:
    found: dict[str, None] = {}
    for line in (robots or "").splitlines()[:MAX_ROBOTS_LINES]:
        if match := ROBOTS_SITEMAP.match(line.lstrip("\ufeff")):
            try:
                url = normalise(match.group(1), home.final_url)
                if same_site(url, home.final_url):
                    found.setdefault(url)
            except UrlError:
                continue
    return tuple(Seed(url=url, kind=SeedKind.SITEMAP) for url in list(found)[:MAX_SEEDS_A_KIND])


def _tree(page: Page) -> etree._Element | None:
    """Parse the home page; the charset does not matter for addresses."""
    data = page.body.replace(b"\0", b"")
    if not data.strip():
        return None
    try:
        return etree.fromstring(bounded(data), etree.HTMLParser(no_network=True, remove_comments=True))
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
