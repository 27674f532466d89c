"""Sources, seeds, hosts and runs: what is remembered between two runs."""

from __future__ import annotations

from ingest.model import ExtractionRules, Seed, SeedKind, Validators
from ingest.store import SeedPoll, SourceEnd, SourceRunEnd, Store
from tests.store.values import FEED, HOUR, NOW, source

FULL = source(
    "a",
    seeds=(FEED, Seed(url="https://a.example/map.xml", kind=SeedKind.SITEMAP, depth=1)),
    match=("/news/",),
    language="en",
    delay_s=2.5,
    max_articles=7,
    rules=ExtractionRules(keep=("article",), strip=(".ad", "//aside"), strip_text=("^Sign",)),
)


def names(store: Store) -> list[str]:
    return [state.name for state in store.sources.due(NOW)]


def test_a_declaration_comes_back_as_it_was(store: Store) -> None:
    store.sources.sync([FULL], NOW)
    state = store.sources.get("a")
    assert state is not None
    assert (state.source, state.unit, state.ad_hoc) == (FULL, "a.example", False)


def test_a_source_that_left_the_file_is_retired_and_comes_back(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    store.sources.sync([source("a")], NOW + HOUR)
    assert names(store) == ["a"]
    gone = store.sources.get("b")
    assert gone is not None
    assert gone.retired_at == NOW + HOUR
    store.sources.sync([source("a"), source("b")], NOW)
    assert names(store) == ["a", "b"]


def test_an_ad_hoc_source_is_not_retired_by_a_file_that_never_held_it(store: Store) -> None:
    store.sources.sync([source("hoc")], NOW, whole_file=False)
    store.sources.sync([source("a")], NOW)
    assert names(store) == ["hoc", "a"]
    store.sources.sync([source("a"), source("hoc")], NOW)
    store.sources.sync([source("a")], NOW)
    assert names(store) == ["a"]


def test_due_are_those_whose_time_has_come_longest_waiting_first(store: Store) -> None:
    store.sources.sync([source(name) for name in "abcd"], NOW)
    for name, hours in (("a", 1), ("b", -1), ("c", -2)):
        store.sources.ran(name, NOW, next_due_at=NOW + hours * HOUR)
    assert names(store) == ["c", "b", "d"]
    assert [state.name for state in store.sources.due(NOW, ["a", "b", "nobody"])] == ["b", "a"]
    store.sources.retire("b", NOW)
    assert names(store) == ["c", "d"]


def test_how_a_source_ended_is_remembered(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    store.sources.ran("a", NOW, next_due_at=NOW + HOUR, state=SourceEnd.FAILED, cause="feed: 500", failures=3)
    state = store.sources.get("a")
    assert state is not None
    assert (state.state, state.cause, state.failures, state.last_run_at) == (SourceEnd.FAILED, "feed: 500", 3, NOW)


def test_seeds_are_declared_found_and_dropped(store: Store) -> None:
    store.sources.sync([FULL], NOW)
    found = Seed(url="https://a.example/found", kind=SeedKind.SECTION)
    store.seeds.remember("a", [found, found, FEED])
    states = store.seeds.of("a")
    assert [(state.seed, state.declared) for state in states] == [
        *((seed, True) for seed in FULL.seeds),
        (found, False),
    ]
    store.sources.sync([source("a", seeds=(FEED,))], NOW)
    assert [state.seed for state in store.seeds.of("a")] == [FEED, found]
    store.seeds.drop("a", found, NOW)
    assert [state.seed for state in store.seeds.of("a")] == [FEED]


def test_polls_keep_validators_over_304_and_failure(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    seen = Validators(etag='"x"', last_modified=None)
    store.seeds.polled(
        "a", FEED, NOW, SeedPoll(status=200, validators=seen, digest="d" * 32, links=20, new=3, newest_at=NOW)
    )
    store.seeds.polled("a", FEED, NOW + HOUR, SeedPoll(status=304))
    store.seeds.polled("a", FEED, NOW + 2 * HOUR, SeedPoll(status=500, reason="http-500"))
    state = store.seeds.state("a", FEED)
    assert state is not None
    assert (state.validators, state.digest, state.links, state.newest_at) == (seen, "d" * 32, 20, NOW)
    assert (state.unchanged, state.failures, state.changed_at, state.reason) == (1, 1, NOW, "http-500")
    store.seeds.polled("a", FEED, NOW + 3 * HOUR, SeedPoll(status=200, links=21, new=1, newest_at=NOW - HOUR))
    state = store.seeds.state("a", FEED)
    assert state is not None
    assert (state.validators, state.failures, state.unchanged, state.newest_at) == (Validators(), 0, 0, NOW)


def test_hosts_remember_what_they_are_told_piece_by_piece(store: Store) -> None:
    assert store.hosts.get("a.example") is None
    store.hosts.remember("a.example", delay_s=2.0, closed_until=NOW + HOUR)
    store.hosts.remember("a.example", reason="429")
    store.hosts.remember("https://a.example", robots="User-agent: *", robots_status=200, robots_fetched_at=NOW)
    state = store.hosts.get("a.example")
    assert state is not None
    assert (state.delay_s, state.closed_until, state.reason, state.robots) == (2.0, NOW + HOUR, "429", None)
    assert [host.name for host in store.hosts.closed(NOW)] == ["a.example"]
    assert store.hosts.closed(NOW + HOUR) == ()


def test_a_run_that_was_killed_is_reported_by_the_next_of_its_holder(store: Store) -> None:
    killed = store.runs.begin(NOW)
    shard = store.runs.begin(NOW, holder="1/2")
    following = store.runs.begin(NOW + HOUR)
    store.runs.finish(following, NOW + HOUR, exit_code=3, why="finished")
    runs = {run.run_id: run for run in store.runs.recent()}
    assert (runs[killed].broken, runs[killed].why, runs[killed].finished_at) == (True, "killed", None)
    assert not runs[shard].broken
    assert (runs[following].exit_code, runs[following].broken) == (3, False)
    assert [run.run_id for run in store.runs.recent(2)] == [following, shard]


def test_the_books_add_up(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    run = store.runs.begin(NOW)
    store.runs.source_began(run, "a", NOW)
    for name in ("a", "b", "a"):
        store.runs.add(run, name, requests=2, bytes=3_000_000_000, seconds=0.5)
    store.runs.source_ended(run, "a", NOW, SourceRunEnd(state=SourceEnd.PARTIAL, cause="slow", next_due_at=NOW + HOUR))
    first, second = store.runs.of(run)
    assert (first.source, first.state, first.cause, first.counts.requests) == ("a", SourceEnd.PARTIAL, "slow", 4)
    assert second.state is None
    assert (store.runs.total(run).bytes, store.runs.total(run).seconds) == (9_000_000_000, 1.5)
    assert store.runs.last("a") == store.runs.get(run)
    assert store.runs.history("a") == (first,)
