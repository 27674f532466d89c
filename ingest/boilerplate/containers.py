"""Containers of a site's pages that hold nothing of the article: a box whose text changes with every campaign.

A container is the path of a block with its numbers replaced. It is learned when nearly all that was seen in it is
known to be boilerplate, so that a new text in it is cut at its first occurrence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from ingest.boilerplate.occurrences import ArticleBlocks, Occurrence

PLACE_ARTICLES = 4  # unlike articles that something was seen in there
PLACE_SHARE = 0.8  # share of what was seen there that is boilerplate for other reasons


def places(
    readings: Sequence[ArticleBlocks], is_boilerplate: Callable[[Occurrence], bool]
) -> dict[str, list[Occurrence]]:
    """Return the places that hold boilerplate only, with all that was seen there."""
    by_place: dict[str, list[Occurrence]] = defaultdict(list)
    for reading in readings:
        for occurrence in reading.occurrences:
            if occurrence.place and occurrence.aside:
                by_place[occurrence.place].append(occurrence)
    main = {reading.main_place for reading in readings}
    return {
        place: seen
        for place, seen in by_place.items()
        if place not in main
        and is_named(place)
        and len({occurrence.reading.group for occurrence in seen}) >= PLACE_ARTICLES
        and sum(map(is_boilerplate, seen)) >= PLACE_SHARE * len(seen)
    }


def is_named(place: str) -> bool:
    """Return whether the block or the box around it has a class or id; a bare "div/p" may hold anything."""
    return any("." in step or "#" in step for step in place.split("/")[-2:])
