"""The blocks of one source's articles -> which of them recur, and which recurring ones are boilerplate.

Pure and incremental: takes the new articles, what is known so far and some recent articles to compare with, and gives
back what changed. The cost goes with the new and the recent articles, not with the archive.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ingest.boilerplate.decide import Evidence, decide
from ingest.boilerplate.finder import Finder
from ingest.boilerplate.pattern import MIN_FIXED, fits, fixed, likeness, merge, shape
from ingest.boilerplate.strip import unstrip
from ingest.boilerplate.twins import groups_of
from ingest.model import Article, Block, BlockKind, CutBy, KnownBlock

RECENT_ARTICLES = (
    100  # earlier articles that new ones are compared with: a block on 3 % of the pages is met three times
)
EXAMPLES = 5  # article ids kept with a block, for people
# A block enters the comparison when so much of it, in runs of words, stands in another article too. Paragraphs of news
# share 0.1-0.3 of their runs of three with a hundred other articles, boilerplate with changing names 0.4 and more.
RUN_SHARE = 0.3
RUN_WORDS = 3
LONG_RUN_WORDS = 6  # for texts parted by character: half a word each
LIKE = 0.6  # likeness of two wordings of one block: a changed name, office and town leave two thirds
KEPT_FIXED = 0.5  # share of fixed words a pattern may not fall below when another wording joins it


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One stored article to learn from."""

    article_id: int
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What the lessons changed: `blocks` new or with new counts or verdicts, and which of the articles use each."""

    blocks: tuple[KnownBlock, ...]
    uses: tuple[tuple[int, ...], ...]  # article ids, parallel to blocks


@dataclass(slots=True)
class _Sighting:
    """A block where it stands in one article."""

    lesson: int  # number in the order of reading
    at: int  # place among the article's blocks
    block: Block
    said: tuple[str, ...]


@dataclass(slots=True)
class _Cluster:
    """Sightings of one block in all its wordings."""

    known: KnownBlock | None
    pattern: tuple[str, ...]
    sightings: list[_Sighting] = field(default_factory=list)


def learn(lessons: Sequence[Lesson], *, known: Iterable[KnownBlock] = (), recent: Sequence[Lesson] = ()) -> Taught:
    """Return what new articles teach about a source's blocks.

    `known` are the blocks counted so far, from articles before these; `recent` are the latest of those articles, oldest
    first. Without either, this learns from scratch.
    """
    read = [*recent, *lessons]
    sightings = [_sightings(number, lesson.article) for number, lesson in enumerate(read)]
    groups = groups_of([[sighting.said for sighting in each] for each in sightings])
    clusters = _clusters([sighting for each in sightings for sighting in each], groups, known)
    first_new = len(recent)
    blocks, uses = [], []
    for cluster in clusters:
        fresh = [sighting for sighting in cluster.sightings if sighting.lesson >= first_new]
        if not fresh or (cluster.known is None and len({groups[s.lesson] for s in cluster.sightings}) < 2):
            continue
        blocks.append(_judged(cluster, fresh, read, groups, sightings, first_new))
        seen = fresh if cluster.known else cluster.sightings
        uses.append(tuple(sorted({read[sighting.lesson].article_id for sighting in seen})))
    return Taught(blocks=tuple(blocks), uses=tuple(uses))


def _sightings(number: int, article: Article) -> list[_Sighting]:
    """An article's blocks as they were before stripping; what a person's rule cut and code teach nothing."""
    return [
        _Sighting(number, at, block, shape(block.text))
        for at, block in enumerate(unstrip(article).blocks)
        if block.kind is not BlockKind.CODE and not (block.cut and block.cut.by is CutBy.RULE)
    ]


def _clusters(sightings: list[_Sighting], groups: Sequence[int], known: Iterable[KnownBlock]) -> list[_Cluster]:
    clusters = [_Cluster(block, block.pattern) for block in known]
    finder = Finder(cluster.pattern for cluster in clusters)
    by_said: dict[tuple[str, ...], list[_Sighting]] = defaultdict(list)
    for sighting in sightings:
        if sighting.said:
            by_said[sighting.said].append(sighting)
    shared = _shared_runs(by_said, groups)
    # the commonest wording first, so that it and not a rare variant becomes the pattern that others join
    for said, seen in sorted(by_said.items(), key=lambda item: (-len({groups[s.lesson] for s in item[1]}), item[0])):
        if (
            len({groups[s.lesson] for s in seen}) < 2
            and _share(said, shared) < RUN_SHARE
            and finder.exact(said) is None
        ):
            continue
        number = finder.find(said, _same)
        if number is None:
            number = finder.add(said)
            clusters.append(_Cluster(None, said))
        elif not fits(clusters[number].pattern, said):
            clusters[number].pattern = merge(clusters[number].pattern, said)
            finder.replace(number, clusters[number].pattern)
        clusters[number].sightings += seen
    return clusters


def _same(pattern: Sequence[str], said: Sequence[str]) -> bool:
    """Whether a wording is another one of the pattern's block."""
    if fits(pattern, said):
        return True
    if likeness(pattern, said) < LIKE:
        return False
    least = max(MIN_FIXED, KEPT_FIXED * max(fixed(pattern), fixed(said)))
    return fixed(merge(pattern, said)) >= least


def _run_words(said: Sequence[str]) -> int:
    by_character = sum(len(word) == 1 and not word.isascii() for word in said) > len(said) / 2
    return min(LONG_RUN_WORDS if by_character and len(said) > 4 * LONG_RUN_WORDS else RUN_WORDS, max(1, len(said) // 2))


def _runs(said: Sequence[str]) -> list[tuple[str, ...]]:
    size = _run_words(said)
    return [tuple(said[at : at + size]) for at in range(len(said) - size + 1)]


def _shared_runs(by_said: dict[tuple[str, ...], list[_Sighting]], groups: Sequence[int]) -> set[tuple[str, ...]]:
    """The runs of words that stand in more than one article."""
    first: dict[tuple[str, ...], int] = {}
    shared: set[tuple[str, ...]] = set()
    for said, seen in by_said.items():
        for run in _runs(said):
            for group in {groups[sighting.lesson] for sighting in seen}:
                if first.setdefault(run, group) != group:
                    shared.add(run)
    return shared


def _share(said: Sequence[str], shared: set[tuple[str, ...]]) -> float:
    runs = _runs(said)
    return sum(run in shared for run in runs) / len(runs) if runs else 0.0


def _judged(
    cluster: _Cluster,
    fresh: list[_Sighting],
    read: Sequence[Lesson],
    groups: Sequence[int],
    articles: Sequence[Sequence[_Sighting]],
    first_new: int,
) -> KnownBlock:
    last = fresh[-1]
    days = [_day(read[sighting.lesson]) for sighting in fresh]
    ids = list(dict.fromkeys(read[sighting.lesson].article_id for sighting in cluster.sightings))
    before = {groups[s.lesson] for s in cluster.sightings if s.lesson < first_new} if cluster.known else set()
    block = cluster.known or KnownBlock(
        pattern=(), text="", articles=0, first_on=min(_day(read[s.lesson]) for s in cluster.sightings), last_on=days[-1]
    )
    counted = {groups[s.lesson] for s in (fresh if cluster.known else cluster.sightings)} - before
    block = replace(
        block,
        pattern=cluster.pattern,
        text=last.block.text,
        kind=last.block.kind,
        path=last.block.path,
        articles=block.articles + len(counted),
        last_on=max(block.last_on, *days),
        examples=tuple((ids + [x for x in block.examples if x not in ids])[-EXAMPLES:]),
    )
    evidence = _evidence(block, cluster, groups, articles)
    verdict, reason = decide(block, evidence)
    return replace(block, verdict=verdict, reason=reason)


def _evidence(
    block: KnownBlock, cluster: _Cluster, groups: Sequence[int], articles: Sequence[Sequence[_Sighting]]
) -> Evidence:
    first = min(sighting.lesson for sighting in cluster.sightings)
    numbers = {sighting.lesson for sighting in cluster.sightings}
    return Evidence(
        articles=len({groups[number] for number in numbers}),
        of=len({groups[number] for number in range(first, len(articles))}),
        aside=_mean(s.block.path != _main_path(articles[s.lesson]) for s in cluster.sightings),
        cut=_mean(s.block.cut is not None for s in cluster.sightings),
        linked=_mean(s.block.link_share >= 0.5 for s in cluster.sightings),
        last=_mean(s.at == articles[s.lesson][-1].at for s in cluster.sightings),
        first=_mean(s.at == articles[s.lesson][0].at for s in cluster.sightings),
    )


def _main_path(sightings: Sequence[_Sighting]) -> str:
    weights: Counter[str] = Counter()
    for sighting in sightings:
        weights[sighting.block.path] += len(sighting.said)
    return weights.most_common(1)[0][0] if weights else ""


def _mean(signs: Iterable[bool]) -> float:
    values = list(signs)
    return sum(values) / len(values) if values else 0.0


def _day(lesson: Lesson) -> date:
    return lesson.article.fetched_at.date()
