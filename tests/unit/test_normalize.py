"""Text as values: properties over any text, and the cases that taught them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Block, Cut, CutBy
from ingest.text import minhash
from ingest.text.normalize import (
    body_digest,
    containment,
    digest,
    fold,
    normalise,
    normalise_lines,
    resemblance,
    shingles,
    words,
)

ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  one\n\ttwo\u00a0three\u3000 four ", "one two three four"),
        ("a\x00b\x07c\x9bd", "abcd"),
        ("first\x85second\u2028third", "first second third"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("\ud83d\ude00 joined, \ud83d alone", "\U0001f600 joined, alone"),
        (
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467 stays",
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467 stays",
        ),
        ("heart \u2764\ufe0f stays", "heart \u2764\ufe0f stays"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("left\u202egnp.exe", "leftgnp.exe"),
        ("\ufeff", ""),
    ],
)
def test_text_is_kept_readable_and_on_one_line(raw: str, kept: str) -> None:
    assert normalise(raw) == kept


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")  # no surrogate is left
    assert not any(unicodedata.category(char) == "Cc" for char in once)


def test_code_keeps_its_lines_and_indentation() -> None:
    assert normalise_lines("\r\ndef f():\r\n\treturn 1  \r\n\x00") == "def f():\n    return 1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The “Prime Minister” — said:", "the prime minister said"),
        ("ＦＵＬＬ width ﬁnd", "full width find"),
        ("STRASSE", "straße"),
        ("Éric à l’été", "éric a\u0300 l'été"),
        ("نمی\u200cدانم", "نمیدانم"),
        ("IŞIK İLE", "ışık ile"),
    ],
)
def test_typography_and_case_fold_away(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_vowel_signs_survive_folding() -> None:
    assert fold("हिन्दी, कविता!") == "हिन्दी कविता"


@given(ANY_TEXT)
def test_folding_ascii_or_not_leaves_words_and_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(char == " " or unicodedata.category(char)[0] in "LMN" for char in folded)


def test_scripts_without_spaces_are_parted_by_character() -> None:
    assert words("北京2024年奥运") == ("北", "京", "2024", "年", "奥", "运")
    assert words("カード払い") == ("カー", "ド", "払", "い")


def test_shingles_of_a_short_text_are_the_text() -> None:
    assert shingles("Read more", 4) == {"read more"}
    assert shingles("--", 4) == frozenset()


def test_resemblance_and_containment_have_their_corners() -> None:
    a, b = shingles("one two three four five", 2), shingles("one two three four six", 2)
    assert resemblance(a, b) == pytest.approx(3 / 5)
    assert containment(a, b) == pytest.approx(3 / 4)
    assert resemblance(frozenset(), frozenset()) == 1.0
    assert resemblance(a, frozenset()) == 0.0
    assert containment(frozenset(), a) == 1.0


def test_alike_texts_have_near_fingerprints() -> None:
    text = (
        "The council voted on Tuesday to close the old bridge over the river for repairs until spring. Lorries go "
        "round by the ring road, cyclists may use a pontoon that the harbour office has borrowed from the next town."
    )
    edited = text.replace("Tuesday", "Wednesday", 1)
    other = "Scientists say the comet will be seen with the naked eye in the northern sky from late July on. " * 2
    first, second, third = (minhash.signature(minhash.shingles(words(one))) for one in (text, edited, other))
    assert minhash.likeness(first, second) > 0.5
    assert minhash.likeness(first, third) < 0.1


def test_digests_are_stable_over_versions() -> None:
    assert digest("") == digest(b"") == "cae66941d9efbd404e4d88758ea67670"
    assert len(digest("\ud83d")) == 32


def _blocks(*texts: str) -> tuple[Block, ...]:
    return tuple(Block(text=text) for text in texts)


@pytest.mark.parametrize(
    ("title", "texts", "same"),
    [
        ("The Bridge", ("It is closed.", "Until spring."), True),
        ("the bridge", ("It is “closed”", "until spring"), True),
        ("The Bridge", ("It is closed. Until spring.",), True),
        ("The Bridge", ("It is closed.", "Until summer."), False),
        ("The Bridges", ("It is closed.", "Until spring."), False),
        ("The Bridge", ("Until spring.", "It is closed."), False),
        ("The Bridge It", ("is closed.", "Until spring."), False),
    ],
)
def test_only_changed_words_change_the_identity_of_a_text(title: str, texts: tuple[str, ...], same: bool) -> None:
    known = body_digest("The Bridge", _blocks("It is closed.", "Until spring."))
    assert (body_digest(title, _blocks(*texts)) == known) is same


def test_cut_blocks_are_no_part_of_the_identity() -> None:
    appeal = Block(text="Support us!", cut=Cut(by=CutBy.LEARNED, reason="recurs"))
    assert body_digest("T", (*_blocks("Body."), appeal)) == body_digest("T", _blocks("Body."))


def test_chinese_identity_does_not_depend_on_the_parting_into_blocks() -> None:
    assert body_digest(None, _blocks("今天天气", "很好")) == body_digest(None, _blocks("今天天气很好"))
