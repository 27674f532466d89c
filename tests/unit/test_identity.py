"""What an article is to those already stored; cases are rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.identity import identify
from ingest.model import Article, Block, Candidate, VerdictKind
from ingest.text.normalize import body_digest
from ingest.web.urls import key

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
BODY = (
    "The harbour bridge stays closed until spring because two of its bearings have cracked, the town said on Monday."
    " The ferry takes cars across every twenty minutes meanwhile."
)
SITE = "https://news.example.com"
KNOWN = Article(
    source="news", url=f"{SITE}/2026/bridge", fetched_at=NOW, title="Bridge stays closed", blocks=(Block(text=BODY),)
)


def _candidate(article: Article, *, keys: tuple[str, ...] = (), article_id: int = 7) -> Candidate:
    return Candidate(
        article_id=article_id,
        source=article.source,
        url=article.url,
        url_key=key(article.url),
        canonical_key=key(article.canonical_url) if article.canonical_url else None,
        keys=keys,
        body_digest=body_digest(article.title, article.blocks),
        title=article.title,
        revision=1,
        revised_at=NOW,
    )


KEY = key(KNOWN.url)
OTHER_BODY = (Block(text=BODY.replace("spring", "summer")),)
PRINT = f"{SITE}/print/bridge"
AMP = f"{SITE}/amp/2026/bridge"


@pytest.mark.parametrize(
    ("changed", "keys", "kind", "reason"),
    [
        pytest.param({}, (KEY,), VerdictKind.UNCHANGED, "same-url", id="nothing changed"),
        pytest.param({"blocks": OTHER_BODY}, (KEY,), VerdictKind.REVISION, "text-changed", id="a word changed"),
        pytest.param({"title": "Bridge reopens"}, (KEY,), VerdictKind.REVISION, "text-changed", id="the title changed"),
        pytest.param(
            {"blocks": (Block(text=BODY.upper()),)}, (KEY,), VerdictKind.UNCHANGED, "same-url", id="only case changed"
        ),
        pytest.param(
            {"url": f"{SITE}/2026/bridge/"}, (KEY,), VerdictKind.UNCHANGED, "same-url", id="a slash at the end"
        ),
        pytest.param(
            {"url": AMP, "canonical_url": KNOWN.url}, (KEY,), VerdictKind.DUPLICATE, "same-canonical", id="AMP copy"
        ),
        pytest.param(
            {"url": AMP, "canonical_url": KNOWN.url, "blocks": OTHER_BODY},
            (KEY,),
            VerdictKind.DUPLICATE,
            "same-canonical",
            id="AMP copy with a slightly different text",
        ),
        pytest.param(
            {"url": AMP, "canonical_url": KNOWN.url, "blocks": OTHER_BODY, "title": "Ferry sinks"},
            (KEY,),
            VerdictKind.NEW,
            "",
            id="canonical link to another article is not believed",
        ),
        pytest.param(
            {"url": "https://else.example.org/x", "source": "else", "canonical_url": KNOWN.url},
            (KEY,),
            VerdictKind.NEW,
            "",
            id="canonical link to another site is not believed",
        ),
        pytest.param({"url": PRINT}, (), VerdictKind.DUPLICATE, "same-text", id="print copy without canonical"),
        pytest.param({"url": PRINT}, (key(PRINT),), VerdictKind.UNCHANGED, "alias", id="known alias"),
        pytest.param(
            {"url": f"{SITE}/moved", "asked_url": KNOWN.url}, (KEY,), VerdictKind.UNCHANGED, "moved", id="redirected"
        ),
        pytest.param(
            {"url": f"{SITE}/", "asked_url": KNOWN.url, "title": "Home", "blocks": OTHER_BODY},
            (KEY,),
            VerdictKind.NEW,
            "",
            id="redirected to something else",
        ),
        pytest.param(
            {"url": "https://else.example.org/x", "source": "else"}, (), VerdictKind.NEW, "", id="copy on another site"
        ),
    ],
)
def test_an_article_is_told_apart_from_a_stored_one(
    changed: dict[str, object], keys: tuple[str, ...], kind: VerdictKind, reason: str
) -> None:
    article = replace(KNOWN, **changed)  # type: ignore[arg-type]  # fields come from the table above
    verdict = identify(article, [_candidate(KNOWN, keys=keys)])
    assert (verdict.kind, verdict.reason) == (kind, reason)
    assert verdict.of == (None if kind is VerdictKind.NEW else 7)


def test_short_equal_texts_are_no_duplicates() -> None:
    short = replace(KNOWN, blocks=(Block(text="No comment."),))
    assert identify(replace(short, url=PRINT), [_candidate(short)]).kind is VerdictKind.NEW


def test_the_own_address_outranks_an_equal_text_elsewhere() -> None:
    near_duplicate = replace(KNOWN, url=f"{SITE}/2025/bridge", blocks=OTHER_BODY)
    article = replace(KNOWN, blocks=OTHER_BODY)
    candidates = [_candidate(near_duplicate, article_id=3), _candidate(KNOWN, keys=(KEY,), article_id=7)]
    verdict = identify(article, candidates)
    assert (verdict.kind, verdict.of) == (VerdictKind.REVISION, 7)


def test_without_candidates_an_article_is_new() -> None:
    assert identify(KNOWN, []).kind is VerdictKind.NEW
