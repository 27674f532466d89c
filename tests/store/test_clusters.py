"""Copies: found by their bands, joined over sites, parted when the texts part, forgotten with their articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from ingest.identity import identify
from ingest.model import Article, Block, Cut, CutBy, Moment, Verdict, VerdictKind
from ingest.store import Store
from tests.command import RunIngest
from tests.site.writing import write
from tests.store.values import HOUR, NOW, source

NEW = Verdict(kind=VerdictKind.NEW)
SITES = ("a", "b", "c")


@pytest.fixture
def sites(store: Store) -> Store:
    store.sources.sync([source(name) for name in SITES], NOW)
    return store


def story(site: str, number: int = 1, *, edit: str = "", title: str | None = None, **more: object) -> Article:
    paragraphs = list(write("en", "wire", number=number, corrected=False).paragraphs)
    paragraphs[0] = f"{edit} {paragraphs[0]}".strip()
    given = {"title": title or f"{site} on story {number}", **more}
    url = f"https://{site}.example/{number}"
    return Article(source=site, url=url, fetched_at=NOW, blocks=tuple(Block(text=one) for one in paragraphs), **given)  # type: ignore[arg-type]  # fields of Article


def kept(store: Store, article: Article) -> int:
    verdict = identify(article, store.articles.candidates(article).found)
    return store.articles.save(article, verdict, article.fetched_at)[1]


def cluster_of(store: Store, article_id: int) -> int | None:
    stored = store.articles.get(article_id)
    assert stored is not None
    return stored.cluster_id


def bands(store: Store, article_id: int) -> int:
    with store._work.reading() as connection:
        count: int = connection.execute(
            text("SELECT count(*) FROM fingerprint WHERE article_id = :id"), {"id": article_id}
        ).scalar_one()
    return count


def test_copies_on_other_sites_are_kept_and_joined_and_the_earliest_is_named(sites: Store) -> None:
    day = datetime(2026, 2, 28, tzinfo=UTC)
    first = kept(sites, story("b", edit="SOUTHPORT -", published=Moment.of_instant(day + 9 * HOUR)))
    other = kept(sites, story("a", 2))
    second = kept(sites, story("a", edit="NORTHPORT -", published=Moment.of_instant(day + 7 * HOUR)))
    third = kept(sites, story("c", published=Moment.of_day(day.date())))
    assert sites.articles.count() == 4
    cluster = cluster_of(sites, first)
    assert cluster is not None
    assert [copy.article_id for copy in sites.clusters.copies(cluster)] == [second, first, third]
    assert [copy.earliest for copy in sites.clusters.copies(cluster)] == [True, False, False]
    assert cluster_of(sites, other) is None
    named = {sites.articles.get(one).earliest_article_id for one in (first, second, third)}  # type: ignore[union-attr]  # stored above
    assert named == {second}
    assert sites.check() == ()


def test_the_same_article_at_another_address_of_its_source_is_a_duplicate(sites: Store) -> None:
    first = kept(sites, story("a", title="The bridge stays closed"))
    print_page = replace(story("a", edit="Print:", title="The bridge stays closed"), url="https://a.example/print/1")
    verdict = identify(print_page, sites.articles.candidates(print_page).found)
    assert (verdict.kind, verdict.of, verdict.reason) == (VerdictKind.DUPLICATE, first, "near-text")


def test_a_daily_text_of_one_form_is_an_article_every_day(sites: Store) -> None:
    today = story("a", title="The weather", published=Moment.of_instant(NOW))
    kept(sites, today)
    other_day = replace(
        today,
        url="https://a.example/2",
        published=Moment.of_instant(NOW + timedelta(days=3)),
        blocks=(*today.blocks, Block(text="More sun than yesterday.")),
    )
    other_numbers = replace(
        today, url="https://a.example/3", blocks=(*today.blocks, Block(text="It will be 113 degrees."))
    )
    for article in (other_day, other_numbers):
        assert identify(article, sites.articles.candidates(article).found).kind is VerdictKind.NEW


def test_shared_boilerplate_joins_articles_until_it_is_learned_and_no_longer(sites: Store) -> None:
    """On a first crawl nothing is learned yet; what is stripped later is no likeness any more."""
    appeal = Block(text=" ".join(write("en", "appeal", number=9, corrected=False).paragraphs))
    crawled = [replace(story(site, n), blocks=(*story(site, n).blocks[:1], appeal)) for site, n in (("a", 1), ("b", 2))]
    ids = [kept(sites, article) for article in crawled]
    assert {cluster_of(sites, one) for one in ids} != {None}
    cut = replace(appeal, cut=Cut(by=CutBy.LEARNED, reason="recurs"))
    for article_id, article in zip(ids, crawled, strict=True):
        assert sites.articles.restrip({article_id: replace(article, blocks=(article.blocks[0], cut))})
    assert {cluster_of(sites, one) for one in ids} == {None}
    assert sites.check() == ()


def test_a_revision_is_found_by_its_new_text_and_leaves_the_cluster_of_the_old(sites: Store) -> None:
    wire, copy = kept(sites, story("a")), kept(sites, story("b"))
    assert cluster_of(sites, wire) == cluster_of(sites, copy) != None  # noqa: E711 - all three compared
    rewritten = replace(story("b", 5), url=story("b").url, fetched_at=NOW + HOUR)
    verdict = identify(rewritten, sites.articles.candidates(rewritten).found)
    assert verdict.kind is VerdictKind.REVISION
    sites.articles.save(rewritten, verdict, NOW + HOUR)
    assert cluster_of(sites, wire) is cluster_of(sites, copy) is None
    other = kept(sites, story("c", 5))
    assert cluster_of(sites, other) == cluster_of(sites, copy) is not None
    assert sites.check() == ()


def test_forgetting_an_article_takes_its_fingerprint_and_leaves_the_cluster_to_the_others(sites: Store) -> None:
    ids = {site: kept(sites, story(site)) for site in SITES}
    cluster = cluster_of(sites, ids["a"])
    assert bands(sites, ids["a"]) > 0
    sites.forget_url(story("a").url, NOW)
    assert bands(sites, ids["a"]) == 0
    assert cluster is not None
    assert [copy.article_id for copy in sites.clusters.copies(cluster)] == [ids["b"], ids["c"]]
    sites.forget_source("b", NOW)
    assert sites.clusters.copies(cluster) == ()
    assert cluster_of(sites, ids["c"]) is None
    assert sites.check() == ()


def test_a_look_up_stays_small_when_thousands_share_a_text(sites: Store, statements: list[str]) -> None:
    """Boilerplate that is not learned yet: bounded rows are read, whatever is stored."""
    with sites.transaction():
        for number in range(120):
            same = replace(story("a", edit=f"Number {number}."), url=f"https://a.example/{number}", title=f"T {number}")
            sites.articles.save(same, NEW, NOW)
    statements.clear()
    found = sites.articles.candidates(replace(story("a"), url="https://a.example/new")).found
    assert len(found) <= 20
    assert len(statements) <= 5  # BEGIN is one


def test_why_show_and_export_tell_the_copies(sites: Store, database_url: str, run_ingest: RunIngest) -> None:
    first, second = kept(sites, story("a")), kept(sites, story("b", edit="SOUTHPORT -"))
    env = {"INGEST_DATABASE_URL": database_url}
    told = run_ingest("why", str(second), "--json", env=env).json["article"]
    assert (told["duplicate_of"], [copy["article_id"] for copy in told["copies"]]) == (first, [first, second])
    assert "2 copies, the earliest first" in run_ingest("why", str(first), env=env).stdout
    assert f"copy of article {first}" in run_ingest("show", str(second), env=env).stdout
    rows = run_ingest("export", "-f", "jsonl", env=env).json_lines
    assert [row["duplicate_of"] for row in rows] == [None, first]
    assert len({row["cluster"] for row in rows}) == 1


def test_the_earliest_of_many_copies_is_named_without_reading_all(sites: Store) -> None:
    """Each copy is compared with the earliest so far, whatever order they come in."""
    days = [5, 3, 9, 1, 7, 1]
    for number, day in enumerate(days):
        name = f"copy{number}"
        sites.sources.sync([source(name)], NOW, whole_file=False)
        copy = replace(
            story("a"), source=name, url=f"https://{name}.example/story", published=Moment.of_day(date(2026, 2, day))
        )
        sites.articles.save(copy, NEW, NOW)
    stored = sites.articles.get("https://copy5.example/story")
    assert stored is not None
    assert stored.cluster_id is not None
    copies = sites.clusters.copies(stored.cluster_id)
    assert [copy.source for copy in copies] == ["copy3", "copy5", "copy1", "copy0", "copy4", "copy2"]
    assert stored.earliest_article_id == copies[0].article_id
    assert sites.check() == ()
