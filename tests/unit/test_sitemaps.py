"""Sitemaps -> links and further sitemaps. Cases in tests/data/sitemaps/cases.toml."""

import gzip
import socket
import tracemalloc
import zlib
from contextlib import closing
from typing import Any

import pytest

from ingest.discover.bytes import MAX_UNPACKED_BYTES
from ingest.discover.sitemaps import MAX_INDEX_DEPTH, MAX_URLS
from ingest.errors import SeedUnreadable
from ingest.model import SeedKind
from tests.unit.seeds import cases, check, found_in

URL = "https://paper.example/sitemap.xml"
MIB = 2**20
XINCLUDE = "http://www.w3.org/2001/XInclude"


@pytest.mark.parametrize("case", cases("sitemaps"), ids=lambda case: case["name"])
def test_sitemap(case: dict[str, Any]) -> None:
    check(case, url=URL, kind=SeedKind.SITEMAP)


def sitemap(urls: int) -> bytes:
    """Return a sitemap of so many pages."""
    body = "".join(f"<url><loc>https://paper.example/town/story-number-{n}</loc></url>" for n in range(urls))
    return f"<urlset>{body}</urlset>".encode()


def test_urls_beyond_the_limit_are_reported() -> None:
    found = found_in(sitemap(MAX_URLS + 10), url=URL, kind=SeedKind.SITEMAP)
    assert len(found.links) == MAX_URLS
    assert found.notes == ("too-many-urls",)


def test_index_below_the_deepest_level_gives_nothing_more() -> None:
    body = b"<sitemapindex><sitemap><loc>https://paper.example/s.xml</loc></sitemap></sitemapindex>"
    above = found_in(body, url=URL, kind=SeedKind.SITEMAP, depth=MAX_INDEX_DEPTH - 1)
    assert [seed.depth for seed in above.seeds] == [MAX_INDEX_DEPTH]
    below = found_in(body, url=URL, kind=SeedKind.SITEMAP, depth=MAX_INDEX_DEPTH)
    assert below.seeds == ()
    assert below.notes == ("index-too-deep",)


def test_gzip_that_is_cut_off_keeps_its_beginning_and_is_reported() -> None:
    packed = gzip.compress(sitemap(5_000))
    found = found_in(packed[: len(packed) // 2], url=URL, kind=SeedKind.SITEMAP)
    assert 1_000 < len(found.links) < 5_000
    assert found.notes == ("cut-off",)


def test_gzip_of_several_members_is_read_whole() -> None:
    body = sitemap(10)
    packed = gzip.compress(body[:200]) + gzip.compress(body[200:])
    assert len(found_in(packed, url=URL, kind=SeedKind.SITEMAP).links) == 10


def test_gzip_bomb_is_refused_before_it_unpacks() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * (40 * MIB))
    tracemalloc.start()
    with pytest.raises(SeedUnreadable) as caught:
        found_in(bomb, url=URL, kind=SeedKind.SITEMAP)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.reason == "bomb"
    assert peak < 12 * MIB


def test_more_than_a_sitemap_may_hold_is_refused() -> None:
    packer = zlib.compressobj(level=0, wbits=31)
    packed = packer.compress(b"x" * (MAX_UNPACKED_BYTES + 1)) + packer.flush()
    with pytest.raises(SeedUnreadable) as caught:
        found_in(packed, url=URL, kind=SeedKind.SITEMAP)
    assert caught.value.reason == "too-large"


def test_document_type_is_never_fetched() -> None:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        place = f"http://127.0.0.1:{server.getsockname()[1]}/x.dtd"
        for body in (
            f'<!DOCTYPE urlset SYSTEM "{place}"><urlset><url><loc>/a</loc></url></urlset>',
            f'<!DOCTYPE u [<!ENTITY % e SYSTEM "{place}">%e;]><urlset><url><loc>/a</loc></url></urlset>',
            f'<!DOCTYPE u [<!ENTITY e SYSTEM "{place}">]><urlset><url><loc>/a&e;</loc></url></urlset>',
            f'<urlset xmlns:i="{XINCLUDE}"><url><loc>/a</loc><i:include href="{place}"/></url></urlset>',
        ):
            assert len(found_in(body.encode(), url=URL, kind=SeedKind.SITEMAP).links) == 1
        with pytest.raises(TimeoutError):
            server.accept()
