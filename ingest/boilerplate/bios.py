"""Notes about an article's author, where they close it: "Jane Doe is a reporter at ...", whatever place they stand in.

A note recurs with its author; it is known at its first sight because it names who wrote the article.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.boilerplate.evidence import Background
from ingest.boilerplate.occurrences import ArticleBlocks, Occurrence
from ingest.model import BlockKind

# On 314 pages of the corpus, every one learned from by itself, six became better by it and none worse.
CLOSING_BLOCKS = 2  # of those kept; two authors have a note each
NAME_WITHIN = 6  # words from the beginning: "The Valley Post's Jane Doe"
VERB_WITHIN = 5  # words behind the name: "Jane Doe, PhD, is"
MIN_WORDS = 6
_KINDS = (BlockKind.PARAGRAPH, BlockKind.ITEM)
# To be, as such notes have it. Where a language leaves it out, or writes a dash, the note has to recur.
_TO_BE = frozenset((
    "is", "are", "was", "ist", "sind", "war", "est", "sont", "es", "son", "è", "sono", "é", "são", "är", "er", "jest",
    "je", "este",
))  # fmt: skip  # a table


def bios(readings: Sequence[ArticleBlocks], background: Background) -> list[Occurrence]:
    """Return the blocks that close an article and tell of one of its authors, who is named nowhere else in it."""
    found: list[Occurrence] = []
    for reading in readings:
        kept = [occurrence for occurrence in reading.occurrences if not occurrence.cut]
        for author in reading.authors:
            naming = [occurrence for occurrence in kept if _place_in(occurrence.said, author) is not None]
            if len(naming) == 1 and naming[0] in kept[-CLOSING_BLOCKS:] and _tells_of(naming[0], author):
                found.append(naming[0])
    return [occurrence for occurrence in found if background.teaches(occurrence.reading.number)]


def _tells_of(occurrence: Occurrence, author: tuple[str, ...]) -> bool:
    said = occurrence.said
    at = _place_in(said, author)
    if at is None or at >= NAME_WITHIN or len(said) < len(author) + MIN_WORDS or occurrence.block.kind not in _KINDS:
        return False
    behind = at + len(author)
    return not _TO_BE.isdisjoint(said[behind : behind + VERB_WITHIN])


def _place_in(said: tuple[str, ...], name: tuple[str, ...]) -> int | None:
    if name[0] not in said:
        return None  # nearly always: looking for one word is the fast part
    return next((at for at in range(len(said) - len(name) + 1) if said[at : at + len(name)] == name), None)
