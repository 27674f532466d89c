"""Several machines: workers on one queue, kills and stops. The figures are those of benchmarks/fleet.py."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.store import upgrade
from tests.command import RunIngest
from tests.crawl.fleet import END_S, Fleet, sites
from tests.site import Web
from tests.waiting import wait_until

HEARTBEAT_S = 2.0
OPTIONS = ("--bundle", "3", "--heartbeat", str(HEARTBEAT_S))
RESCUE_S = 2 * HEARTBEAT_S + 10
MOST_S = 240.0


@pytest.fixture
def six() -> Iterator[Web]:
    with Web(sites(6, 10), latency_s=0.15) as web:  # slower than extraction, also on a laden machine
        yield web


@pytest.fixture
def fleet(six: Web, tmp_path: Path, empty_postgres_url: str) -> Iterator[Fleet]:
    upgrade(empty_postgres_url)
    made = Fleet.made(tmp_path / "fleet", empty_postgres_url, six, INGEST_WORKERS="0")
    with made.at_work():
        yield made


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_worker_costs_little_and_loses_nothing(fleet: Fleet) -> None:
    assert fleet.run("enqueue", "-v") == "ingest: 6 queued\n"
    for name in ("one", "two"):
        fleet.start(name, *OPTIONS)
    assert wait_until(lambda: len(fleet.web.articles_asked()) >= 8, most_s=90)
    victims = {lease.source for lease in fleet.state().leases if lease.worker == _first_worker(fleet)}
    assert victims
    fleet.kill("one" if _pid(fleet, "one") == _first_pid(fleet) else "two")
    killed_s = time.monotonic()
    assert wait_until(lambda: _attempted(fleet) >= victims or not fleet.state().leases, most_s=60)
    assert time.monotonic() - killed_s <= RESCUE_S
    fleet.start("three", *OPTIONS)
    fleet.wait_until_done(MOST_S)
    assert set(fleet.stop().values()) == {143}
    assert fleet.stored() == len(fleet.web.expected()) == 60
    assert fleet.most_at_once() == 1
    assert fleet.repeats()[1] <= 6, "what was under way on three hosts: fetched and not yet committed"


def _first_worker(fleet: Fleet) -> int:
    return min(worker.id for worker in fleet.state().workers if worker.sources)


def _first_pid(fleet: Fleet) -> int:
    number = _first_worker(fleet)
    return next(worker.pid for worker in fleet.state().workers if worker.id == number)


def _pid(fleet: Fleet, name: str) -> int:
    return fleet.workers[name].pid


def _attempted(fleet: Fleet) -> set[str]:
    """Sources that were rescued: their jobs count an attempt."""
    import psycopg

    with psycopg.connect(fleet.database_url) as connection:
        rows = connection.execute("SELECT args->>'source' FROM fleet.procrastinate_jobs WHERE attempts > 0").fetchall()
    return {name for (name,) in rows}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_worker_that_is_told_to_stop_hands_over_what_is_left(fleet: Fleet) -> None:
    fleet.run("enqueue")
    fleet.start("one", *OPTIONS)
    assert wait_until(lambda: len(fleet.web.articles_asked()) >= 8, most_s=90)
    begun_s = time.monotonic()
    assert fleet.stop() == {"one": 143}
    assert time.monotonic() - begun_s <= END_S
    state = fleet.state()
    assert (state.workers, state.leases) == ((), ())
    assert state.depth.todo == 6, "queued again, with no attempt counted"
    fleet.start("two", *OPTIONS, "--until-empty")
    assert fleet.workers["two"].wait(MOST_S) == 0
    fleet.workers.clear()
    assert fleet.stored() == 60
    assert fleet.repeats()[1] <= 3


def test_a_worker_crawls_what_is_queued_and_ends_when_nothing_waits(tmp_path: Path, empty_postgres_url: str) -> None:
    with Web(sites(2, 3)) as web:
        fleet = Fleet.made(tmp_path, empty_postgres_url, web, INGEST_WORKERS="0")
        with fleet.at_work():
            assert json.loads(fleet.run("enqueue", "--json")) == {"queued": 2, "waiting": 0}
            assert json.loads(fleet.run("enqueue", "site00", "--json")) == {"queued": 0, "waiting": 1}
            fleet.start("one", "--until-empty", "--heartbeat", "1")
            assert fleet.workers["one"].wait(90) == 0, fleet.log("one")
            fleet.workers.clear()
            assert fleet.stored() == 6
            assert fleet.most_at_once() == 1
            status = json.loads(fleet.run("status", "--fleet", "--json"))
            assert (status["workers"], status["leases"], status["queue"]["todo"]) == ([], [], 0)
            run = json.loads(fleet.run("status", "--json"))
            assert {source["state"] for source in run["sources"]} == {"ok"}


@pytest.mark.parametrize("words", [("work",), ("enqueue",), ("status", "--fleet")])
def test_without_postgresql_it_is_reported_in_one_line(words: tuple[str, ...], run_ingest: RunIngest) -> None:
    done = run_ingest(*words)
    assert done.code == 2
    assert "several machines need PostgreSQL" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_source_that_is_not_there_cannot_be_queued(run_ingest: RunIngest, empty_postgres_url: str) -> None:
    done = run_ingest("enqueue", "nothing", env={"INGEST_DATABASE_URL": empty_postgres_url})
    assert done.code == 2
    assert 'no source "nothing"' in done.stderr
