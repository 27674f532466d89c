"""The body of one page: cases as data, rules, form, hostile pages."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.extract.article import explain, extract
from ingest.model import Article, BlockKind, CutBy, ExtractionRules, Page, Source

CASES = Path(__file__).parents[1] / "data" / "extract"
SEED = Path(__file__).parents[3] / "shared" / "corpus" / "seed"


def page(html: str | bytes, url: str = "https://paper.example/2026/one") -> Page:
    body = html.encode() if isinstance(html, str) else html
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Page(url=url, final_url=url, source="paper", status=200, headers=(), body=body, fetched_at=at)


def read(html: str | bytes, rules: ExtractionRules | None = None) -> Article:
    source = Source(name="paper", url="https://paper.example/", rules=rules or ExtractionRules())
    return extract(page(html), source)


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if (path / "expected.toml").exists()))
def test_the_body_holds_what_the_case_keeps_and_nothing_it_cuts(case: str) -> None:
    expected = tomllib.loads((CASES / case / "expected.toml").read_text(encoding="utf-8"))
    article = read((CASES / case / "page.html").read_bytes())
    assert article.title == expected["title"]
    assert [text for text in expected["keep"] if text not in article.body] == []
    assert [text for text in expected["cut"] if text in article.body] == []
    assert expected["title"] not in [block.text for block in article.kept]


@pytest.mark.skipif(not SEED.exists(), reason="../shared/corpus/seed is not beside the project")
@pytest.mark.parametrize("form", ["plain", "hashed", "semantic"])
def test_the_seed_comes_out_as_title_and_six_paragraphs(form: str) -> None:
    expected = json.loads((SEED / "expected.json").read_text(encoding="utf-8"))
    article = read((SEED / f"page-{form}.html").read_bytes())
    assert article.title == expected["title"]
    assert [block.text for block in article.kept if block.text not in expected["either"]] == expected["paragraphs"]


PARAGRAPHS = [
    "The ferry across the strait was cancelled on Tuesday morning because of a storm that nobody had forecast.",
    "Some two hundred passengers spent the night in the waiting room, where the harbour master served them soup.",
    "The next boat is to leave at noon, the company said, if the wind turns to the west as it usually does.",
]
STORY = (
    "<html><head><title>Ferry cancelled</title></head><body><article><h1>Ferry cancelled</h1>{}</article></body></html>"
)


def story(extra: str = "") -> str:
    return STORY.format("".join(f"<p>{text}</p>" for text in PARAGRAPHS) + extra)


def test_kind_level_path_and_links_of_a_block_are_read_from_the_page() -> None:
    article = read(
        story(
            '<div id="more" class="text wide"><h2>What now?</h2><ul>'
            '<li>Wait for the <a href="/boat">noon boat</a> and hope '
            "for the <b>west wind</b> to come up</li></ul></div>"
        )
    )
    heading = next(block for block in article.blocks if block.text == "What now?")
    item = next(block for block in article.blocks if block.text.startswith("Wait for"))
    assert (heading.kind, heading.level) == (BlockKind.HEADING, 2)
    assert (item.kind, item.level) == (BlockKind.ITEM, 1)
    assert item.path == "article/div#more.text.wide/ul/li"
    assert item.markdown == "Wait for the [noon boat](/boat) and hope for the **west wind** to come up"
    assert 0 < item.link_share < 0.3


def test_a_rule_strips_and_keeps_whatever_the_model_says() -> None:
    line = "This line would be kept without a rule, for it reads like any other."
    extra = f'<div class="x9"><p>{line}</p></div><nav><p>Fog</p></nav>'
    article = read(
        story(extra), ExtractionRules(strip=("div.x9",), keep=("//nav/p",), strip_text=("^Some two hundred",))
    )
    assert [block.text for block in article.kept] == [PARAGRAPHS[0], PARAGRAPHS[2], "Fog"]
    cut = {block.text[:9]: block.cut for block in article.blocks if block.cut and block.cut.by is CutBy.RULE}
    assert {text: found.reason for text, found in cut.items() if found} == {
        "Some two ": "strip_text ^Some two hundred",
        "This line": "strip div.x9",
    }


def test_a_large_page_is_answered_within_bounds() -> None:
    article = read(story("<div>" + "<p>Filler text of no interest to anybody at all.</p>" * 30_000 + "</div>"))
    assert PARAGRAPHS[0] in article.body or article.blocks


@pytest.mark.parametrize(
    "html",
    [
        "",
        " ",
        "<html></html>",
        "<html><head></head></html>",
        "<html><body></body></html>",
        "plain words",
        "\x00",
        "<p></p>",
        "{}",
    ],
)
def test_a_page_without_text_gives_an_article_without_blocks_or_its_few_words(html: str) -> None:
    assert len(read(html).kept) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "extra",
    [
        "<p>" + "<a href=/x>word</a> " * 200_000 + "</p>",
        "<p>" + "<span class=a>w</span>" * 200_000 + "</p>",
        "<p>" + "word " * 2_000_000 + "</p>",
        "<div>" * 100_000,
    ],
    ids=["links", "spans", "one paragraph", "depth"],
)
def test_a_page_made_to_be_costly_gets_an_answer(extra: str) -> None:
    article = read(story(extra))
    assert article.title == "Ferry cancelled"


def test_a_body_under_three_hundred_elements_is_found() -> None:
    deep = "<div>" * 300 + "".join(f"<p>{text}</p>" for text in PARAGRAPHS) + "</div>" * 300
    assert [block.text for block in read(f"<html><body>{deep}</body></html>").kept] == PARAGRAPHS


def test_a_null_reference_costs_nothing() -> None:
    article = read(story().replace("ferry across", "ferry &#0;across"))
    assert [block.text for block in article.kept] == PARAGRAPHS


def test_joiners_inside_emoji_stay_whole() -> None:
    article = read(story("<p>The crew of the rescue boat 👩‍🚒 thanked everybody who had waited so patiently.</p>"))
    assert "👩‍🚒" in article.body


def test_words_taken_out_of_sight_inside_a_line_are_not_read() -> None:
    unseen = '<span class="sr-only">(opens in a new window)</span>'
    article = read(
        story(f'<p>The harbour master keeps <a href="/log">a log{unseen}</a> of every boat that he sees.</p>')
    )
    assert "The harbour master keeps a log of every boat that he sees." in [block.text for block in article.kept]


def test_every_block_of_the_page_is_explained() -> None:
    told = explain(page(story('<section class="comments"><p>First!</p></section>')))
    assert {item.block.text: item.kept for item in told} == {
        "Ferry cancelled": False,
        **dict.fromkeys(PARAGRAPHS, True),
        "First!": False,
    }
    assert all(item.reason for item in told)
