"""A site of which nothing comes is reported: what was found, what was refused, what to set, and exit code 3."""

from __future__ import annotations

from pathlib import Path

from tests.command import RunIngest
from tests.fetch.server import Server, serving

ENV = {"INGEST_ALLOW_NETWORKS": "127.3.0.0/16", "INGEST_WORKERS": "1", "INGEST_DELAY_S": "0.01", "INGEST_RETRIES": "0"}
WORDS = "The apples of row {n} were early this year, and the pears beside them came late again, as the keeper said. "
ARTICLE = "<html><head><title>Harvest</title></head><body><article><h1>Harvest</h1>{}</article></body></html>".format(
    "".join(f"<p>{WORDS.format(n=n) * 2}</p>" for n in range(9))
)
MENU = "".join(f'<a href="/{name}">{name}</a> ' for name in ("Town", "Sport", "Money"))
FRONT = f"<html><body><header><nav>{MENU}</nav></header><main><p>Welcome.</p></main></body></html>"
TEASERS = "".join(
    f'<h2><a href="/a/{n}-more-of-the-same-old-story">More of the same old story {n}</a></h2>' for n in range(6)
)
LISTING = f"<html><body><main>{TEASERS}</main></body></html>"


def test_each_silent_site_has_its_line_and_exit_code_three(run_ingest: RunIngest) -> None:
    listing = {f"/a/{n}-more-of-the-same-old-story": LISTING for n in range(6)}
    menu, empty, pdf, lists = (
        Server("127.3.31.1", {"/": FRONT}),
        Server("127.3.31.2", {"/": " "}),
        Server(
            "127.3.31.3",
            {"/": lambda exchange: exchange.page(b"%PDF-1.4\n", "200 OK", "Content-Type: application/pdf")},
        ),
        Server("127.3.31.4", {"/": LISTING} | listing),
    )
    with serving(menu, empty, pdf, lists):
        done = run_ingest("crawl", menu.url, empty.url, pdf.url, lists.url, env=ENV)
        why_home = run_ingest("why", menu.url, env=ENV)
        why_link = run_ingest("why", f"{menu.url}/Town", env=ENV)
    assert done.code == 3
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    said = {line.split(": ")[1]: line for line in lines}
    assert "give a section, a feed or a sitemap" in said["127-3-31-1"] or "name them with match" in said["127-3-31-1"]
    assert "empty" in said["127-3-31-2"]
    assert "application/pdf" in said["127-3-31-3"]
    assert "is an article: screened listing" in said["127-3-31-4"]
    assert why_home.code == 0
    assert "read for links, no article" in why_home.stdout
    assert why_link.code in (0, 2)


def test_a_headers_file_that_is_missing_stops_its_source_only(run_ingest: RunIngest, home: Path) -> None:
    links = "".join(
        f'<h2><a href="/2026/01/0{n}/the-harvest-of-row-{n}">The harvest of row {n} is early</a></h2>'
        for n in (1, 2, 3)
    )
    pages = {f"/2026/01/0{n}/the-harvest-of-row-{n}": ARTICLE.replace("Harvest", f"Harvest {n}") for n in (1, 2, 3)}
    good = Server("127.3.31.5", {"/": f"<main>{links}</main>"} | pages)
    other = Server("127.3.31.6", {"/": FRONT})
    with serving(good, other):
        home.mkdir()
        (home / "sources.toml").write_text(
            f'[sources.good]\nurl = "{good.url}/"\n'
            f'[sources.other]\nurl = "{other.url}/"\nheaders_file = "gone.secret"\n'
        )
        done = run_ingest("run", env=ENV)
        health = run_ingest("health", env=ENV)
    assert done.code == 3
    assert "gone.secret" in done.stderr
    assert len(run_ingest("export", "-f", "jsonl").json_lines) >= 1
    assert other.log == []
    assert (health.code, "other" in health.stdout) == (3, True)
