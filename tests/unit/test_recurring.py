"""What recurs over articles and is theirs stays: tests/data/boilerplate/recurring.toml."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from ingest.boilerplate import Learned, strip
from ingest.boilerplate.learn import TrainingArticle, learn
from ingest.model import Article, Block, BlockKind, BlockVerdict, KnownBlock
from tests.unit.learn_cases import BEGAN, DATA, NAMES, TOWNS, _body, _sentence

BOX = "Sign up for our newsletter and get the week on the quay in your inbox."
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def cases() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = tomllib.loads((DATA / "recurring.toml").read_text("utf-8"))["case"]
    return read


def site(case: dict[str, Any]) -> list[TrainingArticle]:
    language = case.get("language", "en")
    made = []
    for number in range(case["articles"]):
        chance = Random(f"{case['name']} {number}")
        blocks = [Block(text=text, path="article/p") for text in _body(case, language, number)]
        added = dict.fromkeys(("start", "middle", "late", "end"), 0)
        own = len(blocks)
        for line in case["lines"]:
            if number not in line.get("on", range(case["articles"])):
                continue
            at = line.get("at", "middle")
            place = {"start": 0, "middle": own // 2, "late": own - 1, "end": own}[at]
            place += sum(count for where, count in added.items() if list(added).index(where) <= list(added).index(at))
            added[at] += 1
            text = line["text"].format(
                n=chance.randrange(20, 1900), m=chance.randrange(20, 900), name=chance.choice(NAMES[""]),
                town=chance.choice(TOWNS[""]), day=chance.choice(DAYS),
            )  # fmt: skip
            blocks.insert(
                place,
                Block(text=text, kind=BlockKind(line.get("kind", "paragraph")), path=line.get("path", "article/p")),
            )
        blocks.append(Block(text=BOX, path="article/div.nl/p"))
        article = Article(
            source="s",
            url=f"https://site.example/{number}",
            fetched_at=BEGAN + timedelta(days=number),
            title=_sentence(language, f"title {number}", 7),
            blocks=tuple(blocks),
            language=language,
        )
        made.append(TrainingArticle(article_id=number, article=article))
    return made


def learned(blocks: tuple[KnownBlock, ...]) -> Learned:
    return Learned(source="s", blocks=tuple(block for block in blocks if block.verdict is not None))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_recurring_content_stays_and_the_box_goes(case: dict[str, Any]) -> None:
    examples = site(case)
    known = learned(learn(examples).blocks)
    for example in examples:
        cut = [block.text for block in strip(example.article, known).blocks if block.cut]
        assert cut == [BOX]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_what_an_earlier_version_cut_is_let_go(case: dict[str, Any]) -> None:
    examples = site(case)
    wrongly = tuple(
        replace(block, id=number, verdict=BlockVerdict.LEARNED, reason="recurs")
        for number, block in enumerate(learn(examples[:-2]).blocks)
    )
    after = learn(examples[-2:], known=wrongly, recent=examples[:-2]).blocks
    changed = {block.id: block for block in after if block.id is not None}
    known = learned((*(changed.get(block.id, block) for block in wrongly), *(b for b in after if b.id is None)))
    for example in examples:
        cut = [block.text for block in strip(example.article, known).blocks if block.cut]
        assert cut == [BOX]


def test_twenty_kinds() -> None:
    assert len(cases()) >= 20
