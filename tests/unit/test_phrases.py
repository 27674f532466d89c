"""What short texts ask of their reader, in many languages, and what only looks like it: texts in phrases.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.phrases import announces, is_note, is_opener, mark

with (Path(__file__).parent.parent / "data" / "boilerplate" / "phrases.toml").open("rb") as _file:
    TEXTS: dict[str, list[str]] = tomllib.load(_file)


@pytest.mark.parametrize("text", TEXTS["sure"])
def test_what_asks_the_reader_for_something_is_marked(text: str) -> None:
    found = mark(text)
    assert found is not None
    assert found.sure
    assert not is_note(text)


@pytest.mark.parametrize(
    ("text", "announced"),
    [
        ("See the full list of this year's winners and their villages below:", True),
        (
            "以下は今年の受賞者と、その村の名前、そして審査員が一人ひとりに送った言葉をすべて記した完全な一覧です：",
            True,
        ),
        ("Read also:", False),
        ("Lesen Sie auch zu diesem Thema unsere Reportage vom Hafen", False),
    ],
)
def test_a_sentence_with_a_colon_announces_what_follows_and_a_label_does_not(text: str, announced: bool) -> None:
    assert announces(text) is announced


@pytest.mark.parametrize("text", TEXTS["keep"])
def test_what_tells_of_asking_is_not_marked(text: str) -> None:
    found = mark(text)
    assert found is None or not found.sure


@pytest.mark.parametrize("text", TEXTS["note"])
def test_a_note_about_the_article_is_content(text: str) -> None:
    assert is_note(text)
    assert mark(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Updated 3 May 2026, 10:15 GMT",
        "Aktualisiert am 3. Mai 2026",
        "Mis à jour le 3 mai 2026",
        "Обновлено: 3 мая, 10:15",
        "更新：2026-05-03 10:15",
    ],
)
def test_a_stamp_is_no_note(text: str) -> None:
    assert not is_note(text)


@pytest.mark.parametrize("text", ["Once", "Monthly", "Continue", "Weiter", "Mensuel", "Ежемесячно", "每月"])
def test_a_label_says_something_only_beside_others(text: str) -> None:
    found = mark(text)
    assert found is not None
    assert found.label
    assert not found.sure


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("Dear readers,", True),
        ("A message from the editor:", True),
        ("Liebe Leserinnen und Leser,", True),
        ("Chers lecteurs,", True),
        ("Дорогие читатели!", True),
        ("亲爱的读者：", True),
        (
            "Dear readers of this valley have waited nine years for the road that the county promised them in spring.",
            False,
        ),
        ("The readers were dear to him.", False),
    ],
)
def test_an_address_to_the_readers_opens_a_box(text: str, opens: bool) -> None:
    assert is_opener(text) is opens


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    mark(text)
    is_note(text)
    is_opener(text)
