"""What changed between two texts, word by word, as people read it: some words the same, some gone, some new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from ingest.text.search_terms import UNPARTED

# a character of a script without spaces, a word with its marks and inner apostrophes, white space, or a sign
_PIECE = re.compile(rf"{UNPARTED}|(?:(?!{UNPARTED})\w)+(?:['’](?:(?!{UNPARTED})\w)+)*|\s+|.", re.DOTALL)
CONTEXT_WORDS = 12  # shown of what stays the same on either side of a change
MOST_PIECES = 20_000  # of two paragraphs together; longer ones are shown as a whole: a diff takes the square of it
ALIKE = 0.3  # of their words that two paragraphs share at least to be shown as one that changed


class DiffKind(StrEnum):
    """What became of some words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class DiffPart:
    """Words one after the other that went one way."""

    kind: DiffKind
    text: str


Paragraph = tuple[DiffPart, ...]


def changed_paragraphs(before: Sequence[str], after: Sequence[str]) -> Iterator[Paragraph]:
    """Give the paragraphs that changed, each as its parts in order; paragraphs that are in both texts are left out."""
    for tag, from_before, to_before, from_after, to_after in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield from _changed(before[from_before:to_before], after[from_after:to_after])


def _changed(gone: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Give the paragraphs of a stretch that changed: pairs that are alike word by word, the others whole."""
    at = 0
    for text in gone:
        partner = next((n for n in range(at, len(new)) if _are_alike(text, new[n])), None)
        if partner is None:
            yield (DiffPart(DiffKind.REMOVED, text),)
            continue
        yield from ((DiffPart(DiffKind.ADDED, one),) for one in new[at:partner])
        yield words_changed(text, new[partner])
        at = partner + 1
    yield from ((DiffPart(DiffKind.ADDED, one),) for one in new[at:])


def _are_alike(one: str, other: str) -> bool:
    first, second = set(one.split()), set(other.split())
    if len(first) < 2 or len(second) < 2:  # a short line, or a script without spaces
        first, second = set(_PIECE.findall(one)), set(_PIECE.findall(other))
    return len(first & second) >= ALIKE * max(len(first), len(second))


def words_changed(before: str, after: str) -> Paragraph:
    """Return one text as it became another, in parts; removed words stand before those that took their place."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if len(old) + len(new) > MOST_PIECES:
        return (DiffPart(DiffKind.REMOVED, before), DiffPart(DiffKind.ADDED, after))
    parts: list[DiffPart] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(DiffPart(DiffKind.SAME, "".join(old[i:j])))
            continue
        if j > i:
            parts.append(DiffPart(DiffKind.REMOVED, "".join(old[i:j])))
        if m > k:
            parts.append(DiffPart(DiffKind.ADDED, "".join(new[k:m])))
    return tuple(_merged(parts))


def _merged(parts: Iterable[DiffPart]) -> Iterator[DiffPart]:
    """Join changes that only white space keeps apart: a sentence that was written anew is one change."""
    gone = new = ""
    space = ""
    for part in parts:
        if part.kind is DiffKind.SAME and (part.text.strip() or not (gone or new)):
            yield from _pair(gone, new)
            yield DiffPart(DiffKind.SAME, space + part.text)
            gone = new = space = ""
        elif part.kind is DiffKind.SAME:
            space += part.text
        else:
            if space:
                gone, new, space = gone + space, new + space, ""
            if part.kind is DiffKind.REMOVED:
                gone += part.text
            else:
                new += part.text
    yield from _pair(gone, new)
    if space:
        yield DiffPart(DiffKind.SAME, space)


def _pair(gone: str, new: str) -> Iterator[DiffPart]:
    if gone:
        yield DiffPart(DiffKind.REMOVED, gone)
    if new:
        yield DiffPart(DiffKind.ADDED, new)


def shortened(paragraph: Paragraph) -> Paragraph:
    """Return a paragraph with some words of what is the same around each change, the rest as "..."."""
    last = len(paragraph) - 1
    return tuple(
        DiffPart(part.kind, _shortened(part.text, first=at == 0, last=at == last))
        if part.kind is DiffKind.SAME
        else part
        for at, part in enumerate(paragraph)
    )


def _shortened(text: str, *, first: bool, last: bool) -> str:
    pieces = _PIECE.findall(text)
    left, right = (0 if first else 2 * CONTEXT_WORDS), (0 if last else 2 * CONTEXT_WORDS)
    if len(pieces) <= left + right + 2:
        return text
    return (
        "".join(pieces[:left])
        + ("... " if first else " ..." if last else " ... ")
        + "".join(pieces[len(pieces) - right :] if right else ())
    )


def word_counts(paragraphs: Iterable[Paragraph]) -> tuple[int, int]:
    """Return how many words were added and how many removed."""
    counts = {DiffKind.ADDED: 0, DiffKind.REMOVED: 0, DiffKind.SAME: 0}
    for paragraph in paragraphs:
        for part in paragraph:
            counts[part.kind] += sum(piece[0].isalnum() for piece in _PIECE.findall(part.text))
    return counts[DiffKind.ADDED], counts[DiffKind.REMOVED]
