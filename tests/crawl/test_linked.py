"""Addresses that answer only with the parameter that was taken for tracking are asked once more as they were linked."""

from __future__ import annotations

from tests.command import RunIngest
from tests.fetch.server import Server, serving

ENV = {"INGEST_ALLOW_NETWORKS": "127.3.0.0/16", "INGEST_WORKERS": "1", "INGEST_DELAY_S": "0.01", "INGEST_RETRIES": "0"}
WORDS = "The boats of pier {n} were late this year, and pier {m} had no boat at all, as the harbour master wrote. "
PATHS = [f"/2026/01/0{n}/the-boats-of-pier-{n}-were-late" for n in range(1, 7)]
LINKED = [f"{path}?from_rss=1" for path in PATHS]
FRONT = "<html><body><main>{}</main></body></html>".format(
    "".join(f'<h2><a href="{url}">The boats of pier {n} were late again</a></h2>' for n, url in enumerate(LINKED))
)


def _article(n: int) -> str:
    text = "".join(f"<p>{WORDS.format(n=100 * n + part, m=7 * n + part) * 2}</p>" for part in range(6))
    title = f"The boats of pier {n} were late"
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"


def test_an_address_gone_without_its_parameter_is_asked_as_linked(run_ingest: RunIngest) -> None:
    server = Server("127.3.33.1", {"/": FRONT} | {url: _article(n) for n, url in enumerate(LINKED)})
    with serving(server):
        done = run_ingest("crawl", server.url, env=ENV)
    assert done.code == 0, done.stderr
    stored = {one["url"] for one in run_ingest("export", "-f", "jsonl").json_lines}
    assert {url.partition("?")[0] for url in stored} == {server.url + path for path in PATHS}
    asked = server.asked()
    assert sorted(path for path in asked if path in LINKED) == LINKED
    assert len([path for path in asked if path in PATHS]) == 2  # after two of them the source is known to need it


def test_whole_addresses_of_pages_that_are_just_gone_are_soon_left(run_ingest: RunIngest) -> None:
    server = Server("127.3.33.2", {"/": FRONT})
    with serving(server):
        run_ingest("crawl", server.url, env=ENV)
    asked = server.asked()
    assert len([path for path in asked if path in PATHS]) == len(PATHS)
    assert len([path for path in asked if path in LINKED]) == 3
