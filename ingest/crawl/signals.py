"""Scrapy signals of a crawl, beside Scrapy's own: who sends one does not know who listens."""

from __future__ import annotations

links_met = object()  # the store may hold new links of a source; sent with `source`, its name
