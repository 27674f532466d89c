"""`ingest status`: what was crawled, when, and what came of it."""

from __future__ import annotations

from typing import Any

import click

from ingest.cli.app import App, common_options

COLUMNS = ("source", "last_run", "state", "found", "new", "stored", "failed", "articles", "left", "next_due", "cause")


@click.command("status", epilog="Example: ingest status --json | jq '.sources[] | select(.state != \"ok\")'")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--fleet", is_flag=True, help="Several machines: workers, heartbeats, the queue, who crawls what.")
@common_options
def status(app: App, as_json: bool, fleet: bool) -> None:
    """Show each source's last run, what it found, how many articles are stored and when it is due."""
    if fleet:
        from ingest.cli.fleet import show_fleet

        show_fleet(app, as_json=as_json)
        return
    from ingest.cli.output import print_json, print_rows

    with app.open_store() as store:
        rows: list[dict[str, Any]] = []
        for state in store.sources.all():
            last = next(iter(store.runs.history(state.name, most=1)), None)
            counts = last.counts if last else None
            row: dict[str, Any] = {
                "source": state.name,
                "url": state.source.url,
                "last_run": state.last_run_at,
                "state": "retired" if state.retired_at else state.state and str(state.state),
                "cause": state.cause,
                "next_due": None if state.retired_at or state.ad_hoc else state.next_due_at,
                "articles": store.articles.count(state.name),
                "left": store.pages.backlog(state.name),
            }
            for name in ("found", "new", "stored", "revised", "unchanged", "duplicate", "screened", "refused"):
                row[name] = getattr(counts, name) if counts else 0
            for name in ("gone", "failed", "requests"):
                row[name] = getattr(counts, name) if counts else 0
            rows.append(row)
        last_run = store.runs.last()
    if as_json:
        run = (
            {"id": last_run.run_id, "begun": last_run.begun_at, "finished": last_run.finished_at} if last_run else None
        )
        print_json({"last_run": run, "sources": rows})
    elif rows:
        print_rows(rows, COLUMNS, numbers=("found", "new", "stored", "failed", "articles", "left"))
    else:
        click.echo("no sources yet; next: ingest crawl https://example.com, or ingest add https://example.com")


COMMANDS = {"status": status}
