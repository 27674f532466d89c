"""URL keys, cached: a crawl needs the same one at every step of a page."""

from __future__ import annotations

from functools import lru_cache

from ingest.errors import UrlError
from ingest.web.urls import key

REMEMBERED = 16_384  # keys: 3 MB; a key costs 0.1 ms, a look-up a thousandth of it


@lru_cache(maxsize=REMEMBERED)
def url_key(url: str) -> str:
    """Return the URL key. Raises UrlError as ingest.web.urls.key does."""
    return key(url)


def key_or_none(url: str | None) -> str | None:
    """Return the URL key, None for no URL and for one that cannot be read: sites write anything into their pages."""
    try:
        return None if url is None else url_key(url)
    except UrlError:
        return None
