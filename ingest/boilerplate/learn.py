"""The blocks of one source's articles -> which of them recur, and which recurring ones are boilerplate.

Pure and incremental: takes the new articles, what is known so far and some recent articles to compare with, and
returns what changed. The cost depends on the new and the recent articles, not on the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.boilerplate.bios import bios
from ingest.boilerplate.block_index import BlockIndex, has_faded, place_of
from ingest.boilerplate.clusters import Cluster, clusters_of
from ingest.boilerplate.containers import places
from ingest.boilerplate.decide import RECURS, decide, is_let_go
from ingest.boilerplate.evidence import Background, evidence_of
from ingest.boilerplate.finder import Finder
from ingest.boilerplate.headings import headings
from ingest.boilerplate.near_duplicates import groups_of
from ingest.boilerplate.occurrences import ArticleBlocks, Occurrence, TrainingArticle, read
from ingest.boilerplate.pattern import ANYTHING, Shapes
from ingest.boilerplate.pointers import frames, pointers
from ingest.model import BlockKind, BlockVerdict, KnownBlock

__all__ = ["RECENT_ARTICLES", "LearnResult", "TrainingArticle", "learn"]

RECENT_ARTICLES = (
    100  # earlier articles that new ones are compared with: a block on 3 % of the pages is met three times
)
_Learned = list[tuple[KnownBlock, tuple[int, ...]]]
NAMES_ANOTHER = "names another article"
TELLS_OF_AUTHOR = "tells of the author"
OWN_HEADINGS = "headings of the articles' own"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnResult:
    """What learning changed: `blocks` new or with new counts or verdicts, and which of the articles use each."""

    blocks: tuple[KnownBlock, ...]
    uses: tuple[tuple[int, ...], ...]  # article ids, parallel to blocks


def learn(
    examples: Sequence[TrainingArticle],
    *,
    known: Iterable[KnownBlock] = (),
    recent: Sequence[TrainingArticle] = (),
    shapes: Shapes | None = None,
) -> LearnResult:
    """Return what new articles teach about a source's blocks.

    `known` are the blocks counted so far, from articles before these; `recent` are the latest of those articles, oldest
    first. Without either, this learns from scratch. `shapes` of the articles' blocks can be reused for stripping.
    """
    shapes = Shapes() if shapes is None else shapes
    readings = [read(number, example, shapes) for number, example in enumerate([*recent, *examples])]
    for reading, group in zip(
        readings, groups_of([[s.wording for s in reading.occurrences] for reading in readings]), strict=True
    ):
        reading.group = group
    new = {reading.number for reading in readings[len(recent) :]}
    known = tuple(known)
    clusters = clusters_of(readings, [block for block in known if block.pattern != ANYTHING])
    pointing = pointers(readings)
    background = Background(readings, clusters, pointing)
    learn_result = _by_recurrence(clusters, new, background)
    learn_result += _by_frames(frames(pointing, readings), learn_result, known, new)
    learn_result += _by_headings(readings, known, background, new)
    learn_result += _by_places(readings, learn_result, known, background, new)
    learn_result += _by_themselves(pointing, NAMES_ANOTHER, learn_result, known, background, new)
    learn_result += _by_themselves(bios(readings, background), TELLS_OF_AUTHOR, learn_result, known, background, new)
    for reading in readings:  # readings and occurrences refer to each other: only the cycle collector would free them
        reading.occurrences.clear()
    return LearnResult(blocks=tuple(block for block, _ in learn_result), uses=tuple(uses for _, uses in learn_result))


def _by_recurrence(clusters: Sequence[Cluster], new: set[int], background: Background) -> _Learned:
    """The blocks that recur; headings after the others, for what stands below a heading decides about it."""
    recurring = [cluster for cluster in clusters if cluster.occurrences and (cluster.known or len(cluster.groups) > 1)]
    headings_last = sorted(recurring, key=_is_heading)
    learned: _Learned = []
    boilerplate: set[int] = set()
    for cluster in headings_last:
        if _is_heading(cluster):
            background.decided(boilerplate)
        if _is_fresh(cluster.occurrences, new):
            block = _decided(cluster, new, background)
            learned.append((block, _used(cluster, new)))
        elif cluster.known is None:
            continue  # recurs in earlier articles only, whose blocks were counted then and have faded since
        else:
            block = _decided_again(cluster.known, cluster, background)
            if block is not cluster.known:
                learned.append((block, ()))
        if block.verdict in (BlockVerdict.LEARNED, BlockVerdict.CUT):
            boilerplate.update(map(id, cluster.occurrences))
    return learned + _wordings_let_go(clusters, [block for block, _ in learned if block.verdict is None])


def _wordings_let_go(clusters: Sequence[Cluster], own: Sequence[KnownBlock]) -> _Learned:
    """The learned wordings, now seen as those of another block, that are the articles' own as that is."""
    finder = Finder(block.pattern for block in own)
    return [
        (replace(cluster.known, verdict=None, reason=""), ())
        for cluster in clusters
        if cluster.known and not cluster.occurrences and _was_learned(cluster.known)
        if finder.find(cluster.known.pattern) is not None
    ]


def _was_learned(known: KnownBlock) -> bool:
    return known.verdict is BlockVerdict.LEARNED and known.reason == RECURS


def _is_heading(cluster: Cluster) -> bool:
    return cluster.occurrences[-1].block.kind is BlockKind.HEADING


def _decided_again(known: KnownBlock, cluster: Cluster, background: Background) -> KnownBlock:
    """A known block that no new article has: let go when the earlier ones show that it is their own."""
    if _was_learned(known) and is_let_go(known, evidence_of(cluster, background)):
        return replace(known, verdict=None, reason="")
    return known


def _used(cluster: Cluster, new: set[int]) -> tuple[int, ...]:
    seen = [s for s in cluster.occurrences if s.reading.number in new] if cluster.known else cluster.occurrences
    return _ids(seen)


def _ids(occurrences: Iterable[Occurrence]) -> tuple[int, ...]:
    return tuple(sorted({occurrence.reading.article_id for occurrence in occurrences}))


def _decided(cluster: Cluster, new: set[int], background: Background) -> KnownBlock:
    """The cluster's block with the new occurrences counted, and the decision about it."""
    block = _counted(cluster.known, cluster.pattern, cluster.occurrences, new)
    known = cluster.known
    back = known is not None and has_faded(
        known, min(s.reading.day for s in cluster.occurrences if s.reading.number in new)
    )
    verdict, reason = decide(replace(block, verdict=None) if back else block, evidence_of(cluster, background))
    if verdict is None and all(background.points(occurrence) for occurrence in cluster.occurrences):
        verdict, reason = BlockVerdict.LEARNED, NAMES_ANOTHER
    if verdict is None and back and known is not None:
        return known  # seen again after the site had dropped it: stays as it was, for the articles of its time
    return replace(block, verdict=verdict, reason=reason)


def _counted(
    known: KnownBlock | None, pattern: tuple[str, ...], occurrences: Sequence[Occurrence], new: set[int]
) -> KnownBlock:
    fresh = [s for s in occurrences if s.reading.number in new] if known else list(occurrences)
    before = {s.reading.group for s in occurrences if s.reading.number not in new} if known else set()
    counted = {s.reading.group for s in fresh} - before
    days = [occurrence.reading.day for occurrence in fresh]
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


def _by_frames(
    found: dict[tuple[str, ...], list[Occurrence]], learn_result: _Learned, known: Sequence[KnownBlock], new: set[int]
) -> _Learned:
    """The words that introduce other articles."""
    held = {block.pattern: block for block in known}
    decided = {block.pattern for block, _ in learn_result}
    return [
        (_learned(held.get(frame), frame, seen, "introduces other articles", new), _ids(seen))
        for frame, seen in found.items()
        if frame not in decided and _is_fresh(seen, new)
    ]


def _by_places(
    readings: Sequence[ArticleBlocks],
    learn_result: _Learned,
    known: Sequence[KnownBlock],
    background: Background,
    new: set[int],
) -> _Learned:
    """Boxes that hold boilerplate only."""
    held = {place_of(block.path): block for block in known if block.pattern == ANYTHING}
    own = {place for place, block in held.items() if block.verdict is BlockVerdict.OWN}
    own |= {place_of(block.path) for block, _ in learn_result if block.pattern == ANYTHING}
    is_known = _boilerplate_by(known, learn_result)

    def is_boilerplate(occurrence: Occurrence) -> bool:
        return occurrence.cut or background.points(occurrence) or is_known(occurrence)

    return [
        (_learned(held.get(place), ANYTHING, seen, "a box of the site", new), _ids(seen))
        for place, seen in places(readings, is_boilerplate).items()
        if place not in own and _is_fresh(seen, new)
    ]


def _by_themselves(
    found_alone: Sequence[Occurrence],
    reason: str,
    learn_result: _Learned,
    known: Sequence[KnownBlock],
    background: Background,
    new: set[int],
) -> _Learned:
    """Blocks that are recognised at their first occurrence and by nothing else: each is kept on its own."""
    is_known = _boilerplate_by(known, learn_result)
    decided = {block.pattern for block, _ in learn_result}
    found: dict[tuple[str, ...], list[Occurrence]] = {}
    held: dict[tuple[str, ...], KnownBlock | None] = {}
    for occurrence in found_alone:
        if not occurrence.cut and not is_known(occurrence):
            cluster = background.cluster(occurrence)
            pattern = occurrence.wording if cluster is None else cluster.pattern
            found.setdefault(pattern, []).append(occurrence)
            held[pattern] = cluster.known if cluster else None
    return [
        (_learned(held[pattern], pattern, seen, reason, new), _ids(seen))
        for pattern, seen in found.items()
        if pattern not in decided
    ]


def _by_headings(
    readings: Sequence[ArticleBlocks], known: Sequence[KnownBlock], background: Background, new: set[int]
) -> _Learned:
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


def _boilerplate_by(known: Sequence[KnownBlock], learn_result: _Learned) -> Callable[[Occurrence], bool]:
    blocks = [block for block, _ in learn_result]
    again = {block.id for block in blocks}
    ready = BlockIndex([*blocks, *(block for block in known if block.id is None or block.id not in again)])

    def is_boilerplate(occurrence: Occurrence) -> bool:
        found = ready.find(occurrence.block, occurrence.wording)
        return found is not None and found.verdict in (BlockVerdict.LEARNED, BlockVerdict.CUT)

    return is_boilerplate


def _is_fresh(seen: Iterable[Occurrence], new: set[int]) -> bool:
    return any(occurrence.reading.number in new for occurrence in seen)


def _learned(
    known: KnownBlock | None, pattern: tuple[str, ...], seen: Sequence[Occurrence], reason: str, new: set[int]
) -> KnownBlock:
    """A block that needs no evidence: it is boilerplate unless a person said otherwise."""
    block = known if known and not _is_fresh(seen, new) else _counted(known, pattern, seen, new)
    if block.verdict in (BlockVerdict.KEEP, BlockVerdict.CUT):
        return block
    return replace(block, verdict=BlockVerdict.LEARNED, reason=reason)
