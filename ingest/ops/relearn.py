"""Learn a source's blocks from its new articles and strip again, without new revisions, what that changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ingest.boilerplate.learn import RECENT_ARTICLES, TrainingArticle, learn
from ingest.boilerplate.pattern import Shapes, shape
from ingest.boilerplate.strip import strip
from ingest.model import Article, BlockVerdict, KnownBlock, Learned
from ingest.ops.source_wide import source_values, without_source_values
from ingest.store import Store, StoredArticle

EXAMPLE_ARTICLES = (
    200  # learned from at a time: bounds memory when a whole archive is new; a run stores at most so many
)


WRITTEN_TOGETHER = 50  # articles stripped again by one statement a table


@dataclass(frozen=True, slots=True, kw_only=True)
class Relearned:
    """What learning from a source's new articles did."""

    source: str
    articles: int = 0  # new ones learned from
    learned: int = 0  # blocks newly known as boilerplate
    changed_articles: int = 0  # stripped otherwise than before
    blocks_cut: int = 0  # more than before, in those articles


def relearn(store: Store, source: str, now: datetime) -> Relearned:
    """Learn from the source's articles that were stored or revised since last time, and apply it backwards.

    Reads the new articles and a bounded number of earlier ones, whatever the size of the archive.
    """
    done = Relearned(source=source)
    examples: list[StoredArticle] = []
    learned_to = store.blocks.learned_to(source)
    for stored in store.articles.of_source(source, learned_to):
        examples.append(stored)
        if len(examples) == EXAMPLE_ARTICLES:
            done = _sum(done, _learn_from(store, source, examples, is_first=not learned_to))
            examples, learned_to = [], max(one.revision_id for one in examples)
    return _sum(done, _learn_from(store, source, examples, is_first=not learned_to)) if examples else done


def apply(store: Store, source: str) -> Relearned:
    """Strip all of the source's articles again by what is held now, as after a person's verdict."""
    return _strip_again(store, store.blocks.learned(source), store.articles.each(source=source))


def overrule(
    store: Store, source: str, block: KnownBlock | str, verdict: BlockVerdict | None, now: datetime
) -> Relearned:
    """Store a person's verdict on a block, or on a text that is in no article yet, and apply it backwards."""
    if isinstance(block, str):
        said = shape(block)
        known = next((one for one in store.blocks.known(source) if one.pattern == said), None)
        block = known or KnownBlock(pattern=said, text=block, articles=0, first_on=now.date(), last_on=now.date())
    store.blocks.overrule(source, block, verdict, now)
    return apply(store, source)


def _learn_from(store: Store, source: str, new: list[StoredArticle], *, is_first: bool) -> Relearned:
    """Learn from some articles. `is_first`: the source has none that were learned from."""
    new = sorted(new, key=_age)
    known = store.blocks.known(source)
    ids = {stored.article_id for stored in new}
    earlier = () if is_first else store.blocks.counted(source, max(0, RECENT_ARTICLES - len(new)))
    recent = [stored for stored in earlier if stored.article_id not in ids]
    shapes = Shapes()
    learn_result = learn(
        [_example(one) for one in new], known=known, recent=[_example(one) for one in recent], shapes=shapes
    )
    before = {block.id: block for block in known}
    with store.transaction():
        learned_to = max(stored.revision_id for stored in new)
        kept = store.blocks.remember(source, learn_result.blocks, learn_result.uses, learned_to=learned_to)
        _forget(store, source, [*recent, *new])
        turned = [block for block in kept if _is_news(before.get(block.id), block)]
        there = {stored.article_id for stored in (*recent, *new)}
        users = set(store.blocks.users(block.id for block in turned if block.id is not None)) - there
        learned = store.blocks.learned(source)
        _restate(store, [*recent, *new])
        again = [*recent, *new, *_articles(store, sorted(users))]
        stripped = _strip_again(store, learned, again, shapes)
    return replace(stripped, articles=len(new), learned=sum(block.verdict is BlockVerdict.LEARNED for block in turned))


def _restate(store: Store, compared: Sequence[StoredArticle]) -> None:
    """Take from the articles compared what is the source's: desks, keywords, placeholder pictures."""
    own = source_values([stored.article for stored in compared])
    changed = [
        (stored.article_id, article)
        for stored in compared
        if (article := without_source_values(stored.article, own)) is not stored.article
    ]
    for at in range(0, len(changed), WRITTEN_TOGETHER):
        store.articles.restate(dict(changed[at : at + WRITTEN_TOGETHER]))


def _forget(store: Store, source: str, compared: list[StoredArticle]) -> None:
    """Drop what was only counted and is in none of the articles compared: it would have to begin anew anyway."""
    if len(compared) >= RECENT_ARTICLES:
        store.blocks.prune(source, min(stored.article.fetched_at for stored in compared).date())


def _is_news(before: KnownBlock | None, now: KnownBlock) -> bool:
    return before is None or before.verdict != now.verdict


def _age(stored: StoredArticle) -> tuple[date, str]:
    """Order of learning: oldest first, whatever order they were fetched in (newest first; any order after a kill)."""
    published = stored.article.published
    return (published.on if published else stored.first_seen_at.date()), stored.article.url


def _example(stored: StoredArticle) -> TrainingArticle:
    return TrainingArticle(article_id=stored.article_id, article=stored.article)


def _articles(store: Store, ids: Iterable[int]) -> Iterable[StoredArticle]:
    for article_id in ids:
        stored = store.articles.get(article_id)
        if stored is not None:
            yield stored


def _strip_again(
    store: Store, learned: Learned, articles: Iterable[StoredArticle], shapes: Shapes | None = None
) -> Relearned:
    changed = more = 0
    waiting: dict[int, tuple[StoredArticle, Article]] = {}

    def write() -> None:
        nonlocal changed, more
        for article_id in store.articles.restrip({one: article for one, (_, article) in waiting.items()}):
            stored, article = waiting[article_id]
            changed += 1
            more += max(0, _cut(article) - _cut(stored.article))
        waiting.clear()

    for stored in articles:
        article = strip(stored.article, learned, shapes)
        if article.blocks != stored.article.blocks:
            waiting[stored.article_id] = stored, article
        if len(waiting) == WRITTEN_TOGETHER:
            write()
    if waiting:
        write()
    return Relearned(source=learned.source, changed_articles=changed, blocks_cut=more)


def _cut(article: Article) -> int:
    return sum(block.cut is not None for block in article.blocks)


def _sum(one: Relearned, other: Relearned) -> Relearned:
    return Relearned(
        source=one.source,
        articles=one.articles + other.articles,
        learned=one.learned + other.learned,
        changed_articles=one.changed_articles + other.changed_articles,
        blocks_cut=one.blocks_cut + other.blocks_cut,
    )
