"""Figures for Prometheus: a text file that its node exporter reads (textfile collector), whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from ingest.errors import IngestError
from ingest.model import OutcomeKind
from ingest.store import SourceEnd, Store

STATES = {SourceEnd.OK: 0, SourceEnd.PARTIAL: 1, SourceEnd.FAILED: 2}
Sample = tuple[Mapping[str, str], float]


def figures(store: Store, now: datetime) -> str:
    """Return the last run's and every source's figures in the text format, version 0.0.4."""
    return "".join(line + "\n" for line in _lines(store, now))


def _lines(store: Store, now: datetime) -> Iterator[str]:
    last = store.runs.last()
    if last is not None:
        yield from _metric("ingest_last_run_timestamp_seconds", "When the last run began.", last.begun_at.timestamp())
        if last.finished_at is not None:
            took = (last.finished_at - last.begun_at).total_seconds()
            yield from _metric("ingest_last_run_duration_seconds", "How long the last run took.", took)
    findings = store.findings.open()
    shown = [({"source": one.source, "kind": one.kind, "suspicion": one.suspicion or ""}, 1.0) for one in findings]
    yield from _family("ingest_finding", "What needs a person; 1 while it is open.", "gauge", shown)
    summaries = [one for one in store.summaries.all(now) if one.retired_at is None]
    name = {one.name: {"source": one.name} for one in summaries}
    states = [(name[one.name], float(STATES[one.state])) for one in summaries if one.state is not None]
    yield from _family("ingest_source_state", "How its last run ended: 0 ok, 1 partial, 2 failed.", "gauge", states)
    ran = [(name[one.name], one.last_run_at.timestamp()) for one in summaries if one.last_run_at]
    yield from _family("ingest_source_last_run_timestamp_seconds", "When it was crawled last.", "gauge", ran)
    due = [(name[one.name], one.next_due_at.timestamp()) for one in summaries]
    yield from _family("ingest_source_next_due_timestamp_seconds", "When it is due again.", "gauge", due)
    pages = [
        ({**name[one.name], "outcome": kind.value}, float(getattr(one.counts, kind.value)))
        for one in summaries
        for kind in OutcomeKind
    ]
    yield from _family("ingest_source_pages", "Pages of its last run by outcome.", "gauge", pages)
    left = [(name[one.name], float(one.left)) for one in summaries]
    yield from _family("ingest_source_queued_pages", "Links kept for its next run.", "gauge", left)


def _metric(metric: str, about: str, value: float) -> Iterator[str]:
    yield from _family(metric, about, "gauge", [({}, value)])


def _family(metric: str, about: str, kind: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {metric} {about}"
    yield f"# TYPE {metric} {kind}"
    for labels, value in samples:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{metric}{{{inner}}} {value:.10g}" if inner else f"{metric} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write(path: str, text: str) -> None:
    """Put the text in place of the file's, so that no reader sees half of it. Raises IngestError when it cannot."""
    target = Path(path).expanduser()
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as beside:
            beside.write(text)
        Path(beside.name).chmod(0o644)  # the exporter is another user
        os.replace(beside.name, target)  # noqa: PTH105 - says what it does
    except OSError as error:
        raise IngestError(
            f"{target}: figures for Prometheus cannot be written: {error.strerror}; check INGEST_PROMETHEUS_TEXTFILE"
        ) from error
