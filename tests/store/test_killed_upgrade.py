"""An upgrade of the first schema that is killed again and again ends whole: no article lost, none changed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from ingest.errors import SchemaError
from ingest.store import open_store
from ingest.store.db.engine import url_of
from tests.store.first_schema import FROM, fill

UPGRADE = "import sys, ingest.store as s; print('begun', flush=True); s.upgrade(sys.argv[1])"


def kill_once(database_url: str, after_s: float) -> None:
    """Begin an upgrade in a process of its own and end it by SIGKILL so long after it has begun."""
    with subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_s)
        process.kill()


def digests(database_url: str) -> list[tuple[object, ...]]:
    """What must be the same after an upgrade, by SQL, whatever the schema."""
    engine = create_engine(url_of(database_url), poolclass=NullPool)
    query = (
        "SELECT article.id, article.url, revision.no, revision.title, revision.body_digest, length(revision.blocks) "
        "FROM article JOIN revision ON revision.article_id = article.id ORDER BY article.id, revision.no"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def upgraded_under_kills(database_url: str, articles: int, kills: int) -> None:
    fill(database_url, articles)
    before = digests(database_url)
    assert len(before) == articles + 2
    chance = random.Random(24)
    for _ in range(kills):
        kill_once(database_url, chance.uniform(0.0, 1.2))
        with suppress(SchemaError), open_store(database_url):  # the old schema or the new one, nothing in between
            pass
    subprocess.run([sys.executable, "-c", UPGRADE, database_url], check=True, timeout=100, stdout=subprocess.DEVNULL)
    assert digests(database_url) == before
    with open_store(database_url) as store:
        assert store.check() == ()
        last = store.articles.get(f"https://a.example/clone-{FROM + articles - 1}")
        assert last is not None
        assert last.article.blocks[-1].text == "Added."


def test_an_upgrade_that_is_killed_goes_on_where_it_can(empty_database_url: str) -> None:
    upgraded_under_kills(empty_database_url, articles=100, kills=2)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_kills_of_an_upgrade_of_ten_thousand_articles(empty_database_url: str) -> None:
    upgraded_under_kills(empty_database_url, articles=10_000, kills=50)
