"""What must be learned and what must not: cases in tests/data/boilerplate/learn.toml, each a small site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ingest.boilerplate import strip
from ingest.boilerplate.learn import Lesson, learn
from ingest.model import Block, BlockVerdict, KnownBlock, Learned
from tests.rooms.learn_cases import cases, site

CASES = cases()
NAMES = [case["name"] for case in CASES]


def _learned(blocks: tuple[KnownBlock, ...]) -> Learned:
    return Learned(source="s", blocks=tuple(block for block in blocks if block.verdict is not None))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_recurring_block_meets_its_fate(case: dict[str, Any]) -> None:
    made = site(case)
    learned = _learned(learn(made.lessons).blocks)
    for lesson, texts, own in zip(made.lessons, made.blocks, made.own, strict=True):
        kept = [block.text for block in strip(lesson.article, learned).kept]
        assert [text for text in own if text not in kept] == [], "paragraphs of the article were cut"
        if case["expect"] == "cut":
            assert [text for text in texts if text in kept] == []
        else:
            assert [text for text in texts if text not in kept] == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_learning_article_by_article_ends_like_learning_at_once(case: dict[str, Any]) -> None:
    made = site(case)
    known: dict[int, KnownBlock] = {}
    for number, lesson in enumerate(made.lessons):
        taught = learn([lesson], known=tuple(known.values()), recent=made.lessons[:number])
        for block in taught.blocks:
            held = block if block.id is not None else replace(block, id=len(known) + 1)
            assert held.id is not None
            known[held.id] = held
    learned = _learned(tuple(known.values()))
    for lesson, texts, own in zip(made.lessons, made.blocks, made.own, strict=True):
        kept = [block.text for block in strip(lesson.article, learned).kept]
        assert [text for text in own if text not in kept] == []
        assert [text for text in texts if (text in kept) == (case["expect"] == "cut")] == []


def test_a_persons_verdict_is_never_overruled_by_learning() -> None:
    case = next(case for case in CASES if case["name"] == "the same words in a bare paragraph")
    made = site(case)
    first = learn(made.lessons[:6]).blocks
    kept = tuple(replace(block, id=1, verdict=BlockVerdict.KEEP) for block in first)
    later = learn(made.lessons[6:], known=kept, recent=made.lessons[:6]).blocks
    assert [(block.id, block.verdict, block.articles) for block in later] == [(1, BlockVerdict.KEEP, 12)]


def test_counts_days_and_examples_are_kept() -> None:
    made = site(
        {"name": "counts", "language": "en", "expect": "cut", "texts": ["The Valley Post is read by {n} people."]}
    )
    (block,) = learn(made.lessons).blocks
    assert block.articles == 12
    assert (block.last_on - block.first_on).days == 11
    assert block.pattern == ("the", "valley", "post", "is", "read", "by", "0", "people")


def test_learning_from_nothing_gives_nothing() -> None:
    assert learn(()).blocks == ()
    made = site({"name": "one", "language": "en", "expect": "keep", "texts": ["Alone."], "articles": 1})
    assert learn(made.lessons).blocks == ()
    empty = replace(made.lessons[0].article, blocks=(Block(text="—"),), title=None)
    assert learn([Lesson(article_id=n, article=empty) for n in range(5)]).blocks == ()
