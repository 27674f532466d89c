"""`ingest health`: unhealthy sources, since when, and the likely cause."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import Attention
from ingest.text.normalize import counted

RECENT_DAYS = 7
COLUMNS = ("source", "since", "kind", "suspicion", "detail")


@click.command("health", epilog="Example: ingest health --json | jq -r '.findings[].source'")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@common_options
def health(app: App, as_json: bool) -> None:
    """List the sources that behave abnormally, compared with their own past, and the likely cause; exit code 3 if any.

    Sources are looked at when `ingest run` ends; one that any crawl could not read at all is listed too. A new source
    has two weeks of grace, in which only failures to read it are reported. A single quiet day, or a day on which most
    sources are quiet, is not reported.
    """
    from ingest.cli.support.output import print_json, print_line, print_rows
    from ingest.clock import clock
    from ingest.ops.anomalies import ProblemKind
    from ingest.ops.health import failed_without_finding, overdue
    from ingest.ops.hooks import CURSOR as HOOK_CURSOR
    from ingest.ops.likely_cause import ADVICE, LikelyCause

    now = clock(app.config)()
    with closing(app.open_store()) as store:
        findings = store.findings.open()
        over = [one for one in store.findings.recent(now - timedelta(days=RECENT_DAYS)) if one.ended_at]
        late = overdue(store.summaries.due_entries().values(), now, timedelta(minutes=app.config.every_min))
        unread = failed_without_finding(store.summaries.all(now), {one.source for one in findings}, now)
        has_run = store.runs.last() is not None
        waiting = store.notices.waiting(HOOK_CURSOR)
    rows: list[dict[str, Any]] = [
        {
            "source": one.source,
            "since": one.began_at,
            "last_seen": one.last_seen_at,
            "kind": one.kind,
            "subject": one.subject or None,
            "suspicion": one.suspicion,
            "detail": one.detail,
            "advice": ADVICE[LikelyCause(one.suspicion)] if one.suspicion else None,
        }
        for one in findings
    ]
    rows += [
        {
            "source": one.source,
            "since": one.since,
            "last_seen": one.since,
            "kind": ProblemKind.FAILED,
            "subject": None,
            "suspicion": one.suspicion,
            "detail": one.detail,
            "advice": ADVICE[one.suspicion],
        }
        for one in unread
    ]
    if as_json:
        ended = [{"source": one.source, "kind": one.kind, "began": one.began_at, "ended": one.ended_at} for one in over]
        hook = waiting and {"since": waiting.since, "reason": waiting.reason, "articles": len(waiting.tries)}
        print_json({"findings": rows, "recovered": ended, "overdue": late, "hook": hook})
    elif rows:
        print_rows(rows, COLUMNS)
        for suspicion in dict.fromkeys(row["suspicion"] for row in rows if row["suspicion"]):
            print_line(f"{suspicion}: {ADVICE[LikelyCause(suspicion)]}")
    elif has_run and not waiting:
        click.echo("all sources are well")
    elif not has_run:
        click.echo("nothing was crawled yet; next: ingest run")
    if late and not as_json:
        waits = f"{counted(late, 'source')} {'waits' if late == 1 else 'wait'} long after the time they were due"
        click.echo(f"{waits}: does cron run? ingest schedule cron prints its lines")
    if waiting and not as_json:
        line = f"on_new: {counted(len(waiting.tries), 'article')} not taken since {waiting.since:%Y-%m-%d %H:%M} UTC"
        print_line(f"{line}: {waiting.reason}; each run tries again")
    if rows or late or waiting:
        raise click.exceptions.Exit(Attention.exit_code)


COMMAND = health
