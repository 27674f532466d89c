"""The scheduler over the real store: budgets, what is left, a kill, an end in time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ingest.config import Config
from ingest.store import open_store
from tests.fetch.crawl import ROOT, Job, run_jobs
from tests.fetch.server import Exchange, Server, serving


def source(host: Server, name: str = "news", **more: object) -> dict[str, Any]:
    return {"name": name, "url": f"{host.url}/", **more}


def pages(number: int) -> dict[str, Any]:
    return {f"/{n}": f"page {n}" for n in range(number)}


def queue(host: Server, name: str = "news") -> list[dict[str, Any]]:
    return [{"url": host.url + path, "source": name} for path in host.pages]


def backlog(home: Path, name: str = "news") -> int:
    store = open_store(Config(home=home).url_of_database)
    try:
        return store.frontier.backlog(name)
    finally:
        store.close()


def test_budgets_hold_and_what_is_left_comes_in_the_next_run(tmp_path: Path) -> None:
    few, short, plain = (Server(f"127.3.4.{n}", pages(20)) for n in (1, 2, 3))
    with serving(few, short, plain):
        sources = [
            source(few, "few", max_requests=5),
            source(short, "short", max_runtime_s=0.5, delay_s=0.2),
            source(plain, "plain"),
        ]
        job = Job(
            home=str(tmp_path),
            sources=sources,
            seeds=[{"url": f"{few.url}/19", "source": "few"}],
            queue=[*queue(few, "few"), *queue(short, "short"), *queue(plain, "plain")],
        )
        run_jobs([job])
        assert len(few.asked()) == 5
        assert 1 <= len(short.asked()) <= 4
        assert len(plain.asked()) == 20
        assert backlog(tmp_path, "few") == 16
        assert backlog(tmp_path, "plain") == 0
        run_jobs([Job(home=str(tmp_path), sources=[source(few, "few")])])
    assert sorted(set(few.asked())) == sorted(few.pages)
    assert len(few.asked()) == 21
    assert backlog(tmp_path, "few") == 0


def test_over_budget_a_seed_ends_with_its_reason(tmp_path: Path) -> None:
    host = Server("127.3.4.1", pages(8))
    with serving(host):
        seeds = [{"url": host.url + path} for path in host.pages]
        (facts,) = run_jobs([Job(home=str(tmp_path), sources=[source(host, max_requests=3)], seeds=seeds)])
    assert sorted(answer["reason"] for answer in facts["answers"]) == [""] * 3 + ["max-requests"] * 5
    assert len(host.asked()) == 3


def test_a_dry_run_asks_for_seeds_only(tmp_path: Path) -> None:
    host = Server("127.3.4.1", pages(8))
    with serving(host):
        job = Job(
            home=str(tmp_path),
            sources=[source(host)],
            seeds=[{"url": f"{host.url}/0"}],
            queue=queue(host),
            plan={"dry_run": True},
        )
        run_jobs([job])
    assert host.asked() == ["/0"]


def test_the_newest_links_go_first(tmp_path: Path) -> None:
    host = Server("127.3.4.1", pages(30))
    with serving(host):
        items = [{**item, "day": n % 7} for n, item in enumerate(queue(host))]
        run_jobs([Job(home=str(tmp_path), sources=[source(host)], queue=items)])
    days = [int(path[1:]) % 7 for path in host.asked()]
    assert days == sorted(days, reverse=True)


def test_after_a_kill_the_next_run_asks_for_what_was_not_ended_and_no_more(tmp_path: Path) -> None:
    host = Server("127.3.4.1", pages(60))
    with serving(host):
        job = Job(home=str(tmp_path), sources=[source(host)], queue=queue(host), settings={"INGEST_DELAY_S": 0.03})
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fetch.crawl"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps([job.__dict__]))
        process.stdin.close()
        end = time.monotonic() + 60
        while len(host.asked()) < 25 and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        first = len(host.asked())
        run_jobs([Job(home=str(tmp_path), sources=[source(host)])])
    assert first < 60
    assert set(host.asked()) == set(host.pages)
    assert max(host.asked().count(path) for path in host.pages) <= 2
    assert backlog(tmp_path) == 0


def test_told_to_end_it_ends_in_time_and_keeps_what_is_left(tmp_path: Path) -> None:
    def never(exchange: Exchange) -> None:
        exchange.close()
        time.sleep(25)

    hang, wait = Server("127.3.4.1", {"/hang": never}), Server("127.3.4.2", pages(6))
    wait.robots = "User-agent: *\nCrawl-delay: 50"
    with serving(hang, wait):
        job = Job(
            home=str(tmp_path),
            sources=[source(hang, "hang"), source(wait, "wait")],
            queue=[*queue(hang, "hang"), *queue(wait, "wait")],
            settings={"INGEST_REQUEST_TIMEOUT_S": 30},
            stop_after_s=1.0,
        )
        (facts,) = run_jobs([job])
    assert facts["seconds"] < 10
    assert {answer["reason"] for answer in facts["answers"]} == {"stopped"}
    assert backlog(tmp_path, "hang") == 1
    assert backlog(tmp_path, "wait") == 6


def test_links_met_while_others_go_on_are_asked_for(tmp_path: Path) -> None:
    host = Server("127.3.4.1", pages(10))
    with serving(host):
        job = Job(
            home=str(tmp_path),
            sources=[source(host)],
            seeds=[{"url": f"{host.url}/{n}", "meta": {"meets": f"{host.url}/{n + 5}"}} for n in range(5)],
        )
        run_jobs([job])
    assert sorted(host.asked()) == sorted(host.pages)
