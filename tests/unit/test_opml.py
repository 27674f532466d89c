"""OPML in and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import SourceError
from ingest.model import ExtractionRules, Seed, SeedKind, Source
from ingest.sources import load, read_opml, read_subscriptions, unknown, write_all, write_opml

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


FRESHRSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml xmlns:frss="https://freshrss.org/opml" version="2.0"><head><title>FreshRSS</title></head><body>
<outline text="Kept" frss:opmlUrl="https://lists.example/more.opml">
  <outline text="Town &amp; River" type="HTML+XPath" xmlUrl="https://town.example/news" htmlUrl="https://town.example/"
   frss:xPathItem="//article" frss:xPathItemUri="descendant::a/@href" frss:cssFullContent="div.story, article"
   frss:cssFullContentFilter=".share"/>
  <outline text="An API" type="JSON+DotNotation" xmlUrl="https://api.example/v1/items.json"
   htmlUrl="https://www.api.example/" frss:jsonItem="data.items"/>
  <outline text="JSON Feed" type="JSONFeed" xmlUrl="https://jf.example/feed.json" htmlUrl="https://jf.example/"/>
  <outline text="Muted" type="rss" frss:ttl="-60" xmlUrl="https://quiet.example/feed" htmlUrl="https://quiet.example/"/>
  <outline text="Feed" type="rss" xmlUrl="https://plain.example/feed" htmlUrl="https://plain.example/"
   frss:cssFullContent="div[" />
</outline></body></opml>"""


def test_what_freshrss_scrapes_is_a_section_with_its_rules() -> None:
    found = read_subscriptions(FRESHRSS)
    assert found.bad == 0
    by_name = {source.name: source for source in found.sources}
    town = by_name["town-example"]
    assert town.seeds == (Seed(url="https://town.example/news", kind=SeedKind.SECTION),)
    assert town.rules == ExtractionRules(body=("div.story, article",), strip=(".share",))
    assert by_name["api-example"].seeds == ()
    assert [seed.kind for seed in by_name["jf-example"].seeds] == [SeedKind.FEED]
    assert "quiet-example" not in by_name
    assert by_name["plain-example"].rules == ExtractionRules()
    told = "\n".join(found.notes)
    for word in ("Kept", "An API", "Muted", "'div['"):
        assert told.count(word) == 1


READERS = {
    "Miniflux": (
        (
            '<opml version="2.0"><body><outline text="All"><outline title="Mill" text="Mill" type="rss" '
            'xmlUrl="https://mill.example/feed" htmlUrl="https://mill.example" scraperRules="div.text" '
            'disabled="false" blocklistRules="(?i)ad" /><outline title="Off" text="Off" type="rss" '
            'xmlUrl="https://off.example/feed" '
            'htmlUrl="https://off.example" disabled="true"/></outline></body></opml>'
        ),
        {"https://mill.example/": ["https://mill.example/feed"]},
    ),
    "Inoreader": (
        (
            '<opml version="1.0"><body><outline text="A" title="A"><outline text="Mill" title="Mill" type="rss" '
            'xmlUrl="https://mill.example/feed" htmlUrl="https://mill.example/"/></outline>'
            '<outline text="B" title="B"><outline text="Mill" title="Mill" xmlUrl="https://mill.example/feed" '
            'htmlUrl="https://mill.example/"/></outline></body></opml>'
        ),
        {"https://mill.example/": ["https://mill.example/feed"]},
    ),
    "NetNewsWire": (
        (
            '<opml version="1.1"><body><outline text="Mill" title="Mill" description="" type="rss" version="RSS" '
            'htmlUrl="" xmlUrl="feed:https://mill.example/feed"/></body></opml>'
        ),
        {"https://mill.example/": ["https://mill.example/feed"]},
    ),
    "Thunderbird": (
        (
            '<opml version="1.0" xmlns:fz="urn:forumzilla:"><body><outline title="Mill" text="Mill">'
            '<outline type="rss" title="Mill" text="Mill" version="RSS" fz:quickMode="false" '
            'fz:options=\'{&quot;version&quot;:2}\' xmlUrl="feed://mill.example/feed" htmlUrl="https://mill.example/"/>'
            "</outline></body></opml>"
        ),
        {"https://mill.example/": ["http://mill.example/feed"]},
    ),
    "Feedly": (
        (
            '\n<?xml version="1.0" encoding="UTF-8"?>\n<opml version="1.0"><body><outline text="Mine" title="Mine">'
            '<outline type="rss" text="Mill &amp; more" title="Mill" xmlUrl="https://mill.example/feed" '
            'htmlUrl="https://mill.example"/></outline></body></opml>'
        ),
        {"https://mill.example/": ["https://mill.example/feed"]},
    ),
    "in capitals": (
        '<OPML><body><Outline TEXT="Mill" XMLURL="https://mill.example/feed" HTMLURL="https://mill.example/"/></body></OPML>',
        {"https://mill.example/": ["https://mill.example/feed"]},
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_feed_readers_export_is_read(reader: str) -> None:
    document, expected = READERS[reader]
    found = read_subscriptions(document.encode())
    assert {source.url: [seed.url for seed in source.seeds] for source in found.sources} == expected
    assert found.bad == 0


def test_feeds_that_a_service_hosts_for_many_stay_separate() -> None:
    names = ("Anna's Notes", "\u6771\u4eac\u65e5\u8a18", "Anna's Notes")
    feeds = "".join(f'<outline text="{name}" xmlUrl="https://feeds.example/{n}"/>' for n, name in enumerate(names))
    pages = "".join(
        f'<outline text="P{n}" xmlUrl="https://host.example/@{n}/rss" htmlUrl="https://host.example/@{n}"/>'
        for n in "ab"
    )
    sources, bad = read_opml(f"<opml><body>{feeds}{pages}</body></opml>".encode())
    assert bad == 0
    assert [source.name for source in sources] == [
        "anna-s-notes",
        "\u6771\u4eac\u65e5\u8a18",
        "anna-s-notes-2",
        "pa",
        "pb",
    ]
    assert [len(source.seeds) for source in sources] == [1] * 5
    assert read_opml(write_opml(sources).encode())[0] == sources


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://quill.example/f?a=1&b=2", "https://quill.example/f?a=1&b=2"),
        ("https://quill.example/f?a=1&amp;b=2", "https://quill.example/f?a=1&b=2"),
        ("https://quill.example/f?id=5&copy;=1&lang=en", "https://quill.example/f?id=5&copy;=1&lang=en"),
        ("https://quill.example/f?a=1&#38;b=2", "https://quill.example/f?a=1&b=2"),
        ("https://quill.example/f?a=1&", "https://quill.example/f?a=1"),
    ],
)
def test_a_bare_ampersand_is_part_of_the_address(written: str, address: str) -> None:
    data = f'<opml version="2.0"><body><outline type="rss" text="Q" xmlUrl="{written}"/></body></opml>'
    ((source,), bad) = read_opml(data.encode())
    assert ([seed.url for seed in source.seeds], bad) == ([address], 0)


def test_what_is_commented_out_is_passed_over_with_all_below() -> None:
    sources, bad = read_opml(
        b'<opml version="2.0"><body><outline text="Old" isComment="true"><outline xmlUrl="https://old.example/f"/>'
        b'</outline><outline isComment="false" xmlUrl="https://quill.example/f"/></body></opml>'
    )
    assert ([source.url for source in sources], bad) == (["https://quill.example/"], 0)
