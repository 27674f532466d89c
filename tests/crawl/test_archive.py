"""Stored raw pages: extracted again without a request, guarded against loss, and taken down for good."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest import snapshots
from ingest.store import Store, open_store
from tests.command import RunIngest, command, environment
from tests.conftest import KINDS
from tests.databases import copy_of_postgres, empty_postgres
from tests.site import Web


@dataclass(frozen=True, kw_only=True)
class Once:
    """A home with two crawled sources, to be copied."""

    home: Path
    database_url: str  # "" for SQLite: the file in the home


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


# what the command makes of the store's answers is the same on both, and they are tested there
on_sqlite = pytest.mark.parametrize("once", KINDS[:1], indirect=True)


@pytest.fixture(scope="module", params=KINDS)
def once(request: pytest.FixtureRequest, web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Once]:
    home = tmp_path_factory.mktemp("crawled") / "home"
    home.mkdir()
    tables = (f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in ("post", "weblog"))
    (home / "sources.toml").write_text("\n".join(tables))
    with ExitStack() as databases:
        url = ""
        if request.param == "postgresql":
            server, worker_id = (request.getfixturevalue(name) for name in ("postgres", "worker_id"))
            url = databases.enter_context(empty_postgres(server, worker_id))
        env = environment({"INGEST_DATABASE_URL": url})
        done = subprocess.run(command(home, "run"), env=env, capture_output=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        yield Once(home=home, database_url=url)


@pytest.fixture
def home(once: Once, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once.home, tmp_path / "home"))


@pytest.fixture
def database_url(once: Once, home: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if not once.database_url:
        yield f"sqlite:///{home / 'ingest.db'}"
        return
    server, worker_id = (request.getfixturevalue(name) for name in ("postgres", "worker_id"))
    with copy_of_postgres(server, once.database_url, worker_id) as url:
        yield url


@pytest.fixture
def crawled(web: Web, database_url: str) -> dict[str, str]:
    """The environment to go on with."""
    web.clear_log()
    return {"INGEST_DATABASE_URL": database_url}


def rows(database_url: str) -> dict[str, Any]:
    """Articles with all their revisions, and the raw pages, as they are in the database."""
    with open_store(database_url) as store:
        articles = {
            stored.article.url: (stored, store.articles.revisions(stored.article_id))
            for stored in store.articles.each()
        }
        return {"articles": articles, "raw": list(store.snapshots.each())}


def test_reextraction_makes_no_request_and_the_same_rows(
    web: Web, run_ingest: RunIngest, crawled: dict[str, str], database_url: str
) -> None:
    before = rows(database_url)
    done = run_ingest("reextract", "--json", env=crawled)
    assert (done.code, done.stderr) == (0, "")
    assert done.json["same"] == done.json["articles"] == len(before["articles"])
    assert rows(database_url) == before
    assert web.log == ()


@on_sqlite
def test_a_rule_of_today_changes_what_was_stored_yesterday_and_the_guard_asks_first(
    web: Web, run_ingest: RunIngest, crawled: dict[str, str], database_url: str, home: Path
) -> None:
    before = rows(database_url)
    file = home / "sources.toml"
    file.write_text(file.read_text() + '[sources.weblog.rules]\nstrip = ["p"]\n')
    guarded = run_ingest("reextract", env=crawled)
    assert guarded.code == 3
    assert "nothing written" in guarded.stderr
    assert rows(database_url) == before
    tried = run_ingest("reextract", "--source", "weblog", "--dry-run", "--diff", env=crawled)
    assert tried.code == 0
    assert rows(database_url) == before
    assert any(line.startswith("-") for line in tried.stdout.splitlines())
    elsewhere = run_ingest("reextract", "--source", "post", "--json", env=crawled)
    assert (elsewhere.code, elsewhere.json["shrunk"]) == (0, 0)
    assert web.log == ()


@on_sqlite
def test_changed_words_make_a_revision_and_the_raw_page_stays_one(
    run_ingest: RunIngest, crawled: dict[str, str], database_url: str, home: Path, web: Web
) -> None:
    before = rows(database_url)
    url = web.url("weblog", web.sites["weblog"].articles[3].path)
    words = before["articles"][url][0].article.kept[0].text
    file = home / "sources.toml"
    file.write_text(file.read_text() + f"[sources.weblog.rules]\nstrip_text = ['^{words[:25]}']\n")
    done = run_ingest("reextract", "--json", env=crawled)
    assert (done.code, done.json["words"]) == (0, 1)
    after = rows(database_url)
    stored, revisions = after["articles"][url]
    assert [revision.no for revision in revisions] == [1, 2]
    assert words not in stored.article.body
    assert len(after["raw"]) == len(before["raw"])
    others = [len(revisions) for one, (_, revisions) in after["articles"].items() if one != url]
    assert set(others) == {1}
    shown = run_ingest("show", str(stored.article_id), "--diff", env=crawled)
    assert f"-{words}" in shown.stdout


def test_forgetting_an_article_leaves_no_trace_but_the_refusal(
    web: Web, run_ingest: RunIngest, crawled: dict[str, str], database_url: str, home: Path
) -> None:
    article = web.sites["post"].articles[4]
    url = web.url("post", article.path)
    told = words_of(database_url, url)
    with urllib.request.urlopen(url, timeout=10) as answer:
        web.answer_with("post", "/print/4", answer.read())  # it names the address as the canonical one
    web.clear_log()
    done = run_ingest("forget", url, "--yes", env=crawled)
    assert done.code == 0
    again = run_ingest("fetch", url, web.url("post", "/print/4"), "--json", env=crawled)
    assert again.code == 3
    assert [row["reason"] for row in again.json] == ["forgotten", "forgotten"]
    with open_store(database_url) as store:
        assert store.check() == ()
        assert store.articles.get(url) is None
        assert store.pages.forgotten((url,))
        assert store.pages.forgotten((web.url("post", "/print/4"),))
        check_raw(store, home)
    for file in home.rglob("*"):
        if file.is_file():
            assert not traces(file, told), file
    assert run_ingest("run", "post", env=crawled).code == 0
    assert url not in {web.url(one.key, one.target) for one in web.articles_asked()}
    assert run_ingest("reextract", env=crawled).code == 0


def test_a_forgotten_source_is_never_fetched_again(
    web: Web, run_ingest: RunIngest, crawled: dict[str, str], database_url: str
) -> None:
    assert run_ingest("forget", "weblog", "--yes", env=crawled).code == 0
    assert run_ingest("run", env=crawled).code == 0
    refused = run_ingest("run", "weblog", env=crawled)
    assert refused.code == 2
    assert "taken down" in refused.stderr
    assert not [one for one in web.log if one.key == "weblog"]
    with open_store(database_url) as store:
        assert {stored.article.source for stored in store.articles.each()} == {"post"}


def words_of(database_url: str, url: str) -> list[bytes]:
    """What is to be read in this article and in no other; their sentences come out of one pool."""
    with open_store(database_url) as store:
        stored = store.articles.get(url)
        assert stored is not None
        others = "\n".join(one.article.body for one in store.articles.each() if one.article.url != url)
    own = [block.text[:60] for block in stored.article.kept if block.text[:60] not in others]
    assert own
    return [words.encode() for words in (*own, url)]


def traces(file: Path, told: list[bytes]) -> list[bytes]:
    """What of the article can still be read in a file of the home, packed or not."""
    data = file.read_bytes()
    if file.name.endswith(snapshots.SUFFIX):
        data += b"".join(page.body + page.final_url.encode() for page in snapshots.read_all(file))
    return [words for words in told if words in data]


def check_raw(store: Store, home: Path) -> None:
    for _, _, place in store.snapshots.each():
        assert snapshots.read(home, place).body
    for file in (home / snapshots.FOLDER).glob(f"*{snapshots.SUFFIX}"):
        assert snapshots.whole_bytes(file) == file.stat().st_size
        assert all(page.body for page in snapshots.read_all(file))
