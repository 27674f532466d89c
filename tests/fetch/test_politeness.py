"""How a host is treated, counted at the host: one request at a time, not closer than the delay, away when told."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.fetch.crawl import Job, run_jobs
from tests.fetch.server import Answer, Exchange, Server, serving

CLOCK_GRAIN_S = 0.002  # two clocks, ours and the server's thread


def source(host: Server, name: str = "", **more: object) -> dict[str, Any]:
    return {"name": name or _name(host), "url": f"{host.url}/", **more}


def queue(*hosts: Server) -> list[dict[str, Any]]:
    return [{"url": host.url + path, "source": _name(host)} for host in hosts for path in host.pages]


def _name(host: Server) -> str:
    return host.address.replace(".", "-")


def pages(number: int, answer: Answer | str = "page") -> dict[str, Any]:
    return {f"/{n}": answer for n in range(number)}


def busy(times: int, retry_after: str | None, status: str = "429 Too Many Requests") -> Answer:
    """Return an answer that sends the first so many away."""
    asked: list[str] = []

    def answer(exchange: Exchange) -> None:
        asked.append(exchange.asked.path)
        if len(asked) > times:
            exchange.page("page")
        else:
            exchange.page("busy", status, *(() if retry_after is None else (f"Retry-After: {retry_after}",)))

    return answer


def slow(exchange: Exchange) -> None:
    time.sleep(0.4)
    exchange.page("slow")


def rests_s(host: Server) -> list[float]:
    """Seconds from the end of each request to the start of the next."""
    return [after.begun_s - before.ended_s for before, after in pairwise(host.log)]


def test_delays_hold_whatever_the_source_the_host_and_the_latency(tmp_path: Path) -> None:
    crawl_delay = Server("127.3.2.1", pages(5), robots="User-agent: *\nCrawl-delay: 0.4")
    latency = Server("127.3.2.2", pages(5, slow))
    shared = Server("127.3.2.3", pages(16))
    smallest = Server("127.3.2.4", pages(40))
    own = Server("127.3.2.5", pages(5))
    hosts = (crawl_delay, latency, shared, smallest, own)
    with serving(*hosts):
        four = [source(shared, f"shared-{n}", delay_s=0.05 * n + 0.01) for n in range(4)]
        job = Job(
            home=str(tmp_path),
            sources=[source(crawl_delay), source(latency), *four, source(smallest), source(own, delay_s=0.3)],
            queue=queue(crawl_delay, latency, smallest, own)
            + [{"url": f"{shared.url}/{n}", "source": f"shared-{n % 4}"} for n in range(16)],
            settings={"INGEST_DELAY_S": 0.001},
        )
        (facts,) = run_jobs([job])
    assert {answer["status"] for answer in facts["answers"]} == {200}
    assert len(facts["answers"]) == sum(len(host.pages) for host in hosts)
    assert [host.most_at_once() for host in hosts] == [1] * 5
    assert [host.connections for host in hosts] == [1] * 5
    assert min(crawl_delay.gaps_s()) >= 0.4 - CLOCK_GRAIN_S
    assert min(own.gaps_s()[1:]) >= 0.3 - CLOCK_GRAIN_S
    assert min(shared.gaps_s()[5:]) >= 0.16 - CLOCK_GRAIN_S  # the slowest of its sources, once all have come
    assert min(rests_s(latency)[2:]) >= 0.2  # the median of its answers: robots.txt came at once, pages after 0.4 s


def test_retry_after_is_waited_for_and_the_page_comes(tmp_path: Path) -> None:
    date = (datetime.now(UTC) + timedelta(seconds=6)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    seconds = Server("127.3.2.1", {"/a": busy(1, "2"), "/b": "page"})
    dated = Server("127.3.2.2", {"/a": busy(1, date, "503 Service Unavailable"), "/b": "page"})
    nonsense = Server("127.3.2.3", {"/a": busy(1, "soon", "503 Service Unavailable"), "/b": "page"})
    hosts = (seconds, dated, nonsense)
    with serving(*hosts):
        job = Job(
            home=str(tmp_path),
            sources=[source(host) for host in hosts],
            queue=queue(*hosts),
            settings={"INGEST_RETRIES": 2},
        )
        (facts,) = run_jobs([job])
    assert [answer["status"] for answer in facts["answers"]] == [200] * 6
    for host, least_s in ((seconds, 2.0), (dated, 0.0), (nonsense, 0.0)):
        assert sorted(host.asked()) == ["/a", "/a", "/b"]
        first = host.asked().index("/a")
        asked = [each for each in host.log if each.path != "/robots.txt"]
        assert asked[first + 1].begun_s - asked[first].ended_s >= least_s - CLOCK_GRAIN_S  # nobody else goes meanwhile


def test_a_host_that_is_always_busy_is_waited_for_once(tmp_path: Path) -> None:
    always = [Server(f"127.3.2.{n}", pages(9, busy(99, value))) for n, value in ((1, "1"), (2, "0.6"))]
    recovers = Server("127.3.2.4", pages(4) | {"/0": busy(1, "1")})
    hosts = [*always, recovers]
    with serving(*hosts):
        job = Job(
            home=str(tmp_path),
            sources=[source(host) for host in hosts],
            queue=queue(*hosts),
            settings={"INGEST_RETRIES": 4},
            patches={"ingest.fetch.politeness:MOST_WAITED_S": 1.0},
        )
        (facts,) = run_jobs([job])
    assert all(len(host.asked()) == 2 for host in always)
    assert [answer["status"] for answer in facts["answers"] if recovers.address in answer["url"]] == [200] * 4
    assert facts["seconds"] < 15


def test_a_dead_feed_does_not_slow_its_host(tmp_path: Path) -> None:
    dead: list[str] = []

    def silent(exchange: Exchange) -> None:
        dead.append(exchange.asked.path)
        time.sleep(1.2)

    host = Server("127.3.2.5", pages(12) | {"/feed": silent})
    with serving(host):
        job = Job(
            home=str(tmp_path),
            sources=[source(host)],
            seeds=[{"url": f"{host.url}/feed"}],
            queue=queue(host)[:12],
            settings={"INGEST_RETRIES": 2, "INGEST_REQUEST_TIMEOUT_S": 1.0, "INGEST_DELAY_S": 0.01},
        )
        (facts,) = run_jobs([job])
    assert len(dead) == 3
    assert sum(answer["status"] == 200 for answer in facts["answers"]) == 12
    assert sum(rest > 0.8 for rest in rests_s(host)) <= 2, "at most the waits before the two retries"


def test_a_host_that_sends_us_away_is_left_alone_also_by_the_next_run(tmp_path: Path) -> None:
    values = ("3600", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "120.5")
    away = [Server(f"127.3.2.{n}", pages(6, busy(99, value))) for n, value in enumerate(values, 1)]
    struck = Server("127.3.2.8", pages(9, busy(99, None)))
    broken = Server("127.3.2.9", pages(6) | {"/503": busy(99, None, "503 Broken"), "/429": busy(99, "0")})
    hosts = [*away, struck, broken]
    with serving(*hosts):
        job = Job(
            home=str(tmp_path),
            sources=[source(host) for host in hosts],
            queue=queue(*hosts),
            patches={"ingest.fetch.delays:UNSAID_429_S": 0.1},
        )
        later = Job(
            home=str(tmp_path),
            sources=[source(host) for host in hosts],
            seeds=[{"url": f"{host.url}/0", "source": _name(host)} for host in hosts],
        )
        day_later = Job(**{**later.__dict__, "hours_later": 24.1, "seeds": later.seeds[:2]})
        first, second, third = run_jobs([job, later, day_later])
    for host in away:
        assert len(host.asked()) == 2, "one, and one a day later"
    assert len(struck.asked()) == 6, "three, and three a day later"
    assert len([answer for answer in first["answers"] if broken.address in answer["url"]]) == 8
    assert {answer["reason"] for answer in first["answers"] if broken.address not in answer["url"]} == {"http-429"}
    reasons = {answer["url"]: answer["reason"] for answer in second["answers"]}
    assert {reasons[f"{host.url}/0"] for host in (*away, struck)} == {"host-closed"}
    assert reasons[f"{broken.url}/0"] == ""
    assert {answer["reason"] for answer in third["answers"]} <= {"http-429", "host-closed"}


def test_a_dead_host_is_given_up_and_a_slow_one_holds_nobody_up(tmp_path: Path) -> None:
    sluggish, quick = Server("127.3.2.2", pages(4, slow)), Server("127.3.2.3", pages(30))
    sluggish.robots = "User-agent: *\nCrawl-delay: 0.5"
    with serving(sluggish, quick):
        dead = f"http://127.3.2.200:{quick.port}"
        job = Job(
            home=str(tmp_path),
            sources=[source(sluggish), source(quick), {"name": "dead", "url": dead}],
            queue=queue(sluggish, quick) + [{"url": f"{dead}/{n}", "source": "dead"} for n in range(30)],
        )
        (facts,) = run_jobs([job])
    told = [answer for answer in facts["answers"] if dead in answer["url"]]
    assert {answer["reason"] for answer in told} == {"refused-connection"}
    assert len(told) < 30, "the rest stays queued for the next run"
    assert [answer["status"] for answer in facts["answers"] if dead not in answer["url"]] == [200] * 34
    assert quick.log[-1].ended_s < sluggish.log[-1].begun_s


def test_a_host_that_died_since_the_last_run_is_given_up_after_a_few_addresses(tmp_path: Path) -> None:
    host = Server("127.3.2.1", pages(12))
    job = Job(home=str(tmp_path), sources=[], seeds=[])
    with serving(host):
        job.sources = [source(host)]
        job.seeds = [{"url": f"{host.url}/0"}]
        run_jobs([job])
    job.seeds, job.queue = [], queue(host)
    (facts,) = run_jobs([job])
    assert [answer["reason"] for answer in facts["answers"]] == ["refused-connection"] * 3
