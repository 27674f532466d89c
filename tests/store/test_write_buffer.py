"""New articles of a crawl are written together: the same rows as one by one, and none of them late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from ingest.identity import identify
from ingest.model import Article, Outcome, OutcomeKind, RecordLocation, Validators, VerdictKind
from ingest.store import PageEnd, Store, open_store
from ingest.store.articles import adding
from ingest.store.articles.write_buffer import MOST
from tests.store.values import HOUR, NOW, article, link, source

WORDS = "river bridge council harbour market winter ferry timber lantern quarry meadow signal"
ROWS = {
    "article": "source_id, url, url_key, canonical_url, revisions, body_digest, signature, cluster_id",
    "revision": "no, run_id, title, body, words, body_digest, url",
    "snapshot": 'source_id, run_id, url, file, "offset", digest',
    "fingerprint": "band, value",
    "page": "source_id, url, state, outcome, reason, run_id, status, etag, fetched_at, recheck_at, rechecks, attempts",
    "run_source": "run_id, source_id, stored, revised, unchanged, duplicate, failed, fetched, words, dated",
}


@pytest.fixture(autouse=True)
def run(store: Store) -> int:
    return begin(store)


def begin(store: Store) -> int:
    store.sources.sync([source("a"), source("b")], NOW)
    return store.runs.begin(NOW)


def story(number: int, **more: Any) -> Article:
    """An article of some length that is like no other."""
    words = WORDS.split()
    sentences = [
        f"{words[at % 12]}{number} {words[at * 7 % 12]}{number * 13 + at} and {at}x{number}." for at in range(24)
    ]
    place = RecordLocation(file="raw/1.warc.gz", offset=number * 10, length=10, digest=f"{number:032x}")
    given: dict[str, Any] = {"place": place, "validators": Validators(etag=f'"{number}"')}
    return article(number, " ".join(sentences[:12]), " ".join(sentences[12:]), **(given | more))


class Stages:
    """The stages of a crawl as far as the store sees them."""

    def __init__(self, store: Store, run: int) -> None:
        self.store, self.run = store, run
        self.first: dict[str, bool] = {}
        self.alone: list[str] = []

    def store_all(self, articles: Iterable[Article]) -> None:
        for one in articles:
            self.store_one(one)

    def store_one(self, read: Article) -> VerdictKind:
        store, run = self.store, self.run
        if read.place is not None:
            store.snapshots.look_up(read.place.digest, (read.url,))
            store.snapshots.remember(read.source, read.url, read.place, read.fetched_at, run)
        candidates = store.articles.candidates(read)
        verdict = identify(read, candidates.found)
        outcome = Outcome(kind=OutcomeKind.STORED)
        counts = {"words": 10, "dated": 1}
        end = PageEnd(
            source=read.source,
            url=read.asked_url or read.url,
            outcome=outcome,
            status=200,
            validators=read.validators,
            recheck_at=NOW + HOUR,
            counts=counts,
        )

        def save_alone() -> None:
            with store.transaction():
                came, number = store.articles.save(read, verdict, NOW, run, ending=end.url, candidates=candidates)
                kind = {VerdictKind.NEW: OutcomeKind.STORED}.get(came.kind) or OutcomeKind(
                    {"revision": "revised"}.get(came.kind.value, came.kind.value)
                )
                reached = replace(outcome, kind=kind, article_id=number)
                self.first[end.url] = store.pages.record_outcome(run, replace(end, outcome=reached), NOW)

        def done(first: bool | None) -> None:
            if first is None:
                self.alone.append(read.url)
                save_alone()
            else:
                self.first[end.url] = first

        together = verdict.kind is VerdictKind.NEW
        if not (together and store.articles.save_together(read, candidates, end, NOW, run, done)):
            save_alone()
        return verdict.kind


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store._work.reading() as connection:
        return {
            table: sorted(tuple(map(str, row)) for row in connection.execute(text(f"SELECT {names} FROM {table}")))
            for table, names in ROWS.items()
        }


def mixed() -> Iterator[Article]:
    """New articles, some met before, some with other addresses, and some that are like one before them."""
    yield from map(story, range(20))
    yield story(20, asked_url="https://a.example/moved")
    yield story(21, alternate_urls=("https://a.example/amp/21", "https://a.example/print/21"))
    yield replace(story(3), url="https://a.example/copy-of-3")
    yield replace(story(22), source="b", url="https://b.example/22")
    yield replace(story(22), url="https://a.example/22", fetched_at=NOW + HOUR)
    yield story(23, canonical_url="https://a.example/2026/23")
    yield replace(story(24), blocks=story(4).blocks[:1])
    yield replace(story(5), title="Another headline")
    yield from map(story, range(30, 50))


def test_articles_written_together_are_as_those_saved_one_by_one(store: Store, run: int, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'alone.db'}", create=True) as other:
        alone = Stages(other, begin(other))
        for one in (store, other):
            one.frontier.meet("a", [link(number) for number in range(0, 60, 3)], NOW, run)
            one.frontier.next_queued("a", 60, NOW, run)
        alone.store_all(mixed())
        together = Stages(store, run)
        with store.group():
            together.store_all(mixed())
        expected, came = rows(other), rows(store)
        if store._work.engine.dialect.name == "sqlite":
            assert came == expected
        else:  # writes times and bytes otherwise
            assert {name: len(found) for name, found in came.items()} == {
                name: len(found) for name, found in expected.items()
            }
        assert together.first == alone.first
        assert together.alone == []
        assert store.check() == ()
        assert [one.url for one in store.search.find("river7")] == ["https://a.example/7"]


def test_what_waits_is_seen_by_whoever_asks_for_it(store: Store, run: int) -> None:
    stages = Stages(store, run)
    with store.group(seconds=999.0):
        stages.store_one(story(1))
        assert stages.first == {}
        assert store.pages.known(story(2).url) is None
        assert stages.first == {}  # it is about another page
        known = store.pages.known(story(1).url)
        assert known is not None
        assert known.outcome is OutcomeKind.STORED
        stages.store_one(story(2))
        assert store.articles.count() == 2
        stages.store_one(story(3))
        assert stages.store_one(replace(story(3), url="https://a.example/again")) is VerdictKind.DUPLICATE
        stages.store_one(story(4))
        edited = replace(story(4), url="https://a.example/edited", title="Title of 4")
        assert stages.store_one(edited) is VerdictKind.DUPLICATE
        stages.store_one(story(5))
        assert stages.store_one(replace(story(5), title="Changed")) is VerdictKind.REVISION


def test_so_many_are_written_without_being_asked_for(store: Store, run: int) -> None:
    stages = Stages(store, run)
    with store.group(seconds=999.0):
        stages.store_all(map(story, range(MOST)))
        assert len(stages.first) == MOST
        stages.store_one(story(MOST))
        assert len(stages.first) == MOST
        store.flush()
        assert len(stages.first) == MOST + 1


def test_a_commit_takes_what_waits_with_it(store: Store, run: int, database_url: str) -> None:
    with store.group(seconds=0.0):
        Stages(store, run).store_one(story(1))
        store.flush_if_due()
        with open_store(database_url) as other:
            assert other.articles.count() == 1
            assert other.snapshots.latest(story(1).url) is not None


def test_when_a_group_fails_its_articles_are_saved_one_by_one(
    store: Store, run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(connection: Any, articles: Any) -> Any:
        if len(articles) > 1:
            raise ValueError("a fault of ours")
        return add(connection, articles)

    add = adding.add
    monkeypatch.setattr(adding, "add", fails)
    stages = Stages(store, run)
    with store.group(seconds=999.0):
        store.frontier.meet("a", [link("kept")], NOW, run)
        stages.store_all(map(story, range(5)))
    assert stages.alone == [story(number).url for number in range(5)]
    assert set(stages.first.values()) == {True}
    assert (store.articles.count(), store.runs.counts(run)["a"].stored, store.frontier.backlog("a")) == (5, 5, 1)
    assert store.check() == ()
    assert len(rows(store)["snapshot"]) == 5


def test_an_article_that_another_process_stored_meanwhile_is_saved_alone(
    store: Store, run: int, database_url: str
) -> None:
    stages = Stages(store, run)
    with store.group(seconds=999.0):
        stages.store_all(map(story, range(3)))
        with open_store(database_url) as other:
            other.articles.save(replace(story(1), title="Its title"), identify(story(1), ()), NOW)
    assert stages.alone == [story(1).url]
    stored = store.articles.get(story(1).url)
    assert stored is not None
    assert (stored.article.title, stored.revision, store.articles.count()) == ("Title of 1", 2, 3)


def test_a_new_article_costs_at_most_six_statements(store: Store, run: int) -> None:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    store.frontier.meet("a", [link(number) for number in range(200)], NOW, run)
    with store.group(seconds=999.0):
        stages = Stages(store, run)
        stages.store_one(story(199))
        store.flush()
        event.listen(store._work.engine, "before_cursor_execute", note)
        count = 0
        while pages := store.frontier.next_queued("a", 8, NOW, run):
            stages.store_all(story(int(page.url.rsplit("/", 1)[-1])) for page in pages if "/199" not in page.url)
            count += len(pages)
        store.flush()
    event.remove(store._work.engine, "before_cursor_execute", note)
    assert count >= 190
    assert len(sent) <= 6 * count
    assert len(sent) <= 4 * count  # as it is
