"""Transactions: all or nothing, nested, grouped."""

from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest

from ingest.errors import StoreError
from ingest.model import Outcome, OutcomeKind, Verdict, VerdictKind
from ingest.store import PageEnd, Store, open_store
from tests.databases import DISCONNECT_OTHERS
from tests.store.values import NOW, article, link, source

NEW = Verdict(kind=VerdictKind.NEW)


class Interrupted(Exception):  # noqa: N818 - not an error, an interruption
    pass


@pytest.fixture(autouse=True)
def run(store: Store) -> int:
    store.sources.sync([source("a")], NOW)
    return store.runs.begin(NOW)


def seen_by_others(url: str) -> int:
    with open_store(url) as other:
        return other.articles.count()


def swallow(store: Store, run: int) -> None:
    with store.transaction():
        store.articles.save(article("one"), NEW, NOW, run)
        with suppress(Interrupted), store.transaction():
            raise Interrupted


def test_an_error_undoes_the_whole_transaction(store: Store, run: int) -> None:
    with suppress(Interrupted), store.transaction():
        _, article_id = store.articles.save(article("one"), NEW, NOW, run)
        store.pages.record_outcome(
            run,
            PageEnd(
                source="a", url=article("one").url, outcome=Outcome(kind=OutcomeKind.STORED, article_id=article_id)
            ),
            NOW,
        )
        store.frontier.meet("a", [link("two")], NOW, run)
        raise Interrupted
    assert store.articles.count() == 0
    assert store.pages.known(article("one").url) is None
    assert store.frontier.backlog("a") == 0
    assert store.runs.counts(run) == {}


def test_an_inner_transaction_joins_the_outer(store: Store, run: int, database_url: str) -> None:
    with store.transaction():
        with store.transaction():
            store.articles.save(article("one"), NEW, NOW, run)
        assert seen_by_others(database_url) == 0
    assert seen_by_others(database_url) == 1


def test_a_swallowed_error_of_an_inner_transaction_still_undoes_all(store: Store, run: int) -> None:
    with pytest.raises(RuntimeError, match="none of it is written"):
        swallow(store, run)
    assert store.articles.count() == 0


def test_a_source_made_in_an_undone_transaction_is_not_remembered(store: Store) -> None:
    with suppress(Interrupted), store.transaction():
        store.sources.sync([source("b")], NOW, whole_file=False)
        store.frontier.backlog("b")
        raise Interrupted
    store.sources.sync([source("c")], NOW, whole_file=False)
    assert store.sources.get("b") is None
    assert store.frontier.backlog("c") == 0


def test_a_group_commits_together_and_sees_itself(store: Store, run: int, database_url: str) -> None:
    with store.group(seconds=1000):
        store.articles.save(article("one"), NEW, NOW, run)
        store.articles.save(article("two"), NEW, NOW, run)
        assert store.articles.count() == 2
        assert seen_by_others(database_url) == 0
        store.flush_if_due()
        assert seen_by_others(database_url) == 0
        store.flush()
        assert seen_by_others(database_url) == 2
        store.articles.save(article("three"), NEW, NOW, run)
    assert seen_by_others(database_url) == 3


def test_an_error_in_a_group_undoes_its_own_transaction_alone(store: Store, run: int, database_url: str) -> None:
    with store.group(seconds=1000):
        store.articles.save(article("one"), NEW, NOW, run)
        with suppress(Interrupted), store.transaction():
            store.articles.save(article("two"), NEW, NOW, run)
            raise Interrupted
        store.articles.save(article("three"), NEW, NOW, run)
    assert seen_by_others(database_url) == 2


def test_a_group_is_committed_when_it_is_full_or_old(store: Store, run: int, database_url: str) -> None:
    with store.group(most=2, seconds=1000):
        store.articles.save(article("one"), NEW, NOW, run)
        assert seen_by_others(database_url) == 0
        store.articles.save(article("two"), NEW, NOW, run)
        assert seen_by_others(database_url) == 2
    with store.group(seconds=0):
        store.articles.save(article("three"), NEW, NOW, run)
        assert seen_by_others(database_url) == 3


def test_what_a_group_has_finished_is_kept_when_it_is_left_by_an_error(
    store: Store, run: int, database_url: str
) -> None:
    with suppress(Interrupted), store.group(seconds=1000):
        store.articles.save(article("one"), NEW, NOW, run)
        raise Interrupted
    assert seen_by_others(database_url) == 1


def test_a_connection_lost_while_reading_is_reported_once_and_no_trap_for_who_writes_next(postgres_url: str) -> None:
    with open_store(postgres_url) as store, store.group(seconds=60):
        store.sources.sync([source("lost")], NOW)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(DISCONNECT_OTHERS)
        before = store._work.rollbacks
        with pytest.raises(StoreError, match="run again when the server is back"):
            store.sources.all()
        assert store._work.rollbacks > before  # what the group had done is undone
        store.sources.sync([source("b")], NOW)
        names = {state.source.name for state in store.sources.all()}
        assert "b" in names
        assert "lost" not in names


@pytest.mark.parametrize("noticed", [True, False])
def test_a_connection_lost_in_a_transaction_that_fails_is_no_trap_for_who_writes_next(
    postgres_url: str, noticed: bool
) -> None:
    def fail(store: Store) -> None:
        with store.transaction():
            store.sources.sync([source("lost")], NOW)
            with psycopg.connect(postgres_url, autocommit=True) as connection:
                connection.execute(DISCONNECT_OTHERS)
            with suppress(StoreError):
                if noticed:
                    store.sources.all()
            raise Interrupted

    with open_store(postgres_url) as store, store.group(seconds=60):
        with pytest.raises(Interrupted if noticed else StoreError):
            fail(store)
        store.sources.sync([source("b")], NOW)
        assert "b" in {state.source.name for state in store.sources.all()}


def test_a_question_that_fails_takes_nothing_with_it_in_silence(store: Store, run: int, database_url: str) -> None:
    with store.group(seconds=1000):
        store.articles.save(article("one"), NEW, NOW, run)
        with pytest.raises(StoreError, match="wanting"), store._work.reading() as connection:
            connection.exec_driver_sql("SELECT wanting FROM article")
        store.articles.save(article("two"), NEW, NOW, run)
    # PostgreSQL has taken the transaction with it; SQLite takes no more than the question
    assert seen_by_others(database_url) == (2 if database_url.startswith("sqlite") else 1)
