"""Containers of a site's pages that hold headings of the article's own: over entries of a live blog, items of a list.

Extraction takes some of them for teasers, because they are short and bold. A container is learned when it held many
different headings, nearly each right above text that stayed: then the headings that extraction cut there are put back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ingest.boilerplate.containers import is_named
from ingest.boilerplate.evidence import Background
from ingest.boilerplate.occurrences import ArticleBlocks, Occurrence
from ingest.boilerplate.pattern import fixed
from ingest.model import BlockKind

# On the corpus's pages the places that pass hold 86 headings that extraction cut, 84 of them the articles';
# from 3 to 12 headings hardly make a difference. Boxes of teasers fail by their links and by what follows.
PLACE_HEADINGS = 5
DIFFERENT = 0.95  # share of different texts: "Related" over many boxes is one text
ABOVE_TEXT = 0.9  # share of them that stand right above text that stayed, in the same box
LINKED_MOST = 0.25  # of them inside links: a teaser's heading leads away


def headings(readings: Sequence[ArticleBlocks], background: Background) -> dict[str, list[Occurrence]]:
    """Return the places that hold headings of the articles' own, some of them cut, with all that was seen there."""
    by_place: dict[str, list[Occurrence]] = defaultdict(list)
    for reading in readings:
        for occurrence in reading.occurrences:
            if occurrence.block.kind is BlockKind.HEADING and is_named(occurrence.place):
                by_place[occurrence.place].append(occurrence)
    return {place: seen for place, seen in by_place.items() if _are_own(seen, background)}


def _are_own(seen: Sequence[Occurrence], background: Background) -> bool:
    if len(seen) < PLACE_HEADINGS or not any(occurrence.cut for occurrence in seen):
        return False
    if any(background.points(occurrence) or not fixed(occurrence.wording) for occurrence in seen):
        return False
    return (
        len({occurrence.block.text for occurrence in seen}) >= DIFFERENT * len(seen)
        and sum(_stands_above_text(occurrence, background) for occurrence in seen) >= ABOVE_TEXT * len(seen)
        and sum(occurrence.block.link_share for occurrence in seen) <= LINKED_MOST * len(seen)
    )


def _stands_above_text(occurrence: Occurrence, background: Background) -> bool:
    below = occurrence.next
    if below is None or below.cut or below.block.kind is BlockKind.HEADING or id(below) in background.recurring:
        return False
    box = occurrence.place.rpartition("/")[0]
    return below.place.startswith(f"{box}/")
