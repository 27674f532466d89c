"""A made-up archive of any size, written straight into the tables: what searches, reports and exports are measured on.

Its texts are drawn from a vocabulary with the frequencies of a language (Zipf), a known phrase here and there, and on
every page the same few lines of boilerplate, cut.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from sqlalchemy import insert, text

from ingest.model import Article, Block, Cut, CutBy, Moment, Source
from ingest.store import Store
from ingest.store.articles.article_rows import revision_values
from ingest.store.db.keys import url_key
from ingest.store.db.schema import ArticleRow, HostRow, RevisionRow, RunRow, RunSourceRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = 30_000  # of the vocabulary
BOILERPLATE = (
    "Sign up for our weekly newsletter and never miss a story.",
    "Support independent journalism with a donation today.",
    "Follow us on every network you can think of.",
)
SOME = 1000  # rows written at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """How large."""

    sources: int = 100
    articles: int = 50_000
    days: int = 30
    runs_a_day: int = 24
    words: int = 400  # of an article
    phrases: Sequence[str] = field(
        default_factory=lambda: tuple(f"quillon marsh gambit {chr(97 + n) * 3}" for n in range(20))
    )


def fill(store: Store, archive: Archive) -> dict[str, list[int]]:
    """Write the archive; return each phrase with the ids of the articles that hold it."""
    sources = [Source(name=f"source-{n:03}", url=f"https://s{n}.example/") for n in range(archive.sources)]
    store.sources.sync(sources, NOW - timedelta(days=archive.days))
    _fill_counters(store, archive)
    where: dict[str, list[int]] = {phrase: [] for phrase in archive.phrases}
    rows: list[tuple[dict[str, object], dict[str, object]]] = []
    for number, article in enumerate(made(archive), start=1):
        for phrase in archive.phrases:
            if phrase in article.body.casefold():
                where[phrase].append(number)
        rows.append(_rows(number, article, archive))
        if len(rows) == SOME:
            _write(store, rows)
    _write(store, rows)
    with store._work.transaction() as connection:
        if connection.dialect.name == "postgresql":
            for name in ("article", "revision", "run"):
                top = f"(SELECT coalesce(max(id), 1) FROM {name})"
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {top})"))
        connection.execute(text("ANALYZE"))
    return where


def made(archive: Archive) -> Iterator[Article]:
    """Give the articles, the oldest first."""
    chance = random.Random(5)
    vocabulary = ["".join(chance.choices("abcdefghiklmnoprstuvw", k=chance.randrange(3, 10))) for _ in range(WORDS)]
    weights = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))
    every = max(1, archive.articles // (len(archive.phrases) * 3 or 1))
    for number in range(archive.articles):
        words = chance.choices(vocabulary, cum_weights=weights, k=archive.words)
        if archive.phrases and number % every == every - 1:
            words[archive.words // 2 : archive.words // 2] = [archive.phrases[number // every % len(archive.phrases)]]
        texts = [" ".join(words[at : at + 40]).capitalize() + "." for at in range(0, len(words), 40)]
        blocks = [Block(text=one, path="article/p") for one in texts]
        blocks[2:2] = [Block(text=one, cut=Cut(by=CutBy.LEARNED, reason="on 9 of 9 articles")) for one in BOILERPLATE]
        at = NOW - timedelta(minutes=(archive.articles - number) * archive.days * 1440 / archive.articles)
        yield Article(
            source=f"source-{number % archive.sources:03}",
            url=f"https://s{number % archive.sources}.example/2026/{number}",
            fetched_at=at,
            title=" ".join(words[:7]).capitalize(),
            blocks=tuple(blocks),
            authors=(f"Author {number % 977}",),
            published=Moment.of_instant(at - timedelta(hours=1)),
            language="en",
        )


def _rows(number: int, article: Article, archive: Archive) -> tuple[dict[str, object], dict[str, object]]:
    values = revision_values(article)
    row = {
        "id": number,
        "source_id": (number - 1) % archive.sources + 1,
        "url": article.url,
        "url_key": url_key(article.url),
        "revisions": 1,
        "body_digest": values["body_digest"],
        "first_seen_at": article.fetched_at,
        "last_seen_at": article.fetched_at,
        "revised_at": article.fetched_at,
        "dated_at": values["published_at"],
    }
    return row, values | {"article_id": number, "no": 1}


def _write(store: Store, rows: list[tuple[dict[str, object], dict[str, object]]]) -> None:
    if rows:
        with store._work.transaction() as connection:
            connection.execute(insert(ArticleRow), [row for row, _ in rows])
            connection.execute(insert(RevisionRow), [values for _, values in rows])
        rows.clear()


def _fill_counters(store: Store, archive: Archive) -> None:
    chance = random.Random(6)
    runs = archive.days * archive.runs_a_day
    step = timedelta(days=1) / archive.runs_a_day
    first = NOW - timedelta(days=archive.days) + step
    with store._work.transaction() as connection:
        for run in range(runs):
            at = first + run * step
            connection.execute(
                insert(RunRow).values(
                    id=run + 1,
                    begun_at=at,
                    finished_at=at + timedelta(seconds=chance.randrange(60, 900)),
                    command="run",
                    holder="all",
                    exit_code=0,
                    why="finished",
                )
            )
            connection.execute(
                insert(RunSourceRow), [_books(run + 1, n + 1, at, chance) for n in range(archive.sources)]
            )
        for number in range(archive.sources):
            connection.execute(insert(HostRow).values(name=f"s{number}.example", latency_s=chance.expovariate(3)))


def _books(run: int, source: int, at: datetime, chance: random.Random) -> dict[str, object]:
    stored = chance.randrange(3)
    failed = int(chance.random() < 0.05)
    screened = int(chance.random() < 0.2)
    return {
        "run_id": run, "source_id": source, "begun_at": at, "finished_at": at + timedelta(seconds=40),
        "state": "partial" if failed else "ok", "found": 40, "new": stored + screened + failed,
        "requests": stored + screened + failed + 2, "fetched": stored + screened, "stored": stored,
        "screened": screened, "failed": failed,
        "bytes": 90_000 * (stored + 1), "seconds": 4.0, "dated": stored, "authored": stored // 2,
        "words": 400 * stored, "blocks": 13 * stored, "cut": 3 * stored, "fresh": stored,
    }  # fmt: skip  # a table
