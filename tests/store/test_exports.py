"""Named exports: two never overlap and none is lost, whoever writes meanwhile."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from ingest.errors import SourceError, StoreError, WrongUse
from ingest.model import Block, Verdict, VerdictKind
from ingest.store import Store, open_store
from tests.store.values import HOUR, NOW, article, source

NEW = Verdict(kind=VerdictKind.NEW)
Took = list[tuple[int, int]]  # article, revision


def take(store: Store, name: str = "weekly", **more: object) -> Took:
    """One whole export."""
    window = store.exports.window(name, **more)  # type: ignore[arg-type]  # options by name
    took = [(stored.article_id, stored.revision) for stored in store.exports.articles(window)]
    store.exports.settle(window, NOW, len(took))
    return took


def keep(store: Store, path: str | int, *texts: str, **more: object) -> int:
    return store.articles.save(article(path, *texts, **more), NEW, NOW)[1]


def revise(store: Store, number: int, words: str) -> None:
    stored = store.articles.get(number)
    assert stored is not None
    changed = replace(stored.article, blocks=(Block(text=words),), fetched_at=stored.article.fetched_at + HOUR)
    store.articles.save(changed, Verdict(kind=VerdictKind.REVISION, of=number), NOW)


@pytest.fixture
def two(store: Store) -> Store:
    store.sources.sync([source("a"), source("b")], NOW)
    keep(store, "one")
    keep(store, "two", source="b")
    return store


def test_each_export_goes_on_where_the_last_one_ended(two: Store) -> None:
    assert take(two) == [(1, 1), (2, 1)]
    assert take(two) == []
    keep(two, "three")
    revise(two, 1, "Changed words.")
    assert take(two) == [(3, 1), (1, 2)]
    assert take(two) == []
    assert take(two, "another") == [(2, 1), (3, 1), (1, 2)]


def test_what_failed_is_exported_again(two: Store) -> None:
    window = two.exports.window("weekly")
    assert [stored.article_id for stored in two.exports.articles(window)] == [1, 2]
    assert take(two) == [(1, 1), (2, 1)]


def test_what_is_revised_while_an_export_reads_is_in_the_next(two: Store) -> None:
    window = two.exports.window("weekly")
    revise(two, 1, "Changed words.")
    keep(two, "three")
    took = [(stored.article_id, stored.revision) for stored in two.exports.articles(window)]
    two.exports.settle(window, NOW, len(took))
    assert took == [(2, 1)]
    assert take(two) == [(1, 2), (3, 1)]


def test_a_name_keeps_its_choice_of_sources(two: Store) -> None:
    assert take(two, "of-b", source="b") == [(2, 1)]
    with pytest.raises(WrongUse, match="begun with --source b"):
        take(two, "of-b")
    assert take(two) == [(1, 1), (2, 1)]
    with pytest.raises(WrongUse, match="begun without --source"):
        take(two, source="a")
    with pytest.raises(SourceError):
        take(two, "of-none", source="none")


def test_of_two_exports_at_once_one_counts(two: Store) -> None:
    first, second = two.exports.window("weekly"), two.exports.window("weekly")
    two.exports.settle(first, NOW, 2)
    with pytest.raises(StoreError, match="another export"):
        two.exports.settle(second, NOW, 2)
    keep(two, "three")
    first, second = two.exports.window("weekly"), two.exports.window("weekly")
    two.exports.settle(second, NOW + HOUR, 1)
    with pytest.raises(StoreError, match="another export"):
        two.exports.settle(first, NOW, 1)


def test_a_transaction_that_commits_late_is_not_lost(postgres_url: str) -> None:
    """Its revision has the lower id and is not there yet when the export begins."""
    with open_store(postgres_url) as store, open_store(postgres_url) as late, ThreadPoolExecutor(1) as pool:
        store.sources.sync([source("a"), source("b")], NOW)
        with late.transaction():
            keep(late, "late")
            quick = keep(store, "quick")
            export = pool.submit(take, store)
            wait_until(lambda: waiting(late))
            assert not export.done()
        assert export.result(timeout=30) == [(quick - 1, 1), (quick, 1)]
        assert take(store) == []


def waiting(store: Store) -> bool:
    """Whether somebody waits for a lock on the table of revisions."""
    with store._work.reading() as connection:
        question = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'revision'::regclass"
        return bool(connection.execute(text(question)).scalar())


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.01)


def test_exports_beside_a_crawl_hold_every_revision_that_lasts_once(database_url: str) -> None:
    with open_store(database_url) as store, open_store(database_url) as writer, ThreadPoolExecutor(1) as pool:
        store.sources.sync([source("a")], NOW)

        def crawl() -> None:
            with writer.group():
                for number in range(120):
                    keep(writer, number)
                    if number % 3 == 2:
                        revise(writer, number - 1, f"Changed words of {number}.")

        writing = pool.submit(crawl)
        took: Took = []
        while not writing.done():
            took += take(store)
        writing.result()
        took += take(store)
    assert Counter(took).most_common(1)[0][1] == 1
    last = dict(sorted(took))
    assert last == {number: 2 if number % 3 == 1 else 1 for number in range(1, 121)}
