"""Importing: whose pages they are, what is had already, what listings queue."""

from __future__ import annotations

from pathlib import Path

from ingest.archives import archives
from ingest.config import load
from ingest.crawl.plan import Plan
from ingest.crawl.run import Run
from ingest.model import Source
from ingest.ops.imports import Import, ReadingOptions, Sorter, survey
from ingest.store import Store, open_store
from tests.site.archives import RECORDS, warc
from tests.store.values import NOW

MOST = 1_000_000


def test_pages_go_to_the_declared_source_of_their_site_else_to_one_of_their_host(tmp_path: Path) -> None:
    found = tuple(archives([warc(tmp_path / "a.warc.gz", RECORDS)]))
    sorter = Sorter(declared=(Source(name="up", url="https://www.north.example/"),))
    assert survey(found, sorter, ReadingOptions(most_bytes=MOST)) == {"up": 3, "south-example": 1}
    named = Sorter(declared=(), named=Source(name="all", url="https://all.example/"))
    assert survey(found, named, ReadingOptions(most_bytes=MOST)) == {"all": 4}


def test_two_declared_sources_on_one_site_are_reported_by_the_address() -> None:
    declared = (
        Source(name="news", url="https://paper.example/news/"),
        Source(name="blog", url="https://paper.example/blog/"),
    )
    sorter = Sorter(declared=declared)
    told = [sorter.source_of(f"https://paper.example/{path}") for path in ("news/1", "blog/1", "news/2")]
    assert told == ["news", "blog", "news"]


def test_a_listing_queues_what_was_never_met_and_leaves_a_forgotten_source_alone(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "listing.cdx"
    file.write_text(
        "".join(
            f"x 20240506070809 https://{host}.example/{n} text/html 200 A 1\n"
            for host, n in (("north", 1), ("north", 2), ("gone", 1))
        )
    )
    found = tuple(archives([file]))
    sorter = Sorter(declared=())
    survey(found, sorter, ReadingOptions(most_bytes=MOST))
    store.sources.sync(sorter.found.values(), NOW)
    store.forget_source("gone-example", NOW)
    for queued, skipped in ((2, {"forgotten": 1}), (0, {"known": 2, "forgotten": 1})):
        reading = Import(found, sorter, ReadingOptions(most_bytes=MOST), now=NOW)
        assert list(reading.pages(store)) == []
        (told,) = reading.reports
        assert (told.queued, dict(told.skipped), told.bad) == (queued, skipped, 0)
    assert store.frontier.backlog("north-example") == 2


def test_pages_of_a_retired_source_are_booked_too(tmp_path: Path) -> None:
    source = Source(name="north", url="https://north.example/")
    config = load({}, home=tmp_path)
    with open_store(config.url_of_database, create=True) as store:
        store.sources.sync([source], NOW)
        store.sources.retire("north", NOW)
    run = Run(config, Plan(sources=(source,), by_hand=True, discover=False, replay=True, foreign=True))
    assert run.due == (source,)
    run.close()
