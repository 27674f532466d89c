"""The fetch components together, in a crawl of loopback servers: what is asked, when, and what comes back."""

from __future__ import annotations

import time
from pathlib import Path

from tests.fetch.crawl import Job, run_jobs
from tests.fetch.server import Exchange, Server, serving


def source(host: Server, name: str = "news", **more: object) -> dict[str, object]:
    return {"name": name, "url": f"{host.url}/", **more}


def test_seeds_and_queued_pages_come_one_at_a_time_and_not_closer_than_the_delay(tmp_path: Path) -> None:
    hosts = [Server(f"127.3.0.{number}", {f"/a/{n}": f"<p>{n}" for n in range(12)}) for number in (1, 2, 3)]
    with serving(*hosts):
        job = Job(
            home=str(tmp_path),
            sources=[source(host, f"s{number}") for number, host in enumerate(hosts)],
            seeds=[{"url": f"{host.url}/a/0", "source": f"s{n}"} for n, host in enumerate(hosts)],
            queue=[
                {"url": f"{host.url}/a/{page}", "source": f"s{n}"}
                for n, host in enumerate(hosts)
                for page in range(1, 12)
            ],
            settings={"INGEST_DELAY_S": 0.05},
        )
        (facts,) = run_jobs([job])
    assert [answer for answer in facts["answers"] if answer["status"] != 200] == []
    assert len(facts["answers"]) == 36
    for host in hosts:
        assert sorted(host.asked(robots=True)) == sorted(["/robots.txt", *(f"/a/{n}" for n in range(12))])
        assert host.most_at_once() == 1
        assert min(host.gaps_s()) >= 0.05
        assert host.connections == 1


def test_each_hop_of_a_redirect_is_paced_and_asked_for_at_its_own_host(tmp_path: Path) -> None:
    here, there = Server("127.3.0.1"), Server("127.3.0.2", {"/b": "<p>there"}, robots="User-agent: *\nDisallow: /no")
    with serving(here, there):
        here.pages["/a"] = lambda exchange: exchange.redirect(f"{there.url}/b")
        here.pages["/x"] = lambda exchange: exchange.redirect(f"{there.url}/no")
        here.pages["/loop"] = lambda exchange: exchange.redirect("/pool")
        here.pages["/pool"] = lambda exchange: exchange.redirect("/loop")
        here.pages["/file"] = lambda exchange: exchange.redirect("file:///etc/passwd")
        paths = ("/a", "/x", "/loop", "/file")
        (facts,) = run_jobs(
            [Job(home=str(tmp_path), sources=[source(here)], seeds=[{"url": here.url + path} for path in paths])]
        )
    got = {answer["url"].removeprefix(here.url): answer for answer in facts["answers"]}
    assert (got["/a"]["status"], got["/a"]["final_url"]) == (200, f"{there.url}/b")
    assert {path: got[path]["reason"] for path in paths[1:]} == {
        "/x": "robots",
        "/loop": "redirect-loop",
        "/file": "scheme-refused",
    }
    assert there.asked(robots=True) == ["/robots.txt", "/b"]


def test_a_private_address_is_refused_however_it_is_written(tmp_path: Path) -> None:
    host = Server("127.3.0.1")
    inside = Server("127.0.0.1", {"/secret": "no"})
    with serving(host, inside):
        port = inside.port
        names = (
            *("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::]", "0"),
            *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254"),
        )
        urls = [f"http://{name}:{port}/secret" for name in names]
        host.pages["/hop"] = lambda exchange: exchange.redirect(f"http://127.0.0.1:{port}/secret")
        host.pages["/name"] = lambda exchange: exchange.redirect(f"http://localhost:{port}/secret")
        urls += [f"{host.url}/hop", f"{host.url}/name"]
        job = Job(home=str(tmp_path), sources=[source(host)], seeds=[{"url": url} for url in urls])
        (facts,) = run_jobs([job])
    assert {answer["url"]: answer["reason"] for answer in facts["answers"]} == dict.fromkeys(urls, "address-refused")
    assert inside.log == []


def test_what_robots_disallows_is_not_asked_and_its_sitemaps_are_reported(tmp_path: Path) -> None:
    host = Server("127.3.0.1", {"/ok": "ok", "/no": "no"})
    host.robots = "User-agent: ingest\nDisallow: /no\nSitemap: http://127.3.0.1/map.xml\n"
    with serving(host):
        job = Job(
            home=str(tmp_path),
            sources=[source(host)],
            seeds=[{"url": f"{host.url}/ok"}, {"url": f"{host.url}/no"}],
            sitemaps_of=[host.url],
        )
        facts, again = run_jobs([job, job])
    for each in (facts, again):
        reasons = {answer["url"]: (answer["status"], answer["reason"]) for answer in each["answers"]}
        assert reasons == {f"{host.url}/ok": (200, ""), f"{host.url}/no": (0, "robots")}
        assert each["sitemaps"] == ["http://127.3.0.1/map.xml"]
    assert host.asked(robots=True) == ["/robots.txt", "/ok", "/ok"]


def test_a_conditional_get_brings_a_304_to_the_spider(tmp_path: Path) -> None:
    def feed(exchange: Exchange) -> None:
        if exchange.asked.headers["If-None-Match"] == '"1"':
            exchange.head("304 Not Modified", 'ETag: "1"')
        else:
            exchange.page("feed", "200 OK", 'ETag: "1"')

    host = Server("127.3.0.1", {"/feed": feed})
    with serving(host):
        seeds = [{"url": f"{host.url}/feed", "etag": '"1"'}, {"url": f"{host.url}/feed"}]
        (facts,) = run_jobs([Job(home=str(tmp_path), sources=[source(host)], seeds=seeds)])
    assert sorted(answer["status"] for answer in facts["answers"]) == [200, 304]


def test_bodies_that_have_no_room_together_come_one_after_the_other(tmp_path: Path) -> None:
    body = b"x" * 400_000

    def in_two_parts(exchange: Exchange) -> None:
        exchange.head("200 OK", f"Content-Length: {len(body)}")
        exchange.raw(body[:300_000])
        time.sleep(0.3)
        exchange.raw(body[300_000:])

    hosts = [Server(f"127.3.0.{number}", {"/": in_two_parts}) for number in range(1, 7)]
    with serving(*hosts):
        job = Job(
            home=str(tmp_path),
            sources=[source(host, f"s{number}") for number, host in enumerate(hosts)],
            seeds=[{"url": f"{host.url}/", "source": f"s{n}"} for n, host in enumerate(hosts)],
            settings={"INGEST_RETRIES": 6},
            patches={"ingest.fetch.limits:MAX_HELD_BYTES": 1_000_000},
        )
        (facts,) = run_jobs([job])
    assert [(answer["reason"], answer["bytes"]) for answer in facts["answers"]] == [("", 400_000)] * 6
    assert sum(len(host.asked()) for host in hosts) > 6


def test_what_may_pass_is_tried_again_and_each_failure_has_its_reason(tmp_path: Path) -> None:
    times: dict[str, int] = {}

    def flaky(exchange: Exchange) -> None:
        times["/flaky"] = times.get("/flaky", 0) + 1
        if times["/flaky"] < 3:
            exchange.page("later", "503 Service Unavailable")
        else:
            exchange.page("fine")

    host = Server("127.3.0.1", {"/flaky": flaky, "/500": lambda exchange: exchange.page("", "500 Oops")})
    with serving(host):
        closed = f"http://127.3.0.9:{host.port}/"
        urls = [f"{host.url}/flaky", f"{host.url}/500", f"{host.url}/404", closed, "http://no-such-host.invalid/"]
        job = Job(
            home=str(tmp_path),
            sources=[source(host)],
            seeds=[{"url": url} for url in urls],
            settings={"INGEST_RETRIES": 2},
        )
        (facts,) = run_jobs([job])
    got = {answer["url"]: (answer["reason"], answer["retries"]) for answer in facts["answers"]}
    assert got == {
        urls[0]: ("", 2),
        urls[1]: ("http-500", 2),
        urls[2]: ("http-404", 0),
        urls[3]: ("refused-connection", 0),  # robots.txt was tried three times, that tells
        urls[4]: ("dns", 0),
    }
    assert facts["retry_stats"] == {
        "retry/count": 8,
        "retry/reason_count/http-503": 2,
        "retry/reason_count/http-500": 2,
        "retry/reason_count/refused-connection": 2,
        "retry/reason_count/dns": 2,
        "retry/max_reached": 3,
    }
    assert facts["log"].count("INFO: gave up retrying") == 3
