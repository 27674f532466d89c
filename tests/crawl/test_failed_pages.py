"""Each failed page of the last run can be listed with its reason, and health does not say that all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.fetch.server import Exchange, Server, serving

ARTICLE = "<title>A council decides</title><h1>A council decides</h1>" + "".join(
    f"<p>Paragraph {n} of a plain text with enough words in it to be the body of an article about the council.</p>"
    for n in range(6)
)


@pytest.fixture
def host() -> Iterator[Server]:
    links = "".join(f"<item><title>News {n}</title><link>/news/item-number-{n}</link></item>" for n in range(3))
    server = Server(
        "127.3.7.1",
        {
            "/feed": f"<rss><channel>{links}</channel></rss>",
            "/news/item-number-0": ARTICLE,
            "/news/item-number-1": lambda exchange: exchange.page("", "500 Oops"),
            "/news/item-number-2": cut,
        },
    )
    with serving(server):
        yield server


def cut(exchange: Exchange) -> None:
    exchange.head("200 OK", "Content-Type: text/html", "Content-Length: 100000")
    exchange.raw(b"<p>half")
    exchange.close()


ENV = {"INGEST_ALLOW_NETWORKS": "127.3.0.0/16", "INGEST_RETRIES": "0"}


def test_each_failed_page_is_listed_with_its_reason(
    host: Server, run_ingest: RunIngest, sources_toml: Callable[[str], Path]
) -> None:
    sources_toml(
        f'[sources.news]\nurl = "{host.url}/"\nfeeds = ["{host.url}/feed", "{host.url}/gone"]\n'
        f'[sources.other]\nurl = "{host.url}/"\nfeeds = ["{host.url}/none"]\n'
    )
    run_ingest("run", env=ENV)
    rows = run_ingest("status", "news", "--failed", "--json", env=ENV).json
    assert {(row["what"], row["url"].removeprefix(host.url), row["reason"]) for row in rows} == {
        ("feed", "/gone", "http-404"),
        ("page", "/news/item-number-1", "http-500"),
        ("page", "/news/item-number-2", "truncated"),
    }
    shown = run_ingest("status", "--failed", env=ENV)
    assert shown.code == 0
    assert shown.stdout.count(f"{host.url}/") == 4
    assert "other" in shown.stdout


def test_a_source_that_is_not_there_is_wrong_use(run_ingest: RunIngest, host: Server) -> None:
    run_ingest("crawl", f"{host.url}/feed", env=ENV)
    ended = run_ingest("status", "nonsense", "--failed", env=ENV)
    assert (ended.code, ended.stderr) == (2, 'ingest: no source "nonsense" in the database; see: ingest status\n')


def test_health_lists_what_a_crawl_could_not_read(run_ingest: RunIngest) -> None:
    crawled = run_ingest("crawl", "http://127.3.7.9:9/", env=ENV | {"INGEST_RETRIES": "0"})
    assert crawled.code == 3
    (source,) = run_ingest("status", "--json", env=ENV).json["sources"]
    assert source["state"] == "failed"
    health = run_ingest("health", "--json", env=ENV)
    assert health.code == 3
    assert [(one["source"], one["kind"], one["detail"]) for one in health.json["findings"]] == [
        (source["source"], "failed", source["cause"])
    ]
    assert "all sources are well" not in run_ingest("health", env=ENV).stdout
