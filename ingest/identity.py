"""What an article is to those already stored: new, a revision, unchanged or a duplicate.

Decides over values: the article and the candidates the store found by address or by text. Which address leads where and
which texts are stored is the store's knowledge; what follows from it is here.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.errors import UrlError
from ingest.model import Article, Candidate, Verdict, VerdictKind
from ingest.text import body_digest, fold, words
from ingest.urls import key, same_site

MIN_DUPLICATE_WORDS = 20  # shorter bodies are equal by chance: a caption, "No comment", an empty page


def identify(article: Article, candidates: Iterable[Candidate]) -> Verdict:
    """Return what the article is to the candidates.

    The page's own address decides first: there a changed text is a revision. A canonical link, an alternate address or
    an address that now redirects is believed on the same site and with the same text or title only. Then the text: the
    same one again on the same source is a duplicate; on another source it is an article of its own.
    """
    digest = body_digest(article.title, article.blocks)
    ranked = sorted(candidates, key=lambda candidate: _rank(article, digest, candidate))
    for candidate in ranked:
        verdict = _compare(article, digest, candidate)
        if verdict is not None:
            return verdict
    return Verdict(kind=VerdictKind.NEW)


def _rank(article: Article, digest: str, candidate: Candidate) -> tuple[bool, bool, bool, int]:
    """Order: the own address, then its aliases, then the same text; the older article first."""
    own = key(article.url)
    return candidate.url_key != own, own not in candidate.keys, candidate.body_digest != digest, candidate.article_id


def _compare(article: Article, digest: str, candidate: Candidate) -> Verdict | None:
    """The verdict this candidate alone asks for, None if it is another article."""
    same_text = candidate.body_digest == digest
    if key(article.url) == candidate.url_key:
        return _again(candidate, "same-url") if same_text else _revised(candidate, "text-changed")
    same_title = bool(article.title) and fold(article.title or "") == fold(candidate.title or "")
    if candidate.source == article.source or same_site(article.url, candidate.url):
        if candidate.keys and (same_text or same_title):
            return _by_other_address(article, candidate, same_text=same_text)
        if same_text and _words(article) >= MIN_DUPLICATE_WORDS:
            return Verdict(kind=VerdictKind.DUPLICATE, of=candidate.article_id, reason="same-text")
    return None


def _by_other_address(article: Article, candidate: Candidate, *, same_text: bool) -> Verdict:
    """The verdict on a page whose other addresses, or whose aliases, lead to the candidate."""
    canonical = _key(article.canonical_url)
    if canonical is not None and canonical in candidate.keys and canonical != key(article.url):
        return Verdict(kind=VerdictKind.DUPLICATE, of=candidate.article_id, reason="same-canonical")
    if key(article.url) in candidate.keys:  # an address known to show this article
        return _again(candidate, "alias") if same_text else _revised(candidate, "text-changed")
    if _key(article.asked_url) in candidate.keys:  # it was asked for at the old address, and moved
        return _again(candidate, "moved") if same_text else _revised(candidate, "moved")
    return Verdict(kind=VerdictKind.DUPLICATE, of=candidate.article_id, reason="same-alternate")


def _again(candidate: Candidate, reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.UNCHANGED, of=candidate.article_id, reason=reason)


def _revised(candidate: Candidate, reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.REVISION, of=candidate.article_id, reason=reason)


def _key(url: str | None) -> str | None:
    try:
        return key(url) if url else None
    except UrlError:
        return None


def _words(article: Article) -> int:
    return sum(len(words(block.text)) for block in article.kept)
