"""Pages: met once, handed out newest first, ended once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ingest.errors import SourceError
from ingest.model import Moment, Outcome, OutcomeKind, Validators, Verdict, VerdictKind
from ingest.store import UNLIKELY, PageEnd, PageStatus, SourceEnd, SourceRunEnd, Store
from ingest.web.urls import key
from tests.store.values import HOUR, NOW, article, link, source

STORED = Outcome(kind=OutcomeKind.STORED)
FAILED = Outcome(kind=OutcomeKind.FAILED, reason="timeout")


@pytest.fixture
def run(store: Store) -> int:
    store.sources.sync([source("a"), source("b")], NOW)
    return store.runs.begin(NOW)


def urls(pages: tuple[object, ...]) -> list[str]:
    return [page.url.rsplit("/", 1)[-1] for page in pages]  # type: ignore[attr-defined]  # QueuedPage or PageState


def test_a_link_is_met_once_whichever_source_and_spelling_names_it(store: Store, run: int) -> None:
    assert store.frontier.meet("a", [link("one"), link("one/"), link("two")], NOW, run) == 2
    assert store.frontier.meet("b", [link("two"), link("three")], NOW, run) == 1
    assert store.frontier.backlog("a") == 2


def test_fifty_thousand_links_are_met_in_few_questions(store: Store, run: int, statements: list[str]) -> None:
    links = [link(number) for number in range(5_000)]
    store.frontier.meet("a", links, NOW, run)
    assert len(statements) < 30
    statements.clear()
    assert store.frontier.meet("a", links, NOW, run) == 0
    assert len(statements) < 30


def test_a_page_that_was_passed_over_is_queued_again_when_it_is_named_again(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one"), link("two")], NOW, run)
    store.pages.record_outcome(
        run, PageEnd(source="a", url=link("one").url, outcome=Outcome(kind=OutcomeKind.SCREENED, reason=UNLIKELY)), NOW
    )
    store.pages.record_outcome(
        run, PageEnd(source="a", url=link("two").url, outcome=Outcome(kind=OutcomeKind.SCREENED, reason="listing")), NOW
    )
    assert store.frontier.meet("a", [link("one"), link("two")], NOW, run) == 1
    assert urls(store.frontier.next_queued("a", 5, NOW, run)) == ["one"]


def test_pages_of_a_source_that_ended_for_a_reason_are_queued_again(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one"), link("two")], NOW, run)
    store.frontier.meet("b", [link("three")], NOW, run)
    for name, reason in (("one", "needs-rendering"), ("two", "listing"), ("three", "needs-rendering")):
        where = "b" if name == "three" else "a"
        store.pages.record_outcome(
            run,
            PageEnd(source=where, url=link(name).url, outcome=Outcome(kind=OutcomeKind.SCREENED, reason=reason)),
            NOW,
        )
    assert store.frontier.queue_again("a", "needs-rendering") == 1
    assert store.frontier.queue_again("a", "needs-rendering") == 0
    assert urls(store.frontier.next_queued("a", 5, NOW, store.runs.begin(NOW))) == ["one"]


def test_a_page_that_ended_with_the_program_goes_behind_the_others(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("first", score=0.9), link("second", score=0.1)], NOW, run)
    store.frontier.lost([key(link("first").url)], run)
    store.frontier.meet("a", [link("first", score=0.95), link("third", score=0.0)], NOW, run)
    assert urls(store.frontier.next_queued("a", 5, NOW, run)) == ["second", "third", "first"]


def test_unseen_tells_new_ones_in_their_order(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("two")], NOW, run)
    asked = [link(path).url for path in ("three", "two", "one")]
    assert store.frontier.unseen(asked) == (asked[0], asked[2])


def test_pages_are_handed_out_newest_first_then_by_score_then_by_arrival(store: Store, run: int) -> None:
    store.frontier.meet(
        "a",
        [
            link("plain"),
            link("likely", score=0.9),
            link("old", published=Moment.of_day(date(2025, 1, 1))),
            link("plain2"),
            link("new", published=Moment.of_instant(datetime(2026, 2, 28, 12, tzinfo=UTC))),
            link("ancient", published=Moment.of_day(date(1821, 5, 5))),
        ],
        NOW,
        run,
    )
    assert urls(store.frontier.next_queued("a", 10, NOW, run)) == ["new", "old", "likely", "plain", "plain2", "ancient"]


def test_a_date_in_the_far_future_does_not_jump_the_queue_for_ever(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("wrong", published=Moment.of_day(date(2999, 1, 1)))], NOW, run)
    later = NOW + timedelta(days=10)
    store.frontier.meet("a", [link("today", published=Moment.of_instant(later))], later, run)
    assert urls(store.frontier.next_queued("a", 10, later, run)) == ["today", "wrong"]


def test_a_page_is_handed_out_once_a_run_and_again_to_the_next(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one"), link("two")], NOW, run)
    assert urls(store.frontier.next_queued("a", 1, NOW, run)) == ["one"]
    assert urls(store.frontier.next_queued("a", 5, NOW, run)) == ["two"]
    assert store.frontier.next_queued("a", 5, NOW, run) == ()
    store.frontier.lost([key(link("one").url)], run)
    again = store.frontier.next_queued("a", 5, NOW, store.runs.begin(NOW))
    assert urls(again) == ["two", "one"]
    assert [page.attempts for page in again] == [0, 1]


def test_better_hints_replace_poorer_ones_of_queued_pages_only(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one"), link("two"), link("done")], NOW, run)
    store.pages.record_outcome(run, PageEnd(source="a", url=link("done").url, outcome=STORED), NOW)
    dated = Moment.of_day(date(2026, 2, 1))
    store.frontier.meet("a", [link("two", published=dated, title="Two"), link("done", published=dated)], NOW, run)
    store.frontier.meet("a", [link("two")], NOW, run)
    first, second = store.frontier.next_queued("a", 5, NOW, run)
    assert (first.link, second.url) == (link("two", published=dated, title="Two"), link("one").url)
    done = store.pages.known(link("done").url)
    assert done is not None
    assert done.link == link("done")


def test_what_is_handed_out_keeps_the_hint_it_went_with(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one")], NOW, run)
    (handed,) = store.frontier.next_queued("a", 5, NOW, run)
    better = link("one", published=Moment.of_day(date(2026, 2, 1)), title="One")
    store.frontier.meet("a", [better], NOW, run)
    known = store.pages.known(handed.url)
    assert known is not None
    assert known.link == handed.link == link("one")
    store.frontier.meet("a", [better], NOW, second := store.runs.begin(NOW))  # the first run was killed
    assert [page.link for page in store.frontier.next_queued("a", 5, NOW, second)] == [better]


def test_a_later_lastmod_becomes_the_hint_when_the_page_is_looked_at_again(store: Store, run: int) -> None:
    first, later = (Moment.of_day(date(2026, 2, day)) for day in (1, 5))
    store.frontier.meet("a", [link("one", modified=first)], NOW, run)
    store.frontier.next_queued("a", 5, NOW, run)
    store.pages.record_outcome(
        run, PageEnd(source="a", url=link("one").url, outcome=STORED, recheck_at=NOW + HOUR), NOW
    )
    store.modifications.compare([link("one", modified=later)])
    known = store.pages.known(link("one").url)
    assert known is not None
    assert known.link == link("one", modified=first)
    (page,) = store.frontier.due_rechecks("a", NOW + HOUR, 5, store.runs.begin(NOW))
    assert page.link == link("one", modified=later)


def test_a_page_ends_once_a_run(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one")], NOW, run)
    assert store.pages.record_outcome(run, PageEnd(source="a", url=link("one").url, outcome=STORED, status=200), NOW)
    assert not store.pages.record_outcome(run, PageEnd(source="a", url=link("one").url, outcome=FAILED), NOW)
    counts = store.runs.counts(run)["a"]
    assert (counts.stored, counts.failed, counts.fetched, counts.outcomes) == (1, 0, 1, 1)
    assert store.frontier.next_queued("a", 5, NOW, run) == ()


def test_a_failure_gives_way_to_what_a_later_try_came_to(store: Store, run: int) -> None:
    store.pages.record_outcome(run, PageEnd(source="a", url=link("one").url, outcome=FAILED), NOW)
    assert store.pages.record_outcome(run, PageEnd(source="a", url=link("one").url, outcome=STORED), NOW)
    counts = store.runs.counts(run)["a"]
    assert (counts.stored, counts.failed) == (1, 0)


def test_a_second_failure_in_one_run_leaves_a_known_page_waiting(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one")], NOW, run)
    _, known = store.articles.save(article("one"), Verdict(kind=VerdictKind.NEW), NOW, run)
    failed = replace(FAILED, article_id=known)
    assert store.pages.record_outcome(
        run, PageEnd(source="a", url=link("one").url, outcome=failed, retry_at=NOW + HOUR), NOW
    )
    assert not store.pages.record_outcome(
        run, PageEnd(source="a", url=link("one").url, outcome=failed, retry_at=NOW + HOUR), NOW
    )
    state = store.pages.known(link("one").url)
    assert state is not None
    assert (state.status, state.not_before) == (PageStatus.QUEUED, NOW + HOUR)


def test_a_failed_page_waits_in_the_queue(store: Store, run: int) -> None:
    store.frontier.meet("a", [link("one")], NOW, run)
    store.pages.record_outcome(run, PageEnd(source="a", url=link("one").url, outcome=FAILED, retry_at=NOW + HOUR), NOW)
    second = store.runs.begin(NOW)
    assert store.frontier.next_queued("a", 5, NOW, second) == ()
    assert store.frontier.next_try("a") == NOW + HOUR
    assert urls(store.frontier.next_queued("a", 5, NOW + HOUR, second)) == ["one"]


def test_a_page_is_checked_again_when_due_with_its_validators(store: Store, run: int) -> None:
    url = link("one").url
    store.frontier.meet("a", [link("one")], NOW, run)
    seen = Validators(etag='"1"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT")
    store.pages.record_outcome(
        run, PageEnd(source="a", url=url, outcome=STORED, status=200, validators=seen, recheck_at=NOW + HOUR), NOW
    )
    second = store.runs.begin(NOW)
    assert store.frontier.due_rechecks("a", NOW, 5, second) == ()
    (page,) = store.frontier.due_rechecks("a", NOW + HOUR, 5, second)
    assert page.validators == seen
    assert store.frontier.due_rechecks("a", NOW + HOUR, 5, second) == ()
    unchanged = Outcome(kind=OutcomeKind.UNCHANGED, reason="not-modified")
    store.pages.record_outcome(second, PageEnd(source="a", url=url, outcome=unchanged, status=304), NOW + HOUR)
    known = store.pages.known(url)
    assert known is not None
    assert (known.validators, known.rechecks, known.recheck_at) == (seen, 1, None)
    assert known.status is PageStatus.DONE


def test_what_is_gone_marks_its_article_but_a_dead_alias_does_not(store: Store, run: int) -> None:
    told = article("one", asked_url=link("short").url)
    _, article_id = store.articles.save(told, Verdict(kind=VerdictKind.NEW), NOW, run)
    gone = Outcome(kind=OutcomeKind.GONE, reason="410")
    store.pages.record_outcome(run, PageEnd(source="a", url=link("short").url, outcome=gone, status=410), NOW)
    kept = store.articles.get(article_id)
    assert kept is not None
    assert kept.removed_at is None
    store.pages.record_outcome(run, PageEnd(source="a", url=told.url, outcome=gone, status=410), NOW)
    kept = store.articles.get(article_id)
    assert kept is not None
    assert kept.removed_at == NOW


def test_an_alias_names_what_it_leads_to(store: Store, run: int) -> None:
    new = Verdict(kind=VerdictKind.NEW)
    store.articles.save(article("long", asked_url=link("short").url), new, NOW, run)
    known = store.pages.known(link("short").url)
    assert known is not None
    assert known.alias_of == link("long").url
    store.articles.save(article("long", asked_url=link("long/").url), new, NOW, run)
    itself = store.pages.known(link("long").url)
    assert itself is not None
    assert itself.alias_of is None


def test_a_source_that_is_not_there_is_reported(store: Store) -> None:
    with pytest.raises(SourceError, match='"nobody" is not in the database'):
        store.frontier.meet("nobody", [link("one")], NOW)


def test_what_killed_runs_ended_is_given_until_a_run_is_whole(store: Store, run: int) -> None:
    store.runs.source_began(run, "a", NOW)
    store.pages.record_outcome(run, PageEnd(source="a", url=link("one").url, outcome=STORED), NOW)
    killed = store.runs.begin(NOW)
    store.pages.record_outcome(
        killed,
        PageEnd(source="a", url=link("two").url, outcome=Outcome(kind=OutcomeKind.SCREENED, reason="listing")),
        NOW,
    )
    ended = store.pages.ended_by_the_killed("a")
    assert sorted(ended) == [
        (link("one").url, OutcomeKind.STORED, ""),
        (link("two").url, OutcomeKind.SCREENED, "listing"),
    ]
    whole = store.runs.begin(NOW)
    store.runs.source_began(whole, "a", NOW)
    store.runs.source_ended(whole, "a", NOW, SourceRunEnd(state=SourceEnd.OK))
    assert store.pages.ended_by_the_killed("a") == ()
