"""What a run left in the database, read with the store itself."""

from __future__ import annotations

from pathlib import Path

from ingest.model import OutcomeKind
from ingest.store import StoredArticle, open_store


def sqlite_url(home: Path) -> str:
    return f"sqlite:///{home / 'ingest.db'}"


def articles(database_url: str) -> dict[str, StoredArticle]:
    """Every stored article's latest revision, by URL."""
    with open_store(database_url) as store:
        return {stored.article.url: stored for stored in store.articles.each()}


def revised(database_url: str) -> set[str]:
    """The URLs of the articles that have more than one revision."""
    with open_store(database_url) as store:
        return {
            stored.article.url
            for stored in store.articles.each()
            if len(store.articles.revisions(stored.article_id)) > 1
        }


def outcome(database_url: str, url: str) -> OutcomeKind | None:
    """How the page ended last time."""
    with open_store(database_url) as store:
        page = store.pages.known(url)
        return page.outcome if page else None
