"""Near-duplicates: are copies of a wire story found, is anything else taken for one, and does a look-up grow?

    python -m benchmarks.duplicates [--database postgresql://...] [--growth 50000]

Forty stories run on three sites each, with the edits that local desks make, among other articles; every site repeats
boilerplate that is cut and some that is not. Stories are bodies of the corpus next to the project where it is there,
else made up. A pair is found when both articles are in one cluster. CPU is that of this process.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import insert

from benchmarks.store import CORPUS, made_articles, real_articles
from ingest.identity import identify
from ingest.model import Article, Block, Cut, CutBy, Source, VerdictKind
from ingest.store import Store, open_store
from ingest.store.db.schema import ArticleRow, FingerprintRow, RevisionRow, table
from ingest.text import minhash
from ingest.text.minhash import BANDS, ROWS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITES = ("north", "south", "west")
STORIES = 40
LOOKED_AT = (1_000, 5_000, 20_000, 50_000)  # articles stored when the cost is measured
MEASURED = 300

APPEAL = "Our newsletter brings the news of the day to your desk every morning, free of charge and without advertising."
FOOT = "Follow us wherever you like to read; our newsroom can be reached by letter, by telephone and in person."


def local(story: Article, site: str, chance: random.Random, vocabulary: Sequence[str]) -> Article:
    """Return a story as one site runs it: other headline, dateline, some words, a paragraph less or more."""
    texts = [block.text.split() for block in story.kept]
    texts[0] = f"{site.upper()} (Wire) -".split() + texts[0]
    for words in texts:
        for at in range(len(words)):
            if chance.random() < 0.03:  # one word in thirty: spelling, synonyms
                words[at] = chance.choice(vocabulary)
    edit = chance.randrange(4)
    if edit == 0 and len(texts) > 3:
        texts = texts[: -max(1, len(texts) // 4)]  # cut from the end, as desks do
    elif edit == 1:
        texts.append(chance.choices(vocabulary, k=30))  # a paragraph of local colour
    elif edit == 2:
        texts[0] = chance.choices(vocabulary, k=len(texts[0]))  # a new beginning
    boilerplate = (Block(text=APPEAL, cut=Cut(by=CutBy.LEARNED, reason="recurs")), Block(text=FOOT))
    blocks = tuple(Block(text=" ".join(words)) for words in texts) + boilerplate
    return replace(
        story,
        source=site,
        title=" ".join(chance.choices(vocabulary, k=8)),
        blocks=blocks,
        canonical_url=None,
        alternate_urls=(),
        asked_url=None,
        published=None,
    )


def at(article: Article, source: str, number: int) -> Article:
    """Return the article at an address of its own."""
    return replace(article, source=source, url=f"https://{source}.example/2026/03/01/{number}-a-slug", fetched_at=NOW)


def keep(store: Store, articles: Sequence[Article]) -> list[int]:
    """Do for each article what a crawl does to tell it apart; return the article ids."""
    ids = []
    for article in articles:
        verdict = identify(article, store.articles.candidates(article).found)
        with store.transaction():
            ids.append(store.articles.save(article, verdict, NOW)[1])
    return ids


def score(store: Store, articles: Sequence[Article]) -> None:
    """Print how many pairs of copies are found, and how many pairs are none."""
    chance = random.Random(7)
    vocabulary = sorted({word for article in articles for word in article.body.split()})
    long = list({article.url: article for article in articles if len(article.body.split()) >= 120}.values())
    stories, others = long[:STORIES], long[STORIES:]
    queue = [
        (number, at(local(story, site, chance, vocabulary), site, number))
        for number, story in enumerate(stories)
        for site in SITES
    ]
    for number, other in enumerate(others, STORIES):
        site = SITES[number % len(SITES)]
        blocks = (*other.blocks, Block(text=FOOT))
        single = replace(other, blocks=blocks, canonical_url=None, alternate_urls=(), asked_url=None, published=None)
        queue.append((number, at(single, site, number)))
    chance.shuffle(queue)
    ids = keep(store, [article for _, article in queue])
    stored = {story_id: store.articles.get(story_id) for story_id in ids}
    of = {story_id: number for story_id, (number, _) in zip(ids, queue, strict=True)}
    clusters: dict[int, list[int]] = {}
    for story_id, article in stored.items():
        assert article is not None
        if article.cluster_id is not None:
            clusters.setdefault(article.cluster_id, []).append(story_id)
    told = {pair for members in clusters.values() for pair in itertools.combinations(sorted(members), 2)}
    true = {pair for pair in itertools.combinations(sorted(of), 2) if of[pair[0]] == of[pair[1]]}
    print(
        f"{len(stories)} stories on {len(SITES)} sites among {len(others)} other articles: {len(ids)} saved, "
        f"{store.articles.count()} stored"
    )
    print(
        f"pairs {len(true)}: recall {len(told & true) / len(true):.3f}, "
        f"precision {len(told & true) / max(1, len(told)):.3f}"
    )


def unlike(articles: Sequence[Article], start: int, count: int) -> Iterator[Article]:
    """Give articles of one source, their paragraphs mixed from all of them so that none is another's copy."""
    paragraphs = [block for article in articles for block in article.kept if len(block.text) > 80]
    for number in range(start, start + count):
        chance = random.Random(number)
        blocks = []
        for block in chance.sample(paragraphs, k=12):
            words = block.text.split()
            chance.shuffle(words)
            blocks.append(Block(text=" ".join(words), path="article/p"))
        bare = Article(source="", url="", fetched_at=NOW, title=f"Title {number}", blocks=tuple(blocks))
        yield at(bare, SITES[number % len(SITES)], number)


def fill(store: Store, start: int, count: int) -> None:
    """Write rows as saving leaves them, in bulk: articles with a text of one line and bands of their own."""
    with store._work.transaction() as connection:
        articles, revisions, bands = [], [], []
        for number in range(start + 1, start + count + 1):
            signature = random.Random(number).randbytes(2 * BANDS * ROWS)
            key = f"{number:032x}"
            seen = dict.fromkeys(("first_seen_at", "last_seen_at", "revised_at"), NOW)
            whose = {"id": number, "source_id": number % len(SITES) + 1, "url": f"https://x.example/{number}"}
            articles.append(
                {**whose, "url_key": key, "revisions": 1, "body_digest": key, "signature": signature, **seen}
            )
            empty: dict[str, list[str]] = {
                name: [] for name in ("authors", "tags", "blocks", "claims", "alternate_urls")
            }
            text = {"body": "A line.", "body_digest": key}
            revisions.append({"article_id": number, "no": 1, "fetched_at": NOW, **text, **empty})
            bands += [
                {"band": band, "value": value, "article_id": number}
                for band, value in enumerate(minhash.bands(signature))
            ]
        for row, rows in ((ArticleRow, articles), (RevisionRow, revisions), (FingerprintRow, bands)):
            connection.execute(insert(table(row)), rows)


def grow(store: Store, articles: Sequence[Article], growth: int) -> None:
    """Fill the store and print on the way what telling apart and saving an article cost."""
    count = 0
    for target in (size for size in LOOKED_AT if size <= growth):
        for start in range(count, target, 1_000):
            with store.group():
                fill(store, start, min(1_000, target - start))
        count = target + MEASURED
        some = list(unlike(articles, target, MEASURED))
        looked, kept = [], []
        with store.group():
            for article in some:
                began = time.process_time()
                candidates = store.articles.candidates(article).found
                looked.append(time.process_time() - began)
                verdict = identify(article, candidates)
                assert verdict.kind is VerdictKind.NEW
                began = time.process_time()
                with store.transaction():
                    store.articles.save(article, verdict, NOW)
                kept.append(time.process_time() - began)
        print(
            f"at {target:>7,} articles: look-up {statistics.median(looked) * 1e3:6.2f} ms CPU, "
            f"save {statistics.median(kept) * 1e3:6.2f} ms CPU"
        )


def opened(url: str) -> Store:
    """Open the database with the sites as sources."""
    store = open_store(url, create=True)
    store.sources.sync([Source(name=site, url=f"https://{site}.example/") for site in SITES], NOW)
    return store


def main() -> None:
    """Print the scores, then the costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="URL of an empty database for the costs; else a new SQLite file")
    parser.add_argument("--growth", type=int, default=0, help="fill up to so many articles and watch the cost")
    asked = parser.parse_args()
    articles = real_articles() if CORPUS.is_dir() else made_articles()
    with tempfile.TemporaryDirectory() as folder:
        with opened(f"sqlite:///{folder}/scores.db") as store:
            score(store, articles)
        if asked.growth:
            with opened(asked.database or f"sqlite:///{folder}/costs.db") as store:
                grow(store, articles, asked.growth)


if __name__ == "__main__":
    main()
