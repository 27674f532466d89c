"""URL keys, cached: a crawl needs the same one at every step of a page."""

from __future__ import annotations

from functools import lru_cache

from ingest.web.urls import key

REMEMBERED = 16_384  # keys: 3 MB; a key costs 0.1 ms, a look-up a thousandth of it


@lru_cache(maxsize=REMEMBERED)
def url_key(url: str) -> str:
    """Return the URL key. Raises UrlError as ingest.web.urls.key does."""
    return key(url)
