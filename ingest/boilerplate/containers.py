"""Places in a site's pages that hold nothing of the article: a box whose text changes with every campaign.

A place is the path of a block with numbers made alike. It is learned when nearly all that was ever seen there is known
to be boilerplate, so that a new text there is cut at its first sight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from ingest.boilerplate.occurrences import Reading, Sighting

PLACE_ARTICLES = 4  # unlike articles that something was seen in there
PLACE_SHARE = 0.8  # share of what was seen there that is boilerplate for other reasons


def places(readings: Sequence[Reading], is_boilerplate: Callable[[Sighting], bool]) -> dict[str, list[Sighting]]:
    """Return the places that hold boilerplate only, with all that was seen there."""
    by_place: dict[str, list[Sighting]] = defaultdict(list)
    for reading in readings:
        for sighting in reading.sightings:
            if sighting.place and sighting.aside:
                by_place[sighting.place].append(sighting)
    main = {reading.main_place for reading in readings}
    return {
        place: seen
        for place, seen in by_place.items()
        if place not in main
        and is_named(place)
        and len({sighting.reading.group for sighting in seen}) >= PLACE_ARTICLES
        and sum(map(is_boilerplate, seen)) >= PLACE_SHARE * len(seen)
    }


def is_named(place: str) -> bool:
    """Return whether the block or the box around it has a class or id; a bare "div/p" may hold anything."""
    return any("." in step or "#" in step for step in place.split("/")[-2:])
