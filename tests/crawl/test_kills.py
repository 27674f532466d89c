"""SIGKILL at any moment: after one more run all is as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawl.killing import HOSTS, Home, fetched, moments, three_hosts
from tests.site import Web

ARTICLES = 40
KILLS = 6
BEFORE = 90  # of 120 articles asked for: the last kill, too, comes before the end
SEED = 20260301


@pytest.fixture(scope="module")
def three() -> Iterator[Web]:
    with Web(three_hosts(ARTICLES)) as web:
        yield web


@pytest.fixture(scope="module")
def undisturbed(three: Web, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run stores that nobody kills."""
    folder = tmp_path_factory.mktemp("undisturbed")
    home = Home.made(folder / "home", f"sqlite:///{folder / 'ingest.db'}", three)
    home.run()
    rows = home.rows()
    assert {url for url, row in rows["articles"].items() if row[0] in HOSTS} == set(three.expected(*HOSTS))
    return rows


@pytest.mark.timeout(1200)  # of some seven commands each; a laden machine takes ten times what a quiet one does
def test_six_kills_in_a_row_lose_nothing_and_double_nothing(
    three: Web, undisturbed: dict[str, Any], tmp_path: Path, database_url: str
) -> None:
    home = Home.made(tmp_path / "killed", database_url, three)
    three.clear_log()
    # the first while it looks for links
    for articles, more_s in [(0, 0.0), *sorted(moments(SEED, KILLS - 1, BEFORE))]:
        assert home.killed(three, articles, more_s), "six moments lie before the end"
        home.check()
    home.run()
    home.check()
    assert home.rows() == undisturbed
    assert max(fetched(three).values()) <= 2
