"""Several machines, decisions and queue: what becomes of a source's job, and that it waits once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ingest.errors import SettingsError
from ingest.ops.fleet.batch_crawl import (
    BUNDLE,
    HELD_AGAIN,
    LEAST,
    LOCKED_AGAIN,
    Decision,
    Ended,
    Next,
    decide,
    read_end,
    size,
)
from ingest.ops.fleet.due_queue import FIRST_BACK_OFF, MAX_ATTEMPTS, app_for, back_off, enqueue, job_of, put
from ingest.ops.fleet.upkeep import give_up, rescue
from ingest.store import SourceEnd, Store, open_store, upgrade
from ingest.store.fleet.queue import ALONE, CRAWL, Queue, WorkerState, prepare, upgrade_if_there
from tests.store.values import source

NOW = datetime.now(UTC)
DONE = Decision(next=Next.DONE)
AGAIN = Decision(next=Next.AGAIN)

ENDS = [
    ("it came to its end", Ended(code=0, done=frozenset("a")), 0, DONE),
    ("a failure of a site is told, not tried again at once", Ended(code=3, done=frozenset("a")), 0, DONE),
    ("the worker was told to stop", Ended(code=143), 0, AGAIN),
    ("it had its time", Ended(code=0, left=frozenset("a")), 0, AGAIN),
    ("it came to no end, for a fault of ours", Ended(code=0), 0, Decision(next=Next.RETRY, after=FIRST_BACK_OFF)),
    ("its host was held", Ended(code=0, held=frozenset("a")), 0, Decision(next=Next.AGAIN, after=HELD_AGAIN)),
    ("a whole run has the database", Ended(code=75), 4, Decision(next=Next.AGAIN, after=LOCKED_AGAIN)),
    ("an old schema", Ended(code=2), 0, Decision(next=Next.AGAIN, after=LOCKED_AGAIN)),
    ("the database went away", Ended(code=1), 0, Decision(next=Next.RETRY, after=FIRST_BACK_OFF)),
    ("it broke twice", Ended(code=1), 1, Decision(next=Next.RETRY, after=2 * FIRST_BACK_OFF, alone=True)),
    ("it was killed", Ended(code=-9), 0, Decision(next=Next.RETRY, after=FIRST_BACK_OFF, alone=True)),
    ("it was killed too often", Ended(code=-9), MAX_ATTEMPTS - 1, Decision(next=Next.GIVE_UP)),
    ("done before the process died", Ended(code=-9, done=frozenset("a")), 4, DONE),
]


@pytest.mark.parametrize(("ended", "attempts", "expected"), [case[1:] for case in ENDS], ids=[one[0] for one in ENDS])
def test_what_becomes_of_a_source(ended: Ended, attempts: int, expected: Decision) -> None:
    assert decide("a", ended, attempts) == expected


@pytest.mark.parametrize(
    ("output", "done"),
    [
        (b'{"done": ["a"], "held": [], "left": []}\n', {"a"}),
        (b"", set()),
        (b"Traceback", set()),
        (b'{"done": 3}\n', set()),
    ],
)
def test_a_process_that_told_nothing_has_done_nothing(output: bytes, done: set[str]) -> None:
    assert read_end(0, output).done == done


@pytest.mark.parametrize(
    ("runnable", "crawls", "most", "expected"),
    [(1000, 3, BUNDLE, BUNDLE), (90, 3, BUNDLE, 30), (5, 3, BUNDLE, LEAST), (100, 2, 7, 7), (0, 0, BUNDLE, LEAST)],
)
def test_a_bundle_is_a_fair_share_within_bounds(runnable: int, crawls: int, most: int, expected: int) -> None:
    assert size(runnable, crawls, most) == expected


def test_the_wait_after_dead_crawls_doubles() -> None:
    assert [back_off(attempts) / FIRST_BACK_OFF for attempts in (1, 2, 3, 4)] == [1, 2, 4, 8]


# ---------------------------------------------------------------- the queue itself


@pytest.fixture
def fleet_url(empty_postgres_url: str) -> str:
    """A PostgreSQL database with both schemas and sources a, b, c, all due."""
    upgrade(empty_postgres_url)
    prepare(empty_postgres_url)
    with open_store(empty_postgres_url) as store:
        store.sources.sync([source(name) for name in "abc"], NOW - timedelta(hours=1))
    return empty_postgres_url


@pytest.fixture
def queue(fleet_url: str) -> Iterator[Queue]:
    with Queue(fleet_url) as opened:
        yield opened


@pytest.fixture
def fleet_store(fleet_url: str) -> Iterator[Store]:
    with open_store(fleet_url) as opened:
        yield opened


def test_a_source_waits_once_however_often_it_is_queued(fleet_url: str, queue: Queue) -> None:
    assert enqueue(fleet_url, NOW).queued == 3
    assert enqueue(fleet_url, NOW).queued == 0
    by_hand = enqueue(fleet_url, NOW, ["b"])
    assert (by_hand.queued, by_hand.waiting) == (0, 1)
    assert queue.state().depth.todo == 3
    assert asyncio.run(_put_again(fleet_url)) == 1, "one of a statement that waits already does not cost the others"


async def _put_again(url: str) -> int:
    async with app_for(url).open_async() as app:
        return await put(app, [job_of(name) for name in ("a", "new", "c")])


def test_many_sources_are_queued_in_a_few_statements_and_counted_for_the_planner(fleet_url: str, queue: Queue) -> None:
    with open_store(fleet_url) as store:
        store.sources.sync([source(f"s{number}") for number in range(1200)], NOW - timedelta(hours=1))
    assert enqueue(fleet_url, NOW).queued == 1200
    with psycopg.connect(fleet_url) as connection:
        question = "SELECT reltuples FROM pg_class WHERE oid = 'fleet.procrastinate_jobs'::regclass"
        assert connection.execute(question).fetchone() == (1200,)
    assert queue.due(NOW) == ()


def test_what_is_not_due_retired_or_ad_hoc_is_not_queued(fleet_url: str, fleet_store: Store, queue: Queue) -> None:
    fleet_store.sources.ran("a", NOW, next_due_at=NOW + timedelta(hours=1))
    fleet_store.sources.retire("b", NOW)
    fleet_store.sources.sync([source("once")], NOW - timedelta(hours=1), whole_file=False)
    assert queue.due(NOW) == ("c",)


def test_a_source_that_is_being_crawled_is_not_queued_and_has_a_lease(fleet_url: str, queue: Queue) -> None:
    enqueue(fleet_url, NOW)
    taken = asyncio.run(_take(fleet_url, queue))
    assert taken not in queue.due(NOW)
    (lease,) = queue.state().leases
    assert (lease.source, lease.machine, lease.stalled, lease.attempts) == (taken, "m", False, 0)
    assert [(worker.pid, worker.sources) for worker in queue.state().workers] == [(7, 1)]


async def _take(url: str, queue: Queue) -> str:
    async with app_for(url).open_async() as app:
        worker_id = await app.job_manager.register_worker()
        queue.announce(WorkerState(id=worker_id, machine="m", pid=7, version="1", concurrency=2), "/h", 10.0)
        job = await app.job_manager.fetch_job(queues=[CRAWL], worker_id=worker_id)
        assert job is not None
        return str(job.task_kwargs["source"])


def _silence(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE fleet.procrastinate_workers SET last_heartbeat = now() - interval '21 s'")


def test_the_source_of_a_silent_worker_is_rescued_and_the_second_time_crawled_alone(
    fleet_url: str, queue: Queue
) -> None:
    enqueue(fleet_url, NOW, ["a"])
    for attempts, queue_name in ((1, CRAWL), (2, ALONE)):
        asyncio.run(_take_any(fleet_url, queue))
        assert asyncio.run(_rescue(fleet_url)) == 0, "it is not silent yet"
        _silence(fleet_url)
        assert queue.state().depth.stalled == 1
        assert asyncio.run(_rescue(fleet_url)) == 1
        with psycopg.connect(fleet_url) as connection:
            row = connection.execute("SELECT status, attempts, queue_name FROM fleet.procrastinate_jobs").fetchone()
        assert row == ("todo", attempts, queue_name)


async def _take_any(url: str, queue: Queue) -> None:
    async with app_for(url).open_async() as app:
        worker_id = await app.job_manager.register_worker()
        queue.announce(WorkerState(id=worker_id, machine="m", pid=7, version="1", concurrency=1), "/h", 10.0)
        assert await app.job_manager.fetch_job(queues=[CRAWL, ALONE], worker_id=worker_id) is not None


async def _rescue(url: str) -> int:
    async with app_for(url).open_async() as app:
        return await rescue(app, url, silent_s=20.0, every_min=60)


def test_a_rescue_of_what_was_queued_anew_meanwhile_leaves_it_queued_once(fleet_url: str, queue: Queue) -> None:
    enqueue(fleet_url, NOW, ["a"])
    asyncio.run(_take_any(fleet_url, queue))
    asyncio.run(_put_again(fleet_url))
    _silence(fleet_url)
    assert asyncio.run(_rescue(fleet_url)) == 1
    depth = queue.state().depth
    assert (depth.doing, depth.todo) == (0, 3)


def test_a_source_given_up_rests_and_is_shown_as_failed(fleet_url: str, fleet_store: Store) -> None:
    give_up(fleet_url, "a", every_min=60)
    state = fleet_store.sources.get("a")
    assert state is not None
    assert (state.state, state.failures, state.cause) == (SourceEnd.FAILED, 1, "the crawl process died 5 times")
    assert state.next_due_at > NOW + timedelta(minutes=100)


def test_what_is_asked_for_by_hand_goes_first(fleet_url: str, queue: Queue) -> None:
    enqueue(fleet_url, NOW)
    with open_store(fleet_url) as store:
        store.sources.sync([source("late")], NOW, whole_file=False)
    enqueue(fleet_url, NOW, ["late"])
    assert asyncio.run(_take(fleet_url, queue)) == "late"


def test_the_queue_leaves_our_own_schema_alone(fleet_url: str, fleet_store: Store) -> None:
    assert fleet_store.check() == ()
    assert upgrade(fleet_url)[0] == upgrade(fleet_url)[1]
    assert upgrade_if_there(fleet_url)
    prepare(fleet_url)


def test_an_upgrade_makes_no_queue_where_none_is_wanted(empty_postgres_url: str) -> None:
    upgrade(empty_postgres_url)
    assert not upgrade_if_there(empty_postgres_url)
    with Queue(empty_postgres_url) as queue:
        assert queue.state().workers == ()


def test_sqlite_is_refused_in_one_line(sqlite_url: str) -> None:
    with pytest.raises(SettingsError, match="need PostgreSQL"):
        prepare(sqlite_url)
