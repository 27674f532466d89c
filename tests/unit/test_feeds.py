"""Feeds -> links. Cases in tests/data/feeds/cases.toml."""

import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.discover.feeds import MAX_ENTRIES
from ingest.errors import SeedUnreadable
from ingest.model import Seed, SeedKind, Source
from tests.unit.seeds import cases, check, found_in

URL = "https://paper.example/feed/"
MIB = 2**20


@pytest.mark.parametrize("case", cases("feeds"), ids=lambda case: case["name"])
def test_feed(case: dict[str, Any]) -> None:
    check(case, url=URL, kind=SeedKind.FEED)


def feed(entries: int, text: str = "") -> bytes:
    """Return an RSS feed of so many entries, each with a text."""
    body = "".join(
        f"<item><title>T{n}</title><link>https://paper.example/a-{n}</link><description>{text}</description></item>"
        for n in range(entries)
    )
    return f"<rss><channel>{body}</channel></rss>".encode()


def test_patterns_of_the_source_let_links_in_and_keep_them_out() -> None:
    source = Source(name="p", url="https://paper.example/", match=("/a-1",), exclude=("-13$",))
    found = found_in(feed(20), url=URL, kind=SeedKind.FEED, source=source)
    assert [link.url.rpartition("/")[2] for link in found.links] == [
        f"a-{n}" for n in (1, 10, 11, 12, 14, 15, 16, 17, 18, 19)
    ]


def test_links_to_a_host_the_source_declares_a_seed_on_are_its_own() -> None:
    seeds = (Seed(url="https://blog.other.example/feed", kind=SeedKind.FEED),)
    source = Source(name="p", url="https://paper.example/", seeds=seeds)
    body = b"<rss><channel><item><link>https://blog.other.example/x</link></item></channel></rss>"
    assert len(found_in(body, url=URL, kind=SeedKind.FEED, source=source).links) == 1
    assert not found_in(body, url=URL, kind=SeedKind.FEED).links


def test_entries_beyond_the_limit_are_reported() -> None:
    found = found_in(feed(MAX_ENTRIES + 1), url=URL, kind=SeedKind.FEED)
    assert len(found.links) == MAX_ENTRIES
    assert found.notes == ("too-many-entries",)


@pytest.mark.parametrize("ending", ["</channel></rss>", "</wrong>"], ids=["well-formed", "ill-formed"])
def test_large_feed_needs_little_memory_beside_its_own_bytes(ending: str) -> None:
    body = feed(500, "word " * 8_000).replace(b"</channel></rss>", ending.encode())
    tracemalloc.start()
    found = found_in(body, url=URL, kind=SeedKind.FEED)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.links) == 500
    assert len(body) > 18 * MIB
    assert peak < 12 * MIB


def test_deep_nesting_and_huge_text_end_at_the_entry() -> None:
    bomb = b"<x>" * 20_000
    body = (
        b"<rss><channel><item><link>https://paper.example/a</link></item><item><link>https://paper.example/b</link>"
        + bomb
        + b"</item><item><title>"
        + b"y" * (12 * MIB)
        + b"</title><link>https://paper.example/c</link></item>"
        b"<item><link>https://paper.example/d</link></item></channel></rss>"
    )
    urls = {link.url for link in found_in(body, url=URL, kind=SeedKind.FEED).links}
    assert {"https://paper.example/a", "https://paper.example/b", "https://paper.example/d"} <= urls


@pytest.mark.parametrize(
    "piece",
    [b"<![CDATA[", b"<!--", b"<?x ", b"<item>", b"<a ", b"</a>", b"<a b='", b"&x", b"<!DOCTYPE [", b"<item><link>"],
)
def test_no_pattern_takes_long_over_what_never_ends(piece: bytes) -> None:
    body = b"<rss><channel><item><link>/a</link></b>" + piece * (2 * MIB // len(piece))
    assert len(found_in(body, url=URL, kind=SeedKind.FEED).links) == 1  # quadratic patterns run into the time limit


FRAGMENTS = st.sampled_from(
    [
        b"<rss>",
        b"<channel>",
        b"<item>",
        b"</item>",
        b"<entry>",
        b"</entry>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'>",
        b"<link>",
        b"</link>",
        b"https://paper.example/a",
        b"<link href='/b'/>",
        b"<title>",
        b"</title>",
        b"<![CDATA[",
        b"]]>",
        b"&",
        b"&nbsp;",
        b"&#0;",
        b"&#xD800;",
        b"<!DOCTYPE",
        b"[",
        b"]>",
        b"<!ENTITY a 'b'>",
        b"&a;",
        b"<?xml version='1.0' encoding='",
        b"utf-16",
        b"utf-7",
        b"idna",
        b"'?>",
        b"<!--",
        b"-->",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x1f\x8b\x08",
        b"{",
        b'"items":[',
        b'{"url":"/x"}',
        b"]}",
        b"<dc:date>",
        b"2026-03-02",
        b"<pubDate>",
        b"Mon, 99 Foo 2026 99:99:99 +9999",
        b"xml:base='http://['",
        b">",
    ]
)


@given(st.lists(FRAGMENTS | st.binary(max_size=6), max_size=30).map(b"".join), st.sampled_from(SeedKind))
def test_any_bytes_give_links_or_are_reported(body: bytes, kind: SeedKind) -> None:
    with suppress(SeedUnreadable):
        for link in found_in(body, url=URL, kind=kind).links:
            assert link.url.startswith("https://paper.example/")


def hosted(share: int, url: str = "https://feeds.example/notes") -> int:
    """Return how many links a source has whose address is a feed; `share` of ten entries lie on one other site."""
    items = "".join(
        f"<item><link>https://{'notes.example' if n < share else f'other{n}.example'}/2026/03/story-{n}</link></item>"
        for n in range(10)
    )
    source = Source(name="notes", url=url)
    body = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()
    return len(found_in(body, url="https://feeds.example/notes", kind=SeedKind.FEED, source=source).links)


def test_articles_of_a_hosted_feed_lie_on_the_site_that_most_entries_name() -> None:
    assert hosted(10) == 10
    assert hosted(8) == 8
    assert hosted(4) == 0  # a collection of links to other sites
    assert hosted(10, url="https://feeds.example/") == 0  # a site whose feed names others' articles
