"""What a short text asks of its reader: sign up, give, follow, download, read on ...; and which notes are content.

Knows phrases in many languages (phrases.toml), not sites. A phrase is a row of words compared in folded form: `a|b` are
alternatives, `word*` any word beginning so, `..` up to four words between, `^` and `$` the ends of the block. What to do
with a marked block is decided by those who see its neighbours and how often it recurs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from ingest.text import fold, words

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

_QUOTED = re.compile('["“„«「『][^"“”„«»「」『』]{2,400}["”“»」』]')
_END = ("$",)  # as an alternative: the block may end here
_WEIGHTS = {"sure": 2, "likely": 1, "label": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
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


def mark(text: str, *, language: str | None = None) -> Mark | None:
    """Return what the block asks of its reader, None if nothing or if it is a note that is content.

    Quoted speech does not count. `language` is not needed; it is taken so that callers need not care.
    """
    if len(text) > MAX_WORDS * 12:
        return None
    said = words(_QUOTED.sub(" ", text)) if any(sign in text for sign in '"“„«「『') else words(text)
    if not said or len(said) > MAX_WORDS * (2 if len(text) < 3 * len(said) else 1):
        return None
    hits = _hits(said)
    if not hits or is_note(text):
        return None
    if all(hit.level == "label" for hit in hits):
        return Mark(kind=hits[0].kind, sure=False, label=True)
    weight = sum(_WEIGHTS[level] for level in {hit.steps: hit.level for hit in hits}.values())
    needed = SURE_WEIGHT + len(said) // WORDS_PER_WEIGHT
    strongest = max(hits, key=lambda hit: _WEIGHTS[hit.level])
    return Mark(kind=strongest.kind, sure=weight >= needed)


def is_note(text: str) -> bool:
    """Return whether the block is a note about the article itself that readers need: a correction, an editor's note."""
    return any(True for _ in _found(words(text[:200]), _phrases("note")))


def is_opener(text: str) -> bool:
    """Return whether the block may open a box of its own: "A message from ...", "Dear readers,"."""
    said = words(text)
    return 0 < len(said) <= 14 and any(True for _ in _found(said, _phrases("opener")))


def _hits(said: Sequence[str]) -> list[_Phrase]:
    return list(_found(said, _phrases("mark")))


def _found(said: Sequence[str], index: dict[str, tuple[_Phrase, ...]]) -> Iterable[_Phrase]:
    for at, word in enumerate(said):
        for start in (word, *(word[:chars] + "*" for chars in STEM_CHARS)):
            for phrase in index.get(start, ()):
                if (at == 0 or not phrase.at_start) and _follows(phrase, 0, said, at):
                    yield phrase


def _follows(phrase: _Phrase, step: int, said: Sequence[str], at: int) -> bool:
    if step == len(phrase.steps):
        return at == len(said) or not phrase.at_end
    choices = phrase.steps[step]
    if choices is None:
        return any(_follows(phrase, step + 1, said, at + gap) for gap in range(GAP_WORDS + 1) if at + gap <= len(said))
    return any(
        _same(choice, said, at) and _follows(phrase, step + 1, said, min(at + len(choice), len(said)))
        for choice in choices
    )


def _same(choice: tuple[str, ...], said: Sequence[str], at: int) -> bool:
    if choice == _END:
        return at == len(said)
    if at + len(choice) > len(said):
        return False
    return all(
        said[at + n].startswith(word[:-1]) if word.endswith("*") else said[at + n] == word
        for n, word in enumerate(choice)
    )


@lru_cache(maxsize=4)
def _phrases(use: str) -> dict[str, tuple[_Phrase, ...]]:
    """Phrases by the first word they begin with, or by its first letters and a star."""
    index: dict[str, list[_Phrase]] = {}
    with files("ingest").joinpath("phrases.toml").open("rb") as file:
        table = tomllib.load(file)
    for kind, levels in table.items():
        if (kind if kind in ("note", "opener") else "mark") != use:
            continue
        for level, lines in levels.items():
            for line in lines:
                phrase = _read(kind, level, line)
                assert phrase.steps[0] is not None, line
                for choice in phrase.steps[0]:
                    first = choice[0]
                    start = first[:-1][: STEM_CHARS[-1]] + "*" if first.endswith("*") else first
                    index.setdefault(start, []).append(phrase)
    return {start: tuple(phrases) for start, phrases in index.items()}


def _read(kind: str, level: str, line: str) -> _Phrase:
    parts = line.split()
    at_start, at_end = parts[0] == "^", parts[-1] == "$"
    steps = tuple(
        None if part == ".." else tuple(_choice(choice) for choice in part.split("|"))
        for part in parts
        if part not in ("^", "$")
    )
    return _Phrase(kind, level, at_start, at_end, steps)


def _choice(choice: str) -> tuple[str, ...]:
    if choice == "$":
        return _END
    if not choice.endswith("*"):
        return words(choice)
    stem = fold(choice[:-1])
    assert len(stem) >= STEM_CHARS[0], f"{choice}: a stem has {STEM_CHARS[0]} letters or more"
    return (stem + "*",)
