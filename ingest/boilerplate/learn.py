"""The blocks of one source's articles -> which of them recur, and which recurring ones are boilerplate.

Pure and incremental: takes the new articles, what is known so far and some recent articles to compare with, and gives
back what changed. The cost goes with the new and the recent articles, not with the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.boilerplate.clusters import Cluster, clusters_of
from ingest.boilerplate.decide import decide
from ingest.boilerplate.evidence import Background, evidence_of
from ingest.boilerplate.pattern import ANYTHING
from ingest.boilerplate.places import places
from ingest.boilerplate.pointers import frames, pointers
from ingest.boilerplate.prepared import Prepared, place_of
from ingest.boilerplate.sightings import Lesson, Reading, Sighting, read
from ingest.boilerplate.twins import groups_of
from ingest.model import BlockVerdict, KnownBlock

__all__ = ["RECENT_ARTICLES", "Lesson", "Taught", "learn"]

RECENT_ARTICLES = (
    100  # earlier articles that new ones are compared with: a block on 3 % of the pages is met three times
)
EXAMPLES = 5  # article ids kept with a block, for people
NAMES_ANOTHER = "names another article"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What the lessons changed: `blocks` new or with new counts or verdicts, and which of the articles use each."""

    blocks: tuple[KnownBlock, ...]
    uses: tuple[tuple[int, ...], ...]  # article ids, parallel to blocks


def learn(lessons: Sequence[Lesson], *, known: Iterable[KnownBlock] = (), recent: Sequence[Lesson] = ()) -> Taught:
    """Return what new articles teach about a source's blocks.

    `known` are the blocks counted so far, from articles before these; `recent` are the latest of those articles, oldest
    first. Without either, this learns from scratch.
    """
    readings = [read(number, lesson) for number, lesson in enumerate([*recent, *lessons])]
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
    taught += _by_pointers(pointing, readings, clusters, background, new)
    taught += _by_places(readings, taught, known, new)
    return Taught(blocks=tuple(block for block, _ in taught), uses=tuple(uses for _, uses in taught))


def _used(cluster: Cluster, new: set[int]) -> tuple[int, ...]:
    seen = [s for s in cluster.sightings if s.reading.number in new] if cluster.known else cluster.sightings
    return _ids(seen)


def _ids(sightings: Iterable[Sighting]) -> tuple[int, ...]:
    return tuple(sorted({sighting.reading.article_id for sighting in sightings}))


def _judged(cluster: Cluster, new: set[int], background: Background) -> KnownBlock:
    """The cluster's block with the new sightings counted and judged."""
    block = _counted(cluster.known, cluster.pattern, cluster.sightings, new)
    verdict, reason = decide(block, evidence_of(cluster, background))
    if verdict is None and all(background.points(sighting) for sighting in cluster.sightings):
        verdict, reason = BlockVerdict.LEARNED, NAMES_ANOTHER
    return replace(block, verdict=verdict, reason=reason)


def _counted(
    known: KnownBlock | None, pattern: tuple[str, ...], sightings: Sequence[Sighting], new: set[int]
) -> KnownBlock:
    fresh = [s for s in sightings if s.reading.number in new] if known else list(sightings)
    before = {s.reading.group for s in sightings if s.reading.number not in new} if known else set()
    counted = {s.reading.group for s in fresh} - before
    days = [sighting.reading.day for sighting in fresh]
    last = fresh[-1].block
    ids = _ids(sightings)
    return KnownBlock(
        id=known.id if known else None,
        pattern=pattern,
        text=last.text,
        kind=last.kind,
        path=last.path,
        articles=(known.articles if known else 0) + len(counted),
        first_on=known.first_on if known else min(days),
        last_on=max(days if known is None else [known.last_on, *days]),
        examples=tuple([*(x for x in (known.examples if known else ()) if x not in ids), *ids][-EXAMPLES:]),
        verdict=known.verdict if known else None,
        reason=known.reason if known else "",
    )


_Taught = list[tuple[KnownBlock, tuple[int, ...]]]


def _by_pointers(
    pointing: Sequence[Sighting],
    readings: Sequence[Reading],
    clusters: Sequence[Cluster],
    background: Background,
    new: set[int],
) -> _Taught:
    """Blocks that name another article, each by itself, and the words that introduce several of them."""
    clustered = {id(s) for cluster in clusters if cluster.known or len(cluster.groups) > 1 for s in cluster.sightings}
    found: dict[tuple[str, ...], tuple[list[Sighting], str]] = {}
    for sighting in pointing:
        if id(sighting) not in clustered:
            found.setdefault(sighting.said, ([], NAMES_ANOTHER))[0].append(sighting)
    for frame, seen in frames(pointing, readings).items():
        found[frame] = (seen, "introduces other articles")
    held = {cluster.pattern: cluster.known for cluster in clusters if cluster.known}
    taught = []
    for pattern, (seen, reason) in found.items():
        known = held.get(pattern)
        if known is None or any(s.reading.number in new for s in seen):
            taught.append((_learned(known, pattern, seen, reason, new), _ids(seen)))
    return taught


def _by_places(readings: Sequence[Reading], taught: _Taught, known: Sequence[KnownBlock], new: set[int]) -> _Taught:
    """Boxes that hold boilerplate only."""
    held = {place_of(block.path): block for block in known if block.pattern == ANYTHING}
    strip_by = Prepared([*known, *(block for block, _ in taught)])

    def is_boilerplate(sighting: Sighting) -> bool:
        found = strip_by.find(sighting.block)
        return sighting.cut or (found is not None and found.verdict in (BlockVerdict.LEARNED, BlockVerdict.CUT))

    found = []
    for place, seen in places(readings, is_boilerplate).items():
        if any(s.reading.number in new for s in seen):
            found.append((_learned(held.get(place), ANYTHING, seen, "a box of the site", new), _ids(seen)))
    return found


def _learned(
    known: KnownBlock | None, pattern: tuple[str, ...], seen: Sequence[Sighting], reason: str, new: set[int]
) -> KnownBlock:
    """What needs no judging: it is boilerplate unless a person said otherwise."""
    block = _counted(known, pattern, seen, new)
    if block.verdict in (BlockVerdict.KEEP, BlockVerdict.CUT):
        return block
    return replace(block, verdict=BlockVerdict.LEARNED, reason=reason)
