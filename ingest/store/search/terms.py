"""What a person types into a search, as terms; and the form in which scripts the databases cannot part are indexed.

Words are looked for together, in any order. "Quoted words" stand in that order, -word must not be there, wor* begins
like that. Everything else is text: no input is wrong, but one without a word to look for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.errors import WrongUse
from ingest.text.normalize import normalise, words

MAX_TERMS = 64  # more are no query; a pasted paragraph belongs into quotes
MAX_CHARS = 2000  # of a query: longer than any paragraph that is looked up

# a letter of another script than Latin
_OTHER_LETTER = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")
# Scripts whose words are not parted by spaces, and Korean, whose words carry their particles: each character is a word
# of the index, and a word asked for is a phrase of characters.
UNPARTED = (
    "[\u0e01-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u3099\u309a\u30fc]*"
)
_UNPARTED = re.compile(UNPARTED)
_QUOTES = str.maketrans("“”„‟«»〝〞", '"' * 8)
_TERM = re.compile(r'(?P<no>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing looked for: a word, or words in this order."""

    text: str  # in the form of the index
    exact: bool  # quoted: no stem of it will do
    begins: bool = False  # its last word may go on
    excluded: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Its words as they are compared."""
        return words(self.text)


def parted(text: str | None) -> str | None:
    """Return the text as it is indexed, None when that is the text as it is.

    The databases part and fold Latin letters by themselves. Of texts in other scripts, letters are made small and
    compatibility forms even, and what has no spaces between words is parted into characters.
    """
    if text is None or text.isascii() or not _OTHER_LETTER.search(text):
        return None
    return _UNPARTED.sub(r" \g<0> ", unicodedata.normalize("NFKC", text).lower())


def terms_of(asked: str) -> tuple[Term, ...]:
    """Return what is looked for. Raises WrongUse when there is no word in it."""
    terms = tuple(_terms(normalise(asked[: MAX_CHARS * 2])[:MAX_CHARS].translate(_QUOTES)))[:MAX_TERMS]
    if not any(not term.excluded for term in terms):
        what = "only says what is not wanted" if terms else "holds no word"
        raise WrongUse(f'{asked[:80]!r} {what}; write a word, "a phrase", wor* or, after one of these, -without')
    return terms


def _terms(asked: str) -> Iterator[Term]:
    for found in _TERM.finditer(asked):
        quoted = found["phrase"] is not None
        text = found["phrase"] if quoted else found["word"]
        if not words(text):
            continue
        yield Term(
            text=parted(text) or text,
            exact=quoted,
            begins=not quoted and text.endswith("*"),
            excluded=bool(found["no"]),
        )
