"""Documents made of nothing but markup: read within bounds of memory, and reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.discover import feeds, html, stream
from ingest.discover.links import LinkFilter
from ingest.errors import SeedUnreadable
from ingest.model import SeedKind
from tests.unit.seeds import PAPER, found_in, page

URL = "https://paper.example/feed"
MIB = 2**20
MOST_MB = 150  # beside the document's own bytes
LINK = b"<item><link>https://paper.example/a</link></item>"


def filled(before: bytes, piece: bytes, after: bytes, size: int = 20 * MIB) -> bytes:
    return before + piece * ((size - len(before) - len(after)) // len(piece)) + after


def numbered(before: bytes, piece: bytes, after: bytes, count: int) -> bytes:
    return before + b"".join(piece.replace(b"#", b"%d" % number) for number in range(count)) + after


# name -> (kind, the document, "links" or why it cannot be read); made when needed, 20 MB each
FLOODS = {
    "elements in an entry": (
        SeedKind.FEED,
        lambda: filled(b"<rss><item><link>/a</link>", b"<a/>", b"</item></rss>"),
        "bomb",
    ),
    "elements beside entries": (
        SeedKind.FEED,
        lambda: filled(b"<rss><channel>" + LINK, b"<a>x</a>y", b"</channel></rss>"),
        "bomb",
    ),
    "attributes": (
        SeedKind.FEED,
        lambda: filled(b"<rss>", b"<a b='' c='' d='' e='' f='' g=''/>", LINK + b"</rss>"),
        "links",
    ),
    "attributes of one element": (
        SeedKind.FEED,
        lambda: numbered(b"<rss><a ", b"n#='' ", b"/>" + LINK + b"</rss>", 1_500_000),
        "links",
    ),
    "names of elements": (SeedKind.FEED, lambda: numbered(b"<rss>", b"<n#/>", LINK + b"</rss>", 2_000_000), "bomb"),
    "names of attributes": (
        SeedKind.FEED,
        lambda: numbered(b"<rss>", b"<a n#=''/>", LINK + b"</rss>", 1_500_000),
        "bomb",
    ),
    "namespaces": (SeedKind.FEED, lambda: numbered(b"<rss>", b"<a xmlns='u#'/>", LINK + b"</rss>", 1_000_000), "bomb"),
    "nesting": (SeedKind.FEED, lambda: b"<rss>" + LINK + b"<a>" * 3_000_000 + b"</a>" * 2_000_000 + b"</rss>", "links"),
    "nested entries": (
        SeedKind.FEED,
        lambda: b"<rss>" + LINK + b"<item>" * 1_500_000 + b"</item>" * 1_500_000 + b"</rss>",
        "links",
    ),
    "ill-formed elements": (
        SeedKind.FEED,
        lambda: filled(b"<rss>" + LINK + b"</b>", b"<item><a/></item>", b"</rss>"),
        "links",
    ),
    "one text that grows in UTF-8": (
        SeedKind.FEED,
        lambda: filled(
            b"<?xml version='1.0' encoding='latin1'?><rss>" + LINK + b"<item><title>", b"\x80", b"</title></item></rss>"
        ),
        "links",
    ),
    "UTF-16": (
        SeedKind.FEED,
        lambda: ("<?xml version='1.0'?><rss>" + "<a/>" * 2_500_000 + "</rss>").encode("utf-16"),
        "bomb",
    ),
    "empty sitemap entries": (
        SeedKind.SITEMAP,
        lambda: filled(b"<urlset><url><loc>/a</loc></url>", b"<url/>", b"</urlset>", 49 * MIB),
        "links",
    ),
    "elements in a sitemap": (
        SeedKind.SITEMAP,
        lambda: filled(b"<urlset><url>", b"<a/>", b"</url></urlset>", 49 * MIB),
        "bomb",
    ),
    "empty objects": (SeedKind.FEED, lambda: filled(b'{"items":[', b"{},", b"{}]}"), "bomb"),
    "empty lists": (SeedKind.FEED, lambda: filled(b'{"items":[],"x":[', b"[],", b"[]]}"), "bomb"),
    "tags of a page": (
        SeedKind.SECTION,
        lambda: filled(b"<html><a href=/2026/03/02/story-of-a-bridge>The story</a>", b"<p>", b"", 10 * MIB),
        "links",
    ),
    "names of a page": (SeedKind.SECTION, lambda: numbered(b"<html><p>", b"<n#>", b"", 900_000), "page"),
}


def outcome(kind: SeedKind, body: bytes) -> str:
    try:
        found = found_in(body, url=URL, kind=kind)
    except SeedUnreadable as caught:
        return caught.reason
    return "links" if found.links else "page"


def peak_mb() -> float:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_markup_needs_little_memory(name: str) -> None:
    """In a process of its own, whose peak is set back before the reading."""
    kind, make, told = FLOODS[name]
    body = make()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        before = peak_mb()
        came = outcome(kind, body)
        os.write(writer, f"{came} {peak_mb() - before:.0f}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        came, grown = answer.read().decode().split()
    os.waitpid(child, 0)
    assert (came, float(grown) < MOST_MB) == (told, True), f"{came}, {grown} MB"


def test_floods_are_told_from_large_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_ELEMENTS", 1_000)
    monkeypatch.setattr(feeds, "MAX_VALUES", 1_000)
    for body in (
        b"<rss>" + LINK + b"<a/>" * 1_000 + b"</rss>",
        numbered(b"<rss>", b"<n#/>", LINK + b"</rss>", stream.MAX_NAMES + 1),
        numbered(b"<rss></b>", b"<item n#=''/>", b"</rss>", stream.MAX_NAMES + 1),
        b'{"items":[' + b"{}," * 1_000 + b"{}]}",
    ):
        assert outcome(SeedKind.FEED, body) == "bomb"
    assert outcome(SeedKind.FEED, b"<rss>" + LINK + b"<a/>" * 900 + b"</rss>") == "links"
    assert outcome(SeedKind.FEED, numbered(b"<rss>" + LINK, b"<item><a n#=''/></item>", b"</rss>", 200)) == "links"


def test_an_entry_after_thousands_of_other_elements_is_read() -> None:
    beside = b"<x><y>z</y></x>" * (2 * stream.MAX_BESIDE)
    body = b"<rss><channel><language>de</language>" + beside + b"<group>" + LINK + b"</group></channel></rss>"
    (link,) = found_in(body, url=URL, kind=SeedKind.FEED).links
    assert (link.url, link.language) == ("https://paper.example/a", "de")


def test_a_link_behind_an_endless_text_of_its_entry_is_read() -> None:
    body = b"<rss><item><description>" + b"word &lt;b&gt;" * 200_000 + b"</description><link>/a</link></item></rss>"
    assert [link.url for link in found_in(body, url=URL, kind=SeedKind.FEED).links] == ["https://paper.example/a"]


def test_a_page_is_read_as_far_as_a_tree_may_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_TAGS", 10_000)
    tree = html.tree_of(page(b"<p><a href=/x>first</a>" + b"<i></i>" * 20_000))
    assert tree is not None
    assert [anchor.text for anchor in html.anchors(tree, URL, LinkFilter.of(PAPER))] == ["first"]
    assert sum(1 for _ in tree.iter()) < 20_000
