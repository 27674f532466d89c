"""Backups, checks and takedowns."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import text

from ingest.errors import NoDatabase, SourceError, StoreError, WrongUse
from ingest.model import Outcome, OutcomeKind, RecordLocation, Verdict, VerdictKind
from ingest.store import PageEnd, Store, backup, open_store
from ingest.store.maintenance import forget
from ingest.store.search import search
from tests.store.values import FEED, HOUR, NOW, article, link, source

NEW = Verdict(kind=VerdictKind.NEW)
SECRET = "Mumpitz"  # a word that is in nothing else


def keep(store: Store, run: int, path: str, *texts: str, **more: object) -> int:
    """Store an article and book it, as the crawl does."""
    read = article(path, *texts, **more)
    with store.transaction():
        verdict, article_id = store.articles.save(read, NEW, NOW, run)
        kind = OutcomeKind.STORED if verdict.kind is VerdictKind.NEW else OutcomeKind.REVISED
        store.pages.record_outcome(
            run,
            PageEnd(
                source="a",
                url=read.asked_url or read.url,
                outcome=Outcome(kind=kind, article_id=article_id),
                status=200,
            ),
            NOW,
        )
    return article_id


@pytest.fixture
def run(store: Store) -> int:
    store.sources.sync([source("a", seeds=(FEED,)), source("b")], NOW)
    return store.runs.begin(NOW)


def execute(store: Store, statement: str) -> None:
    with store._work.transaction() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # foreign keys rest
        connection.execute(text(statement))


# ---------------------------------------------------------------- check


def test_a_sound_database_has_no_faults(store: Store, run: int) -> None:
    keep(store, run, "one", asked_url=link("short").url)
    store.pages.record_outcome(
        run, PageEnd(source="a", url=link("two").url, outcome=Outcome(kind=OutcomeKind.FAILED, reason="timeout")), NOW
    )
    second = store.runs.begin(NOW)
    store.pages.record_outcome(
        second,
        PageEnd(source="a", url=link("one").url, outcome=Outcome(kind=OutcomeKind.UNCHANGED, reason="not-modified")),
        NOW,
    )
    assert store.check() == ()


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("DELETE FROM revision", "article-without-revision"),
        ("DELETE FROM revision WHERE no = 1", "revision-missing"),
        ("UPDATE article SET body_digest = 'x'", "digest-differs"),
        ("UPDATE revision SET body = NULL", "body-missing"),
        ("UPDATE page SET article_id = NULL", "page-without-article"),
        ("UPDATE page SET run_id = 77", "page-ended-in-no-run"),
        ("INSERT INTO cluster (id, made_at) VALUES (5, '2026-01-01 00:00:00')", "empty-cluster"),
        ("UPDATE run_source SET stored = 7", "unbalanced"),
        ("UPDATE page SET outcome = 'screened'", "unbalanced"),
    ],
)
def test_damage_is_found(store: Store, run: int, damage: str, kind: str) -> None:
    keep(store, run, "one", "Old words.")
    keep(store, run, "one", "New words.")
    keep(store, run, "two")
    execute(store, damage)
    assert kind in [fault.kind for fault in store.check()]


def test_a_damaged_file_is_reported(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
        run = store.runs.begin(NOW)
        for number in range(50):
            keep(store, run, str(number))
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    whole = bytearray(file.read_bytes())
    whole[-4096:] = b"\xff" * 4096
    file.write_bytes(whole)
    with open_store(sqlite_url) as store:
        assert {fault.kind for fault in store.check()} == {"damaged"}
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    file.write_bytes(whole)
    with pytest.raises(StoreError, match="restore a backup"):
        open_store(sqlite_url)


# ---------------------------------------------------------------- backup

WRITER = """
    import sys
    from ingest.model import Verdict, VerdictKind
    from ingest.store import open_store
    from tests.store.values import NOW, article
    with open_store(sys.argv[1]) as store:
        print("ready", flush=True)
        for number in range(100_000):
            store.articles.save(article(number), Verdict(kind=VerdictKind.NEW), NOW)
"""


def test_a_backup_made_while_another_process_writes_is_whole(sqlite_url: str, tmp_path: Path) -> None:
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
    command = [sys.executable, "-c", textwrap.dedent(WRITER), sqlite_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        counts = []
        for number in range(3):
            target = tmp_path / f"backup-{number}.db"
            assert backup(sqlite_url, target) == target.stat().st_size
            with open_store(f"sqlite:///{target}") as copy:
                assert copy.check() == ()
                counts.append(copy.articles.count())
        assert writer.poll() is None, "the writer was disturbed"
        writer.kill()
    assert counts == sorted(counts)
    assert not list(tmp_path.glob("*.part*"))


def test_a_backup_never_overwrites(sqlite_url: str, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.write_text("mine")
    with pytest.raises(WrongUse, match="exists"):
        backup(sqlite_url, target)
    assert target.read_text() == "mine"


def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be written: there is no folder .*nowhere; make it first"):
        backup(sqlite_url, tmp_path / "nowhere" / "backup.db")
    with pytest.raises(NoDatabase, match="no database to back up"):
        backup(f"sqlite:///{tmp_path}/no.db", tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()


def test_postgresql_is_left_to_its_own_tool(postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="pg_dump"):
        backup(postgres_url, tmp_path / "backup.db")


# ---------------------------------------------------------------- forget


def everything(store: Store, database_url: str) -> str:
    """All that is in the database, as one text; of SQLite the bytes of its files."""
    if database_url.startswith("sqlite"):
        file = Path(database_url.removeprefix("sqlite:///"))
        return "".join(path.read_bytes().decode("latin-1") for path in file.parent.glob(file.name + "*"))
    rows = []
    with store._work.reading() as connection:
        for name in ("page", "article", "revision", "snapshot", "block", "seed", "source"):
            rows += [str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}"))]
    return "\n".join(rows)


def test_a_forgotten_article_leaves_no_trace_but_the_refusal(store: Store, run: int, database_url: str) -> None:
    place = RecordLocation(file="raw/1.warc.gz", offset=5, length=10, digest="ab" * 16)
    other = keep(store, run, "two", "Other words.")
    store.frontier.meet("a", [link(f"{SECRET}-one", title=SECRET)], NOW, run)
    keep(store, run, f"{SECRET}-one", f"Text of {SECRET}.", title=SECRET, place=place, asked_url=link(SECRET).url)
    keep(
        store, run, f"{SECRET}-one", f"New text of {SECRET}.", title=SECRET, alternate_urls=(link(f"amp/{SECRET}").url,)
    )
    forgotten = store.forget_url(link(SECRET).url, NOW)
    assert (forgotten.articles, forgotten.pages, forgotten.places) == (1, 3, (place,))
    assert SECRET not in everything(store, database_url)
    for path in (f"{SECRET}-one", SECRET, f"amp/{SECRET}"):
        assert store.frontier.meet("a", [link(path)], NOW, run) == 0
        assert store.pages.forgotten([link(path).url])
        assert store.articles.get(link(path).url) is None
    assert not store.pages.forgotten([link("two").url])
    assert store.frontier.next_queued("a", 10, NOW, store.runs.begin(NOW)) == ()
    assert [item.article_id for item in store.articles.each()] == [other]
    assert store.check() == ()


def test_the_canonical_address_of_a_forgotten_article_is_refused_too(store: Store, run: int) -> None:
    keep(store, run, "print", "Printed words.", canonical_url=link("home").url)
    copied = keep(store, run, "copy", "Copied words.", canonical_url=link("print").url)
    assert store.forget_url(link("print").url, NOW).articles == 2
    assert store.articles.get(copied) is None
    for path in ("print", "home", "copy"):
        assert store.pages.forgotten([link(path).url]), path
        assert store.forget_url(link(path).url, NOW).articles == 0  # one by one, in any order: nothing is left to go
    assert store.check() == ()


def test_an_article_is_not_forgotten_because_another_names_its_address(store: Store, run: int) -> None:
    named = keep(store, run, "named", "Words of its own.")
    keep(store, run, "liar", "Other words.", canonical_url=link("named").url)
    assert store.forget_url(link("liar").url, NOW).articles == 1
    assert [item.article_id for item in store.articles.each()] == [named]
    assert not store.pages.forgotten([link("named").url])
    assert store.check() == ()


def test_a_url_of_no_site_known_is_refused_for_the_source_that_is_named(store: Store, run: int) -> None:
    assert store.forget_url("https://c.example/", NOW, source="a").pages == 1
    assert store.pages.forgotten(["https://c.example/"])


def test_a_url_never_met_is_refused_from_now_on(store: Store, run: int) -> None:
    assert store.forget_url("https://www.a.example/never", NOW).articles == 0
    assert store.frontier.meet("a", [link("never")], NOW, run) == 0
    with pytest.raises(SourceError, match="no source is of"):
        store.forget_url("https://c.example/", NOW)


def test_a_forgotten_source_stays_away(store: Store, run: int, database_url: str) -> None:
    keep(store, run, "one", f"Text of {SECRET}.")
    store.frontier.meet("a", [link("queued", title=SECRET)], NOW, run)
    assert store.forget_source("a", NOW).articles == 1
    assert SECRET not in everything(store, database_url)
    store.sources.sync([source("a", seeds=(FEED,)), source("b")], NOW + HOUR)
    assert [state.name for state in store.sources.due(NOW + HOUR)] == ["b"]
    assert store.frontier.meet("b", [link("one"), link("queued")], NOW, run) == 0
    assert store.check() == ()


def test_a_source_is_forgotten_in_pieces_and_the_rest_after_an_error(
    store: Store, run: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SOME_ARTICLES", "SOME_PAGES", "SOME_SNAPSHOTS"):
        monkeypatch.setattr(forget, name, getattr(forget, name).limit(2))
    for number in range(7):
        place = RecordLocation(file="raw/1.warc.gz", offset=number, length=10, digest=f"{number:032x}")
        keep(store, run, f"{SECRET}-{number}", f"Text {number} of {SECRET}.", place=place)
        store.frontier.meet("a", [link(f"queued-{SECRET}-{number}")], NOW, run)
    screened = RecordLocation(file="raw/1.warc.gz", offset=100, length=10, digest="f" * 32)
    store.snapshots.remember("a", link("screened").url, screened, NOW, run)
    erased: list[RecordLocation] = []

    def erase(places: tuple[RecordLocation, ...]) -> None:
        if len(erased) >= 4:
            raise OSError("no space")
        erased.extend(places)

    with pytest.raises(OSError, match="no space"):
        store.forget_source("a", NOW, erase)
    assert store.articles.count() == 3
    assert len(erased) == 4
    gone = store.forget_source("a", NOW)
    assert (gone.articles, len(gone.places), store.articles.count()) == (3, 4, 0)
    assert SECRET not in everything(store, database_url)
    assert store.frontier.backlog("a") == 0
    assert store.check() == ()


def test_words_of_the_forgotten_leave_a_large_index_in_small_steps(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MERGED_PAGES", 1)
    words = [f"w{number:x}" for number in range(3_000)]
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
        run = store.runs.begin(NOW)
        for number in range(40):
            keep(store, run, str(number), " ".join(words[number * 70 : number * 70 + 200]))
        keep(store, run, SECRET, f"Text of {SECRET}.")
        for number in range(40, 80):
            keep(store, run, str(number), " ".join(words[number * 30 : number * 30 + 200]))
        assert store.forget_url(link(SECRET).url, NOW).articles == 1
        assert SECRET not in everything(store, sqlite_url)
        assert len(store.search.find("w7d0")) == 9
        assert store.check() == ()
