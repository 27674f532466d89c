"""Findings and the history they are judged by."""

from __future__ import annotations

from datetime import timedelta

from ingest.store import SourceEnd, SourceRunEnd, Store
from tests.store.values import HOUR, NOW, source

DAY = timedelta(days=1)


def test_a_finding_is_reported_once_and_its_end_once(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    made = store.findings.begin("a", "failed", NOW, suspicion="site-down", detail="http-500")
    assert store.findings.open() == store.findings.unalerted() == (made,)
    assert store.findings.open(["b"]) == ()
    assert store.findings.claim(NOW) == ((made,), ())
    assert store.findings.claim(NOW) == ((), ())
    store.findings.unclaim([made], [])
    assert store.findings.claim(NOW) == ((made,), ())
    store.findings.seen(made.finding_id, NOW + DAY, suspicion="blocked", detail="http-403")
    (seen,) = store.findings.open()
    assert (seen.suspicion, seen.detail, seen.last_seen_at) == ("blocked", "http-403", NOW + DAY)
    store.findings.end(made.finding_id, NOW + 2 * DAY)
    assert store.findings.open() == ()
    begun, (ended,) = store.findings.claim(NOW + 2 * DAY)
    assert (begun, ended.finding_id) == ((), made.finding_id)
    assert store.findings.claim(NOW + 2 * DAY) == ((), ())
    assert [one.finding_id for one in store.findings.of("a", NOW)] == [made.finding_id]
    assert store.findings.of("a", NOW + 3 * DAY) == store.findings.of("b", NOW) == ()


def test_the_end_of_a_finding_that_another_replaced_is_no_recovery(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    made = store.findings.begin("a", "yield", NOW)
    store.findings.claim(NOW)
    store.findings.end(made.finding_id, NOW, alert=False)
    assert store.findings.unalerted_recoveries() == ()


def test_a_retired_source_has_no_open_findings(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    store.findings.begin("a", "failed", NOW)
    store.sources.retire("a", NOW)
    assert store.findings.open() == store.findings.unalerted() == ()


def test_the_history_sums_runs_by_quarters_of_a_day(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    runs = ((0, SourceEnd.OK, 3), (1, SourceEnd.FAILED, 0), (2, SourceEnd.PARTIAL, 4), (30, SourceEnd.FAILED, 0))
    for hours, state, stored in runs:
        now = NOW + hours * HOUR
        run_id = store.runs.begin(now)
        store.runs.source_began(run_id, "a", now)
        store.runs.add(run_id, "a", stored=stored, words=100 * stored)
        store.runs.source_ended(
            run_id, "a", now, SourceRunEnd(state=state, reasons={"stored": stored} if stored else {})
        )
    unfinished = store.runs.begin(NOW + 40 * HOUR)
    store.runs.source_began(unfinished, "a", NOW + 40 * HOUR)
    first, last = store.history.periods("a", NOW - DAY)
    assert (first.begun_at, first.read_at) == (NOW + 2 * HOUR, NOW + 2 * HOUR)
    assert (first.counts.stored, first.counts.words) == (7, 700)
    assert (last.begun_at, last.read_at, last.counts.stored) == (NOW + 30 * HOUR, None, 0)
    assert store.history.periods("a", NOW + DAY) == (last,)
    assert store.history.reasons("a", NOW) == {"stored": 7}
    assert store.history.reasons("a", NOW + DAY) == {}
