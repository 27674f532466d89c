"""Hooks: each new article goes to a command or webhook once, without a shell; failures wait and fail nothing."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from ingest.config import Config, hook_words
from ingest.export.rows import row
from ingest.model import Verdict, VerdictKind
from ingest.ops import hooks
from ingest.ops.hooks import CURSOR, IN_A_ROW, run_hooks
from ingest.store import Store
from tests.command import RunIngest
from tests.ops.hook import hook
from tests.site import Web
from tests.store.values import NOW, article, source

NEW = Verdict(kind=VerdictKind.NEW)
EVIL = "$(touch${IFS}owned);'\"`touch owned`"
NOTE = "import sys; open('got', 'a').write(repr(sys.argv[1:]) + '\\n'); open('in', 'ab').write(sys.stdin.buffer.read())"


def command(script: str, *words: str) -> str:
    return " ".join((sys.executable, "-c", shlex.quote(script), *words))


def crawl(store: Store, *paths: str, **more: object) -> int:
    """Store articles in a run of their own; return its id."""
    run_id = store.runs.begin(NOW)
    for path in paths:
        store.articles.save(article(path, **more), NEW, NOW, run_id)
    return run_id


def took(home: Path) -> list[str]:
    file = home / "got"
    return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def filled(store: Store) -> Store:
    store.sources.sync([source("a"), source("b", on_new=""), source("c", on_new=command(NOTE, "own", "{id}"))], NOW)
    crawl(store, "old")
    return store


def test_each_new_article_goes_to_a_command_once(filled: Store, tmp_path: Path) -> None:
    config = Config(home=tmp_path, on_new=command(NOTE, "{id}", "--url={url}", "{source}"))
    run_hooks(filled, config, crawl(filled, "one", EVIL), NOW, row)
    run_hooks(filled, config, crawl(filled), NOW, row)
    assert took(tmp_path) == [
        repr(["2", "--url=https://a.example/one", "a"]),
        repr(["3", f"--url=https://a.example/{EVIL}", "a"]),
    ]
    records = [json.loads(line) for line in (tmp_path / "in").read_bytes().splitlines()]
    assert [(one["id"], one["title"]) for one in records[:1]] == [(2, "Title of one")]
    assert not (tmp_path / "owned").exists()
    assert filled.notices.waiting(CURSOR) is None


def test_a_source_has_a_hook_of_its_own_or_none(filled: Store, tmp_path: Path) -> None:
    config = Config(home=tmp_path, on_new=command(NOTE, "{id}"))
    run_hooks(filled, config, crawl(filled, "x"), NOW, row)
    run_hooks(filled, config, crawl(filled, "y", source="b"), NOW, row)
    run_hooks(filled, config, crawl(filled, "z", source="c"), NOW, row)
    assert took(tmp_path) == ["['2']", "['own', '4']"]


def test_a_command_that_names_no_article_and_a_webhook_get_them_together(filled: Store, tmp_path: Path) -> None:
    run_hooks(filled, Config(home=tmp_path, on_new=command(NOTE)), crawl(filled, "x", "y"), NOW, row)
    assert took(tmp_path) == ["[]"]
    assert len((tmp_path / "in").read_bytes().splitlines()) == 2
    with hook() as webhook:
        run_hooks(filled, Config(home=tmp_path, on_new=webhook.url), crawl(filled, "z", "v"), NOW, row)
    (message,) = webhook.messages
    assert (message["event"], [one["id"] for one in message["articles"]]) == ("new", [4, 5])


def test_what_a_hook_does_not_take_waits_and_is_given_up_in_the_end(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "MOST_TRIES", 3)
    bad = Config(home=tmp_path, on_new=command("import sys; sys.exit('no room')", "{id}"))
    run_hooks(filled, bad, crawl(filled, "1", "2", "3", "4", "5"), NOW, row)
    waiting = filled.notices.waiting(CURSOR)
    assert waiting is not None
    assert (waiting.reason, list(waiting.tries.values())) == ("exit code 1: no room", [1] * IN_A_ROW + [0, 0])
    good = Config(home=tmp_path, on_new=command(NOTE, "{id}"))
    run_hooks(filled, good, crawl(filled), NOW, row)
    assert took(tmp_path) == [f"['{number}']" for number in (2, 3, 4, 5, 6)]
    assert filled.notices.waiting(CURSOR) is None
    run_hooks(filled, bad, crawl(filled, "6"), NOW, row)
    for _ in range(2):
        run_hooks(filled, bad, crawl(filled), NOW, row)
    assert filled.notices.waiting(CURSOR) is None


def test_a_command_that_hangs_or_is_not_there_ends(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "COMMAND_S", 0.3)
    hangs = command("import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)")
    for path, written, reason in (
        ("x", hangs, "did not end within"),
        ("y", "/nowhere/x {id}", "cannot be started: No such file"),
    ):
        run_hooks(filled, Config(home=tmp_path, on_new=written), crawl(filled, path), NOW, row)
        waiting = filled.notices.waiting(CURSOR)
        assert waiting is not None
        assert reason in waiting.reason


def test_imported_articles_are_not_new(filled: Store, tmp_path: Path) -> None:
    config = Config(home=tmp_path, on_new=command(NOTE, "{id}"))
    run_hooks(filled, config, crawl(filled), NOW, row)
    imported = filled.runs.begin(NOW, command="import")
    filled.articles.save(article("archived"), NEW, NOW, imported)
    run_hooks(filled, config, crawl(filled, "fresh"), NOW, row)
    assert took(tmp_path) == ["['3']"]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("notify 'open", "cannot be read as a command: no closing quotation"),
        ("notify {title}", "has {title}; it may have {id}, {url}, {source}"),
        ("sh -c 'notify {url}'", "has {url} inside the text of a script"),
        ("bash -c {url}", "has {url} inside the text of a script"),
        ("https://hooks.example/a b", "is an address with a space in it"),
        ("'' x", "names no command"),
    ],
)
def test_a_hook_that_cannot_work_is_refused(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        hook_words(written)


def test_wrong_hooks_are_one_line_with_the_place(run_ingest: RunIngest, home: Path) -> None:
    home.mkdir()
    told = run_ingest("status", env={"INGEST_ON_NEW": "notify {title}"})
    assert (told.code, told.stderr.count("\n")) == (2, 1)
    assert "INGEST_ON_NEW has {title}" in told.stderr
    (home / "sources.toml").write_text('[sources.a]\nurl = "https://a.example/"\non_new = "notify {title}"\n')
    told = run_ingest("sources", "list")
    assert (told.code, told.stderr.count("\n")) == (2, 1)
    assert 'sources.toml, source "a": on_new' in told.stderr


def test_a_crawl_hands_its_articles_over_and_health_says_what_failed(web: Web, run_ingest: RunIngest) -> None:
    env = {"INGEST_ON_NEW": command("import sys; sys.exit('closed')", "{id}")}
    done = run_ingest("crawl", web.url("weblog"), "--max-articles", "2", env=env)
    assert done.code == 0, done.stderr
    assert "hook failed" in done.stderr
    told = run_ingest("health", env=env)
    assert told.code == 3
    assert re.search(r"on_new: 2 articles not taken since [^:]*:\d\d UTC: exit code 1: closed; each run", told.stdout)
    assert run_ingest("health", "--json").json["hook"]["articles"] == 2
