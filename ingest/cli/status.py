"""`ingest status`: what was crawled, when, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import SourceError

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.store import Finding, SourceState, SourceSummary, Store

COLUMNS = (
    "source",
    "last_run",
    "state",
    "trend",
    "found",
    "new",
    "stored",
    "failed",
    "articles",
    "left",
    "health",
    "next_due",
    "cause",
)
COUNTS = (
    "found",
    "new",
    "stored",
    "revised",
    "unchanged",
    "duplicate",
    "screened",
    "refused",
    "gone",
    "failed",
    "requests",
    "bytes",
    "seconds",
)
FAILED_COLUMNS = ("source", "what", "outcome", "reason", "status", "url", "next", "detail")
BARS = "▁▂▃▄▅▆▇█"
NONE = "·"  # a day without an article


@click.command("status", epilog="Example: ingest status --json | jq '.sources[] | select(.state != \"ok\")'")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--fleet", is_flag=True, help="Several machines: workers, heartbeats, the queue, who crawls what.")
@click.option("--failed", is_flag=True, help="Each seed and page that its source's last run got nothing of, and why.")
@click.argument("names", metavar="[SOURCE]...", nargs=-1, shell_complete=source_names)
@common_options
def status(app: App, names: tuple[str, ...], as_json: bool, fleet: bool, failed: bool) -> None:
    """Show each source's last run, what it found, how many articles are stored and when it is due.

    The trend is of the articles stored on each of the last 14 days, the last bar is today's.
    """
    if fleet:
        from ingest.cli.support.fleet_status import show_fleet

        show_fleet(app, as_json=as_json)
        return
    from ingest.cli.support.output import print_json, print_rows
    from ingest.clock import clock
    from ingest.web.javascript import NEEDS_RENDERING, how_to_render

    now = clock(app.config)()
    if failed:
        _show_failed(app, names, as_json=as_json)
        return
    with app.open_store() as store:
        _known(store, names)
        problems = {finding.source: finding for finding in store.findings.open()}
        rows = [_row(summary, problems.get(summary.name)) for summary in _chosen(store, names, now)]
        last_run = store.runs.last()
    if as_json:
        run = (
            {"id": last_run.run_id, "begun": last_run.begun_at, "finished": last_run.finished_at} if last_run else None
        )
        print_json({"last_run": run, "sources": rows})
    elif rows:
        print_rows(rows, COLUMNS, numbers=("found", "new", "stored", "failed", "articles", "left"))
        for row in rows:
            if (row["cause"] or "").endswith(NEEDS_RENDERING):
                click.echo(f"{row['source']}: JavaScript builds its pages: {how_to_render()}")
    else:
        click.echo("no sources yet; next: ingest crawl https://example.com, or ingest add https://example.com")


def _known(store: Store, names: Sequence[str]) -> tuple[SourceState, ...]:
    """Return the sources of these names, all without any. Raises SourceError for one that is not there."""
    states = {state.name: state for state in store.sources.all()}
    for name in names:
        if name not in states:
            raise SourceError(f'no source "{name}" in the database; see: ingest status')
    return tuple(states[name] for name in names or states)


def _chosen(store: Store, names: Sequence[str], now: datetime) -> list[SourceSummary]:
    return [one for one in store.summaries.all(now) if not names or one.name in names]


def _show_failed(app: App, names: Sequence[str], *, as_json: bool) -> None:
    from ingest.cli.support.output import print_json, print_rows

    with app.open_store() as store:
        rows = [
            {
                "source": state.name,
                "what": one.what,
                "outcome": one.outcome,
                "reason": one.reason,
                "status": one.status,
                "url": one.url,
                "next": one.next_at,
                "detail": one.detail,
                "at": one.at,
            }
            for state in _known(store, names)
            for one in store.summaries.failed(state.name)
        ]
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(rows, FAILED_COLUMNS)
    else:
        click.echo("no seed and no page failed in the last run of any of them")


def _row(summary: SourceSummary, problem: Finding | None) -> dict[str, Any]:
    retired = summary.retired_at is not None
    row: dict[str, Any] = {
        "source": summary.name,
        "url": summary.url,
        "last_run": summary.last_run_at,
        "state": "retired" if retired else summary.state and str(summary.state),
        "cause": summary.cause,
        "next_due": None if retired or summary.ad_hoc else summary.next_due_at,
        "articles": summary.articles,
        "left": summary.left,
        "health": f"{problem.kind}: {problem.suspicion}" if problem else None,
        "trend": sparkline(summary.stored_by_day),
        "stored_by_day": summary.stored_by_day,
        "failures": summary.failures,
    }
    return row | {name: getattr(summary.counts, name) for name in COUNTS}


def sparkline(counts: Sequence[int]) -> str:
    """Return one bar for each count, the highest for the largest of them; a dot for none."""
    most = max(counts, default=0)
    return "".join(BARS[-(-count * len(BARS) // most) - 1] if count else NONE for count in counts)


COMMAND = status
