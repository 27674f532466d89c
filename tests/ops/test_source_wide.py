"""What stands on most of a source's pages is the source's own, and not the article's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.model import Article, Block, Claim, Field, Image, Source, Verdict, VerdictKind
from ingest.ops.relearn import relearn
from ingest.ops.source_wide import SourceValues, source_values, without_source_values
from ingest.store import Store

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOGO = "https://valley.example/img/share.png"
PEOPLE = ("Ada Quill", "Tom Reed", "Ida Holm", "Bo Lind")


def article(number: int, *names: tuple[str, ...], tags: tuple[str, ...] = (), images: tuple[str, ...] = ()) -> Article:
    claims = [Claim(field=Field.AUTHORS, value=name, origin="json-ld", won=not at) for at, name in enumerate(names)]
    claims += [Claim(field=Field.TAGS, value=tags, origin="meta", won=True)] if tags else []
    claims += [Claim(field=Field.IMAGE, value=url, origin="og", won=not at) for at, url in enumerate(images)]
    pictures = tuple(Image(url=url) for url in images)
    return Article(
        source="valley",
        url=f"https://valley.example/{number}",
        fetched_at=NOW + timedelta(hours=number),
        title=f"Title of {number}",
        site_name="ValleyMail",
        blocks=(Block(text=f"The {number}. paragraph about the {number}. bridge of the valley.", path="article/p"),),
        authors=names[0] if names else (),
        tags=tags,
        image=pictures[0] if pictures else None,
        images=pictures,
        claims=tuple(claims),
    )


def settled(articles: list[Article]) -> list[Article]:
    own = source_values(articles)
    return [without_source_values(one, own) for one in articles]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ([(("Web-Redaktion",),)] * 12, [()] * 12),  # a desk
        ([(("valleymail",),)] * 12, [()] * 12),  # the site
        ([(("Ada Quill",),)] * 12, [("Ada Quill",)] * 12),  # the writer of a blog
        ([(("adaquill",),)] * 12, [("adaquill",)] * 12),
        ([(("dpa",),)] * 12, [("dpa",)] * 12),  # an agency writes
        ([(("Web-Redaktion",),)] * 9, [("Web-Redaktion",)] * 9),  # too few to tell
        ([(("Ada Quill", "Web-Redaktion"),)] * 12, [("Ada Quill",)] * 12),
        # an account, beside which others sign
        ([(("Kim Keeper",), (PEOPLE[at % 4],)) for at in range(12)], [(PEOPLE[at % 4],) for at in range(12)]),
        ([(("Ada Quill",), ("Tom Reed",))] * 12, [("Ada Quill",)] * 12),  # two who write together
    ],
)
def test_who_signs_every_page_is_no_author(
    names: list[tuple[tuple[str, ...], ...]], wanted: list[tuple[str, ...]]
) -> None:
    assert [one.authors for one in settled([article(at, *one) for at, one in enumerate(names)])] == wanted


def test_tags_of_every_page_are_the_sources() -> None:
    found = settled([article(at, tags=("Valley News", f"Topic {at}")) for at in range(12)])
    assert [one.tags for one in found] == [(f"Topic {at}",) for at in range(12)]


def test_a_picture_of_many_articles_gives_way_to_their_own() -> None:
    own = [f"https://valley.example/img/{at}.jpg" for at in range(12)]
    found = settled([article(at, images=(LOGO, own[at]) if at < 6 else (own[at],)) for at in range(12)])
    assert [one.image.url if one.image else None for one in found] == own
    assert all(LOGO not in [image.url for image in one.images] for one in found)
    assert [claim.won for claim in found[0].claims] == [False, True]
    assert settled([article(at, images=(LOGO,)) for at in range(12)])[0].image is None


def test_what_was_taken_away_still_counts() -> None:
    first = [article(at, ("Web-Redaktion",), tags=("Valley News", f"Topic {at}"), images=(LOGO,)) for at in range(12)]
    own = source_values(first)
    once = [without_source_values(one, own) for one in first]
    assert source_values(once) == own != SourceValues()
    assert [without_source_values(one, own) for one in once] == once


def test_the_end_of_a_source_restates_its_articles_without_revisions(store: Store) -> None:
    store.sources.sync((Source(name="valley", url="https://valley.example/"),), NOW)
    for at in range(12):
        one = article(at, ("Web-Redaktion",), (PEOPLE[at % 4],), tags=("Valley News", f"Topic {at}"), images=(LOGO,))
        store.articles.save(one, Verdict(kind=VerdictKind.NEW), NOW)
    relearn(store, "valley", NOW)
    for stored in store.articles.each(source="valley"):
        at = int(stored.article.url.rpartition("/")[2])
        assert stored.article.authors == (PEOPLE[at % 4],)
        assert stored.article.tags == (f"Topic {at}",)
        assert stored.article.image is None
        assert stored.revision == 1
    late = article(12, ("Web-Redaktion",), tags=("Valley News",), images=(LOGO,))
    store.articles.save(late, Verdict(kind=VerdictKind.NEW), NOW)
    relearn(store, "valley", NOW)
    stored = store.articles.get(late.url)
    assert stored is not None
    assert (stored.article.authors, stored.article.tags, stored.article.image) == ((), (), None)
    assert replace(stored.article, claims=()).title == late.title
