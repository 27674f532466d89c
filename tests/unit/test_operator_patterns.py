"""A pattern of sources.toml holds no crawl, whatever its nesting."""

from __future__ import annotations

import time

import pytest

from ingest.discover.links import LinkFilter
from ingest.model import Source
from ingest.web.operator_patterns import BoundedPattern, PatternError

LONG = "https://example.com/" + "a" * 2000 + "/"


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(a|aa)+$", r"(\w*)*x$", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(.*)*(.*)*b$"]
)
def test_a_pattern_that_backtracks_for_ever_is_left_out(pattern: str) -> None:
    begun_s = time.process_time()
    bounded = BoundedPattern(pattern)
    assert [bounded.found_in(f"{LONG}{number}!") for number in range(50)] == [False] * 50
    assert time.process_time() - begun_s < 2


@pytest.mark.parametrize(
    ("pattern", "url", "found"),
    [
        (r"/news/\d+", "https://example.com/news/12", True),
        (r"^https://[^/]+/(?!tag/)", "https://example.com/tag/x", False),
        (r"(?i)/ARTICLE/", "https://example.com/article/1", True),
        (r"[[]x]", "https://example.com/?a[x]=1", True),
        (r"(?P<year>20\d\d)/(?P=year)", "https://example.com/2026/2026", True),
    ],
)
def test_patterns_mean_what_they_mean_to_re(pattern: str, url: str, found: bool) -> None:
    assert BoundedPattern(pattern).found_in(url) is found


def test_what_is_no_pattern_is_refused() -> None:
    with pytest.raises(PatternError):
        BoundedPattern("(")


def test_a_slow_pattern_of_a_source_costs_little_over_thousands_of_links() -> None:
    source = Source(name="a", url="https://example.com/", exclude=(r"(a+)+$",))
    begun_s = time.process_time()
    accepted = LinkFilter.of(source)
    assert all(accepted.wants(f"{LONG}{number}!") for number in range(2000))
    assert time.process_time() - begun_s < 2
