"""Every misbehaviour costs its page and no other, is told by its reason and stays within bounds, alone and together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fetch.crawl import Job, run_jobs
from tests.fetch.misbehaviours import CASES, PAGE, Case
from tests.fetch.server import Server, serving

HEALTHY = 5  # pages beside each host's misbehaviours
BOUNDED = {"INGEST_REQUEST_TIMEOUT_S": 5, "INGEST_CONNECT_TIMEOUT_S": 5, "INGEST_MAX_REQUESTS": 5000}


def host_of(number: int, cases: list[Case]) -> Server:
    pages: dict[str, Any] = {f"/case/{CASES.index(case)}": case.answer for case in cases}
    return Server(f"127.3.1.{number + 1}", pages | {f"/healthy/{n}": PAGE for n in range(HEALTHY)})


def job_of(home: Path, host: Server) -> Job:
    source = {"name": "host", "url": f"{host.url}/"}
    return Job(
        home=str(home), sources=[source], queue=[{"url": host.url + path} for path in host.pages], settings=BOUNDED
    )


def faults(hosts: list[Server], facts: list[dict[str, Any]]) -> dict[str, str]:
    """Return what came out other than it must."""
    answers = {answer["url"]: answer for fact in facts for answer in fact["answers"]}
    wrong = {}
    for host in hosts:
        for path in host.pages:
            case = CASES[int(path.rpartition("/")[2])] if path.startswith("/case/") else Case("healthy", print)
            answer = answers.get(host.url + path)
            if answer is None:
                wrong[case.name] = "no answer"
            elif answer["reason"] not in case.told.split("|"):
                wrong[case.name] = (
                    f"{answer['reason'] or 'a page'} {answer.get('detail', '')}, not {case.told or 'a page'}"
                )
            elif not case.told and answer["bytes"] != len(case.body):
                wrong[case.name] = f"{answer['bytes']} bytes, not {len(case.body)}"
    return wrong


def test_all_misbehaviours_together_cost_their_pages_only_and_little_memory(tmp_path: Path) -> None:
    hosts = [host_of(number, CASES[number::8]) for number in range(8)]
    with serving(*hosts):
        sources = [{"name": host.address.replace(".", "-"), "url": f"{host.url}/"} for host in hosts]
        queue = [
            {"url": host.url + path, "source": host.address.replace(".", "-")} for host in hosts for path in host.pages
        ]
        (facts,) = run_jobs([Job(home=str(tmp_path), sources=sources, queue=queue, settings=BOUNDED)])
    assert faults(hosts, [facts]) == {}
    assert facts["peak_mb"] < 400
    assert "Traceback" not in facts["log"]
    assert "opensesame" not in facts["log"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_misbehaviour_alone_costs_its_page_only(tmp_path: Path) -> None:
    hosts = [host_of(number, [case]) for number, case in enumerate(CASES)]
    with serving(*hosts):
        jobs = [job_of(tmp_path / str(number), host) for number, host in enumerate(hosts)]
        facts = run_jobs(jobs, timeout_s=580)
    assert faults(hosts, facts) == {}
