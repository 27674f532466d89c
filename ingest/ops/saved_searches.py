"""Saved searches of sources.toml: which articles match them, and one message a search about those that are new.

Each new article is read once and held against all searches, by its words as the index has them: the cost goes by the
run's articles, not by what is stored, and it is the same on both databases. Stems are not looked for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ingest.config import Config
from ingest.errors import StoreError
from ingest.events import event
from ingest.model import SavedSearch
from ingest.ops.alerts import MOST, Message, deliver
from ingest.store import NoticedArticle, Store
from ingest.text.normalize import normalise
from ingest.text.search_terms import SearchedText, Term, terms_of

log = logging.getLogger(__name__)

CURSOR = "searches"
SHOWN = 10  # articles of one search that a message lists in its text
LISTED = 100  # articles of one search that a webhook gets


@dataclass(frozen=True)
class SearchMatcher:
    """A saved search, ready to be held against articles."""

    search: SavedSearch

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """What its query looks for. Raises WrongUse for one without a word."""
        return terms_of(self.search.query)

    def matches(self, source: str, language: str | None, authors: Iterable[str], text: SearchedText) -> bool:
        """Return whether an article matches."""
        wanted = self.search
        if wanted.source not in (None, source):
            return False
        if wanted.language is not None and not f"{language or ''}-".lower().startswith(f"{wanted.language}-".lower()):
            return False
        if wanted.author is not None and not any(wanted.author.casefold() in name.casefold() for name in authors):
            return False
        return text.holds(self.terms)


def matching(
    searches: Sequence[SavedSearch], articles: Iterable[NoticedArticle]
) -> dict[SavedSearch, list[NoticedArticle]]:
    """Return the articles that match each search, for those that any article matches."""
    matchers = [SearchMatcher(search) for search in searches]
    found: dict[SavedSearch, list[NoticedArticle]] = {}
    for article in articles:
        text = SearchedText(article.title, article.body)
        for matcher in matchers:
            if matcher.matches(article.source, article.language, article.authors, text):
                found.setdefault(matcher.search, []).append(article)
    return {search: found[search] for search in searches if search in found}


def report_matches(store: Store, config: Config, searches: Sequence[SavedSearch], run_id: int, now: datetime) -> int:
    """Report the new articles that match saved searches, once; return how many searches have some.

    What no channel took is reported with the next run. Raises SettingsError for a channel that cannot be used.
    """
    if not searches:
        store.notices.drop(CURSOR)
        return 0
    try:
        window = store.notices.window(CURSOR, run_id)
        found = matching(searches, store.notices.new_articles(window))
    except StoreError as error:  # writers held the table for long
        event(log, logging.WARNING, "saved searches not looked at", reason=str(error))
        return 0
    for search, articles in found.items():
        event(log, logging.INFO, "saved search matched", search=search.name, articles=len(articles))
    taken = False
    try:
        taken = not found or deliver(messages_of_matches(found), config)
    finally:
        store.notices.settle(window if taken else window.unmoved(), now)
    return len(found)


def messages_of_matches(found: dict[SavedSearch, list[NoticedArticle]]) -> tuple[Message, ...]:
    """Return a message for each search; at most MOST, the last of more names the rest."""
    messages = [_message(search, articles) for search, articles in found.items()]
    if len(messages) <= MOST:
        return tuple(messages)
    rest = list(found)[MOST - 1 :]
    names = ", ".join(search.name for search in rest)
    text = f"new articles for {len(rest)} more searches: {names}"
    return (*messages[: MOST - 1], Message(text=text, over=False, payload={"event": "searches", "text": text}))


def _message(search: SavedSearch, articles: Sequence[NoticedArticle]) -> Message:
    plural = "" if len(articles) == 1 else "s"
    lines = [f"search {search.name}: {len(articles)} new article{plural}"]
    lines += [normalise(f"- {one.title or '(no title)'} ({one.source}) {one.url}") for one in articles[:SHOWN]]
    if len(articles) > SHOWN:
        lines.append(f"and {len(articles) - SHOWN} more: ingest export --search {search.name}")
    text = "\n".join(lines)
    return Message(
        text=text,
        over=False,
        payload={
            "event": "search",
            "text": text,
            "search": search.name,
            "query": search.query,
            "count": len(articles),
            "articles": [
                {
                    "id": one.article_id,
                    "source": one.source,
                    "url": one.url,
                    "title": one.title,
                    "authors": list(one.authors),
                    "published": one.published.iso() if one.published else None,
                    "language": one.language,
                }
                for one in articles[:LISTED]
            ],
        },
    )
