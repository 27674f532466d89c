"""The form in which words are searched for: 60 words in 20 scripts, and what stays apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest.text.search_folding import fold_for_search
from ingest.text.search_terms import index_form, search_form

# two ways to write a word that are one in a search
SAME = (
    ("Αθήνα", "ΑΘΗΝΑ"), ("λόγος", "λογοσ"), ("Ελλάς", "ΕΛΛΑΣ"), ("ἀρχή", "αρχη"), ("όλα", "ΌΛΑ"),
    ("ёлка", "елка"), ("ЁЛКА", "ёлка"), ("замо́к", "замок"), ("Її", "її"), ("Київ", "КИЇВ"), ("м’ята", "м'ята"),
    ("شَمْسٌ", "شمس"), ("أحمد", "احمد"), ("مدرسة", "مدرسه"), ("كتـــاب", "كتاب"), ("مصطفى", "مصطفي"),
    ("کتاب", "كتاب"), ("می‌خواهم", "میخواهم"), ("۱۴۰۳", "1403"), ("٣٤", "34"),
    ("שָׁלוֹם", "שלום"), ("ירושלים־העיר", "ירושלים העיר"), ("ışık", "IŞIK"), ("İstanbul", "istanbul"),
    ("ışık", "isik"), ("Đà Nẵng", "da nang"), ("Ðà Nẵng".replace("Ð", "Đ"), "ĐÀ NẴNG"), ("Nguyễn", "nguyen"),
    ("ｻｰﾊﾞｰ", "サーバー"), ("サーバー", "サーバ"), ("コンピューター", "コンピュータ"), ("ﾊﾟﾝ", "パン"),
    ("ＡＢＣ１２", "abc12"), ("㈱", "(株)"), ("각", "각"), ("ﬁnale", "finale"), ("Straße", "STRASSE"),
    ("Łódź", "lodz"), ("København", "kobenhavn"), ("Œuvre", "oeuvre"), ("Þór", "thor"), ("Ærø", "aero"),
    ("हिन्दी", "हिन्दी"), ("क़लम", "कलम"), ("चाँद", "चांद"), ("२०२६", "2026"), ("বাংলা", "বাংলা"),
    ("தமிழ்", "தமிழ்"), ("๒๕๖๙", "2569"), ("ՀԱՅԱՍՏԱՆ", "հայաստան"), ("ᲗᲑᲘᲚᲘᲡᲘ", "თბილისი"), ("ܫܠܳܡܳܐ", "ܫܠܡܐ"),
    ("x²", "x2"), ("Ⅷ", "viii"), ("cafe\u0301", "café"), ("naïve", "NAIVE"), ("Åse", "ase"), ("ŉ", "'n"),
    ("don’t", "don't"), ("🙂 smile", "smile"),
)  # fmt: skip  # a table
# other words, though they look alike
APART = (
    ("мой", "мои"), ("їм", "ім"), ("ビール", "ビル"), ("コピー", "コピ"), ("パン", "ハン"), ("กา", "กี"), ("कि", "की"),
    ("سئل", "سيل"),
    ("কই", "কি"), ("ќе", "кé"), ("ga", "ga-ga"),
)  # fmt: skip  # a table


@pytest.mark.parametrize(("one", "other"), SAME)
def test_ways_to_write_a_word_are_searched_as_one(one: str, other: str) -> None:
    assert search_form(one) == search_form(other)
    assert search_form(one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert search_form(one) != search_form(other)


def test_a_text_that_the_databases_fold_themselves_has_no_copy() -> None:
    assert index_form("Zürich, 3 €: “ok” — naïve… À Ὰ"[:-2]) is None
    assert index_form(None) is None
    assert index_form("ＡＢＣ 東京") == "abc 東 京"
    assert index_form("Москва, город.") == "москва город"


@given(some.text(max_size=60))
def test_a_folded_text_has_only_words_and_folds_to_itself(text: str) -> None:
    folded = fold_for_search(text)
    assert all(char == " " or unicodedata.category(char)[0] in "LMN" or char >= "\ue000" for char in folded)
    assert "  " not in folded
    assert fold_for_search(folded) == folded


def test_the_vowel_am_of_thai_is_one_however_it_is_encoded() -> None:
    assert search_form("น้ำ") == search_form("น้ํา") == "น้ ำ"


def test_a_run_of_very_many_marks_is_folded() -> None:
    """In the square of its length it would take minutes."""
    assert fold_for_search("я" + "\u0301\u0323" * 100_000) == "я"
