"""`ingest rules import`: for the hosts of sources.toml, beside a person's own rules, with every line told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.cli import main
from ingest.model import ExtractionRules, Page, Source
from ingest.snapshots import Writer
from ingest.sources import load
from ingest.store import open_store
from tests.site.archives import CAPTURED, RECORDS

MINE = '[sources.paper]\nurl = "https://www.paper.example/"\n[sources.paper.rules]\nstrip = [".own"]\n'


@pytest.fixture
def checkout(tmp_path: Path, home: Path) -> Path:
    """A folder of rule files beside a home with one source."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "paper.example.txt").write_text("title: //h1\nstrip: //aside\ntidy: no\n")
    (folder / "other.example.txt").write_text("body: //main\n")
    (folder / "LICENSE.txt").write_text("Do what you like: really.\n")
    home.mkdir()
    (home / "sources.toml").write_text(MINE)
    return folder


def imported(home: Path, *args: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "rules", "import", *map(str, args)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_dry_run_tells_and_writes_nothing(checkout: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(home, checkout, "--dry-run") == 0
    assert (home / "sources.toml").read_text() == MINE
    assert capsys.readouterr().out.splitlines() == [
        "paper: would take 1 title from paper.example.txt",
        "paper: its own strip stays as it is",
        "  not taken: paper.example.txt:3 tidy: no (a setting of another extractor, not needed here)",
    ]


def test_rules_of_a_source_are_written_and_those_of_others_shown(
    checkout: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(home, checkout, "--all", "--json") == 0
    assert load(home).named("paper").rules == ExtractionRules(title=("//h1",), strip=(".own",))
    paper, other = json.loads(capsys.readouterr().out)
    assert (paper["source"], paper["rules"], paper["kept"]) == ("paper", {"title": ["//h1"]}, ["strip"])
    assert other["source"] is None
    assert 'body = ["//main"]' in other["table"]
    assert imported(home, checkout) == 0
    assert "paper: nothing new" in capsys.readouterr().out


def test_a_folder_without_rule_files_is_wrong_use(
    tmp_path: Path, home: Path, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert imported(home, tmp_path / "empty") == 2
    assert "no rule files such as example.com.txt" in capsys.readouterr().err


def test_a_rule_that_would_empty_a_stored_article_is_left_out(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "sources.toml").write_text('[sources.north]\nurl = "https://north.example/"\n')
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store, Writer(home) as raw:
        store.sources.sync([Source(name="north", url="https://north.example/")], CAPTURED)
        run = store.runs.begin(CAPTURED, command="import", holder="all", version="1")
        for number, (url, body) in enumerate(RECORDS):
            body = body.replace(b"<article>", b'<article class="story-ad"><aside class=ad>Ad %d</aside>' % number)
            kept = Page(url=url, final_url=url, source="north", status=200, headers=(), body=body, fetched_at=CAPTURED)
            store.snapshots.remember("north", url, raw.write(kept), CAPTURED, run)
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "north.example.txt").write_text("body: //header\nbody: //article\nstrip_id_or_class: ad\nstrip: //h1\n")
    assert imported(home, folder, "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["rules"] == {"strip": ["//h1"], "body": ["//header", "//article"]}
    assert [(one["rule"], one["pages"], one["of"]) for one in told["emptying"]] == [('[class*="ad"], [id*="ad"]', 4, 4)]
    (home / "sources.toml").write_text('[sources.north]\nurl = "https://north.example/"\n')
    assert imported(home, folder, "--names", "word") == 0
    assert "left out" not in capsys.readouterr().out
    assert len(load(home).named("north").rules.strip) == 2
