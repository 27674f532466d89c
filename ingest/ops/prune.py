"""Prune: raw pages, texts of old revisions and the log of runs go when they are old enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ingest.config import Config
from ingest.errors import SnapshotError
from ingest.snapshots.remote import remove
from ingest.store import Prunable, RetentionLimits, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What went, or would go; `file_bytes` are those of the raw files."""

    rows: Prunable
    file_bytes: int


def limits_of(config: Config, now: datetime) -> RetentionLimits:
    """Return what the settings let go by now."""
    revisions = now - timedelta(days=config.revision_days) if config.revision_days else None
    return RetentionLimits(
        raw=now - timedelta(days=config.raw_days), revisions=revisions, log=now - timedelta(days=config.log_days)
    )


def prune(store: Store, home: Path, limits: RetentionLimits, *, dry_run: bool, storage: str = "") -> Pruned:
    """Take away what the limits let go; the caller holds the lock of runs. The rows go first: none points to nothing.

    Raises SnapshotError for a raw file that cannot be deleted: it is left, and nothing needs it any more. `file_bytes`
    are those of files in the home; what was moved to remote storage is deleted there.
    """
    sizes = {name: _size(home / name) for name in store.prune.prunable(limits).files}
    if dry_run:
        return Pruned(rows=store.prune.prunable(limits), file_bytes=sum(sizes.values()))
    gone = store.prune.prune(limits)
    for name in gone.files:
        _delete(home / name, storage)
    return Pruned(rows=gone, file_bytes=sum(sizes.values()))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _delete(path: Path, storage: str) -> None:
    try:
        path.unlink(missing_ok=True)
        if storage:
            remove(storage, path.name)
    except OSError as error:
        raise SnapshotError(
            f"{path}: cannot be deleted: {error.strerror or error}; nothing needs it any more"
        ) from error
