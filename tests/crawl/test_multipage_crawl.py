"""Articles over several pages: one article in order, whichever of its pages was asked for, now and out of raw pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.model import Link, OutcomeKind, SeedKind, Source
from ingest.snapshots.format import FOLDER, mark_of
from ingest.store import StoredArticle, open_store
from tests.command import RunIngest, StartIngest
from tests.crawl.stored import articles, outcome, sqlite_url
from tests.site import Web
from tests.site.sites import Site
from tests.waiting import wait_until

BEGUN = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGES = 4
NUMBER = 3  # of the site's article that goes over four pages
PATH = "/2026/03/02/the-river-took-the-town"  # of another one, written here, whose pages are /2, /3 ...
TEXTS = tuple(
    f"The {word} thing that the river took from the town was a house by the {place}, and nobody had thought of it. "
    f"Those who lived there in the {word} year after the flood speak of the {place} as of a person who went away."
    for word, place in (("first", "bridge"), ("second", "mill"), ("third", "church"), ("last", "harbour"))
)


@pytest.fixture
def gazette() -> Iterator[Web]:
    """A site of four articles, one of them over four pages."""
    site = Site(key="gazette", host="127.4.1.9", language="en", count=4, days=0, sitemap="plain", paged={NUMBER: PAGES})
    with Web([site]) as web:
        yield web


@pytest.fixture
def river(gazette: Web) -> str:
    """The address of an article of three further pages at addresses of their own, all in the sitemap."""
    for number, text in enumerate(TEXTS, start=1):
        gazette.answer_with("gazette", address(number), river_page(text), headers=(("ETag", f'"{number}"'),))
    sitemap = listed(*(gazette.url("gazette", address(number)) for number in range(PAGES, 0, -1)))
    gazette.answer_with("gazette", "/sitemap.xml", sitemap, media_type="application/xml")
    return gazette.url("gazette", PATH)


def river_page(text: str) -> bytes:
    links = " ".join(f'<a href="{address(number)}">{number}</a>' for number in range(1, PAGES + 1))
    return (
        f"<html><head><title>The river took the town</title></head><body><article><h1>The river took the town</h1>"
        f"<p>{text}</p><p>{text[::-1]}</p><div>{links}</div></article></body></html>"
    ).encode()


def listed(*urls: str) -> bytes:
    """A sitemap of these addresses."""
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


def address(number: int) -> str:
    return PATH if number == 1 else f"{PATH}/{number}"


def paragraphs(stored: StoredArticle) -> list[str]:
    return [block.text for block in stored.article.kept]


def river_texts(home: Path, url: str) -> list[str]:
    return [text for text in paragraphs(articles(sqlite_url(home))[url]) if text in TEXTS]


def test_four_pages_become_one_article_in_order_without_repeated_paragraphs(
    gazette: Web, run_ingest: RunIngest, home: Path
) -> None:
    done = run_ingest("crawl", gazette.url("gazette"))
    assert done.code == 0, done.stderr
    long_one = gazette.sites["gazette"].articles[NUMBER]
    stored = articles(sqlite_url(home))
    assert set(stored) == set(gazette.expected())
    whole = stored[gazette.url("gazette", long_one.path)]
    text, own = paragraphs(whole), list(long_one.words.paragraphs)
    assert [one for one in text if one in own] == own  # in order, none lost, none twice
    assert len(set(text)) == len(text)
    asked = sorted(one.target for one in gazette.log if one.target.startswith(long_one.path))
    assert asked == [long_one.path, *(f"{long_one.path}?page={number}" for number in range(2, PAGES + 1))]


@pytest.mark.slow
def test_whichever_page_is_named_it_is_the_one_article(
    gazette: Web, river: str, run_ingest: RunIngest, home: Path
) -> None:
    done = run_ingest("fetch", f"{river}/3", "--json")
    assert done.code == 0, done.stderr
    assert set(articles(sqlite_url(home))) == {river}
    assert river_texts(home, river) == list(TEXTS)
    assert [one.target for one in gazette.log if one.target.startswith(PATH)] == [
        address(number) for number in (3, 1, 2, 4)
    ]
    for asked in (river, f"{river}/3", f"{river}/4"):
        told = run_ingest("why", asked).stdout
        assert f"joined from {PAGES} pages" in told
        assert asked == river or f"leads to {river}" in told
    again = run_ingest("fetch", f"{river}/4", river)
    assert again.code == 0, again.stderr
    assert set(articles(sqlite_url(home))) == {river}


@pytest.mark.slow
def test_later_pages_in_a_sitemap_are_no_articles_of_their_own(
    gazette: Web, river: str, run_ingest: RunIngest, home: Path
) -> None:
    done = run_ingest("crawl", gazette.url("gazette"))
    assert done.code == 0, done.stderr
    assert set(articles(sqlite_url(home))) == {river}
    assert river_texts(home, river) == list(TEXTS)
    with open_store(sqlite_url(home)) as store:
        assert store.check() == ()
        (only,) = store.articles.each()
        ids = {store.pages.known(gazette.url("gazette", address(number))) for number in range(1, PAGES + 1)}
    assert {page.article_id if page else None for page in ids} == {only.article_id}
    same = run_ingest("reextract", "--json").json
    assert (same["articles"], same["same"]) == (1, 1)
    assert run_ingest("export", "-f", "warc").stdout.count("WARC-Type: response") == PAGES
    gone = run_ingest("forget", f"{river}/2", "--yes")
    assert gone.code == 0, gone.stderr
    raw = b"".join(file.read_bytes() for file in (home / FOLDER).glob("*.warc.gz"))
    assert raw
    assert articles(sqlite_url(home)) == {}
    with open_store(sqlite_url(home)) as store:
        assert not any(url.startswith(river) for _, url, _ in store.snapshots.each())


@pytest.mark.slow
def test_a_page_that_is_gone_leaves_the_article_as_far_as_it_goes_until_the_next_look(
    gazette: Web, river: str, run_ingest: RunIngest, home: Path
) -> None:
    gazette.misbehave("gazette", address(3), "404")
    assert run_ingest("fetch", river).code == 0
    assert river_texts(home, river) == list(TEXTS[:2])
    assert f"{river}/3 came to nothing: http-404" in run_ingest("why", river).stdout
    assert run_ingest("reextract", "--json").json["same"] == 1
    gazette.behave()
    assert run_ingest("fetch", river).code == 0  # the first page has not changed
    assert river_texts(home, river) == list(TEXTS)


def test_a_look_at_an_article_sees_what_was_corrected_on_a_later_page(
    gazette: Web, river: str, run_ingest: RunIngest, home: Path
) -> None:
    def at(hours: float) -> dict[str, str]:
        return {"INGEST_CLOCK": (BEGUN + timedelta(hours=hours)).isoformat()}

    assert run_ingest("crawl", gazette.url("gazette"), env=at(0)).code == 0
    corrected = TEXTS[2].replace("church", "chapel")
    gazette.answer_with("gazette", address(3), river_page(corrected), headers=(("ETag", '"3b"'),))
    assert run_ingest("crawl", gazette.url("gazette"), env=at(2)).code == 0  # the first page is as it was
    assert river_texts(home, river) == [TEXTS[0], TEXTS[1], TEXTS[3]]
    assert corrected in paragraphs(articles(sqlite_url(home))[river])


@pytest.mark.slow
def test_a_page_that_may_come_later_has_the_whole_article_tried_again(
    gazette: Web, river: str, run_ingest: RunIngest, home: Path
) -> None:
    gazette.misbehave("gazette", address(4), "500")
    done = run_ingest("fetch", river, env={"INGEST_RETRIES": "0"})
    assert done.code == 3
    assert outcome(sqlite_url(home), river) is OutcomeKind.FAILED
    assert articles(sqlite_url(home)) == {}
    gazette.behave()
    assert run_ingest("fetch", river).code == 0
    assert river_texts(home, river) == list(TEXTS)


@pytest.mark.slow
def test_a_kill_between_two_pages_loses_none(
    gazette: Web,
    river: str,
    run_ingest: RunIngest,
    start_ingest: StartIngest,
    sources_toml: Callable[[str], Path],
    home: Path,
) -> None:
    sources_toml(f'[sources.gazette]\nurl = "{gazette.url("gazette")}"\n')
    gazette.latency_s = 0.2

    def half_way() -> bool:
        return any(one.target == address(2) for one in gazette.log)

    with start_ingest("run") as process:
        wait_until(half_way, most_s=60)
        process.kill()
        process.communicate()
    gazette.latency_s = 0.0
    assert articles(sqlite_url(home)) == {}
    done = run_ingest("run")
    assert done.code == 0, done.stderr
    assert set(articles(sqlite_url(home))) == {river}
    assert river_texts(home, river) == list(TEXTS)


@pytest.mark.slow
def test_pages_that_a_killed_run_had_written_are_not_asked_for_again(
    gazette: Web, river: str, run_ingest: RunIngest, sources_toml: Callable[[str], Path], home: Path, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    assert run_ingest("--home", str(before), "fetch", river, at_home=False).code == 0
    (raw,) = (before / FOLDER).glob("*.warc.gz")
    (home / FOLDER).mkdir(parents=True)
    left = Path(shutil.copy(raw, home / FOLDER))
    now = datetime.now(UTC)
    with open_store(sqlite_url(home), create=True) as store:
        with open_store(sqlite_url(before)) as there:
            (name,) = [state.name for state in there.sources.all()]
        store.sources.sync((Source(name=name, url=gazette.url("gazette")),), now)
        store.frontier.meet(name, [Link(url=river, found_in=river, found_by=SeedKind.SITEMAP)], now)
        mark_of(left).write_text(store.name)
    sources_toml(f'[sources."{name}"]\nurl = "{gazette.url("gazette")}"\n')
    gazette.answer_with("gazette", "/sitemap.xml", listed(river), media_type="application/xml")
    gazette.clear_log()
    done = run_ingest("run")
    assert done.code == 0, done.stderr
    assert river_texts(home, river) == list(TEXTS)
    assert len(articles(sqlite_url(home))) == 1
    assert not [one.target for one in gazette.log if one.target.startswith(PATH)]
