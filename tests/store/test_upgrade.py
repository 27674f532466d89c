"""Every schema there was is brought up on both databases, its rows kept. `data/rows-VERSION.json` holds the rows."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.pool import NullPool

from ingest.model import Block, OutcomeKind, Validators
from ingest.store import open_store, upgrade
from ingest.store.db.engine import url_of
from ingest.store.db.schema import ArticleRow
from ingest.store.maintenance.upgrade import HEAD, VERSIONS, migrate
from tests.store.test_articles import FULL
from tests.store.values import FEED, HOUR, NOW, link, source

DATA = Path(__file__).parent / "data"
# the article of the rows, whose blocks were written before they knew the numbers of a list
KEPT = replace(FULL, blocks=tuple(block for block in FULL.blocks if block.number is None))


def make(database_url: str, version: str) -> None:
    """Make a database as that version left it."""
    rows: dict[str, list[dict[str, Any]]] = json.loads((DATA / f"rows-{version}.json").read_text(encoding="utf-8"))
    engine = create_engine(url_of(database_url), poolclass=NullPool)
    with engine.begin() as connection:
        migrate(connection, version)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))  # rows refer to later ones
        for table, some in rows.items():
            for row in some:
                names = ", ".join(f'"{name}"' for name in row)
                values = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), _as_kept(connection, row))


def _as_kept(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: base64.b64decode(value["bytes"]) if isinstance(value, dict) else value for name, value in row.items()}
    if connection.dialect.name == "sqlite":
        return {name: value.removesuffix("+00:00") if name.endswith("_at") else value for name, value in kept.items()}
    return kept


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_keeps_every_row(empty_database_url: str, version: str) -> None:
    make(empty_database_url, version)
    assert upgrade(empty_database_url) == (version, HEAD)
    with open_store(empty_database_url) as store:
        assert store.check() == ()
        state = store.sources.get("a")
        assert state is not None
        assert state.source == source("a", seeds=(FEED,), language="en")
        article = store.articles.get("https://a.example/short")
        assert article is not None
        new = replace(KEPT, fetched_at=NOW + HOUR, blocks=(*KEPT.blocks, Block(text="Added.")))
        assert [revision.article for revision in store.articles.revisions(article.article_id)] == [KEPT, new]
        assert (article.article, article.revision) == (new, 2)
        with store._work.reading() as connection:
            dated_at = connection.execute(select(ArticleRow.dated_at)).scalar_one()
        assert KEPT.published is not None
        assert dated_at == KEPT.published.at
        page = store.pages.known("https://a.example/full")
        assert page is not None
        assert (page.outcome, page.link) == (OutcomeKind.REVISED, link("full", title="Full"))
        seed = store.seeds.state("a", FEED)
        assert seed is not None
        assert (seed.validators, seed.links) == (Validators(etag='"f"'), 2)
        host = store.hosts.get("a.example")
        assert host is not None
        assert host.delay_s == 1.5
        assert [(run.broken, run.exit_code) for run in store.runs.recent()] == [(False, 0), (True, None)]
        assert [page.url for page in store.frontier.next_queued("a", 5, NOW, 99)] == ["https://a.example/queued"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_schema_has_rows_to_test_with(version: str) -> None:
    tables = json.loads((DATA / f"rows-{version}.json").read_text(encoding="utf-8"))
    assert {"source", "seed", "host", "page", "article", "revision", "snapshot", "run", "run_source"} <= tables.keys()


def test_the_reason_of_consent_pages_is_renamed(empty_database_url: str) -> None:
    make(empty_database_url, "0001")
    engine = create_engine(url_of(empty_database_url), poolclass=NullPool)
    with engine.begin() as connection:
        first = connection.execute(text("SELECT min(id) FROM page")).scalar_one()
        asked = "UPDATE page SET outcome = 'screened', reason = 'consent' WHERE id = :first"
        connection.execute(text(asked), {"first": first})
    upgrade(empty_database_url)
    with engine.connect() as connection:
        reason = connection.execute(text("SELECT reason FROM page WHERE id = :first"), {"first": first}).scalar_one()
    assert reason == "consent-wall"


@pytest.mark.parametrize("published_on", ["2026-02-10", None])
def test_an_upgrade_dates_articles_by_day_or_by_when_they_were_first_seen(
    empty_database_url: str, published_on: str | None
) -> None:
    make(empty_database_url, "0001")
    engine = create_engine(url_of(empty_database_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE revision SET published_at = NULL, published_on = CAST(:day AS date)")
            if connection.dialect.name == "postgresql"
            else text("UPDATE revision SET published_at = NULL, published_on = :day"),
            {"day": published_on},
        )
    upgrade(empty_database_url)
    with open_store(empty_database_url) as store, store._work.reading() as connection:
        dated_at = connection.execute(select(ArticleRow.dated_at)).scalar_one()
    assert dated_at == (datetime(2026, 2, 10, tzinfo=UTC) if published_on else NOW)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_folds_the_words_of_stored_texts(empty_database_url: str, version: str) -> None:
    make(empty_database_url, version)
    engine = create_engine(url_of(empty_database_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE revision SET body = :body, title_words = NULL, body_words = :old WHERE body IS NOT NULL"),
            {
                "body": "Ёлка, Đà Nẵng and 100 houses",
                "old": None if version == "0001" else "ёлка, đà nẵng and 100 houses",
            },
        )
    upgrade(empty_database_url)
    with open_store(empty_database_url) as store:
        finds = [len(store.search.find(asked)) for asked in ("елка", '"da nang and"', "houses", "unicode")]
        expected = [0, 0, 1, 1] if version == HEAD else [1, 1, 1, 1]
        assert finds == expected
        assert store.check() == ()
