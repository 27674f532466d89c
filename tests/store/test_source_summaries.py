"""What status shows, and what prune takes away, on both databases."""

from __future__ import annotations

from datetime import timedelta

from ingest.model import Outcome, OutcomeKind, RecordLocation, Verdict, VerdictKind
from ingest.store import Counts, DueEntry, PageEnd, RetentionLimits, SourceEnd, SourceRunEnd, Store
from tests.store.values import NOW, article, source

DAY = timedelta(days=1)
NEW = Verdict(kind=VerdictKind.NEW)


def run(store: Store, days: float, stored: int, *, ended: bool = True) -> int:
    now = NOW + days * DAY
    run_id = store.runs.begin(now)
    store.runs.source_began(run_id, "a", now)
    store.runs.add(run_id, "a", stored=stored)
    if ended:
        store.runs.source_ended(run_id, "a", now, SourceRunEnd(state=SourceEnd.OK))
        store.sources.ran("a", now, next_due_at=now + DAY)
        store.runs.finish(run_id, now)
    return run_id


def test_a_glance_is_of_the_last_run_that_ended_and_a_fortnight(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    run(store, -20, 9)
    run(store, -3, 2)
    run(store, -0.3, 3)
    run(store, 0, 4)
    run(store, 0.1, 1, ended=False)
    store.articles.save(article("one"), NEW, NOW)
    a, b = store.summaries.all(NOW + DAY / 4)
    assert (a.name, a.state, a.counts.stored, a.articles, a.left) == ("a", SourceEnd.OK, 4, 1, 0)
    assert a.stored_by_day == (*[0] * 10, 2, 0, 0, 3 + 4 + 1)
    assert (b.name, b.state, b.counts, b.articles, b.stored_by_day) == ("b", None, Counts(), 0, (0,) * 14)


def test_the_agenda_knows_what_is_asked_regularly(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    store.sources.sync([source("c")], NOW, whole_file=False)
    store.sources.retire("b", NOW)
    due_entries = store.summaries.due_entries()
    assert due_entries["a"] == DueEntry(next_due_at=NOW, regular=True)
    assert not due_entries["b"].regular
    assert not due_entries["c"].regular


def test_pruning_takes_raw_pages_old_texts_and_logs_and_leaves_a_sound_database(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    old, new = run(store, -500, 1), run(store, 0, 1)
    for name, days in (("old", -500), ("both", -500), ("both", 0)):
        place = RecordLocation(file=f"raw/{name}.warc.gz", offset=days + 500, length=9, digest="0" * 32)
        store.snapshots.remember("a", f"https://a.example/{name}", place, NOW + days * DAY)
    before = NOW - 500 * DAY
    _, article_id = store.articles.save(article("one", "First text.", fetched_at=before), NEW, before, old)
    outcome = Outcome(kind=OutcomeKind.STORED, article_id=article_id)
    store.pages.record_outcome(
        old, PageEnd(source="a", url="https://a.example/one", outcome=outcome, status=200), before
    )
    again = Verdict(kind=VerdictKind.REVISION, of=article_id)
    store.articles.save(article("one", "Second text."), again, NOW, new)
    ended = store.findings.begin("a", "failed", before)
    store.findings.end(ended.finding_id, before)
    store.findings.begin("a", "yield", before)
    limit = NOW - 400 * DAY
    limits = RetentionLimits(raw=limit, revisions=limit, log=limit)
    promised = store.prune.prunable(limits)
    assert (promised.raw_pages, promised.files) == (2, ("raw/old.warc.gz",))
    assert (promised.revisions, promised.runs, promised.findings) == (1, 1, 1)
    assert store.prune.prune(limits) == promised
    left = store.prune.prunable(limits)
    assert (left.raw_pages, left.files, left.revisions, left.runs, left.findings) == (0, (), 0, 0, 0)
    first, second = store.articles.revisions(article_id)
    assert (first.article.title, first.article.blocks) == ("Title of one", ())
    assert second.article.body == "Second text."
    assert [one.kind for one in store.findings.open()] == ["yield"]
    assert [info.run_id for info in store.runs.recent()] == [new]
    assert store.prune.prunable(RetentionLimits()) == store.prune.prune(RetentionLimits())
    assert [fault for fault in store.check() if fault.kind != "unbalanced"] == []
