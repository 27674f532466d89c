"""Headings over entries: put back where a place holds the article's own, left alone where it holds teasers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.boilerplate import strip, unstrip
from ingest.boilerplate.block_index import place, place_of
from ingest.boilerplate.learn import TrainingArticle, learn
from ingest.model import Article, Block, BlockKind, BlockVerdict, Cut, CutBy, KnownBlock, Learned

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUT = Cut(by=CutBy.MODEL, reason="model 0.24, trafilatura")
NAMES = ("Quarrel", "Bridge", "Budget", "School", "Ferry", "Lamps", "Wells", "Close")
PLACE = "article/div.entry/h3.entry__title"


def _live(*, entries: int = 8, link_share: float = 0.0, same: bool = False, answered: bool = True) -> Article:
    """A live blog: entries with a heading that extraction cut, but for the first, and a paragraph that stayed."""
    blocks = [Block(text="The council meets tonight, and we report from its gallery.", path="article/p")]
    for entry in range(entries):
        text = "From the gallery" if same else f"{NAMES[entry]} on the table"
        cut = CUT if entry else None
        blocks.append(Block(text=text, kind=BlockKind.HEADING, level=3, path=PLACE, link_share=link_share, cut=cut))
        told = Block(
            text=f"Speaker {entry} rose, {'b' * (entry + 1)} was said, and {'c' * (entry + 1)} replied.",
            path="article/div.entry/p",
        )
        blocks.append(told if answered else replace(told, cut=CUT))
    return Article(source="s", url="https://s.example/live", fetched_at=NOON, title="Live", blocks=tuple(blocks))


def _learned(article: Article) -> tuple[KnownBlock, ...]:
    learn_result = learn([TrainingArticle(article_id=1, article=article)]).blocks
    return tuple(block for block in learn_result if block.verdict is not None)


def test_headings_over_entries_are_put_back_and_taken_back() -> None:
    article = _live()
    (known,) = _learned(article)
    assert (known.verdict, known.path) == (BlockVerdict.OWN, PLACE)
    stripped = strip(article, Learned(blocks=(known,)))
    assert all(block.cut is None for block in stripped.blocks)
    assert unstrip(stripped) == article


@pytest.mark.parametrize(
    "article",
    [_live(link_share=1.0), _live(same=True), _live(answered=False), _live(entries=4)],
    ids=["links", "one text over all boxes", "nothing below stayed", "too few"],
)
def test_other_headings_stay_cut(article: Article) -> None:
    assert strip(article, Learned(blocks=_learned(article))).blocks == article.blocks


def test_what_asks_for_something_is_not_put_back() -> None:
    article = _live()
    asking = Block(text="Sign up for our newsletter", kind=BlockKind.HEADING, level=3, path=PLACE, cut=CUT)
    later = replace(article, blocks=(*article.blocks, asking))
    assert strip(later, Learned(blocks=_learned(article))).blocks[-1] == asking


def test_a_persons_cut_of_the_place_outranks_it() -> None:
    article = _live()
    (known,) = _learned(article)
    held = replace(known, id=1, verdict=BlockVerdict.CUT)
    again = learn([TrainingArticle(article_id=2, article=article)], known=(held,)).blocks
    assert [block.verdict for block in again if block.path == PLACE] in ([], [BlockVerdict.CUT])
    assert all(b.cut is not None for b in strip(article, Learned(blocks=(held,))).blocks if b.path == PLACE)


def test_many_live_blogs_do_not_make_the_place_a_box_of_the_site() -> None:
    blogs = [
        replace(
            _live(),
            url=f"https://s.example/{number}",
            blocks=tuple(replace(block, text=f"{block.text} {'d' * number}{'e' * number}") for block in _live().blocks),
        )
        for number in range(2, 9)
    ]
    known: dict[int, KnownBlock] = {}
    for number, article in enumerate(blogs):
        earlier = [TrainingArticle(article_id=before, article=one) for before, one in enumerate(blogs[:number])]
        for block in learn(
            [TrainingArticle(article_id=number, article=article)], known=known.values(), recent=earlier
        ).blocks:
            held = block if block.id is not None else replace(block, id=len(known) + 1)
            assert held.id is not None
            known[held.id] = held
    assert [block.verdict for block in known.values() if place(block) == place_of(PLACE)] == [BlockVerdict.OWN]
