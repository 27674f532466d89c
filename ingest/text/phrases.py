"""Recognise short texts that ask something of the reader (sign up, give, follow, read on), and notes that are content.

Knows phrases in many languages (phrases.toml), not sites. A phrase is a row of words compared in folded form: `a|b`
are alternatives, `word*` any word beginning so, `..` up to four words between, `^` and `$` the ends of the block. What
to do with a marked block is decided by those who see its neighbours and how often it recurs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ingest.text.normalize import fold, words

GAP_WORDS = 4  # between the parts of a phrase: "sign up for our free weekly newsletter"
STEM_CHARS = (
    1,
    2,
    3,
)  # letters of its first word that a phrase beginning with a stem is found by; one is a Korean word
MAX_WORDS = 140  # longer blocks are paragraphs whatever they ask for
# Weight a block needs to be sure: appeals are short, and long paragraphs meet single phrases by chance. Chosen on the
# cases in tests/data/boilerplate/phrases.toml.
SURE_WEIGHT = 2
WORDS_PER_WEIGHT = 45
ANNOUNCING_CHARS = 40
NOTE_CHARS = 200  # a note says so at its beginning
OPENER_WORDS = 14  # an opener is a line of its own
OPENER_CHARS = 300  # longer lines have more words than that
STAMP_WORDS = 6  # words beside the figures of a date: "Updated on Monday, May ... at ... GMT"
COPYRIGHT_WORDS = 25  # most in a line of copyright: year, owner, agency, number
CONTINUES_WORDS = 16  # a note that the text goes on is a short line; longer ones tell of something that continues
WORDS_REMEMBERED = 100_000  # words of which it is known whether they begin a phrase; bounds the memory of a long run

_QUOTED = re.compile('["“„«「『][^"“”„«»「」『』]{2,400}["”“»」』]')
_COPYRIGHT = ("©", "(c) ", "℗")
_USES = ("mark", "note", "opener", "stamp")
_END = ("$",)  # as an alternative: the block may end here
_WEIGHTS = {"sure": 2, "likely": 1, "label": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseMatch:
    """What a block asks for. A label says something only beside other marked blocks: "Once", "Continue"."""

    kind: str  # slug: sign-up, donation, follow, app, subscription, related, share ...
    sure: bool
    label: bool = False


class _Phrase(NamedTuple):
    kind: str
    level: str
    at_start: bool
    at_end: bool
    steps: tuple[tuple[tuple[str, ...], ...] | None, ...]  # None: a gap
    needs: frozenset[str]  # one of these words must be there too; empty where that is unknown


def mark(text: str, *, language: str | None = None) -> PhraseMatch | None:
    """Return what the block asks of its reader, None if nothing or if it is a note that is content.

    Quoted speech does not count. `language` is not needed; it is taken so that callers need not care.
    """
    if len(text) > MAX_WORDS * 12:
        return None
    wording = words(_QUOTED.sub(" ", text)) if any(sign in text for sign in '"“„«「『') else words(text)
    if not wording or len(wording) > MAX_WORDS * (2 if len(text) < 3 * len(wording) else 1):
        return None
    if len(wording) <= COPYRIGHT_WORDS and text.lstrip().lower().startswith(_COPYRIGHT):
        return PhraseMatch(kind="legal", sure=True)
    hits = _hits(wording)
    if len(wording) > CONTINUES_WORDS * (2 if len(text) < 3 * len(wording) else 1):
        hits = [hit for hit in hits if hit.kind != "continues"]
    if not hits or is_note(text):
        return None
    label = next((hit for hit in hits if hit.level == "label"), None)
    if label is not None and not any(hit.level == "sure" for hit in hits):
        return PhraseMatch(kind=label.kind, sure=False, label=True)
    weight = sum(_WEIGHTS[hit.level] for hit in hits)
    needed = SURE_WEIGHT + len(wording) // WORDS_PER_WEIGHT
    strongest = max(hits, key=lambda hit: _WEIGHTS[hit.level])
    return PhraseMatch(kind=strongest.kind, sure=strongest.level == "sure" and weight >= needed)


def announces(text: str) -> bool:
    """Return whether a sentence with a colon announces what follows it: "See the full list of winners below:".

    A shorter line is the label of a list: "Read also:".
    """
    return text.endswith((":", "：")) and len(text) >= ANNOUNCING_CHARS


def is_note(text: str) -> bool:
    """Return whether the block is a note about the article itself that readers need: a correction, an editor's note.

    A bare stamp ("Updated 3 May 2026, 10:15") is none.
    """
    wording = words(text[:NOTE_CHARS])
    if not any(True for _ in _found(wording, _book("note"))):
        return False
    telling = sum(not any(char.isdigit() for char in word) for word in wording)
    return telling > STAMP_WORDS or not any(True for _ in _found(wording, _book("stamp")))


def is_opener(text: str) -> bool:
    """Return whether the block may open a box of its own: "A message from ...", "Dear readers,"."""
    wording = words(text) if len(text) <= OPENER_CHARS else ()
    return 0 < len(wording) <= OPENER_WORDS and any(True for _ in _found(wording, _book("opener")))


def _hits(wording: Sequence[str]) -> list[_Phrase]:
    return list(dict.fromkeys(_found(wording, _book("mark"))))


def _found(wording: Sequence[str], book: _Book) -> Iterable[_Phrase]:
    there = None
    for at, phrases in enumerate(map(book.__getitem__, wording)):
        for phrase in phrases:
            if at and phrase.at_start:
                continue
            if there is None:
                there = frozenset(wording)
            if phrase.needs and phrase.needs.isdisjoint(there):
                continue
            if _follows(phrase, 0, wording, at):
                yield phrase


def _follows(phrase: _Phrase, step: int, wording: Sequence[str], at: int) -> bool:
    if step == len(phrase.steps):
        return at == len(wording) or not phrase.at_end
    choices = phrase.steps[step]
    if choices is None:
        return any(
            _follows(phrase, step + 1, wording, at + gap) for gap in range(GAP_WORDS + 1) if at + gap <= len(wording)
        )
    return any(
        _same(choice, wording, at) and _follows(phrase, step + 1, wording, min(at + len(choice), len(wording)))
        for choice in choices
    )


def _same(choice: tuple[str, ...], wording: Sequence[str], at: int) -> bool:
    if choice == _END:
        return at == len(wording)
    if at + len(choice) > len(wording):
        return False
    for n, word in enumerate(choice):
        met = wording[at + n]
        if met != word and not (word[-1] == "*" and met.startswith(word[:-1])):
            return False
    return True


class _Book(dict[str, tuple[_Phrase, ...]]):
    """Word -> the phrases that it may begin; filled as words are met, for most of them begin none."""

    def __init__(self, table: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        super().__init__()
        self._whole: dict[str, list[_Phrase]] = {}
        self._stems: dict[str, list[_Phrase]] = {}
        for kind, levels in table.items():
            for level, lines in levels.items():
                for line in lines:
                    self._add(_read(kind, level, line))

    def _add(self, phrase: _Phrase) -> None:
        first = phrase.steps[0]
        assert first is not None, "a phrase begins with words"
        for start, *_ in first:
            if start.endswith("*"):
                self._stems.setdefault(start[:-1][: STEM_CHARS[-1]], []).append(phrase)
            else:
                self._whole.setdefault(start, []).append(phrase)

    def __missing__(self, word: str) -> tuple[_Phrase, ...]:
        found = list(self._whole.get(word, ()))
        for chars in STEM_CHARS:
            if len(word) >= chars:
                found += self._stems.get(word[:chars], ())
        known = tuple(dict.fromkeys(found))
        if len(self) < WORDS_REMEMBERED:
            self[word] = known
        return known


@cache
def _book(use: str) -> _Book:
    return _Book({kind: levels for kind, levels in _table().items() if (kind if kind in _USES else "mark") == use})


@cache
def _table() -> Mapping[str, Mapping[str, Sequence[str]]]:
    with files("ingest.text").joinpath("phrases.toml").open("rb") as file:
        return tomllib.load(file)


def _read(kind: str, level: str, line: str) -> _Phrase:
    parts = line.split()
    at_start, at_end = parts[0] == "^", parts[-1] == "$"
    steps = tuple(
        None if part == ".." else tuple(_choice(choice) for choice in part.split("|"))
        for part in parts
        if part not in ("^", "$")
    )
    return _Phrase(kind, level, at_start, at_end, steps, _needs(steps[1:]))


def _needs(later: Sequence[tuple[tuple[str, ...], ...] | None]) -> frozenset[str]:
    """The words with which the choosiest of a phrase's later steps can begin, where all of them are whole words."""
    found = [
        frozenset(choice[0] for choice in choices)
        for choices in later
        if choices is not None and all(choice and choice != _END and choice[0][-1] != "*" for choice in choices)
    ]
    return min(found, key=len, default=frozenset())


def _choice(choice: str) -> tuple[str, ...]:
    if choice == "$":
        return _END
    if choice.isascii() and choice.isalnum() and choice.islower():
        return (choice,)  # as most are: nothing to fold
    if not choice.endswith("*"):
        return words(choice)
    stem = fold(choice[:-1])
    assert len(stem) >= STEM_CHARS[0], f"{choice}: a stem has {STEM_CHARS[0]} letters or more"
    return (stem + "*",)
