"""The blocks of each article with their position: what the learner reads, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ingest.boilerplate.block_index import LINKED, place_of
from ingest.boilerplate.pattern import Shapes, shape
from ingest.boilerplate.promotes import names_of
from ingest.boilerplate.strip import unstrip
from ingest.model import Article, Block, BlockKind, CutBy

# Kinds that stand apart in every article's tree: standing elsewhere than the paragraphs is no evidence, unless they are
# links.
APART = (BlockKind.ITEM, BlockKind.ROW, BlockKind.QUOTE, BlockKind.CAPTION)
PARAGRAPH_WORDS = 12  # from here on a block is more than a label or heading


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingArticle:
    """One stored article to learn from."""

    article_id: int
    article: Article


@dataclass(slots=True, eq=False)
class Occurrence:
    """A block where it stands in one article."""

    reading: ArticleBlocks = field(repr=False)
    at: int  # place among the article's blocks
    block: Block
    wording: tuple[str, ...]
    place: str

    @property
    def aside(self) -> bool:
        """Whether it stands elsewhere in the page's tree than most of the article."""
        apart = self.block.kind in APART and self.block.link_share < LINKED
        return self.place != self.reading.main_place and not apart

    @property
    def cut(self) -> bool:
        """Whether extraction cut it."""
        return self.block.cut is not None

    @property
    def next(self) -> Occurrence | None:
        """The block below."""
        below = self.at + 1
        return self.reading.occurrences[below] if below < len(self.reading.occurrences) else None


@dataclass(slots=True, eq=False)
class ArticleBlocks:
    """An article as the learner sees it: its blocks before stripping."""

    number: int  # in the order of reading
    article_id: int
    day: date
    title: tuple[str, ...]
    occurrences: list[Occurrence] = field(default_factory=list)
    authors: tuple[tuple[str, ...], ...] = ()  # their names, of those that have more than one word
    main_place: str = ""
    site: frozenset[str] = frozenset()  # the names of the site
    group: int = 0  # of near-identical articles; see near_duplicates


def read(number: int, example: TrainingArticle, shapes: Shapes) -> ArticleBlocks:
    """Return one article's blocks as they were before stripping; what a person's rule cut, and code, are left out."""
    article = example.article
    reading = ArticleBlocks(number, example.article_id, article.fetched_at.date(), shape(article.title or ""))
    for block in unstrip(article).blocks:
        if block.kind is BlockKind.CODE or (block.cut and block.cut.by is CutBy.RULE):
            continue
        if wording := shapes[block.text]:
            place = place_of(block.path)
            reading.occurrences.append(Occurrence(reading, len(reading.occurrences), block, wording, place))
    reading.authors = tuple(name for name in map(shape, article.authors) if len(name) > 1)
    reading.site = names_of(article.url, article.site_name)
    reading.main_place = _main_place(reading.occurrences)
    return reading


def _main_place(occurrences: Sequence[Occurrence]) -> str:
    weights: Counter[str] = Counter()
    for occurrence in occurrences:
        weights[occurrence.place] += len(occurrence.wording)
    return weights.most_common(1)[0][0] if weights else ""
