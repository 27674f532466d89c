"""What a person types into a search, as terms; and the form in which texts are indexed and looked for.

Words are looked for together, in any order. "Quoted words" stand in that order, -word must not be there, wor* begins
like that. Everything else is text: no input is wrong, but one without a word to look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.errors import WrongUse
from ingest.text.normalize import normalise, words
from ingest.text.search_folding import fold_for_search, needs_folding

MAX_TERMS = 64  # more are no query; a pasted paragraph belongs into quotes
MAX_CHARS = 2000  # of a query: longer than any paragraph that is looked up

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
    asked: str  # as it was typed
    exact: bool  # quoted: no stem of it will do
    begins: bool = False  # its last word may go on
    excluded: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Its words as they are compared."""
        return tuple(self.text.split())


def search_form(text: str) -> str:
    """Return the folded words of a text; what has no spaces between words is parted into characters."""
    return " ".join(_UNPARTED.sub(r" \g<0> ", fold_for_search(text)).split())


def index_form(text: str | None) -> str | None:
    """Return the text as it is indexed, None where the databases make that form of the text by themselves."""
    return search_form(text) if text is not None and needs_folding(text) else None


def terms_of(asked: str) -> tuple[Term, ...]:
    """Return what is looked for. Raises WrongUse when there is no word in it."""
    terms = tuple(_terms(normalise(asked[: MAX_CHARS * 2])[:MAX_CHARS].translate(_QUOTES)))[:MAX_TERMS]
    if not any(not term.excluded for term in terms):
        what = "only says what is not wanted" if terms else "holds no word"
        raise WrongUse(f'{asked[:80]!r} {what}; write a word, "a phrase", wor* or, after one of these, -without')
    return terms


class SearchedText:
    """Title and text of an article in the form of the index, to be asked for many terms."""

    def __init__(self, title: str | None, body: str | None) -> None:
        self._parts = tuple(f" {search_form(text)} " for text in (title, body) if text)
        self._words = frozenset(word for part in self._parts for word in part.split())

    def holds(self, terms: Iterable[Term]) -> bool:
        """Return whether all terms are there and no excluded one is, as the index would have it; without stems."""
        return all(self._has(term) is not term.excluded for term in terms)

    def _has(self, term: Term) -> bool:
        if term.begins:
            return any(f" {term.text}" in part for part in self._parts)
        return term.text in self._words or (" " in term.text and any(f" {term.text} " in part for part in self._parts))


def _terms(asked: str) -> Iterator[Term]:
    for found in _TERM.finditer(asked):
        quoted = found["phrase"] is not None
        text = found["phrase"] if quoted else found["word"]
        folded = search_form(text)
        if not folded or not words(text):
            continue
        yield Term(
            text=folded,
            asked=text,
            exact=quoted,
            begins=not quoted and text.endswith("*"),
            excluded=bool(found["no"]),
        )
