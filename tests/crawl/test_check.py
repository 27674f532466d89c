"""`ingest sources check` and `ingest sources list --explain`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.command import RunIngest
from tests.site import Web

SourcesToml = Callable[[str], Path]


def test_dead_and_new_seeds_are_reported_and_nothing_is_changed(
    web: Web, sources_toml: SourcesToml, run_ingest: RunIngest, home: Path
) -> None:
    dead, index = web.url("post", "/no-such-feed"), web.url("lindtal", "/sitemap.xml")
    sources_toml(
        f'[sources.weblog]\nurl = "{web.url("weblog")}"\n'
        f'[sources.post]\nurl = "{web.url("post")}"\nfeeds = ["{dead}"]\n'
        f'[sources.lindtal]\nurl = "{web.url("lindtal")}"\nsitemaps = ["{index}"]\n'
    )
    done = run_ingest("sources", "check", "--json")
    assert done.code == 3
    assert done.stderr == ("ingest: post: a seed is dead or empty; `ingest add URL --name NAME` finds a site's seeds\n")
    told = {one["source"]: one for one in done.json}
    assert (told["post"]["state"], told["weblog"]["state"]) == ("ill", "ok")
    states = {seed["url"]: (seed["state"], seed["reason"]) for one in done.json for seed in one["seeds"]}
    assert states[dead] == ("dead", "http-404")
    assert states[index] == ("ok", "names 2 sitemaps"), "an index is not empty because the links are behind it"
    assert "new" in {state for state, _ in states.values()}
    assert {seed["state"] for seed in told["weblog"]["seeds"]} == {"found"}
    assert web.articles_asked() == []
    assert not (home / "ingest.db").exists()

    assert run_ingest("run", "weblog").code == 0
    listed = run_ingest("sources", "list", "--explain", "--json").json
    (asked, *_) = [row for row in listed if row["source"] == "weblog" and row.get("links")]
    assert asked["why"] == "had something new: asked at every run"
    assert asked["next"] > asked["asked"]
    assert [row["why"] for row in listed if row["source"] == "post"] == ["not asked yet"]
    assert "not asked yet" in run_ingest("sources", "list", "--explain").stdout
