"""Which cut segments come back because of what is kept around them: what stands between, and headings.

Pure. What trafilatura or the model loses inside an article (code, lists, a line under a picture, the short headings of
a long page) has the article on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.model import BlockKind

# Between kept segments this much is enough on average, by kind, in runs of at most so many. Swept on the folds and the
# sets left out (others 0.3 to 0.5, items 0.15 to 0.3): a plateau, 0.001 up on wcxb-dev in both.
ENOUGH = {BlockKind.CODE: 0.2, BlockKind.ITEM: 0.2, BlockKind.ROW: 0.2}
ENOUGH_OTHERS = 0.4
LEAST = 0.15  # for each of them
LEAST_LISTED = 0.1  # items and rows are often short and alike
RUN_MOST = 9
# A page's headings of one place are one decision where each of them has the article below and above. Swept 0.12 to 0.3
# on the folds: a plateau, 0.0007 up on fundus, elsewhere level.
HEADINGS_ENOUGH = 0.2  # on average over those of one place
HEADINGS_LEAST = 0.1  # for each
ABOVE_MOST = 3  # segments above a heading, one of which must be kept

_BELOW = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW, BlockKind.CODE, BlockKind.QUOTE)
_LISTED = (BlockKind.ITEM, BlockKind.ROW)


def headings(
    kept: Sequence[bool],
    likely: NDArray[np.float64],
    barred: Sequence[bool],
    kinds: Sequence[BlockKind],
    places: Sequence[int],
) -> list[int]:
    """Return the cut headings that stand in the article, where those of their place are likely enough together.

    `places` tells for each segment the kind of place it stands in; `barred` are those that nothing brings back.
    """
    by_place: dict[int, list[int]] = {}
    for at in headings_before_kept(kept, kinds):
        if not barred[at] and any(kept[max(0, at - ABOVE_MOST) : at]):
            by_place.setdefault(places[at], []).append(at)
    return [
        at
        for found in by_place.values()
        if likely[found].mean() >= HEADINGS_ENOUGH
        for at in found
        if likely[at] >= HEADINGS_LEAST
    ]


def headings_before_kept(kept: Sequence[bool], kinds: Sequence[BlockKind]) -> list[int]:
    """Return the cut headings right above kept text of any kind, or above another heading that is."""
    found: list[int] = []
    crowns = [False] * (len(kept) + 2)  # the segment is a heading right above kept text
    for at in range(len(kept) - 2, -1, -1):
        if kinds[at] is BlockKind.HEADING:
            crowns[at] = kept[at + 1] and kinds[at + 1] in _BELOW
            if not kept[at] and (crowns[at] or crowns[at + 1]):
                found.append(at)
    return found[::-1]


def gaps_between_kept(
    kept: Sequence[bool], likely: NDArray[np.float64], barred: Sequence[bool], kinds: Sequence[BlockKind]
) -> list[range]:
    """Return the short runs of cut segments that stand between kept ones, with none in them that is barred.

    They must be likely enough on average, and none all too unlikely.
    """
    found: list[range] = []
    for before, after in pairwise(at for at, keeps in enumerate(kept) if keeps):
        run = range(before + 1, after)
        if not 0 < len(run) <= RUN_MOST or any(barred[at] for at in run):
            continue
        over = sum(likely[at] - ENOUGH.get(kinds[at], ENOUGH_OTHERS) for at in run)
        least = min(likely[at] - (LEAST_LISTED if kinds[at] in _LISTED else LEAST) for at in run)
        if over >= 0 and least >= 0:
            found.append(run)
    return found
