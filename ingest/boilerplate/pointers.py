"""Blocks that name another article of the source: teasers, "Read also: ...", lists of related articles.

In any language and container, a short block that holds the title of another article refers to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ingest.boilerplate.block_index import LINKED
from ingest.boilerplate.occurrences import ArticleBlocks, Occurrence
from ingest.boilerplate.pattern import GAP

TITLE_CHARS = (
    16  # folded letters of a title that names one article; shorter ones ("Live", "Opinion") may name a section
)
TITLE_CHARS_UNSPACED = 7  # the same for titles split by character
BESIDE_WORDS = 8  # more words beside the title make a sentence about the article
EDGE_WORDS = 1  # so do more than so many on both sides of it, unless the block is a link
FRAMES = 3  # pointers with the same words before the title, from which those words are learned
FRAME_CHARS = 4  # letters of these words: "Also:" may begin any line


_Titles = dict[str, dict[tuple[str, ...], set[int]]]  # first word -> title -> groups of the articles that have it


def pointers(readings: Sequence[ArticleBlocks]) -> list[Occurrence]:
    """Return the blocks that name another of the articles."""
    titles: _Titles = defaultdict(lambda: defaultdict(set))
    longest = 0
    for reading in readings:
        if _names_one(reading.title):
            titles[reading.title[0]][reading.title].add(reading.group)
            longest = max(longest, len(reading.title))
    return [
        occurrence
        for reading in readings
        for occurrence in reading.occurrences
        if len(occurrence.wording) <= longest + BESIDE_WORDS and _names_another(occurrence, titles)
    ]


def frames(found: Sequence[Occurrence], readings: Sequence[ArticleBlocks]) -> dict[tuple[str, ...], list[Occurrence]]:
    """Return the words that stand before the titles of several pointers, as patterns, with those pointers."""
    titles = {reading.title for reading in readings}
    by_frame: dict[tuple[str, ...], list[Occurrence]] = defaultdict(list)
    for occurrence in found:
        for words in range(1, min(BESIDE_WORDS, len(occurrence.wording) - 1) + 1):
            if occurrence.wording[words:] in titles:
                by_frame[(*occurrence.wording[:words], GAP)].append(occurrence)
                break
    return {
        frame: seen
        for frame, seen in by_frame.items()
        if len({occurrence.reading.group for occurrence in seen}) >= FRAMES and len("".join(frame)) >= FRAME_CHARS
    }


def _names_one(title: tuple[str, ...]) -> bool:
    chars = len("".join(title))
    unspaced = len(title) > 0 and chars < 2 * len(title)
    return chars >= (TITLE_CHARS_UNSPACED if unspaced else TITLE_CHARS)


def _names_another(occurrence: Occurrence, titles: _Titles) -> bool:
    """Return whether the title of another article is nearly all of the block."""
    wording, reading, linked = occurrence.wording, occurrence.reading, occurrence.block.link_share >= LINKED
    for start, word in enumerate(wording):
        if word not in titles:
            continue
        for title, groups in titles[word].items():
            beside = len(wording) - len(title)
            if not 0 <= beside <= BESIDE_WORDS or (not linked and min(start, beside - start) > EDGE_WORDS):
                continue
            if title != reading.title and groups - {reading.group} and wording[start : start + len(title)] == title:
                return True
    return False
