"""Saved searches: new articles that match are reported once, by the words that the index has, on both databases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.config import Config
from ingest.model import Moment, SavedSearch, Verdict, VerdictKind
from ingest.ops import alerts
from ingest.ops.saved_searches import CURSOR, LISTED, SHOWN, SearchMatcher, matching, report_matches
from ingest.store import CountBy, Store, open_store
from ingest.text.search_terms import SearchedText, terms_of
from tests.command import RunIngest
from tests.ops.hook import hook
from tests.site import Web
from tests.store.values import HOUR, NOW, article, source
from tests.unit.test_search_folding import SAME

NEW = Verdict(kind=VerdictKind.NEW)
HARBOUR = SavedSearch(name="harbour", query="harbour* -football")
GREEK = SavedSearch(name="greek", query="ΑΘΗΝΑ", source="b", language="el", author="ann")


@pytest.fixture
def old(store: Store) -> Store:
    """A store with an article that was there before any search was saved."""
    store.sources.sync([source("a"), source("b")], NOW)
    store.articles.save(article("old", "The harbour is old."), NEW, NOW, store.runs.begin(NOW))
    return store


def crawl(store: Store, *texts: str, **more: object) -> int:
    """Store articles in a run of their own; return its id."""
    run_id = store.runs.begin(NOW)
    for text in texts:
        store.articles.save(article(f"{run_id}-{text[:9]}", text, **more), NEW, NOW, run_id)
    return run_id


def test_new_articles_that_match_are_reported_once(old: Store) -> None:
    with hook() as webhook:
        config = Config(webhook=webhook.url)
        run_id = crawl(old, "Two harbours.", "Harbour football.", "Hills.")
        assert report_matches(old, config, [HARBOUR, GREEK], run_id, NOW) == 1
        assert report_matches(old, config, [HARBOUR, GREEK], run_id, NOW) == 0
        run_id = crawl(old, "Η Αθήνα.", source="b", language="el-GR", authors=("Joanne Moss",))
        assert report_matches(old, config, [HARBOUR, GREEK], run_id, NOW) == 1
    first, second = webhook.messages
    assert (first["event"], first["search"], first["count"]) == ("search", "harbour", 1)
    assert "Title of" in first["text"]
    assert [one["id"] for one in first["articles"]] == [2]
    assert (second["search"], second["articles"][0]["authors"]) == ("greek", ["Joanne Moss"])


def test_what_no_channel_took_is_reported_with_the_next_run(old: Store) -> None:
    with hook() as webhook:
        config = Config(webhook=webhook.url)
        webhook.status = 500
        run_id = crawl(old, "One harbour.")
        report_matches(old, config, [HARBOUR], run_id, NOW)
        webhook.status = 200
        run_id = crawl(old, "Another harbour.")
        assert report_matches(old, config, [HARBOUR], run_id, NOW) == 1
    assert webhook.messages[-1]["count"] == 2


def test_a_run_that_was_killed_before_it_reported_is_reported_by_the_next(old: Store) -> None:
    report_matches(old, Config(), [HARBOUR], crawl(old), NOW)
    crawl(old, "A harbour that nobody heard of.")
    assert report_matches(old, Config(), [HARBOUR], crawl(old), NOW) == 1


def test_a_revision_is_not_new_and_searches_that_come_back_begin_anew(old: Store) -> None:
    run_id = crawl(old, "Hills.")
    assert report_matches(old, Config(), [HARBOUR], run_id, NOW) == 0
    run_id = old.runs.begin(NOW)
    revised = article(f"{run_id - 1}-Hills.", "A harbour.", fetched_at=NOW + HOUR)
    old.articles.save(revised, Verdict(kind=VerdictKind.REVISION, of=2), NOW + HOUR, run_id)
    assert report_matches(old, Config(), [HARBOUR], run_id, NOW) == 0
    assert report_matches(old, Config(), [], run_id, NOW) == 0
    crawl(old, "A harbour while nobody searched.")
    assert old.notices.window(CURSOR, run_id).after < old.notices.window(CURSOR, crawl(old)).after
    assert report_matches(old, Config(), [HARBOUR], crawl(old, "A new harbour."), NOW) == 1


def test_many_matches_and_many_searches_are_summed_up(old: Store) -> None:
    run_id = crawl(old, *(f"{number} harbours." for number in range(LISTED + 5)))
    searches = [SavedSearch(name=f"s{number}", query="harbours") for number in range(30)]
    with hook() as webhook:
        assert report_matches(old, Config(webhook=webhook.url), searches, run_id, NOW) == 30
    assert len(webhook.messages) == alerts.MOST
    first, *_, last = webhook.messages
    assert (first["count"], len(first["articles"]), first["text"].count("\n- ")) == (LISTED + 5, LISTED, SHOWN)
    assert f"and {LISTED + 5 - SHOWN} more: ingest export --search s0" in first["text"]
    assert "11 more searches: s19, s20" in last["text"]


@pytest.mark.parametrize(
    ("query", "body", "is_held"),
    [
        ("fox*", "Foxes run.", True),
        ("ox*", "Foxes run.", False),
        ('"quick fox"', "A quick, fox.", True),
        ('"quick fox"', "A fox quick.", False),
        ("fox -dog", "Fox and dog", False),
        ("council's", "The council’s own", True),
        ("run", "Running.", False),
        ("日本", "東京都は日本の首都です。", True),
        ("京日", "東京都は日本の首都です。", False),
        ("title", "Body only", True),
        ('"title body"', "Body only", False),
    ],
)
def test_a_text_holds_what_the_index_would_find(query: str, body: str, is_held: bool) -> None:
    assert SearchedText("Title", body).holds(terms_of(query)) is is_held


def test_words_of_all_scripts_match_however_they_are_written() -> None:
    assert [
        (one, other) for one, other in SAME if not SearchedText(None, f"xx {one} yy").holds(terms_of(f'"{other}"'))
    ] == []


def test_what_matches_is_what_a_search_finds(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
        run_id = crawl(store, "Tea and milk.", "Milk, no tea.", "Coffee-milk", "Teas", "Τσάι με γάλα")
        window = store.notices.window(CURSOR, run_id)
        for query in ("tea", "tea*", '"tea and milk"', "milk -tea", "τσαι", "coffee milk"):
            (found,) = matching([SavedSearch(name="x", query=query)], store.notices.new_articles(window)).values()
            assert [one.article_id for one in found] == list(store.search.ids(query))


def test_a_language_and_its_regional_forms_match() -> None:
    text = SearchedText(None, "word")
    matcher = SearchMatcher(SavedSearch(name="x", query="word", language="pt"))
    assert [matcher.matches("a", language, (), text) for language in ("pt", "pt-BR", "PT", "ptx", None)] == [
        True, True, True, False, False,
    ]  # fmt: skip  # a table


def test_articles_found_are_counted_by_day_week_and_source(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    for number, day in enumerate((2, 2, 4, 12)):
        published = Moment.of_day(date(2026, 2, day))
        one = article(number, "Tea.", published=published, source="ab"[number == 3])
        store.articles.save(one, NEW, NOW)
    assert list(store.search.counts("tea", by=CountBy.DAY).items())[:4] == [
        ("2026-02-02", 2), ("2026-02-03", 0), ("2026-02-04", 1), ("2026-02-05", 0),
    ]  # fmt: skip  # a table
    assert store.search.counts("tea", by=CountBy.WEEK) == {"2026-02-02": 3, "2026-02-09": 1}
    assert store.search.counts("tea", by=CountBy.SOURCE) == {"a": 3, "b": 1}
    assert store.search.counts("nothing", by=CountBy.DAY) == {}


def test_a_saved_search_is_exported_by_name_and_counted(home: Path, run_ingest: RunIngest) -> None:
    home.mkdir(exist_ok=True)
    (home / "sources.toml").write_text(
        '[sources.a]\nurl = "https://a.example/"\n[searches.harbour]\nquery = "harbour*"\nsource = "a"\n'
    )
    with open_store(f"sqlite:///{home / 'ingest.db'}", create=True) as store:
        store.sources.sync([source("a")], NOW)
        crawl(store, "The harbour.", "Hills.", "Harbours everywhere.", language="en")
    exported = run_ingest("export", "--search", "harbour", "--since-last", "desk")
    assert [one["id"] for one in exported.json_lines] == [1, 3]
    assert run_ingest("export", "--search", "harbour", "--since-last", "desk").stdout == ""
    assert [one["id"] for one in run_ingest("export", "--search", "harbour").json_lines] == [1, 3]
    refused = run_ingest("export", "--since-last", "desk")
    assert (refused.code, "was begun with --search harbour" in refused.stderr) == (2, True)
    unknown = run_ingest("export", "--search", "harbor")
    assert (unknown.code, 'did you mean "harbour"?' in unknown.stderr) == (2, True)
    counted = run_ingest("search", "harbour*", "--by", "day", "--json")
    assert json.loads(counted.stdout) == [{"day": "2026-03-01", "articles": 2}]
    assert run_ingest("search", "harbour*", "--by", "source").stdout.split() == ["source", "articles", "a", "2"]


def test_a_run_reports_what_matches_and_what_a_bad_search_is(web: Web, home: Path, run_ingest: RunIngest) -> None:
    home.mkdir(exist_ok=True)
    declared = f'[sources.weblog]\nurl = "{web.url("weblog")}"\n'
    (home / "sources.toml").write_text(f'{declared}[searches.all]\nquery = "the"\n[searches.none]\nquery = "xyzzy"\n')
    with hook() as webhook:
        done = run_ingest("run", "--max-articles", "3", env={"INGEST_WEBHOOK": webhook.url})
        assert done.code == 0, done.stderr
    (message,) = webhook.messages
    assert (message["search"], message["count"]) == ("all", 3)
    (home / "sources.toml").write_text(f'{declared}[searches.bad]\nquery = "-x"\n')
    told = run_ingest("run")
    assert (told.code, told.stderr.count("\n")) == (2, 1)
    assert 'sources.toml, search "bad": query' in told.stderr
