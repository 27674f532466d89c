"""The one form in which words are searched for, whatever the database: letters without case, accents and points.

Unicode's compatibility decomposition (NFKD) and case folding, then a table of what neither covers:
- letters with a stroke, ligatures and dotless i become their base letters: CLDR's transform Latin-ASCII;
- marks that readers leave out go (accents, Hebrew and Arabic points, the dots of ё, the nukta of Hindi); those that
  make another letter of their base stay (й, ї, ў, ѓ, ќ, Indic and Thai vowels, voiced kana);
- Arabic, Persian and Urdu letters of one sound and Hindi nasals are one: Lucene's ArabicNormalizer, PersianNormalizer
  and HindiNormalizer;
- the long vowel that ends a katakana word of four or more characters goes: Lucene's JapaneseKatakanaStemFilter;
- digits of all scripts are those of ASCII.
"""

from __future__ import annotations

import re
import unicodedata

from ingest.text.normalize import normal_form

# CLDR, common/transforms/Latin-ASCII.xml: letters of living alphabets that no decomposition takes apart
_LATIN = {
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ĸ": "q", "ł": "l", "ŋ": "n",
    "ŧ": "t", "ƀ": "b", "ɓ": "b", "ƈ": "c", "ɖ": "d", "ɗ": "d", "ƒ": "f", "ɠ": "g", "ɨ": "i", "ƙ": "k", "ƚ": "l",
    "ɲ": "n", "ƥ": "p", "ʉ": "u", "ƴ": "y", "ƶ": "z", "ȷ": "j",
}  # fmt: skip  # a table
# Lucene, ArabicNormalizer and PersianNormalizer: forms of yeh, kaf, heh and teh marbuta
_ARABIC = {"ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ە": "ه", "ھ": "ه", "ٱ": "ا", "\u0640": ""}
_HINDI = {"\u0901": "\u0902"}  # Lucene, HindiNormalizer: candrabindu, the other way to write a nasal vowel
_APOSTROPHES = {"\u02bc": " ", "\u02bb": " ", "\u02b9": " "}  # letters by their category, written where ' is as well

# Marks that go. Of those on Cyrillic letters that are letters of their own, and of hamza, only what stands elsewhere.
_MARKS = re.compile(
    "[\u0300\u0302-\u0305\u0307\u0309-\u036f]|(?<![гк])\u0301|(?<![иу])\u0306|(?<!і)\u0308"
    "|[\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"
    "|[\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]|(?<=ا)[\u0653-\u0655]"
    "|[\u0730-\u074a\u093c\u180b-\u180d\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
    "|[\U000e0100-\U000e01ef]"
)
_KATAKANA_END = re.compile("(?<=[\u30a1-\u30fa\u30fc]{3})\u30fc(?![\u3099\u309a\u30a1-\u30fc])")


class _Letters(dict[int, str]):
    """Code point -> what it folds to after case folding; filled as characters are met."""

    def __missing__(self, point: int) -> str:
        char, category = chr(point), unicodedata.category(chr(point))
        if category == "Nd":
            folded = str(unicodedata.decimal(char))
        elif category == "Cf":  # joiners, directions, tags: they separate no words
            folded = ""
        else:
            folded = char if category[0] in "LMN" or category == "Co" else " "
        self[point] = folded
        return folded


_LETTERS = _Letters({ord(char): folded for char, folded in (_LATIN | _ARABIC | _HINDI | _APOSTROPHES).items()})


def _is_folded_by_databases(point: int) -> bool:
    """Return whether FTS5's unicode61 and PostgreSQL's normalize() fold a character as `fold_for_search` does."""
    char = chr(point)
    parts = unicodedata.normalize("NFD", char)
    base, marks = parts[0], parts[1:]
    return (
        base.isascii() and base.isalpha() and bool(marks) and all("\u0300" <= mark <= "\u036f" for mark in marks)
    ) or (unicodedata.category(char)[0] in "PZS" and unicodedata.normalize("NFKD", char) == char)


# What the databases fold by themselves, as `fold_for_search` does: ASCII, Latin letters of a base and accents,
# punctuation and the symbols between them. Texts of these alone need no copy in another form.
_FOLDED_BY_DATABASES = "".join(
    re.escape(chr(point))
    for first, last in (
        (0xA0, 0x17F),
        (0x1CD, 0x1DC),
        (0x218, 0x21B),
        (0x1E00, 0x1EFF),
        (0x2010, 0x205F),
        (0x20A0, 0x20BF),
    )
    for point in range(first, last + 1)
    if _is_folded_by_databases(point)
)
_NEEDS_FOLDING = re.compile(f"[^\x00-\x7f\xa0\u2026{_FOLDED_BY_DATABASES}]")


def fold_for_search(text: str) -> str:
    """Return the folded words of a text, parted by spaces; of punctuation and symbols nothing is left.

    Characters of scripts without spaces stay together here. Takes time linear in the length of the text.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_LETTERS).split())
    bare = _MARKS.sub("", normal_form("NFKD", text).casefold())
    folded = (
        normal_form("NFC", bare.translate(_LETTERS)).replace("\u0e4d\u0e32", "\u0e33").replace("\u0ecd\u0eb2", "\u0eb3")
    )
    return " ".join(_KATAKANA_END.sub("", folded).split())


def needs_folding(text: str) -> bool:
    """Return whether a text holds characters that the databases would not fold as `fold_for_search` does."""
    return not text.isascii() and _NEEDS_FOLDING.search(text) is not None
