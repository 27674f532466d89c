"""Is a page an article? Cases in tests/data/screen/cases.toml, each read as a crawl would read it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract.article import extract
from ingest.extract.html.page_signals import read_signs
from ingest.extract.html.tree import parse
from ingest.extract.screen import screen
from ingest.model import Article, Block
from tests.unit.seeds import cases, page

WORDS = (
    "river",
    "stone",
    "evening",
    "council",
    "harbour",
    "lantern",
    "orchard",
    "mayor",
    "winter",
    "bridge",
    "market",
    "letter",
    "garden",
    "morning",
    "window",
    "ferry",
    "station",
    "teacher",
    "island",
    "summer",
    "engine",
    "valley",
    "painter",
    "kitchen",
    "village",
    "thunder",
)


def text_of(match: re.Match[str]) -> str:
    """Return so many words in sentences, characters, or list items that are links."""
    kind, count = match.group(1), int(match.group(2))
    if kind == "chars":
        return "".join(chr(0x4E00 + (37 * number + match.start()) % 2_000) for number in range(count))
    start = match.start()  # so that no two paragraphs of a page are alike
    words = [WORDS[(7 * number + number // 11 + start) % len(WORDS)] for number in range(count)]
    if kind == "links":
        return "".join(
            f'<li><a href="/places/{word}-{number}">{word} {number}</a></li>' for number, word in enumerate(words)
        )
    sentences = [" ".join(words[at : at + 12]).capitalize() + "." for at in range(0, count, 12)]
    return " ".join(sentences)


@pytest.mark.parametrize("case", cases("screen"), ids=lambda case: case["name"])
def test_page(case: dict[str, Any]) -> None:
    body = re.sub(r"\{(words|chars|links) (\d+)\}", text_of, case["body"])
    fetched = replace(page(body.encode(), case["url"]), status=case.get("status", 200))
    assert screen(extract(fetched), min_words=30) == case.get("reason")


def test_text_without_a_page_is_only_too_short_or_an_article() -> None:
    """As from `ingest clean` of plain text: nothing is known but the blocks."""
    plain = extract(page(b"x"))
    blocks = tuple(Block(text=" ".join(WORDS)) for _ in range(2))
    article = Article(source="", url="https://paper.example/a", fetched_at=plain.fetched_at, blocks=blocks)
    assert screen(article, min_words=30) is None
    assert screen(article, min_words=100) == "too-short"


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 20_000 + b"x",
        b"<a href=x><h2>" * 5_000,
        b"<h2><a href=/%d>a b c</a></h2>" * 3_000,
        b"<p>" + b"x " * 500_000,
    ],
    ids=["nested", "headings in links", "one heading often", "one long paragraph"],
)
def test_signs_of_hostile_pages_are_read_within_bounds(body: bytes) -> None:
    hostile = page(body)
    assert read_signs(parse(hostile), hostile).words >= 0


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(
            [
                b"<h2>",
                b"<a href='/x'>",
                b"a b c d ",
                b"</a>",
                b"<nav>",
                b"</h2>",
                b"<p>",
                b"\x00",
                b"\xff",
                b"<script type=application/ld+json>",
                b'{"@type":',
                b'"Product"}',
                b"</script>",
                b"<meta http-equiv=refresh content='0;'>",
            ]
        ),
        max_size=30,
    ).map(b"".join)
)
def test_any_bytes_have_signs(body: bytes) -> None:
    any_page = page(body)
    signs = read_signs(parse(any_page), any_page)
    assert signs.link_words <= signs.words
