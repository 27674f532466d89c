"""What a killed run had under way: fetched pages are read from its raw file, asked ones go behind the others."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.crawl.recovery import InterruptedRequest, recover
from ingest.model import Outcome, OutcomeKind, Page
from ingest.snapshots import FOLDER, read, read_all
from ingest.snapshots.asked import RequestLog, left
from ingest.store import PageEnd, Store, open_store
from ingest.web.urls import key
from tests.command import RunIngest
from tests.store.values import NOW, link, source

KILLED = """
    import os, signal, sys
    from pathlib import Path
    from ingest.snapshots import Writer
    from ingest.snapshots.asked import RequestLog
    from ingest.web.urls import key
    from tests.store.test_recovery import page
    home, run_id, owner, *urls = sys.argv[1:]
    writer, asked = Writer(Path(home), owner=owner), RequestLog(Path(home), int(run_id), owner=owner)
    for url in urls:
        asked.note(key(url))
        print(writer.write(page(url)).offset, flush=True)
    asked.note(key("https://www.a.example/in-flight"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def page(url: str) -> Page:
    return Page(
        url=url,
        final_url=url,
        source="a",
        status=200,
        headers=(("Content-Type", "text/html"),),
        body=url.encode() * 50,
        fetched_at=datetime(2026, 5, 4, 3, 2, 1, 987654, tzinfo=UTC),
    )


def kill(home: Path, run: int, owner: str, *paths: str) -> None:
    """Run and kill a process that has fetched these pages and asked for one more."""
    urls = [link(path).url for path in paths]
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(home), str(run), owner, *urls]
    subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL, check=False, timeout=60)


@pytest.fixture
def run(store: Store) -> int:
    store.sources.sync([source("a")], NOW)
    return store.runs.begin(NOW)


def attempts(store: Store) -> dict[str, int]:
    state = {path: store.pages.known(link(path).url) for path in ("ended", "noted", "fetched", "in-flight", "other")}
    return {path: one.attempts for path, one in state.items() if one is not None}


def test_what_was_fetched_and_not_stored_needs_no_second_request(store: Store, run: int, tmp_path: Path) -> None:
    paths = ("ended", "noted", "fetched")
    store.frontier.meet("a", [link(path) for path in (*paths, "in-flight", "other")], NOW, run)
    kill(tmp_path, run, store.name, *paths)
    (file,) = (tmp_path / FOLDER).glob("*.warc.gz")
    places = [replace(one.place, file=f"{FOLDER}/{file.name}") for one in read_all(file) if one.place]
    for path, place in zip(paths[:2], places[:2], strict=True):
        store.snapshots.remember("a", link(path).url, place, page(link(path).url).fetched_at, run)
    store.pages.record_outcome(
        run,
        PageEnd(
            source="a", url=link("ended").url, outcome=Outcome(kind=OutcomeKind.SCREENED, reason="short"), status=200
        ),
        NOW,
    )

    unread = recover(tmp_path, store)
    assert unread == (InterruptedRequest(source="a", url=link("fetched").url, place=places[2]),)
    there, as_fetched = read(tmp_path, unread[0].place), page(link("fetched").url)
    assert (there.url, there.body, there.fetched_at) == (as_fetched.url, as_fetched.body, as_fetched.fetched_at)
    assert store.snapshots.latest(link("fetched").url) == places[2]
    assert attempts(store) == {"ended": 0, "noted": 1, "fetched": 1, "in-flight": 1, "other": 0}
    assert recover(tmp_path, store) == ()
    assert attempts(store)["fetched"] == 1
    assert list((tmp_path / FOLDER).iterdir()) == [file]


def test_what_a_run_of_another_database_left_is_not_taken(store: Store, run: int, tmp_path: Path) -> None:
    store.frontier.meet("a", [link("fetched")], NOW, run)
    kill(tmp_path, run, "another.db", "fetched")
    assert recover(tmp_path, store) == ()
    assert attempts(store) == {"fetched": 0}
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_a_page_that_waits_is_taken_once(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("waits"), link("ended")], NOW, run)
    store.pages.record_outcome(
        run, PageEnd(source="a", url=link("ended").url, outcome=Outcome(kind=OutcomeKind.SCREENED, reason="short")), NOW
    )
    taken = store.frontier.take("a", link("waits").url, NOW, run)
    assert taken is not None
    assert taken.link == link("waits")
    assert store.frontier.take("a", link("waits").url, NOW, run) is None
    assert store.frontier.next_queued("a", 5, NOW, run) == ()
    assert store.frontier.take("a", link("ended").url, NOW, run) is None
    assert store.frontier.take("a", link("never").url, NOW, run) is None


def test_forgetting_after_a_kill_takes_what_was_not_stored_yet(
    sqlite_url: str, run_ingest: RunIngest, home: Path
) -> None:
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
        run = store.runs.begin(NOW)
        store.frontier.meet("a", [link("fetched"), link("other")], NOW, run)
        kill(home, run, store.name, "fetched", "other")
    done = run_ingest("forget", link("fetched").url, "--yes", env={"INGEST_DATABASE_URL": sqlite_url})
    assert (done.code, done.stderr) == (0, "")
    (file,) = (home / FOLDER).glob("*.warc.gz")
    assert [found.url for found in read_all(file)] == [link("other").url]
    with open_store(sqlite_url) as store:
        assert [url for _, url, _ in store.snapshots.each()] == [link("other").url]


# ------------------------------------------------------------ the list of what was asked for


def test_a_run_that_ends_in_order_leaves_no_list(tmp_path: Path) -> None:
    with RequestLog(tmp_path, 7, owner="db") as asked:
        asked.note(key(link("one").url))
        with left(tmp_path) as lists:
            assert lists == ()  # it is being written
    assert list((tmp_path / FOLDER).iterdir()) == []
    with RequestLog(tmp_path / "another", 8, owner="db"):
        pass
    assert not (tmp_path / "another").exists()


def broken(home: Path, *paths: str) -> None:
    asked = RequestLog(home, 7, owner="my db")
    with suppress(OSError), asked:
        for path in paths:
            asked.note(key(link(path).url))
        raise OSError("disk full")


def test_what_breaks_leaves_its_list_as_a_kill_does(tmp_path: Path) -> None:
    broken(tmp_path, "one")
    with left(tmp_path) as lists:
        (found,) = lists
    assert (found.run_id, found.owner, found.keys) == (7, "my db", (key(link("one").url),))
    with left(tmp_path) as lists:
        assert lists == ()


@pytest.mark.parametrize("cut", [1, 10, 34, 36])
def test_a_list_that_is_cut_is_read_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    broken(tmp_path, "one", "two")
    (file,) = (tmp_path / FOLDER).iterdir()
    file.write_bytes(file.read_bytes()[:-cut])
    with left(tmp_path) as lists:
        assert [found.keys for found in lists] == [(key(link("one").url),) if cut <= 33 else ()]
