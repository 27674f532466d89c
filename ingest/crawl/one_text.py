"""One text at several addresses of a site: a wall that no phrase recognises, or articles that a site serves twice?

An article served twice is what its links say it is; a wall has nothing to do with any of them. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.model import Article, Link
from ingest.text.normalize import body_words_of, digest, fold, resemblance, words
from ingest.web.url_patterns import segments

ONE_TEXT = "one-text"
DENIED = 2  # links whose own words say something else than the page, and each something else
DENIED_SLUGS = 3  # addresses that do, where links have no words: less telling, a slug may be in another language
SHARED_LEAST = 0.34  # share of a link's words that its page has; of an article with another headline about half
APART = 0.5  # resemblance of the words of two links below which they are of two articles
TELLING_CHARS = 4  # shorter words stand in any text
TELLING_WORDS = 2  # of a link or an address that says what its page is about
BEGINNING = 80  # words of the text that a link may quote
SKELETON_WORDS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOccurrence:
    """An address at which the text was shown, with what its link said."""

    url: str
    hint: str | None  # the link's title


def skeleton(article: Article) -> str:
    """Return a digest of title and text without numbers and codes: those of a wall differ with each answer."""
    most = SKELETON_WORDS * 12
    said = (*words(article.title or ""), "|", *body_words_of(article.blocks)[:most])
    return digest(" ".join(word for word in said if word.isalpha() or not any(map(str.isdigit, word)))[:most])


def text_occurrence(url: str, link: Link | None) -> TextOccurrence:
    """Return where a page was shown."""
    return TextOccurrence(url=url, hint=link.title if link else None)


def is_wall(article: Article, occurrences: Sequence[TextOccurrence]) -> bool:
    """Return whether the text, shown at all these addresses, is of none of them."""
    said = frozenset((*words(article.title or ""), *body_words_of(article.blocks)[:BEGINNING]))
    hinted: list[frozenset[str]] = []
    slugs: set[frozenset[str]] = set()
    for one in {one.url: one for one in occurrences}.values():
        hint, slug = _telling(one.hint or ""), _slug(one.url)
        if len(hint) >= TELLING_WORDS:
            if _denies(hint, said) and all(resemblance(hint, other) < APART for other in hinted):
                hinted.append(hint)
        elif len(slug) >= TELLING_WORDS and _denies(slug, said):
            slugs.add(slug)
    return len(hinted) >= DENIED or len(hinted) + len(slugs) >= DENIED_SLUGS


def _denies(claimed: frozenset[str], said: frozenset[str]) -> bool:
    return len(claimed & said) < SHARED_LEAST * len(claimed)


def _telling(text: str) -> frozenset[str]:
    every = words(text)
    return frozenset(word for word in every if len(word) >= TELLING_CHARS) or frozenset(every)


def _slug(url: str) -> frozenset[str]:
    last = next(reversed(segments(url)), "")
    return frozenset(word for word in fold(last).split() if len(word) >= TELLING_CHARS and word.isalpha())
