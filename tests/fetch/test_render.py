"""A JavaScript-only site: its text with `render = true`, what is said without, and nothing reached that may not be."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import RunIngest, StartIngest
from tests.fetch.jssite import ARTICLES, WAYS_OUT, canaries, site, text_of, title_of
from tests.fetch.server import Server, serving
from tests.waiting import wait_until

ENV = {"INGEST_ALLOW_NETWORKS": "127.3.0.0/16"}
NO_BROWSER = "no Chromium on this machine: nothing can be rendered"
rendering = pytest.mark.skipif(not any(map(shutil.which, ("chromium", "google-chrome"))), reason=NO_BROWSER)


def declared(host: Server, *lines: str) -> str:
    return "\n".join(("[sources.harbour]", f'url = "{host.url}/"', *lines, ""))


@rendering
@pytest.mark.slow
@pytest.mark.timeout(400)  # seven commands, eight pages; a minute on an idle machine
def test_a_site_of_scripts_gives_its_text_and_its_scripts_reach_nothing(
    run_ingest: RunIngest, sources_toml: Callable[[str], Path]
) -> None:
    with canaries() as birds:
        host = site(ways_out=birds.fill(WAYS_OUT))
        with serving(host):
            sources_toml(declared(host))
            without = run_ingest("run", env=ENV)
            assert without.code == 3
            assert "needs-rendering" in without.stderr
            assert "set render = true" in without.stderr
            status = run_ingest("status", env=ENV).stdout
            assert "needs-rendering" in status
            assert "set render = true" in status
            health = run_ingest("health", env=ENV)
            assert (health.code, "set render = true" in health.stdout) == (3, True)
            check = run_ingest("sources", "check", env=ENV)
            assert (check.code, "set render = true" in check.stdout) == (3, True)
            assert {"/app.js", "/api/list.json"}.isdisjoint(host.asked())

            sources_toml(declared(host, "render = true"))
            done = run_ingest("run", "harbour", "-v", env=ENV)
            assert (done.code, done.stdout) == (0, ""), done.stderr
            rows = run_ingest("export", "-f", "jsonl", env=ENV).json_lines
            asked = host.asked()
            again = run_ingest("run", "harbour", "-v", env=ENV)
            met = list(birds.met)
            run_ingest("sources", "check", env={"INGEST_ALLOW_NETWORKS": "127.0.0.0/8, ::1/128"})  # the home page again
    assert {row["title"] for row in rows} == {title_of(number) for number in range(ARTICLES)}
    for row in rows:
        number = next(n for n in range(ARTICLES) if title_of(n) == row["title"])
        assert row["body"].splitlines() == text_of(number)
    assert met == []
    assert {"tcp 127.0.0.1", "tcp ::1", "tcp 127.9.9.9"} <= set(birds.met), "the canaries sing when they may be reached"
    assert len([path for path in asked if path.startswith("/to?")]) >= 2, "the ways out were tried"
    assert sum(path.startswith("/2026/") for path in asked) == ARTICLES, "each document was asked for once"
    assert "nothing new" in again.stderr


@rendering
@pytest.mark.slow
def test_pages_turned_away_are_fetched_once_render_is_set(
    run_ingest: RunIngest, sources_toml: Callable[[str], Path]
) -> None:
    host = site()
    items = "".join(f"<item><link>{host.url}{path}</link></item>" for path in host.pages if path.startswith("/2026/"))
    with serving(host):
        items = items.replace(":0/", f":{host.port}/")
        host.pages["/feed.xml"] = f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>"
        sources_toml(declared(host, 'feeds = ["/feed.xml"]'))
        first = run_ingest("run", env=ENV)
        assert (first.code, "all 4 pages are empty without their scripts" in first.stderr) == (3, True), first.stderr
        check = run_ingest("sources", "check", env=ENV)
        assert "set render = true" in check.stdout
        sources_toml(declared(host, 'feeds = ["/feed.xml"]', "render = true"))
        assert run_ingest("run", "harbour", env=ENV).code == 0
        status = run_ingest("status", "--json", env=ENV).json["sources"][0]
    assert (status["articles"], status["state"], status["health"]) == (ARTICLES, "ok", None)


@rendering
@pytest.mark.slow
def test_a_killed_browser_is_a_page_tried_again_and_none_outlives_the_crawl(
    run_ingest: RunIngest, start_ingest: StartIngest, sources_toml: Callable[[str], Path]
) -> None:
    host = site()
    with serving(host):
        sources_toml(declared(host, "render = true"))
        with start_ingest("run", "harbour", "-vv", env=ENV) as crawl:
            assert wait_until(lambda: any(path.startswith("/api/") for path in host.asked()), most_s=60)
            killed = chromiums(crawl.pid)
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            _, said = crawl.communicate(timeout=90)
        assert killed
        assert crawl.returncode == 0, said
        status = run_ingest("status", "--json", env=ENV).json["sources"][0]
        assert status["articles"] == ARTICLES

        host.pages["/api/list.json"] = lambda exchange: time.sleep(20)
        with start_ingest("run", "harbour", env=ENV) as crawl:
            assert wait_until(lambda: "/api/list.json" in host.asked()[len(host.asked()) - 2 :], most_s=60)
            running = chromiums(crawl.pid)
            crawl.kill()
        assert running
        assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running), most_s=20)


@rendering
@pytest.mark.slow
def test_a_page_that_never_ends_costs_its_time_and_no_more(
    run_ingest: RunIngest, sources_toml: Callable[[str], Path]
) -> None:
    host = site()
    for path in [path for path in host.pages if path.startswith("/2026/")][:2]:
        host.pages[path] = "<div id=root></div><script>while (true) {}</script>"
    with serving(host):
        sources_toml(declared(host, "render = true"))
        begun = time.monotonic()
        run_ingest("run", "harbour", env={**ENV, "INGEST_REQUEST_TIMEOUT_S": "6"})
        took = time.monotonic() - begun
        status = run_ingest("status", "--json", env=ENV).json["sources"][0]
    assert (status["articles"], status["failed"]) == (ARTICLES - 2, 2)
    assert took < 60


def test_without_extra_or_browser_one_line_says_what_to_do(
    run_ingest: RunIngest, sources_toml: Callable[[str], Path], tmp_path: Path
) -> None:
    sources_toml('[sources.harbour]\nurl = "http://127.3.0.1:9/"\nrender = true\n')
    missing = run_ingest("run", env={**ENV, "INGEST_BROWSER": "/no/such/chromium"})
    assert (missing.code, missing.stdout, missing.stderr.count("\n")) == (2, "", 1)
    assert "INGEST_BROWSER" in missing.stderr


@pytest.mark.slow
def test_a_browser_that_does_not_start_ends_the_run_with_one_line(
    run_ingest: RunIngest, sources_toml: Callable[[str], Path], tmp_path: Path
) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho no display >&2\nexit 1\n")
    program.chmod(0o755)
    host = site()
    with serving(host):
        sources_toml(declared(host, "render = true"))
        ended = run_ingest("run", env={**ENV, "INGEST_BROWSER": str(program)})
    assert (ended.code, ended.stdout, ended.stderr.count("\n")) == (2, "", 1), ended.stderr
    assert f"{program} does not start" in ended.stderr


def chromiums(parent: int) -> list[int]:
    """Return the processes below one that are Chromium's own first ones."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text("ascii", "replace").rpartition(")")
        except OSError:
            continue
        if "chrom" in name:
            parents[int(name.split()[0])] = int(rest.split()[1])
        else:
            parents.setdefault(-int(name.split()[0]), int(rest.split()[1]))
    below = {parent}
    for _ in range(6):
        below |= {abs(pid) for pid, above in parents.items() if above in below}
    return [pid for pid in parents if pid in below and pid > 0]
