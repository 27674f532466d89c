"""What commands say when something is not there or goes wrong, in one process."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.boilerplate.explain import why_learned
from ingest.boilerplate.strip import RECURS
from ingest.cli import cli, ended
from ingest.cli.support.output import cut_reason, fitting
from ingest.cli.support.seed_report import _report
from ingest.cli.support.summary import advice
from ingest.crawl.plan import SeedAnswer, SourceResult
from ingest.model import BlockVerdict, KnownBlock, Seed, SeedKind, Source
from ingest.text.normalize import counted


@pytest.mark.parametrize(
    "args",
    [
        ("forget", "http://a.example/x"),
        ("forget", "3", "--yes"),
        ("prune",),
        ("blocks", "cut", "a", "b"),
        ("blocks", "apply"),
        ("show", "1"),
        ("reextract",),
        ("db", "backup", "copy.db"),
    ],
    ids=" ".join,
)
def test_without_a_database_nothing_is_made(
    args: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(cli, ["--home", str(tmp_path), *args]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "there is no database" in line
    assert args[0] == "db" or ("ingest demo" in line and "--home" in line)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_later_command_could_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bad name/..", "", "x" * 65, "a\nb"):
        assert ended(cli, ["--home", str(tmp_path), "add", "http://127.4.1.1/", "--name", name]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "not a name; use up to 64 letters" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reason", ["http-403", "redirect-loop", "port-refused", "http-503", "forgotten", "dns"])
def test_reasons_of_failures_have_a_hint(reason: str) -> None:
    assert advice(f"http://a.example/: {reason}").startswith("; ")


def test_a_source_with_an_empty_news_sitemap_is_well() -> None:
    def answered(*answers: tuple[SeedKind, int | None, str]) -> dict[str, Any]:
        seeds = tuple(Seed(url=f"http://a.example/{at}", kind=kind) for at, (kind, _, _) in enumerate(answers))
        known = SourceResult()
        for seed, (_, links, reason) in zip(seeds, answers, strict=True):
            known.seeds[seed.url] = SeedAnswer(seed=seed, links=links, reason=reason)
        return _report(Source(name="a", url="http://a.example/", seeds=seeds), known, SourceResult())

    full, empty = (SeedKind.FEED, 9, ""), (SeedKind.SITEMAP, 0, "")
    assert answered(full, empty)["state"] == "ok"
    assert answered(empty)["state"] == "ill", "nothing feeds the source"
    assert answered(full, (SeedKind.FEED, 0, ""))["state"] == "ill"
    assert answered(full, (SeedKind.SITEMAP, None, "http-404"))["state"] == "ill"


def test_numbers_have_the_right_noun() -> None:
    assert (counted(1, "page"), counted(0, "page"), counted(2, "copy", "copies")) == ("1 page", "0 pages", "2 copies")


def test_a_reason_names_who_cut_only_where_it_does_not_say_so() -> None:
    assert cut_reason("model", "model 0.10") == "model 0.10"
    assert cut_reason("model", "opens an appeal, model 0.95") == "opens an appeal, model 0.95"
    assert cut_reason("learned", "recurs") == "learned: recurs"


def test_a_line_is_shortened_by_columns() -> None:
    assert fitting("short", 10) == "short"
    assert fitting("a longer line", 10) == "a longe..."
    assert fitting("東京都は日本の首都です", 10) == "東京都..."


def test_unknown_settings_and_options_are_told_in_whole_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(cli, ["show", "--colour"]) == 2
    assert ". (see" not in capsys.readouterr().err


def test_articles_taken_down_since_are_counted_among_those_a_block_was_seen_in() -> None:
    day = date(2026, 3, 1)
    block = KnownBlock(
        pattern="x", text="x", articles=14, first_on=day, last_on=day, verdict=BlockVerdict.LEARNED, reason=RECURS
    )
    assert why_learned(block, 13).startswith("recurs on 14 of 14 articles")
