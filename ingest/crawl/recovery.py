"""Recovery: what a killed run had under way, so that it is not asked for again and again.

Pages that it had fetched and not stored stand in its raw file: they are noted as snapshots, and the run that recovers
them reads them there instead of asking the site again. Every page that it had asked for and not ended counts an attempt
and goes behind the others, for it may be what ended the run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest import snapshots
from ingest.events import event
from ingest.model import RecordLocation
from ingest.snapshots import Killed, asked
from ingest.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedRequest:
    """A page that a killed run fetched and did not end."""

    source: str
    url: str  # as it was asked for
    place: RecordLocation


def recover(home: Path, store: Store) -> tuple[InterruptedRequest, ...]:
    """Note what killed runs left in the home; return the pages that need no request any more.

    What a run of another database left is not for this one. Raises SnapshotError and StoreError; then it is all left to
    the next run.
    """
    with asked.left(home) as lists, snapshots.recovered(home) as files:
        with store.transaction():
            for run in lists:
                if run.owner == store.name:
                    store.frontier.lost(run.keys, run.run_id)
            unread = tuple(one for file in files if file.owner == store.name for one in _unread(store, file))
        if lists or files:
            event(
                log,
                logging.INFO,
                "killed run recovered",
                asked=sum(len(run.keys) for run in lists),
                fetched=len(unread),
            )
    return unread


def _unread(store: Store, file: Killed) -> Iterator[InterruptedRequest]:
    """Note the pages that stand behind the last one noted of a file."""
    for page in snapshots.read_all(file.path, start=store.snapshots.end_of(file.name)):
        assert page.place is not None
        place = RecordLocation(
            file=file.name, offset=page.place.offset, length=page.place.length, digest=page.place.digest
        )
        if store.sources.get(page.source) is not None:
            store.snapshots.remember(page.source, page.final_url, place, page.fetched_at)
            yield InterruptedRequest(source=page.source, url=page.url, place=place)
