"""The shape of a block: its folded words, numbers made alike, with gaps where the words change.

"Sign up by 3 May" and "Sign up by 12 June" have the shape `sign up by 0 *`. Aligning is difflib's, on words: the
longest common run first (Ratcliff and Obershelp 1988).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from ingest.text.normalize import words

GAP = ""  # stands for words that change
ANYTHING = (GAP,)  # the pattern of a place where any text is boilerplate
NUMBER = "0"  # stands for any number, date or amount in digits
MAX_WORDS = 400  # longer blocks are compared by their beginning; a boilerplate paragraph of 400 words is rare
# A block matches a known one when so much of the pattern's fixed words is in it, in order, and so much of the block is
# either those words or stands in a gap. Below 0.8 paragraphs that only begin alike were taken for boilerplate.
FIT_KNOWN = 0.8
FIT_NEW = 0.8
GAP_WORDS = 30  # most words in one gap: a title in Chinese characters, a name with its office
MIN_FIXED = 3  # fixed words of a shape with gaps; fewer say nothing
CHANCE_RUN = 1  # words: a lone shared word inside a gap is chance ("the"); at an edge it may be the frame
SIGNS = 8  # different signs that identify a block without words: "* * *", "___", a row of symbols

_DIGIT = re.compile(r"\d")


def shape(text: str) -> tuple[str, ...]:
    """Return the block's folded words with runs of numbers made into one NUMBER; of a block without words its signs."""
    wording = words(text)[:MAX_WORDS]
    if not wording:
        signs = "".join(dict.fromkeys("".join(text.split())))
        return (signs[:SIGNS],) if signs else ()
    if not _DIGIT.search(text):
        return wording
    alike: list[str] = []
    for word in wording:
        if word.isalpha() or not _DIGIT.search(word):
            alike.append(word)
        elif not alike or alike[-1] != NUMBER:
            alike.append(NUMBER)
    return tuple(alike)


class Shapes(dict[str, tuple[str, ...]]):
    """Shapes by text, each computed once: learning, deciding and stripping ask for the same ones."""

    def __missing__(self, text: str) -> tuple[str, ...]:
        found = self[text] = shape(text)
        return found


def fixed(pattern: Iterable[str]) -> int:
    """Return how many words of a pattern do not change; numbers do."""
    return sum(word not in (GAP, NUMBER) for word in pattern)


def is_ornament(pattern: Sequence[str]) -> bool:
    """Return whether a shape is that of a block without words: a line of stars between two parts."""
    return len(pattern) == 1 and pattern != ANYTHING and not any(char.isalnum() for char in pattern[0])


def merge(pattern: Sequence[str], wording: Sequence[str]) -> tuple[str, ...]:
    """Return the pattern that both fit: what they share in order, gaps for the rest."""
    merged: list[str] = []
    for same, a, b in _aligned(pattern, wording):
        inner = a.start > 0 and b.start > 0 and a.stop < len(pattern) and b.stop < len(wording)
        if same and not (len(a) <= CHANCE_RUN and inner):
            merged.extend(pattern[a.start : a.stop])
        elif not merged or merged[-1] != GAP:
            merged.append(GAP)
    return tuple(merged)


def likeness(pattern: Sequence[str], wording: Sequence[str]) -> float:
    """Return the share of fixed words that both have in common, 0..1: twice the shared over all."""
    shared = sum(fixed(pattern[a.start : a.stop]) for same, a, _ in _aligned(pattern, wording) if same)
    total = fixed(pattern) + fixed(wording)
    return 2 * shared / total if total else 0.0


def same_edge(pattern: Sequence[str], wording: Sequence[str]) -> int:
    """Return how many words two blocks have in common at their beginning or at their end, whichever is more."""

    def run(pairs: Iterable[tuple[str, str]]) -> int:
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] != GAP, pairs))

    return max(run(zip(pattern, wording, strict=False)), run(zip(reversed(pattern), reversed(wording), strict=False)))


def fits(pattern: Sequence[str], wording: Sequence[str]) -> bool:
    """Return whether a block with these words is the known one: nearly all of the pattern, and little beside it."""
    if tuple(pattern) == tuple(wording):
        return True
    known = fixed(pattern)
    there = set(wording)
    if known < MIN_FIXED or sum(word in there for word in pattern if word not in (GAP, NUMBER)) < FIT_KNOWN * known:
        return False  # aligning costs a hundred times as much, and most paragraphs end here
    shared = explained = 0
    for same, a, b in _aligned(pattern, wording):
        if same:
            shared += fixed(pattern[a.start : a.stop])
            explained += len(b)
        elif GAP in pattern[max(0, a.start - 1) : a.stop + 1]:
            explained += min(len(b), GAP_WORDS)
    return shared >= FIT_KNOWN * known and explained >= FIT_NEW * len(wording)


def _aligned(pattern: Sequence[str], wording: Sequence[str]) -> Iterable[tuple[bool, range, range]]:
    """Give the stretches of both in order, and whether they are the same."""
    for tag, a_start, a_stop, b_start, b_stop in SequenceMatcher(None, pattern, wording, autojunk=False).get_opcodes():
        yield tag == "equal", range(a_start, a_stop), range(b_start, b_stop)
