"""robots.txt over the wire: statuses, redirects, size, copies of earlier runs."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from tests.fetch.crawl import Job, run_jobs
from tests.fetch.server import Answer, Exchange, Server, serving

DISALLOW = "User-agent: *\nDisallow: /no\n"
RULE_AND_ZEROS = DISALLOW.encode() + b"#" * (30 << 20)


def status(line: str, body: str = DISALLOW) -> Answer:
    return lambda exchange: exchange.page(body, line)


def chain(hops: int) -> Answer:
    """Return an answer that leads over so many hops to the rules."""

    def answer(exchange: Exchange) -> None:
        done = int(exchange.asked.path.partition("?")[2] or 0)
        if done < hops:
            exchange.redirect(f"/robots.txt?{done + 1}")
        else:
            exchange.page(DISALLOW)

    return answer


def packed(body: bytes) -> Answer:
    data = gzip.compress(body)
    return lambda exchange: exchange.page(data, "200 OK", "Content-Encoding: gzip")


def cut_short(exchange: Exchange) -> None:
    exchange.head("200 OK", "Content-Length: 999")
    exchange.close()


def endless(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    piece = (DISALLOW + "# and more of it\n").encode() * 1000
    for _ in range(2000):
        exchange.raw(b"%x\r\n%s\r\n" % (len(piece), piece))


# what robots.txt answers -> reason for an address it disallows, reason for one it allows
CASES: dict[str, tuple[Answer | str | None, str, str]] = {
    "rules": (DISALLOW, "robots", ""),
    "missing": (None, "", ""),
    "401": (status("401 Unauthorized"), "", ""),
    "403": (status("403 Forbidden"), "", ""),
    "410": (status("410 Gone"), "", ""),
    "418": (status("418 Teapot"), "", ""),
    "429": (status("429 Too Many"), "robots-http-429", "robots-http-429"),
    "500": (status("500 Oops"), "robots-http-500", "robots-http-500"),
    "503": (status("503 Busy"), "robots-http-503", "robots-http-503"),
    "599": (status("599 What"), "robots-http-599", "robots-http-599"),
    "reset": (lambda exchange: exchange.reset(), "robots-connection-lost", "robots-connection-lost"),
    "nothing in it": ("", "", ""),
    "a page": ("<html><h1>Home</h1><p>User-agent: *</p></html>", "", ""),
    "204": (lambda exchange: exchange.head("204 No Content"), "", ""),
    "five hops": (chain(5), "robots", ""),
    "six hops": (chain(6), "", ""),
    "a loop": (lambda exchange: exchange.redirect("/robots.txt"), "", ""),
    "to an inner address": (
        lambda exchange: exchange.redirect("http://127.0.0.1/robots.txt"),
        "address-refused",
        "address-refused",
    ),
    "packed": (packed(DISALLOW.encode()), "robots", ""),
    "a bomb": (packed(RULE_AND_ZEROS), "robots", ""),
    "without end": (endless, "robots", ""),
    "a rule past the limit": ("User-agent: *\n" + "# filling\n" * 60_000 + "Disallow: /no\n", "", ""),
    "Latin-1": (lambda exchange: exchange.page("User-agent: *\n# é\nDisallow: /no".encode("latin-1")), "robots", ""),
    "UTF-16 with its mark": (lambda exchange: exchange.page(DISALLOW.encode("utf-16")), "robots", ""),
    "lines that end with CR": (DISALLOW.replace("\n", "\r"), "robots", ""),
    "rules called a page": (
        lambda exchange: exchange.page(DISALLOW, "200 OK", "Content-Type: text/html"),
        "robots",
        "",
    ),
    "a page for what is missing": (status("404 Not Found", "<html>User-agent: *\nDisallow: /"), "", ""),
    "501": (status("501 What"), "robots-http-501", "robots-http-501"),
    "no HTTP at all": (lambda exchange: exchange.raw(b"SSH-2.0\r\n"), "robots-bad-response", "robots-bad-response"),
    "cut short": (cut_short, "robots-truncated", "robots-truncated"),
}  # fmt: skip  # a table


def test_what_robots_txt_answers_decides_for_its_host(tmp_path: Path) -> None:
    hosts = {
        name: Server(f"127.3.3.{number}", {"/no": "no", "/ok": "ok"}, robots=answer)
        for number, (name, (answer, _, _)) in enumerate(CASES.items(), 1)
    }
    with serving(*hosts.values()):
        sources = [{"name": f"s{number}", "url": f"{host.url}/"} for number, host in enumerate(hosts.values())]
        seeds = [
            {"url": host.url + path, "source": f"s{number}"}
            for number, host in enumerate(hosts.values())
            for path in ("/no", "/ok")
        ]
        (facts,) = run_jobs([Job(home=str(tmp_path), sources=sources, seeds=seeds)])
    reasons = {answer["url"]: answer["reason"] for answer in facts["answers"]}
    came = {name: (reasons.get(f"{host.url}/no"), reasons.get(f"{host.url}/ok")) for name, host in hosts.items()}
    assert came == {name: (no, ok) for name, (_, no, ok) in CASES.items()}
    assert facts["peak_mb"] < 300


def test_rules_of_another_host_are_asked_for_where_a_redirect_leads(tmp_path: Path) -> None:
    there = Server("127.3.3.2", {"/no": "no"}, robots=DISALLOW)
    here = Server("127.3.3.1", {"/a": "", "/b": "page"})
    with serving(here, there):
        here.robots = lambda exchange: exchange.redirect(f"{there.url}/robots.txt")
        here.pages["/a"] = lambda exchange: exchange.redirect(f"{there.url}/no")
        seeds: list[dict[str, Any]] = [{"url": here.url + path} for path in ("/a", "/b", "/no")]
        (facts,) = run_jobs([Job(home=str(tmp_path), sources=[{"name": "here", "url": here.url}], seeds=seeds)])
    assert {answer["url"].removeprefix(here.url): answer["reason"] for answer in facts["answers"]} == {
        "/a": "robots",
        "/b": "",
        "/no": "robots",
    }
    assert there.asked(robots=True) == ["/robots.txt", "/robots.txt"]


def test_a_copy_serves_a_day_and_another_day_when_the_host_is_silent(tmp_path: Path) -> None:
    answers = [status("200 OK"), status("503 Busy"), status("503 Busy"), status("404 Not Found")]

    def next_answer(exchange: Exchange) -> None:
        answers.pop(0)(exchange)

    host = Server("127.3.3.1", {"/no": "no", "/ok": "ok"}, robots=next_answer)
    with serving(host):
        seeds: list[dict[str, Any]] = [{"url": host.url + path} for path in ("/no", "/ok")]
        hours = (0, 23, 25, 49, 50)
        jobs = [
            Job(home=str(tmp_path), sources=[{"name": "host", "url": host.url}], seeds=seeds, hours_later=hour)
            for hour in hours
        ]
        came = [sorted(answer["reason"] for answer in facts["answers"]) for facts in run_jobs(jobs)]
    assert dict(zip(hours, came, strict=True)) == {
        0: ["", "robots"],
        23: ["", "robots"],  # not asked again
        25: ["", "robots"],  # asked in vain, the copy serves
        49: ["robots-http-503", "robots-http-503"],
        50: ["", ""],
    }
    assert answers == []
