"""What stands on most of a source's pages is the source's and not the article's: desks, keywords, placeholder pictures.

Counted over what the pages claim, not over what won: so what was taken away still counts, and a page extracted again
comes out the same. Nothing is lost: the claims stay, and `reextract` goes by what is counted then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.extract.metadata.names import NameKind, is_agency, kind_of
from ingest.model import Article, Claim, Field
from ingest.text.normalize import fold

MIN_ARTICLES = 10  # fewer say nothing about a source
MOST = 0.8  # of the articles: whose author or tag is the source's
PICTURE_SHARE = 0.3  # of the articles with one picture: it shows none of them; series share theirs on fewer
OTHERS_SHARE = 0.5  # of the articles of an account that name somebody else ...
MIN_OTHERS = 3  # ... and so many different people


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceValues:
    """Authors and tags (folded) and addresses of pictures that are a source's own."""

    authors: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    pictures: frozenset[str] = frozenset()


def source_values(articles: Sequence[Article]) -> SourceValues:
    """Return what stands on most of these articles of one source."""
    if len(articles) < MIN_ARTICLES:
        return SourceValues()
    most = MOST * len(articles)
    named = _frequent(articles, Field.AUTHORS, most)
    return SourceValues(
        authors=frozenset(name for name in named if _is_no_author(name, named[name], articles)),
        tags=frozenset(_frequent(articles, Field.TAGS, most)),
        pictures=frozenset(_frequent(articles, Field.IMAGE, PICTURE_SHARE * len(articles))),
    )


def without_source_values(article: Article, own: SourceValues) -> Article:
    """Return the article without the source's tags; for its authors and lead image the next claim stands in."""
    if not own.authors.isdisjoint(map(fold, article.authors)):
        article = _next_authors(article, own)
    if any(fold(tag) in own.tags for tag in article.tags):
        article = replace(article, tags=tuple(tag for tag in article.tags if fold(tag) not in own.tags))
    if article.image is not None and _key(Field.IMAGE, article.image.url) in own.pictures:
        article = _next_picture(article, own)
    return article


def _frequent(articles: Iterable[Article], field: Field, at_least: float) -> dict[str, str]:
    """Return the values that so many articles claim, each by its key in one of its spellings."""
    counts: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for article in articles:
        values = {
            _key(field, value): value for claim in article.claims if claim.field is field for value in _values(claim)
        }
        counts.update(values.keys())
        spelled |= values
    return {key: spelled[key] for key, count in counts.items() if count >= at_least and key}


def _values(claim: Claim) -> tuple[str, ...]:
    return (claim.value,) if isinstance(claim.value, str) else claim.value


def _key(field: Field, value: str) -> str:
    return value.partition("?")[0] if field is Field.IMAGE else fold(value)


def _is_no_author(key: str, name: str, articles: Sequence[Article]) -> bool:
    """Return whether a name on most articles signs none: a desk, the site, or the account under which others write.

    A person or a nickname that nobody else stands beside is the writer of a blog.
    """
    if is_agency(name):
        return False
    kind = kind_of(name)
    is_site = kind is not NameKind.PERSON and any(fold(one.site_name or "") == key for one in articles)
    if is_site or kind is NameKind.ORGANISATION:
        return True
    others = [found for one in articles if (found := _others(one, key))]
    return len(others) >= OTHERS_SHARE * len(articles) and len(frozenset().union(*others)) >= MIN_OTHERS


def _others(article: Article, key: str) -> frozenset[str]:
    """Return the other people whom the page's claims name."""
    names = (name for claim in article.claims if claim.field is Field.AUTHORS for name in _values(claim))
    return frozenset(name for name in names if fold(name) != key and kind_of(name) is NameKind.PERSON)


def _next_authors(article: Article, own: SourceValues) -> Article:
    left = tuple(name for name in article.authors if fold(name) not in own.authors)
    claims = [claim for claim in article.claims if claim.field is Field.AUTHORS]
    free = [claim for claim in claims if own.authors.isdisjoint(map(fold, _values(claim)))]
    people = [claim for claim in free if any(kind_of(name) is NameKind.PERSON for name in _values(claim))]
    chosen = next(iter(people or free), None) if not left else None
    if chosen is not None:
        return replace(article, authors=_values(chosen), claims=_won(article.claims, chosen))
    return replace(article, authors=left, claims=article.claims if left else _won(article.claims, None, Field.AUTHORS))


def _next_picture(article: Article, own: SourceValues) -> Article:
    images = tuple(image for image in article.images if _key(Field.IMAGE, image.url) not in own.pictures)
    found = {_key(Field.IMAGE, value): claim for claim in article.claims for value in _values(claim)}
    known = {_key(Field.IMAGE, image.url): image for image in images}
    chosen = next((key for key in known if key in found and found[key].field is Field.IMAGE), None)
    lead = known[chosen] if chosen else None
    claims = _won(article.claims, found[chosen] if chosen else None, Field.IMAGE)
    return replace(article, image=lead, images=images, claims=claims)


def _won(claims: Iterable[Claim], winner: Claim | None, field: Field | None = None) -> tuple[Claim, ...]:
    """Return the claims with another winner of its field, or with none of the field."""
    of = winner.field if winner else field
    return tuple(replace(one, won=one is winner) if one.field is of else one for one in claims)
