"""SIGKILL at any moment: after one more run all is as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawl.killing import COMMITTED_S, HOSTS, Home, fetched, moments, three_hosts
from tests.site import Web

ARTICLES = 40
KILLS = 6
SEED = 20260301
UNDER_WAY = 16  # pages of three hosts that a kill may find fetched and not committed: a quarter of a second's work


@pytest.fixture
def three() -> Iterator[Web]:
    with Web(three_hosts(ARTICLES)) as web:
        yield web


@pytest.mark.timeout(400)
def test_six_kills_in_a_row_lose_nothing_and_double_nothing(three: Web, tmp_path: Path, database_url: str) -> None:
    undisturbed = Home.made(tmp_path / "undisturbed", f"sqlite:///{tmp_path / 'undisturbed.db'}", three)
    undisturbed.run()
    expected = undisturbed.rows()
    assert {url for url, row in expected["articles"].items() if row[0] in HOSTS} == set(three.expected(*HOSTS))

    home = Home.made(tmp_path / "killed", database_url, three)
    three.clear_log()
    # the first in the middle of finding links; then each a few articles further on than the one before
    for requests, more_s in [(4, 0.0), *moments(SEED, KILLS - 1, 20)]:
        assert home.killed(three, 8 + requests, COMMITTED_S + more_s / 4), "six moments lie before the end"
        home.check()
    home.run()
    home.check()
    assert home.rows() == expected
    # How often one page is fetched is measured by benchmarks/kill.py on a quiet machine: a laden one may be killed
    # again before it has read what it fetched. Here: each kill costs what was under way, not what was done.
    assert sum(times - 1 for times in fetched(three).values()) <= KILLS * UNDER_WAY
