"""Sources that publish day after day, without web or database: what the books of their runs would say.

Each source has its rate, weekend, scatter and rhythm of runs; some break. Findings are kept as the store would.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ingest.model import Seed, SeedKind, Validators
from ingest.ops.anomalies import Problem, ProblemKind, SourceHistory, anomalies
from ingest.ops.health import FindingChange, step
from ingest.store import Counts, Finding, Period, SeedState, SourceEnd

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
FEED = SeedState(
    source="",
    seed=Seed(url="https://a.example/feed", kind=SeedKind.FEED),
    declared=True,
    validators=Validators(),
    digest=None,
    status=200,
    reason=None,
    failures=0,
    last_polled_at=None,
    read_at=None,
    next_poll_at=None,
    changed_at=None,
    unchanged=0,
    links=0,
    new=0,
    newest_at=None,
)


@dataclass(frozen=True, kw_only=True)
class Habit:
    """How a source lives. `scatter`: variance of a day's count in units of its mean; 0 is a clock."""

    per_day: float
    weekend: float = 1.0
    scatter: float = 1.0
    every_h: float = 24.0
    late_h: float = 0.1  # cron's jitter
    words: int = 400
    screened: float = 0.05
    failed: float = 0.02
    undated: float = 0.02


@dataclass(kw_only=True)
class Life:
    """One source as it goes on."""

    name: str
    habit: Habit
    chance: random.Random
    breaks: str = ""  # feed, layout, half, short, blocked, undated
    broken: range = range(0)  # days
    quiet: frozenset[int] = frozenset()  # days of next to nothing
    periods: list[Period] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    feed: SeedState = FEED
    state: SourceEnd = SourceEnd.OK
    last: datetime = START - DAY
    owed: float = 0.0

    def published(self, begin: datetime, end: datetime) -> int:
        """How many articles appear in a time of at most a day."""
        middle = begin + (end - begin) / 2
        day = (middle - START).days
        rate = self.habit.per_day * (end - begin) / DAY
        rate *= self.habit.weekend if middle.weekday() >= 5 else 1.0
        rate *= 0.05 if day in self.quiet else 1.0
        rate *= 0.5 if self.breaks == "half" and day in self.broken else 1.0
        if self.habit.scatter == 0:
            self.owed += rate
            count, self.owed = int(self.owed), self.owed % 1
            return count
        if self.habit.scatter > 1:  # a Poisson of a gamma: negative binomial
            shape = rate / (self.habit.scatter - 1)
            rate = self.chance.gammavariate(shape, self.habit.scatter - 1) if shape > 0 else 0.0
        return poisson(self.chance, rate)

    def run(self, now: datetime) -> None:
        """Book one run."""
        first = not self.periods
        day = (now - START).days
        articles = 200 if first else self.published(self.last, now)
        broken = self.breaks if day in self.broken else ""
        counts = {"found": articles + 20, "new": articles}
        failed = sum(self.chance.random() < self.habit.failed for _ in range(articles))
        screened = sum(
            self.chance.random() < (1.0 if broken == "layout" else self.habit.screened)
            for _ in range(articles - failed)
        )
        stored = articles - failed - screened
        if broken == "blocked":
            counts |= {"failed": articles}
            stored = 0
        else:
            counts |= {"failed": failed, "screened": screened, "stored": stored, "fetched": stored + screened}
        words = self.habit.words * (0.15 if broken == "short" else 1)
        undated = 1.0 if broken == "undated" else self.habit.undated
        counts |= {
            "fresh": 0 if first else stored,
            "words": int(sum(words * math.exp(self.chance.gauss(0, 0.6)) for _ in range(stored))),
            "dated": sum(self.chance.random() >= undated for _ in range(stored)),
            "authored": stored,
            "blocks": 20 * stored,
            "cut": sum(self.chance.randint(1, 4) for _ in range(stored)),
        }
        if broken == "feed":  # its sitemap is still there, so that articles go on
            self.feed = replace(self.feed, reason="http-404", failures=self.feed.failures + 1, last_polled_at=now)
        else:
            self.feed = replace(self.feed, reason=None, failures=0, read_at=now, last_polled_at=now)
        self.last = now
        self._add(Period(begun_at=now, read_at=now, counts=Counts(**counts)))

    def _add(self, period: Period) -> None:
        """Sum runs over quarters of a day, as the store does."""
        if self.periods and same_quarter(self.periods[-1].begun_at, period.begun_at):
            was = self.periods.pop()
            names = Counts.__dataclass_fields__
            counts = {name: getattr(was.counts, name) + getattr(period.counts, name) for name in names}
            period = replace(period, counts=Counts(**counts))
        self.periods.append(period)

    def past(self, now: datetime) -> SourceHistory:
        reasons = {
            "": {"screened listing": 1},
            "layout": {"screened empty": 9, "screened listing": 1},
            "blocked": {"failed http-403": 9},
        }
        broken = self.breaks if (now - START).days in self.broken else ""
        return SourceHistory(
            source=self.name,
            added_at=START,
            state=self.state,
            cause=None,
            periods=tuple(self.periods[-224:]),
            seeds=(self.feed,),
            findings=tuple(self.findings),
            reasons=lambda: reasons.get(broken, {}),
        )

    def take(self, problem: Problem | None, now: datetime) -> None:
        was = next((one for one in self.findings if one.ended_at is None), None)
        what = step(was, problem)
        if was is not None and what in (FindingChange.END, FindingChange.REPLACE):
            self.findings[self.findings.index(was)] = replace(was, ended_at=now)
        if problem is not None and what in (FindingChange.BEGIN, FindingChange.REPLACE):
            self.findings.append(finding(self.name, problem, now, len(self.findings)))


def finding(source: str, problem: Problem, now: datetime, number: int = 0) -> Finding:
    return Finding(
        finding_id=number,
        source=source,
        kind=problem.kind,
        subject=problem.subject,
        suspicion=problem.suspicion,
        detail=problem.detail,
        run_id=None,
        began_at=now,
        last_seen_at=now,
        ended_at=None,
        alerted_at=None,
        recovery_alerted_at=None,
    )


def poisson(chance: random.Random, rate: float) -> int:
    """Knuth's, in pieces so that exp does not vanish."""
    count = 0
    while rate > 0:
        piece = min(rate, 30.0)
        rate -= piece
        limit, product = math.exp(-piece), chance.random()
        while product > limit:
            count += 1
            product *= chance.random()
    return count


def same_quarter(one: datetime, other: datetime) -> bool:
    return int(one.timestamp()) // 21600 == int(other.timestamp()) // 21600


def live(lives: Iterable[Life], days: int) -> Iterator[tuple[datetime, dict[str, Problem | None]]]:
    """Run all sources day after day; each round's judgement, on those that ran."""
    lives = tuple(lives)
    step_h = min(life.habit.every_h for life in lives)
    for number in range(int(days * 24 / step_h)):
        nominal = START + timedelta(hours=number * step_h)
        ran = []
        for life in lives:
            if number % round(life.habit.every_h / step_h) == 0:
                now = nominal + timedelta(hours=life.chance.uniform(0, life.habit.late_h))
                life.run(now)
                ran.append((life, now))
        problems = anomalies([life.past(now) for life, now in ran], nominal)
        for life, now in ran:
            life.take(problems[life.name], now)
        yield nominal, problems


def kinds(life: Life) -> list[ProblemKind]:
    return [ProblemKind(one.kind) for one in life.findings]
