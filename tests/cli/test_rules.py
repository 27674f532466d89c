"""`ingest rules import`: for the hosts of sources.toml, beside a person's own rules, with every line told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.cli import main
from ingest.model import ExtractionRules
from ingest.sources import load

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
        "  not taken: paper.example.txt:3 tidy: no (no counterpart here)",
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
