"""Small sites made from the cases in tests/data/boilerplate/learn.toml: articles with bodies of their own, and a block.

Bodies are words made up from a script's letters, drawn as unevenly as in speech, so that short runs of words recur by
chance and long ones do not.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from ingest.boilerplate.learn import TrainingArticle
from ingest.model import Article, Block, BlockKind

DATA = Path(__file__).parent.parent / "data" / "boilerplate"
BEGAN = datetime(2026, 3, 1, 6, tzinfo=UTC)
LETTERS = {
    "ru": "аеиоуябвгдзклмнпрст",
    "uk": "аеиіоуїбвгдзклмнпрст",
    "ar": "ابتجدرسعفقكلمنوي",
    "he": "אבגדהוזחלמנסעפקרשת",
    "hi": "कखगचजटडतदनपबमयरलवसह",
    "el": "αεηιουβγδκλμνπρστ",
}
UNSPACED = {"zh": (0x4E00, 600), "ja": (0x4E00, 600)}  # first character and how many from there on
NAMES = {
    "zh": ("王晓明", "李海燕", "张建国", "刘雪梅", "陈志强", "赵云"),
    "ru": ("Анна Соколова", "Иван Лебедев", "Мария Громова", "Олег Беляев"),
    "ar": ("أحمد الحسن", "ليلى منصور", "سامي العلي", "مريم حداد"),
    "he": ("דנה לוי", "יואב כהן", "נועה פרץ"),
    "hi": ("अमित वर्मा", "नेहा सिंह", "रवि शर्मा"),
    "": ("Ada Holm", "Ben Ortiz", "Cleo Marsh", "Dirk Vogt", "Elena Ruiz", "Femi Cole", "Greta Lind"),
}
TOWNS = {
    "ru": ("Лугового", "Заречья", "Сосновки"),
    "ar": ("الوادي", "المرج", "الساحل"),
    "he": ("חוף", "גבעה", "מעיין"),
    "hi": ("नदीपुर", "वनगाँव", "पहाड़पुर"),
    "": ("Lindenau", "Osterfeld", "Talheim", "Marbeck", "Hagen"),
}
MONTHS = {"fr": ("mars", "avril", "mai", "juin"), "ru": ("марте", "апреле", "мае", "июне")}
PARAGRAPHS = 5
VOCABULARY = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The lessons of one case, and the texts whose fate it tells."""

    examples: tuple[TrainingArticle, ...]
    blocks: tuple[tuple[str, ...], ...]  # of each article
    own: tuple[tuple[str, ...], ...]  # paragraphs of each article


def cases() -> list[dict[str, Any]]:
    """Return the cases as they stand in the file."""
    with (DATA / "learn.toml").open("rb") as file:
        read: list[dict[str, Any]] = tomllib.load(file)["case"]
    return read


def site(case: dict[str, Any], articles: int | None = None) -> Site:
    """Build a case's site."""
    count = articles or case.get("articles", 12)
    on = case.get("on", range(count))
    language = case["language"]
    titles = [_sentence(language, f"title {number}", 7).rstrip(".。") for number in range(count)]
    examples, blocks, own = [], [], []
    for number in range(count):
        body = () if case.get("form") else _body(case, language, number)
        texts = _texts(case, language, number, titles) if number in on else ()
        placed = [Block(text=text, path="article/p") for text in body]
        at = {"start": 0, "middle": len(body) // 2, "late": len(body) - 1, "end": len(body)}[case.get("at", "middle")]
        kind, path = BlockKind(case.get("kind", "paragraph")), case.get("path", "article/p")
        for nth, text in enumerate(texts):
            placed.insert(min(len(placed), max(0, at) + 2 * nth), Block(text=text, kind=kind, path=path))
        article = Article(
            source=case["name"],
            url=f"https://site.example/{number}",
            fetched_at=BEGAN + timedelta(days=number),
            title=titles[number],
            blocks=tuple(placed),
            language=language,
        )
        examples.append(TrainingArticle(article_id=number, article=article))
        blocks.append(tuple(texts))
        own.append(tuple(body))
    return Site(examples=tuple(examples), blocks=tuple(blocks), own=tuple(own))


def _body(case: dict[str, Any], language: str, number: int) -> tuple[str, ...]:
    seed = 0 if number < case.get("twins", 0) else number
    subject = "affair" if number in case.get("alike", ()) else ""
    return tuple(
        " ".join(_sentence(language, f"{case['name']} {seed} {nth} {part} {subject}", 14, subject) for part in range(3))
        for nth in range(PARAGRAPHS)
    )


def _texts(case: dict[str, Any], language: str, number: int, titles: list[str]) -> tuple[str, ...]:
    chance = Random(f"{case['name']} {number}")
    text = case["texts"][number % len(case["texts"])]
    while "{n}" in text:
        text = text.replace("{n}", str(chance.randint(2, 9999)), 1)
    given = {
        "{name}": chance.choice(NAMES.get(language, NAMES[""])),
        "{town}": chance.choice(TOWNS.get(language, TOWNS[""])),
        "{month}": MONTHS.get(language, ("May",))[number % len(MONTHS.get(language, ("May",)))],
        "{date}": f"{chance.randint(1, 28)} {chance.choice(('March', 'April', 'May'))}",
        "{title}": titles[(number + 1 + chance.randint(0, 2)) % len(titles)],
        "{own}": _sentence(language, f"own {number}", 22),
    }
    for name, value in given.items():
        text = text.replace(name, value)
    return (text,) * int(case.get("times", 1))


def _sentence(language: str, seed: str, length: int, subject: str = "") -> str:
    chance = Random(seed)
    if language in UNSPACED:
        first, count = UNSPACED[language]
        return "".join(chr(first + int(count * chance.random() ** 2)) for _ in range(2 * length)) + "。"
    said = []
    for _ in range(length):
        topic = subject and chance.random() < 0.4
        rank = int((60 if topic else VOCABULARY) * chance.random() ** 3)
        said.append(_word(language, f"{subject if topic else ''}{rank}"))
    return " ".join(said).capitalize() + "."


def _word(language: str, seed: str) -> str:
    chance = Random(seed)
    letters = LETTERS.get(language, "aeiouybdfgklmnprstw")
    return "".join(chance.choice(letters) for _ in range(chance.randint(2, 9)))
