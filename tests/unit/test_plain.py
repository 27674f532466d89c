"""Text scraped before comes out as title and paragraphs: cases are NAME.txt beside NAME.expected.toml."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate.pattern import shape
from ingest.boilerplate.plain import blocks_of_text, clean_text
from ingest.model import BlockKind, BlockVerdict, CutBy, KnownBlock, Learned

CASES = Path(__file__).parent.parent / "data" / "boilerplate" / "plain"
SEED = Path(__file__).parents[3] / "shared" / "corpus" / "seed"


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.txt")))
def test_a_scraped_text_comes_out_as_title_and_paragraphs(name: str) -> None:
    expected = tomllib.loads((CASES / f"{name}.expected.toml").read_text("utf-8"))
    title, blocks = clean_text((CASES / f"{name}.txt").read_text("utf-8"))
    assert title == expected["title"]
    assert [block.text for block in blocks if block.cut is None] == expected["blocks"]


@pytest.mark.skipif(not SEED.is_dir(), reason="the corpus folder next to the project is not there")
def test_the_document_the_project_began_with_comes_out_clean() -> None:
    expected = json.loads((SEED / "expected.json").read_text("utf-8"))
    title, blocks = clean_text((SEED / "raw.txt").read_text("utf-8"))
    assert title == expected["title"]
    assert [block.text for block in blocks if block.cut is None] == expected["paragraphs"]


def test_what_a_site_taught_is_cut_from_its_old_texts() -> None:
    text = "The Marl is read in ninety homes."
    known = KnownBlock(
        pattern=shape(text),
        text=text,
        articles=5,
        first_on=date(2026, 3, 1),
        last_on=date(2026, 3, 1),
        verdict=BlockVerdict.LEARNED,
        reason="recurs",
    )
    article = f"Ferry stops\n\nThe last ferry left the quay on Sunday evening at six.\n\n{text}"
    assert [block.text for block in clean_text(article)[1] if block.cut is None][-1] == text
    cut = clean_text(article, Learned(source="marl", blocks=(known,)))[1][-1].cut
    assert cut is not None
    assert cut.by is CutBy.LEARNED


def test_headings_and_items_keep_their_kind() -> None:
    blocks = blocks_of_text("# Ferry\n\n- first\n- second\n\n2. third\n\nPlain.")
    assert [(block.text, block.kind) for block in blocks] == [
        ("Ferry", BlockKind.HEADING),
        ("first", BlockKind.ITEM),
        ("second", BlockKind.ITEM),
        ("2. third", BlockKind.ITEM),
        ("Plain.", BlockKind.PARAGRAPH),
    ]


def test_text_without_a_title_has_none() -> None:
    title, blocks = clean_text(
        "It rained on the whole valley, and the river rose by a hand. Nobody was surprised by it."
    )
    assert title is None
    assert len(blocks) == 1
    assert clean_text("") == (None, ())


@given(st.text())
def test_any_text_can_be_cleaned_and_loses_nothing_but_space(text: str) -> None:
    title, blocks = clean_text(text)
    parts = [*([title] if title is not None else []), *(block.text for block in blocks)]
    assert sorted(parts) == sorted(block.text for block in blocks_of_text(text))
