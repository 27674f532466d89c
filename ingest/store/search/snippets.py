"""The part of a text that shows why it was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.text.search_terms import UNPARTED, Term, search_form

SNIPPET_CHARS = 220  # two lines of a terminal
BEFORE_CHARS = 60  # of these, before the first word found
STEM_LETTERS = 4  # a word found by its stem has at least these in common with the word asked for
STEM_ENDING = 3  # ... and all but an ending of this length
MARK = "**"
REMEMBERED = 8192  # words: most of those of an answer
# letters with the marks of Latin, Hebrew, Arabic, Syriac and the scripts of India, and with joiners
_LETTER = (
    "[^\\W_]|[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0730-\u074a"
    "\u0900-\u0963\u0971-\u0dff\u200c\u200d]"
)
# a number in Thai, Lao, Burmese or Khmer digits, a character that is a word, letters, or a sign that may fold to some
_DIGITS = "[\u0e50-\u0e59\u0ed0-\u0ed9\u1040-\u1049\u17e0-\u17e9]+"
_WORD = re.compile(f"{_DIGITS}|{UNPARTED}|(?:(?!{UNPARTED})(?:{_LETTER}))+|[^\x00-\x7f\\s]")


@dataclass(frozen=True, slots=True)
class _Found:
    """A word of the text: where, and as it is compared."""

    start: int
    end: int
    form: str


def snippet(body: str, terms: Sequence[Term]) -> str:
    """Return some characters of the body around what was looked for, each find between `**`.

    The window with most of the terms is taken, the first of equal ones; the beginning when only the title has them.
    """
    text = " ".join(body.split())
    there = tuple(_words_of(text))
    finds = sorted({find for term in terms if not term.excluded for find in _finds(there, term)})
    start, end = _window(text, finds)
    shown = []
    at = start
    for first, last in finds:
        if first >= at and last <= end:
            shown += [text[at:first], MARK, text[first:last], MARK]
            at = last
    shown.append(text[at:end])
    return ("..." if start else "") + "".join(shown).strip() + ("..." if end < len(text) else "")


def _words_of(text: str) -> Iterator[_Found]:
    """Give each word of the text in the form of the index; one that folds to several stands there with each."""
    for word in _WORD.finditer(text):
        for form in _forms(word[0]):
            yield _Found(word.start(), word.end(), form)


@lru_cache(maxsize=REMEMBERED)
def _forms(word: str) -> tuple[str, ...]:
    """Return a word in the form of the index; of several parts where it folds to such."""
    return tuple(map(_short, search_form(word).split()))


def _short(form: str) -> str:
    """Return a word without the long vowel at its end, which the index leaves out where a word of katakana ends."""
    return form.rstrip("\u30fc") or form


def _finds(there: Sequence[_Found], term: Term) -> Iterator[tuple[int, int]]:
    """Give start and end of each place where a term stands."""
    wanted = [_short(word) for word in term.words]
    for at in range(len(there) - len(wanted) + 1):
        if not _same(there[at].form, wanted[0], term, last=len(wanted) == 1):
            continue
        run = there[at : at + len(wanted)]
        rest = enumerate(zip(run[1:], wanted[1:], strict=True), start=2)
        if all(_same(word.form, ask, term, last=number == len(wanted)) for number, (word, ask) in rest):
            yield run[0].start, run[-1].end


def _same(form: str, asked: str, term: Term, *, last: bool) -> bool:
    if form == asked:
        return True
    if term.begins and last:
        return form.startswith(asked)
    if term.exact or len(asked) < STEM_LETTERS:
        return False
    common = max(STEM_LETTERS, min(len(asked), len(form)) - STEM_ENDING)
    return form[:common] == asked[:common] and abs(len(form) - len(asked)) <= STEM_ENDING


def _window(text: str, finds: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return start and end of the part to show."""
    best, most = 0, 0
    for first, _ in finds:
        within = {text[one:other].casefold() for one, other in finds if first <= one and other <= first + SNIPPET_CHARS}
        if len(within) > most:
            best, most = max(0, first - BEFORE_CHARS), len(within)
    if best:
        space = text.find(" ", best, best + BEFORE_CHARS)
        best = space + 1 if space >= 0 else best
    end = min(len(text), best + SNIPPET_CHARS)
    if end < len(text):
        space = text.rfind(" ", best + BEFORE_CHARS, end)
        end = space if space > 0 else end
    return best, end
