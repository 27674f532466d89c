"""A feed, sitemap, list or robots.txt passes the gate of what its bytes are, whatever it is called."""

from __future__ import annotations

import gzip
import random
import zlib
from datetime import UTC, datetime

import pytest

from ingest import discover
from ingest.errors import SeedUnreadable
from ingest.fetch.robots_txt.robots_rules import decode, read
from ingest.model import Page, Seed, SeedKind, Source

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RANDOM = random.Random(24).randbytes(20_000)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + RANDOM
NO_SEEDS = {
    "a picture": PNG,
    "a picture, packed": gzip.compress(PNG),
    "a program": b"\x7fELF\x02\x01\x01" + bytes(9) + RANDOM,
    "a document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\nhttps://example.com/a\n" + RANDOM,
    "an archive": b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + RANDOM,
    "random bytes": RANDOM,
    "raw deflate": zlib.compress(b"<rss><channel/></rss>" * 900)[2:-4],
    "gzip that is none": b"\x1f\x8b\x08\x00" + RANDOM,
}


@pytest.mark.parametrize("kind", list(SeedKind))
@pytest.mark.parametrize("name", NO_SEEDS)
def test_bytes_that_are_no_text_are_no_seed(name: str, kind: SeedKind) -> None:
    source = Source(name="news", url="https://example.com/")
    url = "https://example.com/seed"
    headers = (("Content-Type", "application/rss+xml"),)
    page = Page(url=url, final_url=url, source="news", status=200, headers=headers, body=NO_SEEDS[name], fetched_at=NOW)
    with pytest.raises(SeedUnreadable):
        discover.read(page, Seed(url=url, kind=kind), source)


@pytest.mark.parametrize("name", NO_SEEDS)
def test_a_robots_txt_that_is_no_text_has_no_rules(name: str) -> None:
    body = NO_SEEDS[name] + b"\nUser-agent: *\nDisallow: /\n"
    rules = read(decode(body, 500_000))
    assert (rules.rules, rules.text) == ((), "") or name == "raw deflate"
    assert read(decode(b"User-agent: *\nDisallow: /a\n", 500_000)).rules
