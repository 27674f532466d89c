"""The report: its numbers are those of the books, nothing from outside gets into its markup, and it loads nothing."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from sqlalchemy import text

from benchmarks.archive import NOW, Archive, fill
from ingest.model import Article, Block, Cut, CutBy, SavedSearch, Verdict, VerdictKind
from ingest.report.figures import COLOURS, FIGURES, draw
from ingest.report.numbers import gather, summed
from ingest.report.overview import page, spark
from ingest.store import Store, open_store
from ingest.store.values import Counts
from tests.command import RunIngest
from tests.store.values import source

SMALL = Archive(sources=4, articles=40, days=10, runs_a_day=2, words=60, phrases=())
EVIL = "<script>alert(1)</script> & \"quoted\" 'single' $x^2$ {{ 7 * 7 }} \x1b[31m"


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store, SMALL)
    store.findings.begin("source-002", "silent", NOW - timedelta(days=2), suspicion="feed gone", detail=EVIL)
    ended = store.findings.begin("source-001", "failing", NOW - timedelta(days=9), suspicion="blocked")
    store.findings.end(ended.finding_id, NOW - timedelta(days=8))
    return store


def test_the_numbers_are_those_of_the_books(filled: Store) -> None:
    numbers = gather(filled, NOW, 30).as_json()
    with filled._work.reading() as connection:
        for item in fields(Counts):
            told = connection.execute(text(f"SELECT sum({item.name}) FROM run_source")).scalar()
            assert numbers["total"][item.name] == pytest.approx(float(told or 0)), item.name
            assert sum(line[item.name] for line in numbers["sources"]) == pytest.approx(numbers["total"][item.name])
            assert sum(line[item.name] for line in numbers["days"]) == pytest.approx(numbers["total"][item.name])
        assert (
            sum(line["runs"] for line in numbers["days"])
            == connection.execute(text("SELECT count(*) FROM run")).scalar()
        )
    assert numbers["articles"] == filled.articles.count() == 40
    assert {line["source"]: line["articles"] for line in numbers["sources"]} == {
        f"source-{number:03}": filled.articles.count(f"source-{number:03}") for number in range(4)
    }
    assert [sum(line["stored_on"]) for line in numbers["sources"]] == [line["stored"] for line in numbers["sources"]]
    assert [line["finding"] for line in numbers["sources"]] == [None, None, "silent", None]


def test_saved_searches_are_counted_by_day_and_drawn(filled: Store) -> None:
    (word, *_) = (filled.overview.newest(1)[0].article.title or "").split()
    searches = [
        SavedSearch(name="never", query="xyzzy"),
        SavedSearch(name=EVIL, query=word),
        SavedSearch(name="later", query=word, source="not-crawled-yet"),
    ]
    numbers = gather(filled, NOW, 30, searches)
    assert [line.name for line in numbers.searches] == [EVIL, "never", "later"]
    assert numbers.searches[0].found == len(filled.search.ids(word)) > 0
    made = page(numbers)
    assert made.count("<figure>") == 7
    assert "Articles that saved searches find" in made
    assert "<script>alert" not in made
    assert page(gather(filled, NOW, 30)).count("<figure>") == 6


def test_days_outside_are_left_out(filled: Store) -> None:
    numbers = gather(filled, NOW, 3)
    assert numbers.days == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))
    assert sum(run.runs for run in numbers.runs.values()) == 6  # two a day
    assert set(numbers.by_day) == set(numbers.days)


def rows_of(tree: Any, label: str) -> list[list[str]]:
    """The table with that name on the page."""
    (table,) = tree.xpath("//div[@aria-label=$label]//table", label=label)
    return [[cell.text_content().strip() for cell in row] for row in table.xpath(".//tr")]


def test_the_page_shows_the_numbers(filled: Store) -> None:
    numbers = gather(filled, NOW, 30)
    tree = html.fromstring(page(numbers))
    outcomes = dict(rows_of(tree, "How pages ended")[1:])
    assert outcomes == {name: str(getattr(numbers.total, name)) for name in outcomes}
    assert len(outcomes) == 8
    by_day = {row[0]: int(row[1]) for row in rows_of(tree, "Articles stored and revised")[1:]}
    assert by_day == {on.isoformat(): counts.stored for on, counts in numbers.by_day.items()}
    header, *lines = rows_of(tree, "Sources")
    for line, told in zip(numbers.sources, lines, strict=True):
        shown = dict(zip(header, told, strict=True))
        assert shown["source"] == line.summary.name
        assert shown["articles"] == str(line.summary.articles)
        assert shown["stored"] == str(line.counts.stored)
        assert shown["failed"] == str(line.counts.failed)
    problem = rows_of(tree, "Unhealthy sources")[1:]
    assert [(row[0], row[2]) for row in problem] == [("source-002", "feed gone")]
    assert [row[0] for row in rows_of(tree, "Problems that ended")[1:]] == ["source-001"]


def test_nothing_from_outside_becomes_markup(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    cut = Block(text=f"Cut {EVIL}", cut=Cut(by=CutBy.LEARNED, reason=EVIL))
    evil = Article(
        source="a",
        url="https://a.example/x?a=1&b=%22%3E",
        fetched_at=NOW,
        title=EVIL,
        blocks=(Block(text=EVIL), cut),
        authors=(EVIL,),
        site_name=EVIL,
        language='"><b>',
    )
    store.articles.save(evil, Verdict(kind=VerdictKind.NEW), NOW)
    store.findings.begin("a", "silent", NOW, suspicion=EVIL, detail=EVIL, subject=EVIL)
    made = page(gather(store, NOW, 30))
    tree = html.fromstring(made)
    assert tree.xpath("//script | //b | //iframe | //img | //link | //*[starts-with(name(), 'on')]") == []
    assert "\x1b" not in made
    assert "49" not in tree.xpath("string(//details[@class or not(@class)][last()])")
    assert [" ".join(one.text_content().split()) for one in tree.xpath("//del")] == [
        "Cut <script>alert(1)</script> & \"quoted\" 'single' $x^2$ {{ 7 * 7 }} [31m"
    ]


def test_the_page_loads_nothing_and_is_built_for_keyboards_and_readers(filled: Store) -> None:
    made = page(gather(filled, NOW, 30))
    tree = html.fromstring(made)
    assert tree.xpath("//@src | //link/@href | //*[local-name()='image']") == []
    assert re.findall(r"@import|url\((?!#)|@font-face|<script", made) == []
    assert "default-src 'none'" in tree.xpath("string(//meta[@http-equiv]/@content)")
    assert all(href.startswith(("#", "https://s")) for href in tree.xpath("//@href"))
    ids = tree.xpath("//@id")
    assert len(set(ids)) == len(ids), "no two elements of one name, figures included"
    assert {href[1:] for href in tree.xpath("//@href") if href.startswith("#")} <= set(ids)
    assert tree.get("lang") == "en"
    assert tree.xpath("//meta[@name='viewport']")
    regions = tree.xpath("//div[contains(@class, 'wide')]")
    assert all(region.get("tabindex") == "0" and region.get("aria-label") for region in regions), "scrolled by keys"
    assert tree.xpath("//*[@tabindex > 0]") == []
    assert all(figure.xpath("./figcaption and ./details/summary") for figure in tree.xpath("//figure"))
    assert all(header.get("scope") for header in tree.xpath("//th"))


def test_plots_take_their_colours_from_the_page(filled: Store) -> None:
    for name, svg in draw(gather(filled, NOW, 30, [SavedSearch(name="one", query="xyzzy")])).items():
        assert not any(colour in svg for colour in COLOURS), name
        assert re.findall(r"#[0-9a-f]{6}", svg) == [], name
        assert "var(--" in svg
    assert set(FIGURES) == {"per-day", "runs", "funnel", "outcomes", "latency", "cut", "searches"}


def test_of_too_many_sources_the_ill_and_the_largest_are_shown(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.sources.sync([source("empty"), source("ill")], NOW, whole_file=False)
    filled.findings.begin("ill", "silent", NOW)
    monkeypatch.setattr("ingest.report.overview.MOST_SOURCES", 4)
    made = page(gather(filled, NOW, 30))
    shown = [row[0] for row in rows_of(html.fromstring(made), "Sources")[1:]]
    assert len(shown) == 4
    assert {"ill", "source-002"} <= set(shown)
    assert "empty" not in shown
    assert "and 2 more: ingest status" in made


def test_an_empty_store_has_a_report_too(store: Store) -> None:
    made = page(gather(store, NOW, 1))
    assert "All sources are healthy." in made
    assert "No articles yet." in made
    assert "nothing measured yet" in made


@pytest.mark.parametrize(
    ("counts", "line"), [((), ""), ((0, 0), "··"), ((0, 1, 8), "·▁█"), ((5, 5), "██"), ((1, 100), "▁█")]
)
def test_a_row_of_numbers_is_a_line_of_bars(counts: tuple[int, ...], line: str) -> None:
    assert spark(counts) == line


def test_books_add_up() -> None:
    assert summed([Counts(stored=1, seconds=0.5), Counts(stored=2, seconds=1)]) == Counts(stored=3, seconds=1.5)
    assert summed([]) == Counts()


# ---------------------------------------------------------------- the command


@pytest.fixture
def small_home(home: Path) -> Path:
    home.mkdir()
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store:
        fill(store, SMALL)
    return home


CLOCK = {"INGEST_CLOCK": NOW.isoformat()}


def test_the_command_writes_one_file_and_agrees_with_status_and_exports(
    small_home: Path, run_ingest: RunIngest, tmp_path: Path
) -> None:
    target = tmp_path / "seen.html"
    done = run_ingest("report", "-o", str(target), env=CLOCK)
    assert (done.code, done.stdout.strip(), done.stderr) == (0, str(target), "")
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    numbers = run_ingest("report", "--json", env=CLOCK).json
    status = run_ingest("status", "--json", env=CLOCK).json
    assert {line["source"]: line["articles"] for line in numbers["sources"]} == {
        line["source"]: line["articles"] for line in status["sources"]
    }
    exported = run_ingest("export").json_lines
    assert len(exported) == numbers["articles"]
    with open_store(f"sqlite:///{small_home / 'ingest.db'}") as store, store._work.reading() as connection:
        words = {row.id: row.words for row in connection.execute(text("SELECT id, words FROM articles_clean"))}
    assert {record["id"]: record["words"] for record in exported} == words


def test_a_report_that_cannot_be_written_is_reported_in_one_line(
    small_home: Path, run_ingest: RunIngest, tmp_path: Path
) -> None:
    for target, code in ((tmp_path, 2), (tmp_path / "no" / "such.html", 1)):
        done = run_ingest("report", "-o", str(target), env=CLOCK)
        assert (done.code, done.stdout) == (code, "")
        assert done.stderr.count("\n") == 1
        assert str(target) in done.stderr
