"""What an article is to those already stored: new, a revision, unchanged or a duplicate.

Decides over values: the article and the candidates the store found by address or by text. The store knows which
address leads where and which texts it has; the decision is made here.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.errors import UrlError
from ingest.model import Article, Candidate, Moment, Verdict, VerdictKind
from ingest.text import minhash
from ingest.text.normalize import body_digest, fold, resemblance, words
from ingest.web.urls import key, same_site

# A text with edits at another address of its own site is a duplicate only when all evidence agrees: keeping both
# loses nothing. Daily texts of one form (weather, markets, lotteries) differ in day or numbers.
EDITED_RESEMBLANCE = 0.6  # under the same title on the same day: three words changed in a text of 50 leave 0.6
EDITED_UNDATED = 0.8  # under the same title
EDITED_RETITLED = 0.9  # on the same day, most words of the title the same
RETITLED_RESEMBLANCE = 0.5  # of the titles' words
MIN_DUPLICATE_WORDS = 20  # shorter bodies are equal by chance: a caption, "No comment", an empty page


def identify(article: Article, candidates: Iterable[Candidate]) -> Verdict:
    """Return what the article is to the candidates.

    The page's own address decides first: there a changed text is a revision. A canonical link, an alternate address or
    an address that now redirects is believed on the same site and with the same text or title only. Then the text: the
    same one again on the same source is a duplicate, with a few words changed too if title, day and numbers agree; on
    another source it is an article of its own.
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
        if candidate.shingles and _is_edited(article, candidate, same_title=same_title):
            return Verdict(kind=VerdictKind.DUPLICATE, of=candidate.article_id, reason="near-text")
    return None


def _is_edited(article: Article, candidate: Candidate, *, same_title: bool) -> bool:
    """Return whether the candidate of the same site is this article with a few words changed."""
    own = minhash.of_blocks(article.blocks)
    alike = resemblance(own, candidate.shingles)
    dated = article.published is not None and candidate.published is not None
    if alike < EDITED_RESEMBLANCE or _numbers(own) != _numbers(candidate.shingles):
        return False
    if dated and not _same_day(article.published, candidate.published):
        return False
    if same_title:
        return dated or alike >= EDITED_UNDATED
    titles = frozenset(words(article.title or "")), frozenset(words(candidate.title or ""))
    retitled = resemblance(*titles) >= RETITLED_RESEMBLANCE and _numbers(titles[0]) == _numbers(titles[1])
    return dated and retitled and alike >= EDITED_RETITLED


def _numbers(shingles: frozenset[str]) -> frozenset[str]:
    """Return the words with a digit in them."""
    return frozenset(word for one in shingles for word in one.split() if any(map(str.isdigit, word)))


def _same_day(one: Moment | None, other: Moment | None) -> bool:
    """Return whether two moments may lie on one day; time zones may shift one by a day."""
    return one is not None and other is not None and abs((one.on - other.on).days) <= 1


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
