"""The fleet in numbers, as samples for a monitor: names and values, for any format."""

from __future__ import annotations

from ingest.store.fleet.queue import FleetState, Queue


def numbers(state: FleetState) -> dict[str, float]:
    """Return the samples of one moment by name, in the form of Prometheus: gauges without labels."""
    depth = state.depth
    alive = [worker for worker in state.workers if not worker.stalled]
    return {
        "ingest_fleet_workers": len(alive),
        "ingest_fleet_workers_stalled": len(state.workers) - len(alive),
        "ingest_fleet_crawls": sum(worker.concurrency for worker in alive),
        "ingest_fleet_heartbeat_age_seconds_max": max((worker.silent_s for worker in alive), default=0.0),
        "ingest_fleet_sources_waiting": depth.todo,
        "ingest_fleet_sources_held_back": depth.later,
        "ingest_fleet_sources_crawled": depth.doing,
        "ingest_fleet_sources_stalled": depth.stalled,
        "ingest_fleet_sources_given_up": depth.failed,
        "ingest_fleet_oldest_wait_seconds": depth.oldest_s,
    }


def text(database_url: str) -> str:
    """Return the samples in Prometheus' text format, "" where there is no fleet."""
    lines = (f"# TYPE {name} gauge\n{name} {value:g}\n" for name, value in fleet_numbers(database_url).items())
    return "".join(lines)


def fleet_numbers(database_url: str) -> dict[str, float]:
    """Return the samples of a database's fleet, nothing where it has none (SQLite included)."""
    if not database_url.startswith("postgres"):
        return {}
    with Queue(database_url) as queue:
        return numbers(queue.state()) if queue.is_there else {}
