"""What learning costs as a source's archive grows: CPU seconds for each hundred new articles, on SQLite.

    python -m benchmarks.relearn [--articles 10000] [--shown 1000]

Articles are made up: twelve paragraphs of their own, three blocks of the site, one teaser of an earlier article.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from ingest.boilerplate import strip
from ingest.model import Article, Block, Source, Verdict, VerdictKind
from ingest.ops.relearn import relearn
from ingest.store import Store, open_store

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ROUND = 100
FIRST_TIMES = 5  # the first hundred are learned from in so many databases of their own
PARAGRAPHS = 12
SITE = (
    "Support our newsroom: give what you can.",
    "The Valley Post brings you the week on the quay every Saturday morning.",
    "We have raised {} pounds of the {} we need by spring.",
)
SYLLABLES = ("ba", "den", "fo", "gri", "hal", "ke", "lin", "mor", "ne", "os", "pra", "ri", "sto", "tu", "vel", "wen")


def main() -> None:
    """Print one line for the first hundred articles, and one for every `shown` that follow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--shown", type=int, default=1_000)
    asked = parser.parse_args()
    print("articles  learn s (median)  most s  blocks known  with a verdict")
    _show(ROUND, [seconds for _ in range(FIRST_TIMES) for seconds, _ in _grow(ROUND)], None)
    spent: list[float] = []
    for seconds, store in _grow(asked.articles):
        spent.append(seconds)
        if len(spent) * ROUND % asked.shown == 0:
            _show(len(spent) * ROUND, spent[-asked.shown // ROUND :], store)


def _grow(articles: int) -> Iterator[tuple[float, Store]]:
    """Store a hundred articles at a time and learn from them; give the CPU seconds of learning, and the store."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder, 'ingest.db')}", create=True)
        store.sources.sync((Source(name="s", url="https://s.example/"),), BEGAN)
        for first in range(0, articles, ROUND):
            _store(store, first)
            began = time.process_time()
            relearn(store, "s", BEGAN + timedelta(hours=first + ROUND))
            yield time.process_time() - began, store
        store.close()


def _show(articles: int, spent: list[float], store: Store | None) -> None:
    known = store.blocks.known("s") if store else ()
    held = sum(block.verdict is not None for block in known)
    counts = f"{len(known):12}  {held:14}" if store else ""
    print(f"{articles:8}  {median(spent):16.3f}  {max(spent):6.3f}  {counts}", flush=True)


def _store(store: Store, first: int) -> None:
    learned = store.blocks.learned("s")
    with store.group():
        for number in range(first, first + ROUND):
            store.articles.save(strip(_article(number), learned), Verdict(kind=VerdictKind.NEW), BEGAN)


def _article(number: int) -> Article:
    chance = Random(number)
    texts = [" ".join(_sentence(chance, 16) for _ in range(3)) for _ in range(PARAGRAPHS)]
    for text in SITE:
        texts.insert(chance.randrange(len(texts)), text.format(chance.randrange(9999), chance.randrange(9999)))
    texts.append(f"Elsewhere in the Post: {_title(max(0, number - 1 - chance.randrange(40)))}")
    return Article(
        source="s",
        url=f"https://s.example/{number}",
        fetched_at=BEGAN + timedelta(hours=number),
        title=_title(number),
        blocks=tuple(Block(text=text, path="article/p") for text in texts),
    )


def _title(number: int) -> str:
    return _sentence(Random(-number - 1), 8).rstrip(".")


def _sentence(chance: Random, length: int) -> str:
    words = []
    for _ in range(length):
        word = Random(int(3_000 * chance.random() ** 3))  # few words are frequent, many are rare, as in speech
        words.append("".join(word.choices(SYLLABLES, k=word.randint(1, 4))))
    return " ".join(words).capitalize() + "."


if __name__ == "__main__":
    main()
