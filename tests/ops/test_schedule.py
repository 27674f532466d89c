"""Cron lines and systemd units, and the figures for Prometheus."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.model import OutcomeKind
from ingest.ops import prometheus
from ingest.ops.schedule import Schedule, cron_line, service, timer
from ingest.store import SourceEnd, SourceRunEnd, Store
from tests.store.values import NOW, source

HOUR = timedelta(hours=1)
CASES = (  # every, the fields' form, --max-runtime, OnCalendar's form
    (timedelta(minutes=10), r"\d-59/10 * * * *", "8m", r"*:\d/10"),
    (timedelta(minutes=30), r"\d+-59/30 * * * *", "25m", r"*:\d+/30"),
    (HOUR, r"\d+ * * * *", "50m", r"0/1:\d\d"),
    (6 * HOUR, r"\d+ */6 * * *", "300m", r"0/6:\d\d"),
    (24 * HOUR, r"\d+ [0-5] * * *", "1200m", r"0[0-5]:\d\d"),
)


def plan(every: timedelta, home: str = "/home/me/news", **more: object) -> Schedule:
    return Schedule(program=("/opt/ingest",), home=Path(home), every=every, **more)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(("every", "fields", "runtime", "calendar"), CASES)
def test_a_schedule_says_when_and_for_how_long(every: timedelta, fields: str, runtime: str, calendar: str) -> None:
    import re

    def form(text: str) -> str:
        return text.replace("*", r"\*")

    command = f"/opt/ingest --home /home/me/news run --max-runtime {runtime}"
    assert re.fullmatch(f"{form(fields)} {command}", cron_line(plan(every)))
    assert f"\nExecStart={command}\n" in service(plan(every))
    assert re.search(f"\nOnCalendar={form(calendar)}\n", timer(plan(every)))


def test_homes_have_minutes_of_their_own() -> None:
    assert len({plan(HOUR, f"/home/{number}").minute for number in range(50)}) > 20


def test_odd_names_are_quoted_for_the_one_who_reads_them() -> None:
    odd = plan(HOUR, "/home/a b/100%$x", environment=(("INGEST_CONTACT", 'me "you" 5%'),))
    assert (
        cron_line(odd)
        .split(None, 5)[5]
        .startswith(r"""INGEST_CONTACT='me "you" 5\%' /opt/ingest --home '/home/a b/100\%$x' run""")
    )
    assert 'Environment="INGEST_CONTACT=me \\"you\\" 5%%"' in service(odd)
    assert 'ExecStart=/opt/ingest --home "/home/a b/100%%$$x" run' in service(odd)


def test_the_figures_for_prometheus_are_whole_and_escaped(store: Store, tmp_path: Path) -> None:
    store.sources.sync([source("a"), source('b"\\\n')], NOW)
    run_id = store.runs.begin(NOW)
    store.runs.source_began(run_id, "a", NOW)
    store.runs.add(run_id, "a", stored=3, screened=1)
    store.runs.source_ended(run_id, "a", NOW, SourceRunEnd(state=SourceEnd.PARTIAL, left=2))
    store.sources.ran("a", NOW, next_due_at=NOW + HOUR, state=SourceEnd.PARTIAL)
    store.runs.finish(run_id, NOW + timedelta(seconds=90))
    store.findings.begin("a", "screened", NOW, suspicion="paywall")
    folder = tmp_path / "textfiles"
    folder.mkdir()
    target = folder / "ingest.prom"
    prometheus.write(str(target), prometheus.figures(store, NOW))
    lines = target.read_text().splitlines()
    assert f"ingest_last_run_timestamp_seconds {NOW.timestamp():.10g}" in lines
    assert "ingest_last_run_duration_seconds 90" in lines
    assert 'ingest_finding{source="a",kind="screened",suspicion="paywall"} 1' in lines
    assert 'ingest_source_state{source="a"} 1' in lines
    assert 'ingest_source_pages{source="a",outcome="stored"} 3' in lines
    assert f'ingest_source_next_due_timestamp_seconds{{source="b\\"\\\\\\n"}} {NOW.timestamp():.10g}' in lines
    assert sum("ingest_source_pages{" in line for line in lines) == 2 * len(OutcomeKind)
    assert list(folder.iterdir()) == [target]  # nothing half written beside it
    with pytest.raises(IngestError, match="INGEST_PROMETHEUS_TEXTFILE"):
        prometheus.write(str(tmp_path / "nowhere" / "x.prom"), "")
