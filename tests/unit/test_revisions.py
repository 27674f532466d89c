"""What makes a revision, when an article is looked at again, and when it was revised often enough."""

from __future__ import annotations

import itertools
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.crawl.recrawl import MOST_REVISIONS, TOO_OFTEN, TOO_SOON, believable, held_back, next_check, next_try
from ingest.identity import identify
from ingest.model import Article, Candidate, Moment, Page, Verdict, VerdictKind
from ingest.steps import read
from ingest.text.normalize import body_digest
from ingest.web.urls import key

CASES = tomllib.loads((Path(__file__).parents[1] / "data" / "edits.toml").read_text("utf-8"))
URL = "https://post.example/ferry"
SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def article(html: str, fetched_at: datetime = SEEN) -> Article:
    page = Page(
        url=URL, final_url=URL, source="post", status=200, headers=(), body=html.encode(), fetched_at=fetched_at
    )
    reading = read(page, min_words=30)
    assert reading.refusal is None
    return reading.article


def candidate(of: Article, *, revision: int = 1, revised_at: datetime = SEEN) -> Candidate:
    return Candidate(
        article_id=1,
        source=of.source,
        url=of.url,
        url_key=key(of.url),
        canonical_key=None,
        keys=(key(of.url),),
        body_digest=body_digest(of.title, of.blocks),
        title=of.title,
        revision=revision,
        revised_at=revised_at,
    )


def edited(edit: dict[str, Any]) -> str:
    html: str = CASES["page"]
    if "drop" in edit:
        assert html.count(edit["drop"]) == 1
        html = html.replace(edit["drop"], edit["keep"])
    assert html.count(edit["find"]) == 1, "an edit changes one place"
    html = html.replace(edit["find"], edit["put"])
    if "also_title" in edit:
        html = html.replace("Ferry to Skellow runs again | The Harbour Post", edit["also_title"])
    return html


@pytest.mark.parametrize("edit", CASES["edits"], ids=lambda edit: str(edit["name"]))
def test_exactly_what_changes_the_words_makes_a_revision(edit: dict[str, Any]) -> None:
    before, after = article(CASES["page"]), article(edited(edit))
    verdict = identify(after, [candidate(before)])
    assert verdict.kind is (VerdictKind.REVISION if edit["revision"] else VerdictKind.UNCHANGED)


def test_there_are_twenty_edits() -> None:
    assert len(CASES["edits"]) == 20


# ------------------------------------------------------------ how often


def test_a_live_blog_that_changes_every_minute_makes_a_revision_an_hour_and_fifty_in_all() -> None:
    verdict = Verdict(kind=VerdictKind.REVISION, of=1, reason="text-changed")
    stored = candidate(article(CASES["page"]))
    made: list[datetime] = []
    reasons = set()
    for minute in range(1, 80 * 60):
        now = SEEN + timedelta(minutes=minute)
        ruled = held_back(verdict, [stored], now)
        if ruled.kind is VerdictKind.REVISION:
            made.append(now)
            stored = candidate(article(CASES["page"]), revision=stored.revision + 1, revised_at=now)
        else:
            assert ruled.kind is VerdictKind.UNCHANGED
            reasons.add(ruled.reason)
    assert len(made) + 1 == MOST_REVISIONS == 50
    assert min(later - earlier for earlier, later in itertools.pairwise(made)) >= HOUR
    assert reasons == {TOO_SOON, TOO_OFTEN}


@pytest.mark.parametrize("kind", [kind for kind in VerdictKind if kind is not VerdictKind.REVISION])
def test_nothing_but_revisions_is_held_back(kind: VerdictKind) -> None:
    verdict = Verdict(kind=kind, of=1)
    stored = candidate(article(CASES["page"]), revision=MOST_REVISIONS)
    assert held_back(verdict, [stored], SEEN) == verdict


# ------------------------------------------------------------ when


@pytest.mark.parametrize(
    ("looks", "after_h", "next_h"),
    [
        (0, 0, 1),  # in time
        (1, 1, 6),
        (2, 6, 24),
        (3, 24, 168),
        (4, 168, None),
        (0, 0.5, 1.5),  # late: the looks lie as far apart as planned
        (1, 24, 29),
        (2, 72, 90),
        (3, 240, 384),
        (4, 900, None),
        (1, 0.5, 6),  # a seed had asked for one
        (9, 30, 168),
    ],
)
def test_a_young_article_is_looked_at_four_times(looks: int, after_h: float, next_h: float | None) -> None:
    expected = None if next_h is None else SEEN + next_h * HOUR
    assert next_check(SEEN, SEEN + after_h * HOUR, looks=looks) == expected


@pytest.mark.parametrize("hours", [(0, 24, 72, 240), (0, 1, 6, 24, 168), (0, 3, 6, 9, 30, 200)])
def test_runs_that_are_days_apart_take_every_look_they_can(hours: tuple[int, ...]) -> None:
    due, looks = next_check(SEEN, SEEN), 0
    for hour in hours[1:]:
        if due is not None and due <= SEEN + hour * HOUR:
            looks += 1
            due = next_check(SEEN, SEEN + hour * HOUR, looks=looks)
    assert looks == min(len(hours) - 1, 4)


def test_an_article_that_was_old_when_it_was_first_seen_is_spared_the_first_look() -> None:
    old = Moment.of_day(date(2025, 3, 1))
    assert next_check(SEEN, SEEN, published=old) == SEEN + 6 * HOUR
    assert next_check(SEEN, SEEN + 24 * HOUR, looks=2, published=old) == SEEN + 168 * HOUR
    assert next_check(SEEN, SEEN + 168 * HOUR, looks=3, published=old) is None
    assert next_check(SEEN, SEEN, published=old, plan_h=[12.0]) == SEEN + 12 * HOUR
    assert next_check(SEEN, SEEN, published=Moment.of_day(date(2026, 2, 20))) == SEEN + HOUR


def test_a_source_may_have_a_plan_of_its_own_or_none() -> None:
    assert next_check(SEEN, SEEN, plan_h=(48.0, 2.0)) == SEEN + 2 * HOUR
    assert next_check(SEEN, SEEN, plan_h=()) is None


def test_a_page_that_fails_for_a_cause_that_may_pass_is_tried_in_five_runs() -> None:
    waits = [next_try(attempts, SEEN) for attempts in range(1, 6)]
    assert waits == [SEEN + hours * HOUR for hours in (1, 2, 4, 8)] + [None]


@pytest.mark.parametrize(
    ("changed", "known", "believed"),
    [(1, 1, True), (10, 10, True), (11, 12, False), (30, 1000, True), (500, 1000, True), (501, 1000, False)],
)
def test_a_sitemap_that_stamps_everything_anew_is_not_believed(changed: int, known: int, believed: bool) -> None:
    assert believable(changed, known) is believed
