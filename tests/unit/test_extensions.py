"""Stages, seed readers and exports of one's own: the examples of docs/extending.md, run as a user would."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ingest.crawl.extensions import load, named, with_order
from ingest.errors import SeedUnreadable, SettingsError
from tests.command import RunIngest

DOCS = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def own_code(tmp_path: Path) -> Path:
    """The Python of docs/extending.md as the module `mine`."""
    parts = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (tmp_path / "mine.py").write_text("\n\n".join(parts), encoding="utf-8")
    return tmp_path


def test_an_own_stage_sees_every_article(own_code: Path, run_ingest: RunIngest) -> None:
    env = {"PYTHONPATH": str(own_code), "INGEST_STAGES": "mine.AddTag:450"}
    assert run_ingest("demo", env=env).code == 0
    done = run_ingest("export", "-f", "jsonl", env=env)
    assert all("seen-by-mine" in json.loads(line)["tags"] for line in done.stdout.splitlines())


def test_an_own_export_is_a_format_like_the_others(own_code: Path, run_ingest: RunIngest, tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(own_code), "INGEST_EXPORTS": "titles=mine.write_titles"}
    assert run_ingest("demo", env=env).code == 0
    target = tmp_path / "all.titles.gz"
    assert run_ingest("export", "-o", str(target), env=env).code == 0
    assert run_ingest("export", "-f", "titles", env=env).stdout.count("\n") == 14
    assert target.read_bytes()[:2] == b"\x1f\x8b"
    wrong = run_ingest("export", "-f", "nope", env=env)
    assert (wrong.code, wrong.stdout) == (2, "")
    assert "nope" in wrong.stderr


def test_an_own_seed_reader_is_asked_first(own_code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from ingest.discover import read
    from ingest.model import Page, Seed, SeedKind, Source

    monkeypatch.syspath_prepend(str(own_code))
    reader = load("mine.read_lines", "INGEST_SEED_READERS")
    body = b"#links\nhttps://paper.example/a-first-story\nhttps://paper.example/a-second-story\n"
    url = "https://paper.example/list"
    page = Page(url=url, final_url=url, source="paper", status=200, headers=(), body=body, fetched_at=datetime.now(UTC))
    seed, source = Seed(url=url, kind=SeedKind.SECTION), Source(name="paper", url="https://paper.example/")
    assert len(read(page, seed, source, [reader]).links) == 2

    def broken(*_: object) -> None:
        raise ValueError("no")

    with pytest.raises(SeedUnreadable) as caught:
        read(page, seed, source, [broken])
    assert caught.value.reason == "reader-failed"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", "no import path"),
        ("no.such.thing", "no module 'no'"),
        ("json.nothing", "json has no 'nothing'"),
        ("sys.path", "cannot be called"),
    ],
)
def test_a_wrong_import_path_is_named(path: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(path, "INGEST_SEED_READERS")


def test_wrong_words_are_named() -> None:
    with pytest.raises(SettingsError, match="has no place"):
        with_order("json.loads")
    with pytest.raises(SettingsError, match="has no name"):
        named("json.loads", "INGEST_EXPORTS")


def test_a_wrong_stage_ends_the_run_with_code_2(run_ingest: RunIngest) -> None:
    done = run_ingest("demo", env={"INGEST_STAGES": "no.such.Stage:450"})
    assert done.code == 2
    assert "INGEST_STAGES: no.such.Stage: no module 'no'" in done.stderr
    assert done.stderr.count("\n") <= 2
