"""`ingest status --fleet`: workers, their heartbeats, the depth of the queue, and who crawls which source."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ingest.cli.support.app import App
    from ingest.store.fleet.queue import FleetState

WORKERS = ("worker", "machine", "pid", "version", "crawls", "since", "silent_s", "state", "sources")
LEASES = ("source", "worker", "machine", "since", "attempts", "state")


def show_fleet(app: App, *, as_json: bool) -> None:
    """Print how the fleet stands. Raises SettingsError for SQLite, StoreError when the database cannot be reached."""
    from ingest.cli.support.output import print_json, print_rows
    from ingest.store.fleet.queue import Queue

    with Queue(app.config.url_of_database) as queue:
        state = queue.state()
    if as_json:
        print_json(as_dict(state))
        return
    if not state.workers and not state.leases:
        click.echo("no worker is alive; start one with: ingest work")
    else:
        print_rows(_workers(state), WORKERS, numbers=("worker", "pid", "crawls", "silent_s", "sources"))
    depth = state.depth
    click.echo(
        f"\nqueue: {depth.todo} wait ({depth.oldest_s:.0f} s the first), {depth.later} later, {depth.doing} being "
        f"crawled ({depth.stalled} stalled), {depth.failed} given up"
    )
    if state.leases:
        click.echo()
        print_rows(_leases(state), LEASES, numbers=("worker", "attempts"))


def as_dict(state: FleetState) -> dict[str, Any]:
    """Return the state as --json gives it."""
    return {
        "workers": [asdict(worker) for worker in state.workers],
        "queue": asdict(state.depth),
        "leases": [asdict(lease) for lease in state.leases],
    }


def _workers(state: FleetState) -> list[dict[str, Any]]:
    return [
        {
            "worker": worker.id,
            "machine": worker.machine,
            "pid": worker.pid,
            "version": worker.version,
            "crawls": worker.concurrency,
            "since": worker.begun_at,
            "silent_s": round(worker.silent_s),
            "state": "stalled" if worker.stalled else "alive",
            "sources": worker.sources,
        }
        for worker in state.workers
    ]


def _leases(state: FleetState) -> list[dict[str, Any]]:
    return [
        {
            "source": lease.source,
            "worker": lease.worker,
            "machine": lease.machine,
            "since": lease.since,
            "attempts": lease.attempts,
            "state": "stalled" if lease.stalled else "held",
        }
        for lease in state.leases
    ]
