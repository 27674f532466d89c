"""Feeds on another host than their articles, and a healthy source one of whose sitemaps holds nothing today."""

from __future__ import annotations

from pathlib import Path

from tests.command import RunIngest
from tests.fetch.server import Server, serving

ENV = {"INGEST_ALLOW_NETWORKS": "127.3.0.0/16", "INGEST_WORKERS": "1", "INGEST_DELAY_S": "0.01", "INGEST_RETRIES": "0"}
WORDS = "The lock of canal {n} was opened at dawn, and barge {m} went through it before the fog had gone. "
EMPTY = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'


def _paths(name: str) -> list[str]:
    return [f"/2026/01/0{n}/{name}-lock-{n}-opens-at-dawn" for n in range(1, 5)]


def _feed(host: str, name: str) -> str:
    items = "".join(f"<item><title>Lock opens</title><link>{host}{path}</link></item>" for path in _paths(name))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'


def _articles(name: str, first: int) -> dict[str, str]:
    made = {}
    for n, path in enumerate(_paths(name), first):
        text = "".join(f"<p>{WORDS.format(n=100 * n + part, m=7 * n + part) * 2}</p>" for part in range(6))
        title = f"Lock {n} opens at dawn"
        made[path] = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body>"
    return made


def test_two_hosted_feeds_of_an_opml_without_home_pages(run_ingest: RunIngest, home: Path, tmp_path: Path) -> None:
    one, two = Server("127.3.34.1", _articles("east", 10)), Server("127.3.34.2", _articles("west", 50))
    feeds = Server("127.3.34.3", {})
    with serving(one, two, feeds):
        feeds.pages |= {"/east.xml": _feed(one.url, "east"), "/west.xml": _feed(two.url, "west")}
        opml = tmp_path / "feeds.opml"
        opml.write_text(
            '<opml version="2.0"><body>'
            f'<outline type="rss" text="East" xmlUrl="{feeds.url}/east.xml"/>'
            f'<outline type="rss" text="West" xmlUrl="{feeds.url}/west.xml"/></body></opml>'
        )
        imported = run_ingest("sources", "import", str(opml), env=ENV)
        done = run_ingest("run", env=ENV)
    assert (imported.code, done.code) == (0, 0), imported.stderr + done.stderr
    stored = run_ingest("export", "-f", "jsonl").json_lines
    assert {article["url"] for article in stored} == {
        server.url + path for server, name in ((one, "east"), (two, "west")) for path in _paths(name)
    }
    assert len({article["source"] for article in stored}) == 2


def test_an_empty_news_sitemap_beside_a_feed_is_well(run_ingest: RunIngest, home: Path) -> None:
    server = Server("127.3.34.4", _articles("east", 10) | {"/news.xml": EMPTY})
    home.mkdir()
    with serving(server):
        server.pages |= {"/feed.xml": _feed(server.url, "east")}
        (home / "sources.toml").write_text(
            f'[sources.locks]\nurl = "{server.url}/"\nfeeds = ["{server.url}/feed.xml"]\n'
            f'sitemaps = ["{server.url}/news.xml"]\n'
        )
        done = run_ingest("sources", "check", env=ENV)
    assert done.code == 0, done.stdout + done.stderr
