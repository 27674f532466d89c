"""The blocks of one source's articles -> which of them recur, and which recurring ones are boilerplate.

Pure and incremental: takes the new articles, what is known so far and some recent articles to compare with, and gives
back what changed. The cost goes with the new and the recent articles, not with the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.boilerplate.bios import bios
from ingest.boilerplate.block_index import Prepared, has_faded, place_of
from ingest.boilerplate.clusters import Cluster, clusters_of
from ingest.boilerplate.containers import places
from ingest.boilerplate.decide import decide
from ingest.boilerplate.evidence import Background, evidence_of
from ingest.boilerplate.headings import headings
from ingest.boilerplate.near_duplicates import groups_of
from ingest.boilerplate.occurrences import Lesson, Reading, Sighting, read
from ingest.boilerplate.pattern import ANYTHING, Shapes
from ingest.boilerplate.pointers import frames, pointers
from ingest.model import BlockVerdict, KnownBlock

__all__ = ["RECENT_ARTICLES", "Lesson", "Taught", "learn"]

RECENT_ARTICLES = (
    100  # earlier articles that new ones are compared with: a block on 3 % of the pages is met three times
)
NAMES_ANOTHER = "names another article"
TELLS_OF_AUTHOR = "tells of the author"
OWN_HEADINGS = "headings of the articles' own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What the lessons changed: `blocks` new or with new counts or verdicts, and which of the articles use each."""

    blocks: tuple[KnownBlock, ...]
    uses: tuple[tuple[int, ...], ...]  # article ids, parallel to blocks


def learn(
    lessons: Sequence[Lesson],
    *,
    known: Iterable[KnownBlock] = (),
    recent: Sequence[Lesson] = (),
    shapes: Shapes | None = None,
) -> Taught:
    """Return what new articles teach about a source's blocks.

    `known` are the blocks counted so far, from articles before these; `recent` are the latest of those articles, oldest
    first. Without either, this learns from scratch. `shapes` of the articles' blocks are left to who strips them next.
    """
    shapes = Shapes() if shapes is None else shapes
    readings = [read(number, lesson, shapes) for number, lesson in enumerate([*recent, *lessons])]
    for reading, group in zip(
        readings, groups_of([[s.said for s in reading.sightings] for reading in readings]), strict=True
    ):
        reading.group = group
    new = {reading.number for reading in readings[len(recent) :]}
    known = tuple(known)
    clusters = clusters_of(readings, [block for block in known if block.pattern != ANYTHING])
    pointing = pointers(readings)
    background = Background(readings, clusters, pointing)
    taught: _Taught = [
        (_judged(cluster, new, background), _used(cluster, new))
        for cluster in clusters
        if any(s.reading.number in new for s in cluster.sightings) and (cluster.known or len(cluster.groups) > 1)
    ]
    taught += _by_frames(frames(pointing, readings), taught, known, new)
    taught += _by_headings(readings, known, background, new)
    taught += _by_places(readings, taught, known, background, new)
    taught += _by_themselves(pointing, NAMES_ANOTHER, taught, known, background, new)
    taught += _by_themselves(bios(readings, background), TELLS_OF_AUTHOR, taught, known, background, new)
    for reading in readings:  # readings and sightings know each other: nothing but a search for cycles would free them
        reading.sightings.clear()
    return Taught(blocks=tuple(block for block, _ in taught), uses=tuple(uses for _, uses in taught))


def _used(cluster: Cluster, new: set[int]) -> tuple[int, ...]:
    seen = [s for s in cluster.sightings if s.reading.number in new] if cluster.known else cluster.sightings
    return _ids(seen)


def _ids(sightings: Iterable[Sighting]) -> tuple[int, ...]:
    return tuple(sorted({sighting.reading.article_id for sighting in sightings}))


def _judged(cluster: Cluster, new: set[int], background: Background) -> KnownBlock:
    """The cluster's block with the new sightings counted and judged."""
    block = _counted(cluster.known, cluster.pattern, cluster.sightings, new)
    known = cluster.known
    back = known is not None and has_faded(
        known, min(s.reading.day for s in cluster.sightings if s.reading.number in new)
    )
    verdict, reason = decide(replace(block, verdict=None) if back else block, evidence_of(cluster, background))
    if verdict is None and all(background.points(sighting) for sighting in cluster.sightings):
        verdict, reason = BlockVerdict.LEARNED, NAMES_ANOTHER
    if verdict is None and back and known is not None:
        return known  # met again once the site had dropped it: stays as it was, for the articles of its time
    return replace(block, verdict=verdict, reason=reason)


def _counted(
    known: KnownBlock | None, pattern: tuple[str, ...], sightings: Sequence[Sighting], new: set[int]
) -> KnownBlock:
    fresh = [s for s in sightings if s.reading.number in new] if known else list(sightings)
    before = {s.reading.group for s in sightings if s.reading.number not in new} if known else set()
    counted = {s.reading.group for s in fresh} - before
    days = [sighting.reading.day for sighting in fresh]
    last = fresh[-1].block
    return KnownBlock(
        id=known.id if known else None,
        pattern=pattern,
        text=last.text,
        kind=last.kind,
        path=last.path,
        articles=(known.articles if known else 0) + len(counted),
        first_on=known.first_on if known else min(days),
        last_on=max(days if known is None else [known.last_on, *days]),
        verdict=known.verdict if known else None,
        reason=known.reason if known else "",
    )


_Taught = list[tuple[KnownBlock, tuple[int, ...]]]


def _by_frames(
    found: dict[tuple[str, ...], list[Sighting]], taught: _Taught, known: Sequence[KnownBlock], new: set[int]
) -> _Taught:
    """The words that introduce other articles."""
    held = {block.pattern: block for block in known}
    judged = {block.pattern for block, _ in taught}
    return [
        (_learned(held.get(frame), frame, seen, "introduces other articles", new), _ids(seen))
        for frame, seen in found.items()
        if frame not in judged and _is_fresh(seen, new)
    ]


def _by_places(
    readings: Sequence[Reading], taught: _Taught, known: Sequence[KnownBlock], background: Background, new: set[int]
) -> _Taught:
    """Boxes that hold boilerplate only."""
    held = {place_of(block.path): block for block in known if block.pattern == ANYTHING}
    own = {place for place, block in held.items() if block.verdict is BlockVerdict.OWN}
    own |= {place_of(block.path) for block, _ in taught if block.pattern == ANYTHING}
    is_known = _boilerplate_by(known, taught)

    def is_boilerplate(sighting: Sighting) -> bool:
        return sighting.cut or background.points(sighting) or is_known(sighting)

    return [
        (_learned(held.get(place), ANYTHING, seen, "a box of the site", new), _ids(seen))
        for place, seen in places(readings, is_boilerplate).items()
        if place not in own and _is_fresh(seen, new)
    ]


def _by_themselves(
    telling: Sequence[Sighting],
    reason: str,
    taught: _Taught,
    known: Sequence[KnownBlock],
    background: Background,
    new: set[int],
) -> _Taught:
    """Blocks that tell what they are at first sight and are not recognised by anything else: each is held by itself."""
    is_known = _boilerplate_by(known, taught)
    judged = {block.pattern for block, _ in taught}
    found: dict[tuple[str, ...], list[Sighting]] = {}
    held: dict[tuple[str, ...], KnownBlock | None] = {}
    for sighting in telling:
        if not sighting.cut and not is_known(sighting):
            cluster = background.cluster(sighting)
            pattern = sighting.said if cluster is None else cluster.pattern
            found.setdefault(pattern, []).append(sighting)
            held[pattern] = cluster.known if cluster else None
    return [
        (_learned(held[pattern], pattern, seen, reason, new), _ids(seen))
        for pattern, seen in found.items()
        if pattern not in judged
    ]


def _by_headings(
    readings: Sequence[Reading], known: Sequence[KnownBlock], background: Background, new: set[int]
) -> _Taught:
    """Places that hold headings of the articles' own."""
    held = {place_of(block.path): block for block in known if block.pattern == ANYTHING}
    learned = [
        (_learned(held.get(place), ANYTHING, seen, OWN_HEADINGS, new), _ids(seen))
        for place, seen in headings(readings, background).items()
        if _is_fresh(seen, new)
    ]
    return [
        (replace(block, verdict=BlockVerdict.OWN) if block.verdict is BlockVerdict.LEARNED else block, uses)
        for block, uses in learned
    ]


def _boilerplate_by(known: Sequence[KnownBlock], taught: _Taught) -> Callable[[Sighting], bool]:
    blocks = [block for block, _ in taught]
    again = {block.id for block in blocks}
    ready = Prepared([*blocks, *(block for block in known if block.id is None or block.id not in again)])

    def is_boilerplate(sighting: Sighting) -> bool:
        found = ready.find(sighting.block, sighting.said)
        return found is not None and found.verdict in (BlockVerdict.LEARNED, BlockVerdict.CUT)

    return is_boilerplate


def _is_fresh(seen: Iterable[Sighting], new: set[int]) -> bool:
    return any(sighting.reading.number in new for sighting in seen)


def _learned(
    known: KnownBlock | None, pattern: tuple[str, ...], seen: Sequence[Sighting], reason: str, new: set[int]
) -> KnownBlock:
    """What needs no judging: it is boilerplate unless a person said otherwise."""
    block = known if known and not _is_fresh(seen, new) else _counted(known, pattern, seen, new)
    if block.verdict in (BlockVerdict.KEEP, BlockVerdict.CUT):
        return block
    return replace(block, verdict=BlockVerdict.LEARNED, reason=reason)
