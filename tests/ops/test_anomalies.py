"""Anomalies of sources, on simulated histories: what breaks is reported by name, the rest is left alone."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest

from ingest.ops import bands
from ingest.ops.anomalies import Problem, ProblemKind, SourceHistory, anomalies
from ingest.ops.bands import DAY, Expected, Flow
from ingest.ops.health import FindingChange, step
from ingest.ops.likely_cause import LikelyCause, of_pages, of_reason
from ingest.store import Counts, Period, SourceEnd
from tests.ops.simulation import FEED, START, Habit, Life, finding, kinds, live, poisson

DAYS = 30
BREAK = 18
BREAKS = (  # what breaks, of which source, as what it is told
    ("feed", Habit(per_day=6), ProblemKind.SEED, LikelyCause.FEED_DEAD),
    ("layout", Habit(per_day=6), ProblemKind.SCREENED, LikelyCause.LAYOUT_CHANGED),
    ("half", Habit(per_day=40, scatter=0), ProblemKind.YIELD, LikelyCause.LESS_PUBLISHED),
    ("short", Habit(per_day=8), ProblemKind.SHORT, LikelyCause.LAYOUT_CHANGED),
    ("undated", Habit(per_day=8), ProblemKind.UNDATED, LikelyCause.LAYOUT_CHANGED),
    ("blocked", Habit(per_day=8), ProblemKind.FAILURES, LikelyCause.BLOCKED),
)


def others(seed: int, count: int, every_h: float = 24.0) -> list[Life]:
    """Sources of all kinds that stay well."""
    chance = random.Random(seed)
    return [
        Life(
            name=f"well{number}",
            habit=Habit(
                per_day=chance.choice((0.3, 1, 2, 4, 8, 15, 30)),
                weekend=chance.choice((1.0, 0.6, 0.3, 0.0)),
                scatter=chance.choice((0.0, 1.0, 1.0, 1.3)),
                every_h=every_h,
                screened=chance.choice((0.0, 0.05, 0.15)),
                undated=chance.choice((0.0, 0.05, 1.0)),
            ),
            chance=random.Random(seed * 100 + number),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("breaks", "habit", "kind", "suspicion"), BREAKS)
def test_what_breaks_is_named_once_within_two_days_and_ends_when_it_is_mended(
    breaks: str, habit: Habit, kind: ProblemKind, suspicion: LikelyCause, seed: int
) -> None:
    problem = Life(name="ill", habit=habit, chance=random.Random(seed), breaks=breaks, broken=range(BREAK, BREAK + 6))
    for _ in live([problem], DAYS):
        pass
    (told,) = problem.findings
    assert (told.kind, told.suspicion) == (kind, suspicion)
    first_bad_run = START + BREAK * DAY + (DAY if breaks == "half" else timedelta())  # a day's articles come at its end
    assert first_bad_run <= told.began_at < first_bad_run + 2 * DAY
    assert told.ended_at is not None
    assert told.ended_at < first_bad_run + 8.1 * DAY


@pytest.mark.parametrize(("every_h", "seeds", "count"), [(24.0, 3, 8), (6.0, 1, 4)])
def test_sources_that_stay_well_are_left_alone(every_h: float, seeds: int, count: int) -> None:
    told = Counter[ProblemKind]()
    for seed in range(seeds):
        lives = others(seed, count, every_h)
        for _ in live(lives, DAYS):
            pass
        told.update(kind for life in lives for kind in kinds(life))
    assert told == Counter()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_in_hundreds_of_simulated_months_false_alarms_are_rare_and_breaks_are_found() -> None:
    false, months, missed, found = Counter[ProblemKind](), 0, 0, 0
    for seed in range(60):
        problem = [
            Life(name=breaks, habit=habit, chance=random.Random(seed), breaks=breaks, broken=range(BREAK, DAYS))
            for breaks, habit, _, _ in BREAKS[:3]
        ]
        well = others(seed, 10)
        for _ in live([*problem, *well], DAYS):
            pass
        false.update(kind for life in well for kind in kinds(life))
        months += len(well)
        for life, (_, _, kind, _) in zip(problem, BREAKS, strict=False):
            found += kinds(life) == [kind]
            missed += kinds(life) != [kind]
    print(f"{months} months: false {dict(false)}; {found} breaks found, {missed} missed or told as another")
    assert false.total() <= months / 500
    assert missed <= found / 20


def test_a_holiday_that_all_share_is_no_ill() -> None:
    quiet = frozenset((20, 21))
    lives = [Life(name=f"s{n}", habit=Habit(per_day=20), chance=random.Random(n), quiet=quiet) for n in range(6)]
    for _ in live(lives, 26):
        pass
    assert [kinds(life) for life in lives] == [[]] * 6


def test_one_quiet_day_of_one_source_is_no_ill() -> None:
    life = Life(name="s", habit=Habit(per_day=20), chance=random.Random(1), quiet=frozenset((20,)))
    for _ in live([life], 26):
        pass
    assert kinds(life) == []


def test_a_source_is_given_grace_but_what_cannot_be_read_is_reported_at_once() -> None:
    new = Life(name="s", habit=Habit(per_day=8), chance=random.Random(1), breaks="layout", broken=range(6, 12))
    for now, _ in live([new], 12):
        last = now
    assert new.findings == []
    new.state = SourceEnd.FAILED
    past = replace(new.past(last), cause="https://a.example/robots/feed.html: dns")
    problem = anomalies([past], last)["s"]
    assert problem is not None
    assert (problem.kind, problem.suspicion) == (ProblemKind.FAILED, LikelyCause.SITE_DOWN)


def test_a_slow_source_that_falls_silent_is_reported_by_its_own_gaps() -> None:
    periods = [
        Period(begun_at=START + n * DAY, read_at=START + n * DAY, counts=Counts(fresh=n % 3 == 0 and n < 40))
        for n in range(55)
    ]
    now = periods[-1].begun_at
    past = SourceHistory(source="s", added_at=START, state=SourceEnd.OK, cause=None, periods=tuple(periods))
    problem = anomalies([past], now)["s"]
    assert problem is not None
    assert (problem.kind, problem.suspicion) == (ProblemKind.SILENT, LikelyCause.FEED_DEAD)
    assert "no new article for 15 days, before never for more than 3" in problem.detail
    assert anomalies([replace(past, periods=tuple(periods[:48]))], now)["s"] is None


SEEDS = (  # reason, failures, hours since it was read, told
    ("http-500", 1, 30, False),
    ("http-500", 2, 3, False),
    ("http-500", 2, 30, True),
    ("http-410", 1, 1, True),
    (None, 0, 30, False),
)


@pytest.mark.parametrize(("reason", "failures", "hours", "told"), SEEDS)
def test_a_seed_is_dead_after_a_day_of_failures_or_when_it_says_so(
    reason: str | None, failures: int, hours: int, told: bool
) -> None:
    seed = replace(FEED, reason=reason, failures=failures, read_at=START - timedelta(hours=hours))
    past = SourceHistory(source="s", added_at=START, state=SourceEnd.PARTIAL, cause=None, periods=(), seeds=(seed,))
    problem = anomalies([past], START)["s"]
    assert (problem is not None) == told


REASONS = (
    ("dns", LikelyCause.SITE_DOWN),
    ("http-503 (4)", LikelyCause.SITE_DOWN),
    ("http-404", LikelyCause.FEED_DEAD),
    ("not-a-feed", LikelyCause.FEED_DEAD),
    ("http-403", LikelyCause.BLOCKED),
    ("captcha", LikelyCause.BLOCKED),
    ("tls", LikelyCause.CERTIFICATE),
    ("robots-http-503", LikelyCause.ROBOTS_CHANGED),
    ("login", LikelyCause.PAYWALL),
    ("address-refused", LikelyCause.NOT_ALLOWED),
    ("internal", LikelyCause.OUR_FAULT),
    ("something new", LikelyCause.SITE_DOWN),
)


@pytest.mark.parametrize(("reason", "suspicion"), REASONS)
def test_a_reason_lets_suspect(reason: str, suspicion: LikelyCause) -> None:
    assert of_reason(reason) is suspicion


def test_most_pages_decide_what_is_suspected() -> None:
    reasons = {"stored": 90, "screened empty": 4, "screened paywall": 5, "failed http-403": 9}
    assert of_pages(reasons, ProblemKind.SCREENED) is LikelyCause.PAYWALL
    assert of_pages(reasons, ProblemKind.FAILURES) is LikelyCause.BLOCKED
    assert of_pages({}, ProblemKind.SCREENED) is LikelyCause.LAYOUT_CHANGED


def test_one_ill_takes_the_place_of_a_lesser_one_and_an_end_is_an_end() -> None:
    def problem(kind: ProblemKind) -> Problem:
        return Problem(kind=kind, suspicion=LikelyCause.SITE_DOWN, detail="")

    was = finding("s", problem(ProblemKind.YIELD), START)
    assert step(None, None) is FindingChange.NOTHING
    assert step(None, problem(ProblemKind.YIELD)) is FindingChange.BEGIN
    assert step(was, problem(ProblemKind.YIELD)) is FindingChange.GO_ON
    assert step(was, problem(ProblemKind.FAILED)) is FindingChange.REPLACE
    assert step(was, None) is FindingChange.END


# ---------------------------------------------------------------- bands


def test_counts_are_spread_over_the_time_they_came_in() -> None:
    flow = Flow((START, START + DAY, START + 1.5 * DAY, START + 2 * DAY), (10, 6, 8))
    assert flow.days(START + 2 * DAY, 3) == (14.0, 10.0, None)
    assert flow.days(START + 1.5 * DAY, 1) == (pytest.approx(11.0),)


def test_nothing_is_said_of_days_within_a_long_gap() -> None:
    flow = Flow((START, START + DAY, START + 4 * DAY, START + 5 * DAY), (10, 90, 7))
    assert flow.days(START + 5 * DAY, 5) == (7.0, None, None, None, 10.0)


def test_a_day_is_compared_with_the_same_weekday() -> None:
    days = [0, 0, 8, 8, 8, 8, 8] * 4  # the last days are a weekend
    assert bands.expected(days, 0) == Expected(0, 3)
    assert bands.expected(days, 2) == Expected(8, 3)
    assert bands.expected(days[:10], 2) is None


def test_dispersion_is_near_one_for_poisson_and_low_for_a_clock() -> None:
    chance = random.Random(4)
    found = [bands.dispersion([float(poisson(chance, 20)) for _ in range(56)], 2) for _ in range(50)]
    assert 0.85 < median(found) < 1.15
    assert bands.dispersion([20.0] * 56, 2) == bands.MIN_DISPERSION
    assert bands.dispersion([], 2) == 1.0


def test_the_binomial_tail_is_that_of_the_tables() -> None:
    assert bands.upper_tail(0, 10, 0.3) == pytest.approx(1.0)
    assert bands.upper_tail(8, 10, 0.5) == pytest.approx(56 / 1024)
