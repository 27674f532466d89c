"""Remote storage: finished raw files move to a shared folder or an object store and are read and erased there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.config import load
from ingest.errors import SettingsError, SnapshotError
from ingest.model import Page, RecordLocation
from ingest.snapshots import FOLDER, Writer, finished, read
from ingest.snapshots.erase import erase
from ingest.snapshots.remote import RemoteStorage, store_away

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PLACES = ["folder", "file-url", "memory"]


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A shared folder, the same as an address, and an object store in memory."""
    if request.param == "memory":
        fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'ingest[fleet]'")
        yield "memory://bucket/raw"
        fsspec.filesystem("memory").store.clear()
    else:
        yield f"{'file://' if request.param == 'file-url' else ''}{tmp_path / 'shared' / 'raw'}"


def page(number: int) -> Page:
    url = f"https://a.example/{number}"
    return Page(
        url=url, final_url=url, source="a", status=200, headers=(), body=b"words " * (50 + number), fetched_at=NOW
    )


def written(home: Path, *numbers: int) -> list[RecordLocation]:
    with Writer(home) as writer:
        return [writer.write(page(number)) for number in numbers]


def test_a_finished_file_is_moved_and_read_from_any_home(place: str, tmp_path: Path) -> None:
    places = written(tmp_path / "one", 1, 2)
    assert store_away(place, finished(tmp_path / "one")) == 1
    assert finished(tmp_path / "one") == ()
    for number, at in enumerate(places, 1):
        assert read(tmp_path / "another", at, storage=place).body == page(number).body


def test_what_lies_in_the_home_is_read_there(place: str, tmp_path: Path) -> None:
    (at,) = written(tmp_path / "one", 1)
    assert read(tmp_path / "one", at, storage=place).body == page(1).body


def test_what_is_being_written_or_was_killed_stays(place: str, tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.write(page(1))
        assert finished(tmp_path) == ()
        assert store_away(place, finished(tmp_path)) == 0
    killed = Writer(tmp_path)
    killed.write(page(2))
    killed.close(whole=False)
    assert len(finished(tmp_path)) == 1


def test_a_page_is_erased_where_its_file_was_moved(place: str, tmp_path: Path) -> None:
    one, two = written(tmp_path, 1, 2)
    store_away(place, finished(tmp_path))
    assert erase(tmp_path, [one], storage=place) == 1
    with pytest.raises(SnapshotError):
        read(tmp_path, one, storage=place)
    assert read(tmp_path, two, storage=place).body == page(2).body


def test_a_file_that_is_nowhere_is_reported(place: str, tmp_path: Path) -> None:
    at = RecordLocation(file=f"{FOLDER}/lost.warc.gz", offset=0, length=500, digest="0" * 32)
    with pytest.raises(SnapshotError, match="cannot read a raw page"):
        read(tmp_path, at, storage=place)
    assert erase(tmp_path, [at], storage=place) == 0


def test_two_crawls_of_one_home_that_end_at_once_lose_nothing(place: str, tmp_path: Path) -> None:
    (at,) = written(tmp_path, 1)
    files = finished(tmp_path)
    assert store_away(place, files) == 1
    assert store_away(place, files) == 0, "the other was quicker"
    assert read(tmp_path, at, storage=place).body == page(1).body


def test_a_file_that_cannot_be_moved_stays_for_the_next_run(tmp_path: Path) -> None:
    (at,) = written(tmp_path / "home", 1)
    (tmp_path / "no-folder").write_text("a file")
    assert store_away(str(tmp_path / "no-folder" / "raw"), finished(tmp_path / "home")) == 0
    assert read(tmp_path / "home", at).body == page(1).body


def test_a_copy_cut_short_is_not_taken_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "x.warc.gz.part").write_bytes(b"half")
    (tmp_path / "x.warc.gz").write_bytes(b"whole")
    RemoteStorage(str(tmp_path / "raw")).keep(tmp_path / "x.warc.gz")
    assert [file.name for file in (tmp_path / "raw").iterdir()] == ["x.warc.gz"]


def test_an_address_that_nobody_can_reach_is_reported(tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'ingest[fleet]'")
    (at,) = written(tmp_path, 1)
    with pytest.raises(SettingsError, match="INGEST_RAW_PLACE nosuch"):
        store_away("nosuch://bucket", finished(tmp_path))
    assert at


def test_names_of_raw_files_differ_over_machines(tmp_path: Path) -> None:
    names = {Path(written(tmp_path / str(number), number)[0].file).name for number in range(20)}
    assert len(names) == 20
    chances = {name.split("-")[3] for name in names}
    assert len(chances) == 20, "the same process at the same moment elsewhere has another name"


HOME = Path("/home/me/ingest")
USER = Path("~").expanduser()


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("", ""),
        ("raw-files", f"{HOME}/raw-files"),
        ("./a b/c", f"{HOME}/a b/c"),
        ("/srv/raw", "/srv/raw"),
        ("~/raw", f"{USER}/raw"),
        ("file:/srv/raw", "/srv/raw"),
        ("file:///srv/raw%20files", "/srv/raw files"),
        ("file://localhost/srv/raw", "/srv/raw"),
        ("file://~/raw", f"{USER}/raw"),
        ("FILE:raw", f"{HOME}/raw"),
        ("local:///srv/raw", "/srv/raw"),
        ("s3://bucket/raw", "s3://bucket/raw"),
        ("simplecache::s3://bucket/raw", "simplecache::s3://bucket/raw"),
    ],
)
def test_a_place_is_the_same_from_every_working_folder(written: str, place: str) -> None:
    assert load({"INGEST_RAW_PLACE": written}, home=HOME).raw_place == place


@pytest.mark.parametrize(
    "written",
    ["memory://raw", "simplecache::memory://raw", "Memory://", "https://files.example/raw", "data://x", "file://server/raw",
     "file://", "~nobody-of-that-name/raw"],
)  # fmt: skip
def test_a_place_that_keeps_nothing_is_refused_in_one_line(written: str) -> None:
    with pytest.raises(SettingsError, match=r"INGEST_RAW_PLACE[^\n]+$"):
        load({"INGEST_RAW_PLACE": written}, home=HOME)
