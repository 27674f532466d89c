"""OPML in and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import SourceError
from ingest.model import Seed, SeedKind, Source
from ingest.sources import load, read_opml, unknown, write_all, write_opml

OPML = b"""<?xml version="1.0"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="News">
  <outline type="rss" text="Paper" xmlUrl="https://paper.example/feed?a=1&amp;b=2" htmlUrl="https://paper.example/"/>
  <outline type="rss" text="Paper, sport" xmlUrl="https://paper.example/sport/feed" htmlUrl="https://paper.example/"/>
  <outline type="rss" text="No home" xmlUrl="https://blog.example/rss.xml"/>
  <outline type="link" text="A link" url="https://plain.example/"/>
  <outline type="rss" text="Bad" xmlUrl="gopher://old"/>
</outline></body></opml>"""


def test_feeds_of_one_site_are_one_source_and_a_bad_outline_costs_itself() -> None:
    sources, bad = read_opml(OPML)
    assert bad == 1
    assert {source.url: [seed.url for seed in source.seeds] for source in sources} == {
        "https://paper.example/": ["https://paper.example/feed?a=1&b=2", "https://paper.example/sport/feed"],
        "https://blog.example/": ["https://blog.example/rss.xml"],
        "https://plain.example/": [],
    }


def test_what_is_written_reads_back_the_same_through_sources_toml(tmp_path: Path) -> None:
    sources, _ = read_opml(OPML)
    write_all(tmp_path, sources)
    declared = load(tmp_path).sources
    assert declared == sources
    assert read_opml(write_opml(declared).encode())[0] == sources
    assert unknown(sources, declared) == ()


def test_a_new_site_gets_a_name_of_its_own() -> None:
    there = Source(name="blog-example", url="https://blog.example/other")
    (new, *_) = (source for source in unknown(read_opml(OPML)[0], [there]) if "blog" in source.name)
    assert (new.name, new.seeds) == (
        "blog-example-2",
        (Seed(url="https://blog.example/rss.xml", kind=SeedKind.FEED),),
    )


@pytest.mark.parametrize(
    "data", [b"", b"words", b"<rss/>", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'], ids=["empty", "text", "rss", "dtd"]
)
def test_what_is_no_opml_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="not OPML"):
        read_opml(data)
