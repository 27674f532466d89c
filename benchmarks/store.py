"""What the store costs: bytes and CPU an article, CPU a link, and whether either grows with what is there.

    python -m benchmarks.store [--database postgresql://...] [--articles 3000] [--growth 50000]

Articles are real ones, extracted from the corpus next to the project where it is there, else made up. CPU is that of
this process: SQLite's is in it, PostgreSQL's server is not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.adapters import page_of
from ingest.model import Article, Block, Link, Outcome, OutcomeKind, SeedKind, Source, Validators, Verdict, VerdictKind
from ingest.store import PageEnd, Store, open_store
from ingest.store.db.engine import url_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "extraction"
SETS = ("snap", "wcxb-dev")  # news, and blogs with guides
PAGES_OF_A_SET = 100
LINKS = 20_000


def real_articles() -> tuple[Article, ...]:
    """Extract some pages of each set; none when the corpus is not there."""
    from ingest.extract.article import extract

    articles = []
    for name in SETS:
        lines = (CORPUS / name / "gt.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
        for line in lines[:: max(1, len(lines) // PAGES_OF_A_SET)]:
            entry = json.loads(line)
            html = gzip.decompress((CORPUS / name / "html" / f"{entry['id']}.html.gz").read_bytes())
            articles.append(extract(page_of(html, entry["url"])))
    return tuple(article for article in articles if article.kept)


def made_articles() -> tuple[Article, ...]:
    """Make articles up: 25 paragraphs of 30 words of a vocabulary of 5,000."""
    chance = random.Random(1)
    vocabulary = [f"word{number}" for number in range(5_000)]
    return tuple(
        Article(
            source="corpus",
            url=f"https://a.example/{number}",
            fetched_at=NOW,
            title=f"Title {number}",
            blocks=tuple(Block(text=" ".join(chance.choices(vocabulary, k=30)), path="article/p") for _ in range(25)),
        )
        for number in range(100)
    )


def copies(articles: Sequence[Article], start: int, count: int) -> Iterator[Article]:
    """Give `count` articles at addresses of their own, none with the text of another."""
    for number, article in enumerate(islice(cycle(articles), count), start):
        url = f"https://www.example.com/2026/03/01/{number}-a-slug-as-sites-write-them"
        blocks = (*article.blocks, Block(text=f"This is copy number {number}."))
        yield replace(article, source="a", url=url, asked_url=url, canonical_url=url, alternate_urls=(), blocks=blocks)


def keep(store: Store, run: int, articles: Sequence[Article]) -> None:
    """Do for each article what a crawl does."""
    for article in articles:
        with store.transaction():
            store.articles.candidates(article)
            _, number = store.articles.save(article, Verdict(kind=VerdictKind.NEW), NOW, run)
            outcome = Outcome(kind=OutcomeKind.STORED, article_id=number)
            given = Validators(etag='"0123456789abcdef"')
            store.pages.record_outcome(
                run, PageEnd(source="a", url=article.url, outcome=outcome, status=200, validators=given), NOW
            )


def links_to(urls: Sequence[str]) -> list[Link]:
    """Return links as a feed gives them."""
    return [
        Link(url=url, found_in="https://www.example.com/feed", found_by=SeedKind.FEED, title="A title as feeds have it")
        for url in urls
    ]


class Watch:
    """CPU and wall seconds of what is done within."""

    def __enter__(self) -> Watch:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_error: object) -> None:
        self.cpu_s = time.process_time() - self._cpu
        self.wall_s = time.perf_counter() - self._wall


def sizes(url: str) -> dict[str, int]:
    """Return the bytes of each table with its indexes, and of all together."""
    engine = create_engine(url_of(url))
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            rows = connection.execute(
                text("SELECT relname, pg_total_relation_size(relid) AS bytes FROM pg_stat_user_tables ORDER BY 2 DESC")
            ).all()
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            rows = connection.execute(
                text(
                    "SELECT schema.tbl_name AS relname, sum(pgsize) AS bytes FROM dbstat "
                    "JOIN sqlite_schema AS schema ON schema.name = dbstat.name GROUP BY 1 ORDER BY 2 DESC"
                )
            ).all()
    engine.dispose()
    return {row.relname: int(row.bytes) for row in rows}


def measure(url: str, articles: Sequence[Article], count: int, growth: int) -> None:
    """Fill a new database and print what it took."""
    with open_store(url, create=True) as store:
        store.sources.sync([Source(name="a", url="https://www.example.com/")], NOW)
        run = store.runs.begin(NOW)
        links = links_to([f"https://www.example.com/2026/02/{number}-not-fetched-yet" for number in range(LINKS)])
        for name in ("new", "known"):
            with Watch() as watch:
                store.frontier.meet("a", links, NOW, run)
            print(f"link, {name:<28} {watch.cpu_s / LINKS * 1e6:8.1f} us CPU")
        before = sizes(url)
        written = list(copies(articles, 0, count))
        store.frontier.meet("a", links_to([article.url for article in written]), NOW, run)
        for name, some in (("one commit each", written[: count // 5]), ("commits shared", written[count // 5 :])):
            with Watch() as watch:
                if name == "commits shared":
                    with store.group():
                        keep(store, run, some)
                else:
                    keep(store, run, some)
            ms, wall = watch.cpu_s / len(some) * 1e3, watch.wall_s / len(some) * 1e3
            print(f"article, {name:<25} {ms:8.2f} ms CPU {wall:8.2f} ms in all")
        after = sizes(url)
        print(
            f"\nmegabytes per 100,000 articles ({statistics.mean(len(a.body) for a in written):,.0f} characters each):"
        )
        for table, size in after.items():
            more = (size - before.get(table, 0)) / count * 100_000 / 1e6
            if more >= 0.5:
                print(f"  {table:<14} {more:8.1f}")
        print(f"  {'all':<14} {(sum(after.values()) - sum(before.values())) / count * 100_000 / 1e6:8.1f}\n")
        grow(store, run, articles, count, growth)


def grow(store: Store, run: int, articles: Sequence[Article], count: int, growth: int) -> None:
    """Fill on and see what an article costs on the way."""
    while count < growth:
        step = min(max(1_000, count), growth - count)
        with store.group():
            keep(store, run, list(copies(articles, count, step)))
        count += step
        some = list(copies(articles, count, 200))
        with store.group(), Watch() as watch:
            keep(store, run, some)
        print(f"article at {count:>7,} stored {watch.cpu_s / len(some) * 1e3:15.2f} ms CPU")
        count += 200


def main() -> None:
    """Print one table for each database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="URL of an empty database; else a new SQLite file")
    parser.add_argument("--articles", type=int, default=3_000)
    parser.add_argument("--growth", type=int, default=0, help="fill up to so many articles and watch the cost")
    asked = parser.parse_args()
    articles = real_articles() if CORPUS.is_dir() else made_articles()
    print(f"{len(articles)} articles {'of the corpus' if CORPUS.is_dir() else 'made up'}\n")
    with tempfile.TemporaryDirectory() as folder:
        measure(asked.database or f"sqlite:///{folder}/ingest.db", articles, asked.articles, asked.growth)


if __name__ == "__main__":
    main()
