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
    by_said: dict[tuple[str, ...], list[Occurrence]] = defaultdict(list)
    for reading in readings:
        for occurrence in reading.occurrences:
            by_said[occurrence.said].append(occurrence)
    runs = {said: _runs(said) for said in by_said}
    shared = _shared_runs(by_said, runs)
    # the commonest wording first, so that it and not a rare variant becomes the pattern that others join
    for said, seen in sorted(by_said.items(), key=lambda item: (-_groups(item[1]), item[0])):
        number = finder.exact(said)
        if number is None:
            if _groups(seen) < 2 and _share(runs[said], shared) < RUN_SHARE:
                continue
            number = finder.find(said, _same)
        if number is None:
            number = finder.add(said)
            clusters.append(Cluster(None, said))
        elif not fits(clusters[number].pattern, said):
            clusters[number].pattern = merge(clusters[number].pattern, said)
            finder.replace(number, clusters[number].pattern)
        clusters[number].occurrences += seen
    return clusters


def _groups(occurrences: Sequence[Occurrence]) -> int:
    if len(occurrences) == 1:
        return 1  # nearly always
    return len({occurrence.reading.group for occurrence in occurrences})


def _same(pattern: Sequence[str], said: Sequence[str]) -> bool:
    """Whether a wording is another one of the pattern's block."""
    if fits(pattern, said):
        return True
    if likeness(pattern, said) < (LIKE_EDGE if same_edge(pattern, said) >= EDGE_WORDS else LIKE):
        return False
    least = max(MIN_FIXED, KEPT_FIXED * max(fixed(pattern), fixed(said)))
    return fixed(merge(pattern, said)) >= least


def _runs(said: Sequence[str]) -> list[tuple[str, ...]]:
    sample = said[:SAMPLE_WORDS]
    by_character = False
    if not "".join(sample).isascii():
        by_character = sum(len(word) == 1 and not word.isascii() for word in sample) > len(sample) / 2
    size = LONG_RUN_WORDS if by_character and len(said) > 4 * LONG_RUN_WORDS else RUN_WORDS
    size = min(size, max(1, len(said) // 2))
    return list(zip(*(said[at:] for at in range(size)), strict=False))


def _shared_runs(
    by_said: dict[tuple[str, ...], list[Occurrence]], runs: dict[tuple[str, ...], list[tuple[str, ...]]]
) -> set[tuple[str, ...]]:
    """The runs of words that stand in more than one article."""
    shared: set[tuple[str, ...]] = set()
    of_group: dict[int, set[tuple[str, ...]]] = defaultdict(set)
    for said, seen in by_said.items():
        groups = {occurrence.reading.group for occurrence in seen}
        if len(groups) > 1:
            shared.update(runs[said])
        else:
            of_group[groups.pop()].update(runs[said])
    met: set[tuple[str, ...]] = set()
    for these in of_group.values():
        shared |= these & met
        met |= these
    return shared


def _share(runs: Sequence[tuple[str, ...]], shared: set[tuple[str, ...]]) -> float:
    return sum(map(shared.__contains__, runs)) / len(runs) if runs else 0.0
