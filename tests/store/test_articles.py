"""Articles: told apart, kept once, revised, stripped again, read back as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ingest.model import (
    Article,
    Block,
    BlockKind,
    Claim,
    Cut,
    CutBy,
    Field,
    Image,
    Moment,
    Outcome,
    OutcomeKind,
    RecordLocation,
    Verdict,
    VerdictKind,
)
from ingest.store import PageEnd, Store, StoredArticle
from ingest.text.normalize import body_digest
from tests.store.values import HOUR, NOW, article, link, source

NEW = Verdict(kind=VerdictKind.NEW)


@pytest.fixture
def run(store: Store) -> int:
    store.sources.sync([source("a"), source("b")], NOW)
    return store.runs.begin(NOW)


def stored(store: Store, which: int | str) -> StoredArticle:
    found = store.articles.get(which)
    assert found is not None
    return found


FULL = Article(
    source="a",
    url="https://a.example/full",
    fetched_at=NOW,
    title="Ünïcode — “quotes” 👩‍👩‍👧",
    blocks=(
        Block(text="A heading", kind=BlockKind.HEADING, level=2, path="article/h2"),
        Block(text="A paragraph", markdown="A [paragraph](/x)", link_share=0.5, path="article/p"),
        Block(text="A step", kind=BlockKind.ITEM, level=1, number=3),
        Block(text="x = 1\n    y = 2", kind=BlockKind.CODE),
        Block(text="Sign up", cut=Cut(by=CutBy.LEARNED, reason="recurs on 37 of 40 articles")),
    ),
    canonical_url="https://a.example/full-canonical",
    alternate_urls=("https://a.example/amp/full",),
    description="What it is about",
    authors=("Jane Doe", "Łukasz Żak"),
    published=Moment.of_instant(datetime(2026, 2, 28, 23, 30, 15, tzinfo=timezone(timedelta(hours=-5)))),
    modified=Moment.of_wall(datetime(2026, 3, 1, 8, 0)),  # noqa: DTZ001 - a clock on an unknown wall
    language="en",
    site_name="A",
    section="World",
    tags=("one", "two"),
    image=Image(url="https://a.example/i.jpg", width=800, alt="A view"),
    paywalled=False,
    claims=(
        Claim(field=Field.TITLE, value="Ünïcode", origin="og", won=True),
        Claim(field=Field.AUTHORS, value=("Jane Doe",), origin="json-ld"),
    ),
    place=RecordLocation(file="raw/1.warc.gz", offset=5, length=10, digest="ab" * 16),
)


def test_an_article_comes_back_as_it_was_saved(store: Store, run: int) -> None:
    _, article_id = store.articles.save(FULL, NEW, NOW, run)
    assert stored(store, article_id).article == FULL


@pytest.mark.parametrize(
    "moment",
    [
        None,
        Moment.of_day(date(2026, 2, 28)),
        Moment.of_wall(datetime(2026, 2, 28, 10, 1, 2)),  # noqa: DTZ001 - a clock on an unknown wall
        Moment.of_instant(datetime(2026, 2, 28, 10, 1, 2, 345_000, tzinfo=UTC)),
        Moment.of_instant(datetime(2026, 2, 28, 1, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))),
        Moment.of_instant(datetime(1, 1, 2, tzinfo=UTC)),
        Moment.of_instant(datetime(9999, 12, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_kept_no_more_exactly_than_they_are_known(store: Store, run: int, moment: Moment | None) -> None:
    _, article_id = store.articles.save(article("one", published=moment, modified=moment), NEW, NOW, run)
    kept = stored(store, article_id).article
    assert (kept.published, kept.modified) == (moment, moment)


def test_a_new_article_at_a_stored_address_is_a_revision_or_unchanged(store: Store, run: int) -> None:
    first = article("one", "Old words.")
    _, article_id = store.articles.save(first, NEW, NOW, run)
    verdict, same_id = store.articles.save(replace(first, fetched_at=NOW + HOUR), NEW, NOW + HOUR, run)
    assert (verdict.kind, same_id) == (VerdictKind.UNCHANGED, article_id)
    verdict, same_id = store.articles.save(article("one/", "New words."), NEW, NOW, run)
    assert (verdict.kind, verdict.of, same_id) == (VerdictKind.REVISION, article_id, article_id)
    assert [revision.article.body for revision in store.articles.revisions(article_id)] == ["Old words.", "New words."]
    assert store.articles.count() == 1
    assert stored(store, article_id).revision == 2


def test_a_revision_that_another_was_quicker_to_make_is_unchanged(store: Store, run: int) -> None:
    _, article_id = store.articles.save(article("one", "Old words."), NEW, NOW, run)
    revision = Verdict(kind=VerdictKind.REVISION, of=article_id)
    kinds = [store.articles.save(article("one", "New words."), revision, NOW, run)[0].kind for _ in range(2)]
    assert kinds == [VerdictKind.REVISION, VerdictKind.UNCHANGED]
    assert len(store.articles.revisions(article_id)) == 2


def test_seeing_an_article_again_takes_its_removal_back(store: Store, run: int) -> None:
    from ingest.model import Outcome, OutcomeKind

    first = article("one")
    _, article_id = store.articles.save(first, NEW, NOW, run)
    store.pages.record_outcome(
        run, PageEnd(source="a", url=first.url, outcome=Outcome(kind=OutcomeKind.GONE, reason="410")), NOW
    )
    later = NOW + HOUR
    store.articles.save(
        replace(first, fetched_at=later), Verdict(kind=VerdictKind.UNCHANGED, of=article_id), later, run
    )
    back = stored(store, article_id)
    assert (back.removed_at, back.last_seen_at, back.first_seen_at) == (None, later, NOW)


def test_candidates_are_found_by_every_address_and_by_text(store: Store, run: int) -> None:
    _, article_id = store.articles.save(replace(FULL, asked_url="https://a.example/short"), NEW, NOW, run)

    def found(**how: object) -> list[int]:
        return [candidate.article_id for candidate in store.articles.candidates(article("other", **how)).found]  # type: ignore[arg-type]  # fields of Article

    assert found() == []
    assert found(asked_url="https://a.example/short") == [article_id]
    assert found(canonical_url="http://www.a.example/full/") == [article_id]
    assert found(canonical_url="https://a.example/full-canonical") == [article_id]
    assert found(alternate_urls=("https://a.example/amp/full",)) == [article_id]
    assert (
        found(
            title=FULL.title,
        )
        == []
    )
    (by_text,) = store.articles.candidates(
        replace(FULL, source="b", url="https://b.example/copy", asked_url=None, canonical_url=None, alternate_urls=())
    ).found
    assert (by_text.keys, by_text.source) == ((), "a")
    assert by_text.body_digest == body_digest(FULL.title, FULL.blocks)


def test_a_canonical_that_cannot_be_read_harms_nothing(store: Store, run: int) -> None:
    odd = article("one", canonical_url="mailto:x@y")
    store.articles.save(odd, NEW, NOW, run)
    assert len(store.articles.candidates(odd).found) == 1


def test_an_articles_addresses_are_known_and_need_no_fetch(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("full"), link("short")], NOW, run)
    _, article_id = store.articles.save(replace(FULL, asked_url="https://a.example/short"), NEW, NOW, run)
    paths = {page.url.removeprefix("https://a.example/") for page in store.pages.of_article(article_id)}
    assert paths == {"full", "short", "amp/full"}
    assert store.frontier.meet("a", [link("amp/full"), link("full")], NOW, run) == 0
    assert [page.url for page in store.frontier.next_queued("a", 5, NOW, run)] == ["https://a.example/short"]
    for path in paths:
        assert stored(store, f"https://a.example/{path}").article_id == article_id


def test_a_duplicate_becomes_an_address_of_the_first(store: Store, run: int) -> None:
    _, article_id = store.articles.save(article("one"), NEW, NOW, run)
    copy = article("copy")
    verdict, of = store.articles.save(copy, Verdict(kind=VerdictKind.DUPLICATE, of=article_id), NOW, run)
    assert (verdict.kind, of) == (VerdictKind.DUPLICATE, article_id)
    assert store.articles.count() == 1
    assert stored(store, copy.url).article_id == article_id


def test_stripping_again_changes_the_latest_revision_and_makes_none(store: Store, run: int) -> None:
    first = article("one", "Words.", "Sign up.")
    _, article_id = store.articles.save(first, NEW, NOW, run)
    stripped = article("one", "Words.", "-Sign up.")
    assert store.articles.restrip({article_id: stripped}) == (article_id,)
    assert store.articles.restrip({article_id: stripped}) == ()
    kept = stored(store, article_id)
    assert (kept.article.body, kept.revision, kept.revised_at) == ("Words.", 1, NOW)
    assert kept.body_digest == body_digest(stripped.title, stripped.blocks)
    assert store.articles.restrip({article_id: first})
    assert stored(store, article_id).article == first
    assert store.articles.candidates(first).found[0].body_digest == body_digest(first.title, first.blocks)


def test_all_articles_stream_in_order_of_storing(store: Store, run: int) -> None:
    with store.transaction():
        for number in range(250):
            at = NOW + number * HOUR
            store.articles.save(article(number, fetched_at=at), NEW, at, run)
        store.articles.save(replace(article("b"), source="b", url="https://b.example/1"), NEW, NOW, run)
    assert [item.article.url.rsplit("/", 1)[-1] for item in store.articles.each(source="a")] == [
        str(number) for number in range(250)
    ]
    assert len(list(store.articles.each())) == 251
    assert len(list(store.articles.each(since=NOW + 240 * HOUR))) == 10


def test_the_learner_is_given_what_came_after_its_last_look(store: Store, run: int) -> None:
    ids = [store.articles.save(article(number), NEW, NOW, run)[1] for number in range(3)]
    looked = max(item.revision_id for item in store.articles.of_source("a"))
    store.articles.save(article(1, "Other words."), NEW, NOW, run)
    assert [item.article_id for item in store.articles.of_source("a", looked)] == [ids[1]]


def test_only_the_latest_revision_keeps_its_body_twice(store: Store, run: int, statements: list[str]) -> None:
    from sqlalchemy import text

    store.articles.save(article("one", "Old words."), NEW, NOW, run)
    store.articles.save(article("one", "New words."), NEW, NOW, run)
    with store._work.reading() as connection:
        bodies = connection.execute(text("SELECT body FROM revision ORDER BY id")).scalars().all()
        view = connection.execute(text("SELECT body, source, revisions FROM articles_clean")).all()
    assert bodies == [None, "New words."]
    assert [tuple(row) for row in view] == [("New words.", "a", 2)]


def test_the_latest_moments_of_a_source_are_given_as_they_were_said(store: Store, run: int) -> None:
    said = [Moment.of_day(date(2026, 2, day)) for day in (1, 2, 3)]
    for at, moment in enumerate(said):
        store.articles.save(article(str(at), published=moment), NEW, NOW, run)
    store.articles.save(article("undated", published=None), NEW, NOW, run)
    store.articles.save(article("elsewhere", source="b", published=said[0]), NEW, NOW, run)
    assert store.articles.published("a", 3) == (said[2], said[1])


def test_an_article_taken_back_leaves_only_pages_to_fetch_again(store: Store, run: int) -> None:
    wall = article("one", "We will be back soon. " * 20)
    store.frontier.meet("a", [link("one"), link("two")], NOW, run)
    _, article_id = store.articles.save(wall, NEW, NOW, run, ending=wall.url)
    first = Outcome(kind=OutcomeKind.STORED, article_id=article_id)
    second = Outcome(kind=OutcomeKind.DUPLICATE, reason="same-text", article_id=article_id)
    store.pages.record_outcome(run, PageEnd(source="a", url=wall.url, outcome=first, status=200), NOW)
    store.pages.record_outcome(run, PageEnd(source="a", url=link("two").url, outcome=second, status=200), NOW)
    ended = store.articles.retract(article_id, "one-text", NOW, run_id=run, retry_at=NOW + HOUR, counted={})
    assert ended == {"stored": 1, "duplicate": 1}
    assert store.articles.count() == 0
    assert store.articles.candidates(wall).found == ()
    counts = store.runs.counts_of(run, "a")
    assert (counts.stored, counts.duplicate, counts.screened) == (0, 0, 2)
    for url in (wall.url, link("two").url):
        page = store.pages.known(url)
        assert page is not None
        assert (page.outcome, page.reason, page.article_id) == (OutcomeKind.SCREENED, "one-text", None)
        assert page.not_before == NOW + HOUR
    assert store.check() == ()
