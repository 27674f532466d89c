"""What the queue of several machines answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """One `ingest work`."""

    id: int
    machine: str
    pid: int
    version: str
    concurrency: int  # crawls side by side
    begun_at: datetime | None = None
    heartbeat_at: datetime | None = None
    silent_s: float = 0.0  # since its last heartbeat
    stalled: bool = False  # silent for two heartbeats: killed, or cut off
    sources: int = 0  # being crawled


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A source that is being crawled, and by whom; no other worker takes it meanwhile."""

    source: str
    attempts: int  # crawls of it that died
    worker: int | None
    machine: str | None
    since: datetime | None
    stalled: bool  # its worker is silent: the source is queued again by the next rescue


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How many sources wait or are being crawled."""

    todo: int = 0
    later: int = 0  # held back after a failure
    doing: int = 0
    failed: int = 0  # given up after several dead crawls
    stalled: int = 0  # of those being crawled
    oldest_s: float = 0.0  # how long the first of those that could be crawled has waited


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetState:
    """The whole fleet at one moment."""

    workers: tuple[WorkerState, ...] = ()
    leases: tuple[Lease, ...] = ()
    depth: QueueDepth = field(default_factory=QueueDepth)
