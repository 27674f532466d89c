"""Retention: what is old enough goes, raw files with it, and nothing that something points to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ingest.config import Config
from ingest.model import RecordLocation
from ingest.ops.prune import limits_of, prune
from ingest.store import Store
from tests.store.values import NOW, source

DAY = timedelta(days=1)


def keep(store: Store, home: Path, name: str, *days: int) -> Path:
    """A raw file with a page for each of these days."""
    file = home / "raw" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x" * 100)
    for number, ago in enumerate(days):
        place = RecordLocation(file=f"raw/{name}", offset=number, length=1, digest=f"{number:032}")
        store.snapshots.remember("a", f"https://a.example/{name}/{number}", place, NOW - ago * DAY)
    return file


def test_a_raw_file_goes_when_all_its_pages_are_old(store: Store, tmp_path: Path) -> None:
    store.sources.sync([source("a")], NOW)
    old = keep(store, tmp_path, "old.warc.gz", 400, 500)
    both = keep(store, tmp_path, "both.warc.gz", 400, 10)
    foreign = tmp_path / "raw" / "mine.warc.gz"
    foreign.write_bytes(b"not ours")
    limits = limits_of(Config(), NOW)
    would = prune(store, tmp_path, limits, dry_run=True)
    assert (would.rows.raw_pages, would.rows.files, would.file_bytes) == (3, ("raw/old.warc.gz",), 100)
    assert old.exists()
    storage = tmp_path / "depot"
    storage.mkdir()
    moved = storage / old.name
    moved.write_bytes(b"a copy that was moved there")
    gone = prune(store, tmp_path, limits, dry_run=False, storage=str(storage))
    assert gone == would
    assert not old.exists()
    assert not moved.exists()
    assert both.exists()
    assert foreign.exists()
    assert [place.file for _, _, place in store.snapshots.each()] == ["raw/both.warc.gz"]
    nothing = prune(store, tmp_path, limits, dry_run=False)
    assert (nothing.rows.raw_pages, nothing.rows.files, nothing.file_bytes) == (0, (), 0)


def test_a_raw_file_in_the_home_of_another_machine_is_left_to_it(store: Store, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for home in (here, there):
        home.mkdir()
    store.sources.sync([source("a")], NOW)
    ours, theirs = keep(store, here, "ours.warc.gz", 400), keep(store, there, "theirs.warc.gz", 500, 600)
    limits = limits_of(Config(), NOW)
    for dry_run in (True, False):
        gone = prune(store, here, limits, dry_run=dry_run, shared=True)
        assert (gone.rows.raw_pages, gone.rows.files, gone.files_elsewhere) == (1, ("raw/ours.warc.gz",), 1)
    assert not ours.exists()
    assert theirs.exists()
    assert {place.file for _, _, place in store.snapshots.each()} == {"raw/theirs.warc.gz"}
    gone = prune(store, there, limits, dry_run=False, shared=True)
    assert (gone.rows.raw_pages, gone.rows.files, gone.files_elsewhere) == (2, ("raw/theirs.warc.gz",), 0)
    assert not theirs.exists()
    assert list(store.snapshots.each()) == []


def test_rows_whose_file_was_deleted_by_hand_go_where_there_is_one_home(store: Store, tmp_path: Path) -> None:
    store.sources.sync([source("a")], NOW)
    keep(store, tmp_path, "old.warc.gz", 400).unlink()
    assert prune(store, tmp_path, limits_of(Config(), NOW), dry_run=False).rows.raw_pages == 1


def test_settings_say_how_old_and_texts_of_revisions_stay_unless_asked_for() -> None:
    limits = limits_of(Config(), NOW)
    assert (limits.raw, limits.revisions, limits.log) == (NOW - 365 * DAY, None, NOW - 400 * DAY)
    assert limits_of(Config(revision_days=30), NOW).revisions == NOW - 30 * DAY
