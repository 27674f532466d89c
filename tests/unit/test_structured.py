"""JSON-LD as it is found: repaired where it can be, never a reason to fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract.html import jsonld
from ingest.extract.html.element_index import ElementIndex
from ingest.extract.html.tree import parse_bytes
from ingest.extract.metadata.structured import read_structured

WHOLE = {"@type": "NewsArticle", "headline": "A bridge", "author": {"name": "Ida Holm"}}
TEXT = json.dumps(WHOLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT, [WHOLE]),
        (f"<!-- {TEXT} -->", [WHOLE]),
        (f"//<![CDATA[\n{TEXT}\n//]]>", [WHOLE]),
        (f"/* <![CDATA[ */ {TEXT} /* ]]> */", [WHOLE]),
        (f"{TEXT};", [WHOLE]),
        (f"{TEXT}\n{TEXT}", [WHOLE, WHOLE]),
        (f"{TEXT},{TEXT}", [WHOLE, WHOLE]),
        ('{"@type": "NewsArticle", "headline": "A bridge", "author": {"name": "Ida Holm",},}', [WHOLE]),
        ('{"@type": "NewsArticle", /* the title */ "headline": "A bridge", "author": {"name": "Ida Holm"}}', [WHOLE]),
        ('{"headline": "A\tbridge\nof two lines"}', [{"headline": "A\tbridge\nof two lines"}]),
        (r'{"headline": "It\'s a bridge \d"}', [{"headline": r"It\'s a bridge \d"}]),
        ('{"headline": "The "old" bridge", "n": 1}', [{"headline": 'The "old" bridge', "n": 1}]),
        ("{&quot;headline&quot;: &quot;A bridge&quot;}", [{"headline": "A bridge"}]),
        (
            '{"headline": "A bridge", "author": [{"name": "Ida Holm"}, {"name": "Cut o',
            [{"headline": "A bridge", "author": [{"name": "Ida Holm"}, {}]}],
        ),
        (
            '{"url": "https://paper.example/a//b", "headline": "A bridge",}',
            [{"url": "https://paper.example/a//b", "headline": "A bridge"}],
        ),
        (f"\ufeff{TEXT}", [WHOLE]),
        (f"\n\ufeff {TEXT}\ufeff\n", [WHOLE]),
        (f"\ufeff{TEXT},\n", [WHOLE]),
        ("", []),
        ("\ufeff", []),
        ("null and void", []),
        ("window.data = {};", []),
    ],
)
def test_broken_json_is_repaired(text: str, expected: list[Any]) -> None:
    assert jsonld.loads(text) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),  # larger ones are read as floats
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
@settings(max_examples=80, deadline=None)
def test_whole_json_is_read_as_it_is(value: Any) -> None:
    assert jsonld.loads(json.dumps(value)) == [value]


@given(st.integers(0, len(TEXT)), st.sampled_from(['"', "\\", "{", "]", ",", "\x00", "\n", "<!--", "/*", ""]))
@settings(max_examples=100, deadline=None)
def test_no_damage_makes_it_raise(at: int, damage: str) -> None:
    jsonld.loads(TEXT[:at] + damage + TEXT[at + 1 :])
    jsonld.loads(TEXT[:at])


def structured(*blocks: Any, head: str = "", url: str = "https://paper.example/story") -> Any:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks)
    tree = parse_bytes(f"<html><head>{head}{scripts}</head><body></body></html>".encode())
    return read_structured(ElementIndex(tree), url)


def headlines(*blocks: Any, **more: Any) -> list[Any]:
    return [node.get("headline") for _, node in structured(*blocks, **more).nodes]


def test_the_article_of_this_page_comes_before_others() -> None:
    other = {"@type": "NewsArticle", "headline": "Another", "url": "https://paper.example/other"}
    own = {"@type": "NewsArticle", "headline": "Ours", "mainEntityOfPage": {"@id": "https://paper.example/story/"}}
    assert headlines(other, own) == ["Ours", "Another"]
    assert headlines({"@type": "WebPage", "headline": "Page"}, other) == ["Another", "Page"]
    assert (
        headlines(other, {"@type": "Article", "headline": "The told one"}, head="<title>The told one | Paper</title>")[
            0
        ]
        == "The told one"
    )


def test_articles_inside_lists_of_links_and_comments_are_not_the_pages() -> None:
    inner = {"@type": "NewsArticle", "headline": "Elsewhere"}
    block = {
        "@type": "NewsArticle",
        "headline": "Ours",
        "comment": [inner],
        "isPartOf": inner,
        "mentions": inner,
        "hasPart": inner,
    }
    assert headlines(block, {"@type": "ItemList", "itemListElement": [inner]}) == ["Ours"]


def test_references_are_followed_to_the_fullest_object() -> None:
    found = structured(
        {
            "@graph": [
                {"@type": "Article", "author": {"@id": "#a"}},
                {"@type": "Person", "@id": "#a", "name": "Ida Holm"},
            ]
        }
    )
    assert [jsonld.text(value) for value in found.members("author")] == ["Ida Holm"]


def test_names_of_meta_elements_are_one_however_their_words_are_joined() -> None:
    head = '<meta name="article:published:time" content="a"><meta property="OG:SITE-NAME" content="b">'
    head += '<meta name="x y" content="c">'
    found = structured(head=head)
    assert (found.one("article:published_time"), found.one("og:site_name"), found.one("y")) == ("a", "b", "c")
