"""One host asked by four sources for everything there is to ask: one request at a time, not closer than the delay."""

from __future__ import annotations

from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.crawl import Job, run_jobs
from tests.fetch.server import Answer, Exchange, Server, serving

DELAY_S = 0.1
CLOCK_GRAIN_S = 0.002  # two clocks, ours and the server's thread


def failing(times: int, fail: Answer) -> Answer:
    """Return an answer that fails so often before the page comes."""
    asked = count()

    def answer(exchange: Exchange) -> None:
        if next(asked) < times:
            fail(exchange)
        else:
            exchange.page("page")

    return answer


def cut(exchange: Exchange) -> None:
    exchange.head("200 OK", "Content-Length: 999")
    exchange.close()


def busy(exchange: Exchange) -> None:
    exchange.page("busy", "503 Busy")


def pages(source: int) -> dict[str, Any]:
    here = f"/{source}"
    return {
        f"{here}/page": "page",
        f"{here}/moved": lambda exchange: exchange.redirect(f"{here}/moved-again"),
        f"{here}/moved-again": lambda exchange: exchange.redirect(f"{here}/there"),
        f"{here}/there": "page",
        f"{here}/reset": failing(1, lambda exchange: exchange.reset()),
        f"{here}/cut": failing(2, cut),
        f"{here}/busy": failing(2, busy),
        f"{here}/gone": lambda exchange: exchange.page("gone", "410 Gone"),
        f"{here}/feed": "<rss/>",
        f"{here}/feed-that-fails": failing(1, busy),
    }


@pytest.mark.slow
def test_four_sources_retries_redirects_and_seeds_keep_to_one_request_and_the_delay(tmp_path: Path) -> None:
    asked = count()

    def robots(exchange: Exchange) -> None:
        if next(asked):
            exchange.page("User-agent: *\nDisallow: /no\n")
        else:
            exchange.redirect("/robots.txt?again")

    host = Server("127.3.6.1", {path: answer for n in range(4) for path, answer in pages(n).items()}, robots=robots)
    with serving(host):
        job = Job(
            home=str(tmp_path),
            sources=[{"name": f"s{n}", "url": f"{host.url}/{n}/"} for n in range(4)],
            queue=[
                {"url": f"{host.url}/{n}/{name}", "source": f"s{n}"}
                for n in range(4)
                for name in ("page", "moved", "reset", "cut", "busy", "gone")
            ],
            seeds=[
                {"url": f"{host.url}/{n}/{name}", "source": f"s{n}", "kind": "feed"}
                for n in range(4)
                for name in ("feed", "feed-that-fails")
            ],
            settings={"INGEST_DELAY_S": DELAY_S, "INGEST_RETRIES": 2},
            patches={"ingest.fetch.retry:WAITS_S": [0.05, 0.1]},
        )
        (facts,) = run_jobs([job])
    came = [answer["reason"] for answer in facts["answers"]]
    assert sorted(came) == [""] * 28 + ["http-410"] * 4
    assert len(host.log) == 2 + 4 * (1 + 3 + 2 + 3 + 3 + 1 + 1 + 2)  # robots.txt and its redirect; each source's
    assert host.most_at_once() == 1
    assert min(host.gaps_s()) >= DELAY_S - CLOCK_GRAIN_S
    rests = [after.begun_s - before.ended_s for before, after in pairwise(host.log)]
    assert min(rests) >= DELAY_S - CLOCK_GRAIN_S - 0.02  # the answer's way to us
