"""Evidence for and against a recurring block, measured on the articles at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, combinations, islice

from ingest.boilerplate.block_index import LINKED
from ingest.boilerplate.clusters import Cluster
from ingest.boilerplate.decide import Evidence
from ingest.boilerplate.occurrences import PARAGRAPH_WORDS, ArticleBlocks, Occurrence
from ingest.boilerplate.pattern import is_ornament
from ingest.boilerplate.promotes import is_quoted, names_site, speaks
from ingest.model import BlockKind
from ingest.text.normalize import resemblance

OWN_WORDS = (
    25  # words that only this article has; with fewer it is made from a template itself (a forecast, a quake report)
)
# Words in more articles than this say nothing about the subject.
COMMON_ARTICLES = 3
COMMON_SHARE = 0.25
PAIRS = 40  # of articles compared for likeness: enough for a mean off by a tenth


class Background:
    """What the articles are without the blocks that recur."""

    def __init__(
        self, readings: Sequence[ArticleBlocks], clusters: Sequence[Cluster], pointing: Iterable[Occurrence]
    ) -> None:
        self._clusters = {
            id(s): cluster
            for cluster in clusters
            if cluster.known or len(cluster.groups) > 1
            for s in cluster.occurrences
        }
        self._names = frozenset(chain.from_iterable(reading.site for reading in readings))
        self._pointing = {id(occurrence) for occurrence in pointing}
        self.recurring = self._clusters.keys() | self._pointing
        self._foreign: AbstractSet[int] = self.recurring  # what is not the article's own, as far as it is decided
        own = [
            frozenset(chain.from_iterable(s.wording for s in reading.occurrences if self._is_own(s)))
            for reading in readings
        ]
        most = max(COMMON_ARTICLES, COMMON_SHARE * len(readings))
        common = {word for word, articles in Counter(chain.from_iterable(own)).items() if articles > most}
        self.own = [wording - common for wording in own]
        self._words = [
            sum(len(s.wording) for s in reading.occurrences if id(s) not in self.recurring) for reading in readings
        ]
        own_at = [[s.at for s in reading.occurrences if self._is_own(s)] for reading in readings]
        self._first_own = [min(places, default=0) for places in own_at]
        self._last_own = [max(places, default=0) for places in own_at]
        self.groups = [reading.group for reading in readings]
        self.usual = self._likeness(range(len(readings)))

    def _is_own(self, occurrence: Occurrence) -> bool:
        return id(occurrence) not in self.recurring and not occurrence.cut

    def decided(self, boilerplate: set[int]) -> None:
        """Take in which occurrences are boilerplate: what recurs beside them is the articles' own."""
        self._foreign = boilerplate | self._pointing

    def is_own(self, occurrence: Occurrence) -> bool:
        """Return whether a block is the article's own text, as far as that is decided."""
        return not occurrence.cut and id(occurrence) not in self._foreign

    def speaks(self, occurrence: Occurrence) -> bool:
        """Return whether it speaks for the site or to the reader, and is nobody's quoted speech."""
        if names_site(occurrence.wording, self._names):
            return True
        return not is_quoted(occurrence.block.text) and speaks(occurrence.wording)

    def points(self, occurrence: Occurrence) -> bool:
        """Return whether it names another article of the source."""
        return id(occurrence) in self._pointing

    def cluster(self, occurrence: Occurrence) -> Cluster | None:
        """Return its block's cluster, None when it was met in no other article and is not known."""
        return self._clusters.get(id(occurrence))

    def opens(self, occurrence: Occurrence) -> bool:
        """Return whether nothing of the article's own stands above."""
        return occurrence.at < self._first_own[occurrence.reading.number]

    def closes(self, occurrence: Occurrence) -> bool:
        """Return whether nothing of the article's own stands below."""
        return occurrence.at > self._last_own[occurrence.reading.number]

    def teaches(self, number: int) -> bool:
        """Return whether an article has text of its own beside what recurs."""
        return self._words[number] >= OWN_WORDS

    def alike(self, numbers: Iterable[int]) -> float:
        """Return how alike these articles are, as a multiple of how alike any two are; 1.0 when that is unknown."""
        usual, among = self.usual, self._likeness(sorted(numbers))
        return among / usual if usual else 1.0

    def _likeness(self, numbers: Sequence[int]) -> float:
        firsts: dict[int, int] = {}
        for number in numbers:
            firsts.setdefault(self.groups[number], number)
        chosen = list(firsts.values())
        pairs = list(islice(_spread(chosen), PAIRS))
        return sum(resemblance(self.own[a], self.own[b]) for a, b in pairs) / len(pairs) if pairs else 0.0


def _spread(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Pairs spread over all articles: neighbours alone would compare the articles of one day."""
    pairs = list(combinations(numbers[:: max(1, len(numbers) // 16)], 2))
    yield from pairs[:: max(1, len(pairs) // PAIRS)]


def evidence_of(cluster: Cluster, background: Background) -> Evidence:
    """Return how a block was seen."""
    seen = cluster.occurrences
    numbers = {occurrence.reading.number for occurrence in seen}
    first, last = min(numbers), max(numbers)
    return Evidence(
        articles=len({background.groups[number] for number in numbers if background.teaches(number)}),
        of=len(set(background.groups[first:])),
        dense=len({background.groups[number] for number in numbers}) / len(set(background.groups[first : last + 1])),
        aside=_share(occurrence.aside for occurrence in seen),
        cut=_share(occurrence.cut for occurrence in seen),
        first=_share(background.opens(occurrence) for occurrence in seen),
        last=_share(background.closes(occurrence) for occurrence in seen),
        heads=_share(_heads(occurrence, background) for occurrence in seen),
        linked=sum(occurrence.block.link_share for occurrence in seen) / len(seen),
        varied=len({occurrence.block.text for occurrence in seen}) / max(1, len({s.reading.group for s in seen})),
        speaks=any(background.speaks(occurrence) for occurrence in seen),
        alike=background.alike(numbers),
    )


def _heads(occurrence: Occurrence, background: Background) -> bool:
    """Whether it is a heading above text that only this article has: a paragraph, list, table or heading."""
    if occurrence.block.kind is not BlockKind.HEADING or is_ornament(occurrence.wording):
        return False
    below = occurrence.next
    if below is not None and below.block.kind is BlockKind.HEADING and background.is_own(below):
        below = below.next
    if below is None or not background.is_own(below):
        return False
    listed = below.block.kind in (BlockKind.ITEM, BlockKind.ROW) and below.block.link_share < LINKED
    return listed or len(below.wording) >= PARAGRAPH_WORDS


def _share(signs: Iterable[bool]) -> float:
    values = list(signs)
    return sum(values) / len(values) if values else 0.0
