"""The blocks of many articles in clusters: one for each block in all its wordings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.boilerplate.finder import Finder
from ingest.boilerplate.occurrences import ArticleBlocks, Occurrence
from ingest.boilerplate.pattern import MIN_FIXED, fits, fixed, likeness, merge, same_edge
from ingest.model import KnownBlock

# A block enters the comparison when so much of it, in runs of words, stands in another article too. Paragraphs of news
# share 0.1-0.3 of their runs of three with a hundred other articles, boilerplate with changing names 0.4 and more.
RUN_SHARE = 0.3
RUN_WORDS = 3
LONG_RUN_WORDS = 6  # for texts split by character: half a word each
SAMPLE_WORDS = 12  # by which to decide whether a text is split by character
LIKE = 0.6  # likeness of two wordings of one block: a changed name, office and town leave two thirds
LIKE_EDGE = 0.45  # enough when they begin or end alike: "Responsible editor: NAME"
EDGE_WORDS = 4  # that so begin or end
KEPT_FIXED = 0.5  # share of fixed words a pattern may not fall below when another wording joins it


@dataclass(slots=True, eq=False)
class Cluster:
    """Occurrences of one block in all its wordings."""

    known: KnownBlock | None
    pattern: tuple[str, ...]
    occurrences: list[Occurrence] = field(default_factory=list)

    @property
    def groups(self) -> set[int]:
        """The articles it was seen in, near-identical ones counted once."""
        return {occurrence.reading.group for occurrence in self.occurrences}


def clusters_of(readings: Sequence[ArticleBlocks], known: Iterable[KnownBlock]) -> list[Cluster]:
    """Return a cluster for each known block, and one for each that stands, or nearly does, in two unlike articles."""
    clusters = [Cluster(block, block.pattern) for block in known]
    finder = Finder(cluster.pattern for cluster in clusters)
    by_wording: dict[tuple[str, ...], list[Occurrence]] = defaultdict(list)
    for reading in readings:
        for occurrence in reading.occurrences:
            by_wording[occurrence.wording].append(occurrence)
    runs = {wording: _runs(wording) for wording in by_wording}
    shared = _shared_runs(by_wording, runs)
    # the commonest wording first, so that it and not a rare variant becomes the pattern that others join
    for wording, seen in sorted(by_wording.items(), key=lambda item: (-_groups(item[1]), item[0])):
        number = finder.exact(wording)
        if number is None:
            if _groups(seen) < 2 and _share(runs[wording], shared) < RUN_SHARE:
                continue
            number = finder.find(wording, _same)
        if number is None:
            number = finder.add(wording)
            clusters.append(Cluster(None, wording))
        elif not fits(clusters[number].pattern, wording):
            clusters[number].pattern = merge(clusters[number].pattern, wording)
            finder.replace(number, clusters[number].pattern)
        clusters[number].occurrences += seen
    return clusters


def _groups(occurrences: Sequence[Occurrence]) -> int:
    if len(occurrences) == 1:
        return 1  # nearly always
    return len({occurrence.reading.group for occurrence in occurrences})


def _same(pattern: Sequence[str], wording: Sequence[str]) -> bool:
    """Whether a wording is another one of the pattern's block."""
    if fits(pattern, wording):
        return True
    if likeness(pattern, wording) < (LIKE_EDGE if same_edge(pattern, wording) >= EDGE_WORDS else LIKE):
        return False
    least = max(MIN_FIXED, KEPT_FIXED * max(fixed(pattern), fixed(wording)))
    return fixed(merge(pattern, wording)) >= least


def _runs(wording: Sequence[str]) -> list[tuple[str, ...]]:
    sample = wording[:SAMPLE_WORDS]
    by_character = False
    if not "".join(sample).isascii():
        by_character = sum(len(word) == 1 and not word.isascii() for word in sample) > len(sample) / 2
    size = LONG_RUN_WORDS if by_character and len(wording) > 4 * LONG_RUN_WORDS else RUN_WORDS
    size = min(size, max(1, len(wording) // 2))
    return list(zip(*(wording[at:] for at in range(size)), strict=False))


def _shared_runs(
    by_wording: dict[tuple[str, ...], list[Occurrence]], runs: dict[tuple[str, ...], list[tuple[str, ...]]]
) -> set[tuple[str, ...]]:
    """The runs of words that stand in more than one article."""
    shared: set[tuple[str, ...]] = set()
    of_group: dict[int, set[tuple[str, ...]]] = defaultdict(set)
    for wording, seen in by_wording.items():
        groups = {occurrence.reading.group for occurrence in seen}
        if len(groups) > 1:
            shared.update(runs[wording])
        else:
            of_group[groups.pop()].update(runs[wording])
    met: set[tuple[str, ...]] = set()
    for these in of_group.values():
        shared |= these & met
        met |= these
    return shared


def _share(runs: Sequence[tuple[str, ...]], shared: set[tuple[str, ...]]) -> float:
    return sum(map(shared.__contains__, runs)) / len(runs) if runs else 0.0
