"""Thirty days of ten sources, the real command each day: three break in different ways, and are mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.ops.hook import hook
from tests.site import Web
from tests.site.sites import EPOCH, NEVER, Site, SiteArticle

DAYS = 30
MENDED = 24
BREAKS = {  # source -> day it breaks, kind, suspicion
    "feedless": (16, "seed", "feed-dead"),
    "emptied": (18, "screened", "layout-changed"),
    "halved": (19, "yield", "less-published"),
}
EMPTY = b"<!DOCTYPE html><html lang=en><title>News</title><body><div id=app></div><script src=/app.js></script></html>"


@dataclass(frozen=True, kw_only=True)
class Halved(Site):
    """A site that publishes every second article only, for some days."""

    halved: range = range(0)

    @cached_property
    def articles(self) -> tuple[SiteArticle, ...]:
        usual = Site.articles.func(self)  # type: ignore[attr-defined]  # a cached_property has it
        return tuple(replace(one, day=NEVER) if one.number % 2 and one.day in self.halved else one for one in usual)


def site(key: str, number: int, **more: object) -> Site:
    usual = {
        "host": f"127.4.7.{number}",
        "language": "en",
        "count": 4,
        "days": DAYS,
        "new_per_day": 4,
        "feed": "rss",
        "feed_entries": 24,
        "removed": (),
        "changed": (),
    }
    kind = Halved if "halved" in more else Site
    return kind(key=key, **{**usual, **more})  # type: ignore[arg-type]  # fields by name


SITES = (
    site("feedless", 1, new_per_day=2),
    site("emptied", 2, new_per_day=4),
    site("halved", 3, new_per_day=16, halved=range(BREAKS["halved"][0], MENDED)),
    *(site(f"well{number}", 10 + number, new_per_day=1 + number % 2) for number in range(7)),
)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_three_of_ten_sources_break_and_exactly_these_are_reported_once_each_and_their_recovery_once(
    run_ingest: RunIngest, sources_toml: Callable[[str], Path]
) -> None:
    told_on: dict[str, int] = {}
    over_on: dict[str, int] = {}
    with Web(SITES) as web, hook() as webhook:
        table = '[sources.{0}]\nurl = "{1}"\nfeeds = ["{1}feed"]\nrecheck_h = []\n'
        sources_toml("\n".join(table.format(one.key, web.url(one.key)) for one in SITES))
        for day in range(DAYS):
            web.day = day
            web.behave()
            web.answer_as_usual()
            if BREAKS["feedless"][0] <= day < MENDED:
                web.misbehave("feedless", "/feed", "404")
            if BREAKS["emptied"][0] <= day < MENDED:
                for article in web.sites["emptied"].articles:
                    if article.day == day:
                        web.answer_with("emptied", article.path, EMPTY)
            moment = EPOCH + timedelta(days=day, minutes=60 + day % 7)
            env = {"INGEST_CLOCK": moment.isoformat(), "INGEST_WEBHOOK": webhook.url, "INGEST_RETRIES": "0"}
            before = len(webhook.messages)
            done = run_ingest("run", env=env, timeout_s=300)
            new = webhook.messages[before:]
            begun = [one["source"] for one in new if one["event"] == "finding"]
            assert done.code == (3 if begun else 0), (day, done.stderr)
            assert done.stdout == ""
            assert len(done.stderr.splitlines()) == len(begun), (day, done.stderr)
            told_on |= dict.fromkeys(begun, day)
            over_on |= {one["source"]: day for one in new if one["event"] == "recovery"}
            if told_on:
                problem = {one["source"] for one in run_ingest("health", "--json", env=env).json["findings"]}
                assert problem == {name for name in told_on if name not in over_on}, day
    events = Counter((one["source"], one["event"]) for one in webhook.messages)
    print(f"told on {told_on}, over on {over_on}")
    assert events == {(name, what): 1 for name in BREAKS for what in ("finding", "recovery")}
    for message in webhook.messages:
        day, kind, suspicion = BREAKS[message["source"]]
        assert (message["kind"], message["suspicion"]) == (kind, suspicion)
        assert day <= told_on[message["source"]] < day + 2
        assert MENDED <= over_on[message["source"]] < MENDED + 3
