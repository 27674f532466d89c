"""The live lines of a crawl: what they show of its books, and of how much of them a terminal has room for."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ingest.cli.support.progress import COUNTED, WORTH, Course, at_work, duration, fitting, line
from ingest.store import Counts


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    course = Course()
    course.look(0.0, Counts())
    assert course.rate == 0.0
    course.look(10.0, Counts(stored=5))
    assert course.rate == pytest.approx(0.5)
    for second in range(11, 60):
        course.look(float(second), Counts(stored=5))
    assert course.rate == 0.0


def test_the_time_left_needs_a_rate_and_something_left() -> None:
    assert line("a", Counts(stored=5), 30, 0.5)["eta"] == "1m"
    assert line("a", Counts(stored=5), 30, 0.0)["eta"] == ""
    assert line("a", Counts(stored=5), 0, 0.5)["eta"] == ""


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0s"), (59.4, "59s"), (59.6, "1m"), (3540, "59m"), (3599, "1h00"), (7500, "2h05")]
)
def test_times_to_wait_are_said_shortly(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_name_from_outside_writes_nothing_to_the_terminal() -> None:
    assert line("a\x1b[2Jb", Counts(), 0, 0.0)["source"] == "a[2Jb"


def test_narrow_terminals_lose_the_columns_of_least_worth_first() -> None:
    cells = [line("a", Counts(found=120, stored=7), 3, 1.0)]
    assert fitting(cells, 200) == tuple(WORTH)
    widths = [fitting(cells, width) for width in range(200, 0, -1)]
    for wide, narrow in pairwise(widths):
        assert narrow == tuple(name for name in wide if name in narrow), "the order stays"
        assert len(wide) - len(narrow) <= 2
    assert fitting(cells, 24) == ("stored",)
    assert fitting(cells, 1) == ()


def test_sources_at_work_are_shown_and_those_that_rest_are_not() -> None:
    courses = {name: Course() for name in ("waiting", "resting", "one", "two")}
    courses["resting"].look(0.0, Counts(stored=1))
    courses["two"].look(50.0, Counts(stored=1))
    courses["one"].look(51.0, Counts(stored=1))
    assert at_work(courses, 52.0, 10) == ("one", "two")
    assert at_work(courses, 52.0, 1) == ("one",)
    assert at_work(courses, 52.0, -3) == ()


def test_what_is_counted_is_shown() -> None:
    assert set(COUNTED) < set(WORTH)
    assert set(line("a", Counts(), 0, 0.0)) == {"source", *WORTH}
