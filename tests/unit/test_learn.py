"""What must be learned and what must not: cases in tests/data/boilerplate/learn.toml, each a small site."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ingest.boilerplate import strip
from ingest.boilerplate.block_index import FADE_DAYS
from ingest.boilerplate.learn import TrainingArticle, learn
from ingest.model import Block, BlockVerdict, KnownBlock, Learned
from tests.unit.learn_cases import cases, site

CASES = cases()
NAMES = [case["name"] for case in CASES]


def _learned(blocks: tuple[KnownBlock, ...]) -> Learned:
    return Learned(source="s", blocks=tuple(block for block in blocks if block.verdict is not None))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_recurring_block_meets_its_fate(case: dict[str, Any]) -> None:
    made = site(case)
    learned = _learned(learn(made.examples).blocks)
    for example, texts, own in zip(made.examples, made.blocks, made.own, strict=True):
        kept = [block.text for block in strip(example.article, learned).kept]
        assert [text for text in own if text not in kept] == [], "paragraphs of the article were cut"
        if case["expect"] == "cut":
            assert [text for text in texts if text in kept] == []
        else:
            assert [text for text in texts if text not in kept] == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_learning_article_by_article_ends_like_learning_at_once(case: dict[str, Any]) -> None:
    made = site(case)
    known: dict[int, KnownBlock] = {}
    for number, example in enumerate(made.examples):
        learn_result = learn([example], known=tuple(known.values()), recent=made.examples[:number])
        for block in learn_result.blocks:
            held = block if block.id is not None else replace(block, id=len(known) + 1)
            assert held.id is not None
            known[held.id] = held
    learned = _learned(tuple(known.values()))
    for example, texts, own in zip(made.examples, made.blocks, made.own, strict=True):
        kept = [block.text for block in strip(example.article, learned).kept]
        assert [text for text in own if text not in kept] == []
        assert [text for text in texts if (text in kept) == (case["expect"] == "cut")] == []


def test_a_persons_verdict_is_never_overruled_by_learning() -> None:
    case = next(case for case in CASES if case["name"] == "the same words in a bare paragraph")
    made = site(case)
    first = learn(made.examples[:6]).blocks
    kept = tuple(replace(block, id=1, verdict=BlockVerdict.KEEP) for block in first)
    later = learn(made.examples[6:], known=kept, recent=made.examples[:6]).blocks
    assert [(block.id, block.verdict, block.articles) for block in later] == [(1, BlockVerdict.KEEP, 12)]


def test_counts_days_and_examples_are_kept() -> None:
    made = site(
        {"name": "counts", "language": "en", "expect": "cut", "texts": ["The Valley Post is read by {n} people."]}
    )
    (block,) = learn(made.examples).blocks
    assert block.articles == 12
    assert (block.last_on - block.first_on).days == 11
    assert block.pattern == ("the", "valley", "post", "is", "read", "by", "0", "people")


def test_learning_from_nothing_gives_nothing() -> None:
    assert learn(()).blocks == ()
    made = site({"name": "one", "language": "en", "expect": "keep", "texts": ["Alone."], "articles": 1})
    assert learn(made.examples).blocks == ()
    empty = replace(made.examples[0].article, blocks=(Block(text="—"),), title=None)
    learn_result = learn([TrainingArticle(article_id=n, article=empty) for n in range(5)]).blocks
    assert [block.verdict for block in learn_result] == [
        None
    ]  # counted, but nobody's: the articles have no text of their own


def test_a_block_fades_when_the_site_drops_it_and_stays_cut_where_it_stood() -> None:
    text = "The Harbour Letter brings you the week on the quay, every Saturday morning."
    made = site({"name": "fades", "language": "en", "expect": "cut", "texts": [text]})
    learned = _learned(learn(made.examples).blocks)
    article = made.examples[-1].article
    for days, kept in ((1, False), (FADE_DAYS, False), (FADE_DAYS + 1, True)):
        later = replace(article, fetched_at=article.fetched_at + timedelta(days=days))
        assert (text in strip(later, learned).body) is kept


def test_a_dropped_block_met_once_more_does_not_come_back_to_life() -> None:
    text = "The Harbour Letter brings you the week on the quay, every Saturday morning."
    case = {"name": "revived", "language": "en", "expect": "cut", "texts": [text], "articles": 60}
    made = site({**case, "on": [*range(12), 39, *range(50, 60)]})
    year = timedelta(days=365)
    early = made.examples[:12]
    late = [
        replace(example, article=replace(example.article, fetched_at=example.article.fetched_at + year))
        for example in made.examples[12:]
    ]
    (known,) = (replace(block, id=1) for block in learn(early).blocks)
    (once,) = learn(late[27:28], known=(known,), recent=late[:27]).blocks
    assert (once.verdict, once.last_on) == (BlockVerdict.LEARNED, known.last_on)
    (again,) = learn(late[38:], known=(once,), recent=late[20:38]).blocks
    assert again.last_on == late[-1].article.fetched_at.date()
