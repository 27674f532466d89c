"""Prune: delete raw pages, texts of old revisions and the log of runs that are old enough."""

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
    """What was deleted, or would be; `file_bytes` are those of the raw files."""

    rows: Prunable
    file_bytes: int
    files_elsewhere: int = 0  # raw files in homes of other machines


def limits_of(config: Config, now: datetime) -> RetentionLimits:
    """Return what the settings let go by now."""
    revisions = now - timedelta(days=config.revision_days) if config.revision_days else None
    return RetentionLimits(
        raw=now - timedelta(days=config.raw_days), revisions=revisions, log=now - timedelta(days=config.log_days)
    )


def prune(
    store: Store, home: Path, limits: RetentionLimits, *, dry_run: bool, storage: str = "", shared: bool = False
) -> Pruned:
    """Delete what the limits let go; the caller holds the lock of runs. The rows go first, so that none is left without
    its file.

    `shared`: machines with other homes may write to this database. Raw files that are neither here nor in the storage
    are left with their rows, for a prune in their own home. Raises SnapshotError for a raw file that cannot be deleted:
    it is left, and nothing needs it any more. `file_bytes` are those of files in the home.
    """
    sizes = {name: _size(home / name) for name in store.prune.prunable(limits).files}
    elsewhere = frozenset(name for name in sizes if shared and not storage and not (home / name).exists())
    found = Pruned(
        rows=store.prune.prunable(limits, leave=elsewhere),
        file_bytes=sum(sizes.values()),
        files_elsewhere=len(elsewhere),
    )
    if dry_run:
        return found
    for name in store.prune.prune(limits, leave=elsewhere).files:
        _delete(home / name, storage)
    return found


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
