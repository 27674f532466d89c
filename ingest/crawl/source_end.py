"""The end of a source in a run: what its links taught, its counts, how it ended, and when it is due again."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from ingest.crawl.outcomes import OutcomeRecorder
from ingest.crawl.plan import next_due
from ingest.discover.url_form_model import UrlFormModel, learn
from ingest.events import event
from ingest.model import OutcomeKind, Source
from ingest.store import SourceEnd, SourceRunEnd

log = logging.getLogger(__name__)

LOGGED = ("found", "new", "requests", *OutcomeKind)  # counters in the log event


def close_source(recorder: OutcomeRecorder, source: Source, *, every: timedelta, cut_short: bool) -> None:
    """Record the end of a source. `every`: time between its runs; `cut_short`: the run was stopped early."""
    with recorder.store.transaction():
        _close(recorder, source, every=every, cut_short=cut_short)


def _close(recorder: OutcomeRecorder, source: Source, *, every: timedelta, cut_short: bool) -> None:
    store, result = recorder.store, recorder.results[source.name]
    now = recorder.now()
    _count(recorder, source)
    for rule in result.idle_rules(source.rules):
        event(log, logging.WARNING, "rule matched nothing", source=source.name, rule=rule)
    before = store.sources.get(source.name)
    failures = (before.failures if before else 0) + 1 if result.state is SourceEnd.FAILED else 0
    due_at = now if result.left and cut_short else next_due(now, every, failures)
    store.runs.source_ended(
        recorder.run_id,
        source.name,
        now,
        SourceRunEnd(
            state=result.state, cause=result.cause, next_due_at=due_at, left=result.left, reasons=result.reasons
        ),
    )
    if result.discovered and not recorder.plan.dry_run:  # else it stays due, and its seeds are all asked again
        store.sources.ran(
            source.name, now, next_due_at=due_at, state=result.state, cause=result.cause, failures=failures
        )
    counts = {name: getattr(result.counts, name) or None for name in LOGGED}
    event(log, logging.INFO, "source ended", source=source.name, state=result.state, **counts, cause=result.cause)


def _count(recorder: OutcomeRecorder, source: Source) -> None:
    """Sum the source's counters in the store and in the result; store what its links turned out to be."""
    store, result = recorder.store, recorder.results[source.name]
    before = UrlFormModel.of(store.sources.sense(source.name))
    after = learn(result.ended, before)
    if result.patterns and not recorder.plan.dry_run:
        after = replace(after.with_refused(result.refused), sets=result.sets, patterns=result.patterns)
        if result.backfill is not None:
            after = replace(after, backfill=result.backfill)
    if after != before:
        store.sources.learn_sense(source.name, after.stored())
    traffic = {"requests": result.requests, "bytes": result.body_bytes, "seconds": result.seconds}
    store.runs.add(recorder.run_id, source.name, **traffic)
    result.counts = store.runs.counts_of(recorder.run_id, source.name)
    result.left = store.frontier.backlog(source.name)
    result.articles = store.articles.count(source.name)
    result.settle()
