"""Section pages -> links with a score, and further listings. Cases in tests/data/sections/cases.toml."""

from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.discover import read
from ingest.errors import SeedUnreadable
from ingest.model import Seed, SeedKind, Source
from ingest.web.urls import normalise
from tests.unit.seeds import PAPER, cases, found_in, page

HOME = "https://paper.example/"


def whole(path: str) -> str:
    """Return the normalised address of a path of the paper."""
    return normalise(urljoin(HOME, path))


@pytest.mark.parametrize("case", cases("sections"), ids=lambda case: case["name"])
def test_section(case: dict[str, Any]) -> None:
    url = case.get("url", HOME)
    body = case["body"].encode(case.get("encoding", "utf-8"))
    seed = Seed(url=url, kind=SeedKind.SECTION)
    if "unreadable" in case:
        with pytest.raises(SeedUnreadable) as caught:
            read(page(body, url), seed, PAPER)
        assert caught.value.reason == case["unreadable"]
        return
    found = read(page(body, url), seed, PAPER)
    scores = {link.url: link.score for link in found.links}
    assert {path for path in case.get("articles", []) if scores.get(whole(path), 0) < 0.5} == set()
    assert {path for path in case.get("others", []) if scores.get(whole(path), 0) >= 0.5} == set()
    assert all(0 <= score <= 1 for score in scores.values())
    assert all(child.depth == 1 for child in found.seeds)
    following = [child.url for child in found.seeds if child.follows]
    assert following == ([whole(case["next"])] if "next" in case else [])
    listings = {child.url for child in found.seeds}
    assert {path for path in case.get("sections", []) if whole(path) not in listings} == set()
    assert {path for path in case.get("never", []) if whole(path) in listings} == set()
    if "links" in case:
        assert len(found.links) == case["links"]
    if "title" in case:
        assert found.links[0].title == case["title"]


def test_link_keeps_its_longest_text_as_title() -> None:
    body = b'<main><a href="/a/old-mill-turns"><img alt="x"></a><a href="/a/old-mill-turns">Old mill turns</a></main>'
    assert found_in(body, url=HOME, kind=SeedKind.SECTION).links[0].title == "Old mill turns"


def test_patterns_of_the_source_choose_links_but_not_listings() -> None:
    source = Source(name="paper", url=HOME, match=("/town/",))
    body = (
        b'<nav><a href="/sport/">Sport</a></nav>'
        b'<h2><a href="/town/bridge-closes-for-repairs">Bridge closes today</a></h2>'
        b'<h2><a href="/sport/rowers-win-regatta">Rowers win the regatta</a></h2>'
    )
    found = found_in(body, url=HOME, kind=SeedKind.SECTION, source=source)
    assert [link.url for link in found.links] == [whole("/town/bridge-closes-for-repairs")]
    assert [seed.url for seed in found.seeds] == [whole("/sport/")]


def test_listings_behind_a_section_are_one_deeper() -> None:
    body = b'<nav><a href="/sport/">Sport</a></nav>'
    found = found_in(body, url=HOME, kind=SeedKind.SECTION, depth=1)
    assert [seed.depth for seed in found.seeds] == [2]


@pytest.mark.parametrize(
    "body", [b"<a href=/x>y" * 30_000, b"<div>" * 30_000 + b"<a href=/x>y</a>", b"<a href='/x-y-z'>" * 20_000]
)
def test_hostile_page_is_read_within_bounds(body: bytes) -> None:
    assert len(found_in(body, url=HOME, kind=SeedKind.SECTION).links) <= 5_000


PARTS = st.sampled_from(
    [
        b"<a href='",
        b"'>",
        b"</a>",
        b"<nav>",
        b"<h2>",
        b"http://[",
        b"//",
        b"/a-b-c",
        b"?page=2",
        b"<base href='http://[::1'>",
        b"<base href='//paper.example:99999'>",
        b"<link rel=next href='x'>",
        b"rel=next ",
        b"<meta charset=utf-7>",
        b"<meta charset='",
        b"\x00",
        b"\xff\xfe",
        b"&#xD800;",
        b"&#0;",
        b"<![CDATA[",
        b"<!--",
        b"<svg><a xlink:href='/x'>",
        b"<template>",
        b"<area href='/x'>",
        b"2",
    ]
)


@given(
    st.lists(PARTS | st.binary(max_size=6), max_size=30).map(b"".join),
    st.sampled_from([None, "text/html; charset=x-user-defined", "text/html; charset=idna", "\x00"]),
)
def test_any_bytes_are_a_section_or_reported(body: bytes, content_type: str | None) -> None:
    with suppress(SeedUnreadable):
        found = read(page(body, HOME, content_type), Seed(url=HOME, kind=SeedKind.SECTION), PAPER)
        assert all(link.url.startswith("http") for link in found.links)
