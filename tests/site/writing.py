"""Write the articles of a site: from the sentences of its language, by a seed, so that every run sees the same ones."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SLOT = re.compile(r"\{([^{}]+)\}")
CIRCLE = 31  # a prime near the number of sentences in a language's bank
ORDERS = CIRCLE - 1  # so many articles have an order of sentences of their own; a site with more is to be mixed
REWRITE = 23  # a number that no site's articles reach
NO_SPACES = ("zh",)  # languages that write sentences one after the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What texts/LANGUAGE.toml holds; its head says what the slots are."""

    name: str
    sections: tuple[str, ...]
    people: tuple[str, ...]
    places: tuple[str, ...]
    subjects: tuple[str, ...]
    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    correction: str
    newsletter: tuple[str, ...]
    appeal: tuple[str, ...]
    teaser: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One version of an article's words."""

    title: str
    authors: tuple[str, ...]
    paragraphs: tuple[str, ...]


@cache
def texts(language: str) -> Texts:
    """Return the sentences and the furniture of a language."""
    path = Path(__file__).parent / "texts" / f"{language}.toml"
    read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in read.items()}
    return Texts(**frozen)


def write(language: str, seed: str, *, number: int, corrected: bool = False, mixed: bool = False) -> Words:
    """Return an article of five to eight paragraphs; the last one is a correction note if `corrected`.

    `mixed`: its words are no sentences, but shared with no other article.
    """
    chance = random.Random(seed)
    bank = texts(language)
    joint = "" if language in NO_SPACES else " "
    sentences = [_filled(sentence, bank, chance) for sentence in _in_order(bank.sentences, number)]
    if mixed:
        sentences = _mixed(sentences, chance, joint)
    paragraphs: list[str] = []
    for _ in range(chance.randint(5, 8)):
        length = chance.randint(3, 4)
        paragraphs.append(joint.join(sentences[:length]))
        sentences = sentences[length:]
    if corrected:
        paragraphs.append(_filled(bank.correction, bank, chance))
    authors = tuple(chance.sample(bank.people, k=1 if chance.random() < 0.75 else 2))
    return Words(title=_title(bank, number), authors=authors, paragraphs=tuple(p for p in paragraphs if p))


def _in_order(sentences: tuple[str, ...], number: int) -> list[str]:
    """Return the sentences in an order of the article's own, in steps through a circle of prime length.

    Two articles never have the same sentences side by side again and again: that would be a text that recurs.
    """
    step = 1 + number % ORDERS
    places = ((number * number + place * step) % CIRCLE for place in range(CIRCLE))
    return [sentences[place] for place in places if place < len(sentences)]


def _mixed(sentences: list[str], chance: random.Random, joint: str) -> list[str]:
    """Return sentences as long as these with all their words in an order of chance: as unlike as news are."""
    parts = [sentence.split() if joint else list(sentence) for sentence in sentences]
    words = [word for part in parts for word in part]
    chance.shuffle(words)
    return [joint.join(words.pop() for _ in part) for part in parts]


def rewritten(words: Words, language: str, seed: str, *, mixed: bool = False) -> Words:
    """Return the words with the second paragraph written anew: what a correction on a later day does."""
    other = write(language, seed, number=REWRITE, mixed=mixed)
    return Words(
        title=words.title,
        authors=words.authors,
        paragraphs=(words.paragraphs[0], other.paragraphs[0], *words.paragraphs[2:]),
    )


def longer(words: Words, more: Words) -> Words:
    """Return the words with the paragraphs of others behind them."""
    return Words(title=words.title, authors=words.authors, paragraphs=(*words.paragraphs, *more.paragraphs))


def _title(bank: Texts, number: int) -> str:
    """Return a title that no other number of the same site has."""
    turn = number + number // len(bank.titles)
    fillings = {
        "p": bank.people[turn % len(bank.people)],
        "t": bank.places[turn % len(bank.places)],
        "s": bank.subjects[turn % len(bank.subjects)],
        "n": str(11 + turn),
        "m": str(1100 + 100 * turn),
    }
    text = bank.titles[number % len(bank.titles)].format(**fillings)
    return text[0].upper() + text[1:]


def _filled(sentence: str, bank: Texts, chance: random.Random) -> str:
    """Fill the slots, each occurrence anew; a sentence begins with a capital letter."""

    def fill(match: re.Match[str]) -> str:
        slot: str = match[1]
        match slot:
            case "p":
                return chance.choice(bank.people)
            case "t":
                return chance.choice(bank.places)
            case "s":
                return chance.choice(bank.subjects)
            case "n":
                return str(chance.randint(11, 97))
            case "m":
                return str(chance.randint(11, 97) * 100)
            case _:
                return chance.choice(slot.split("|"))

    text = SLOT.sub(fill, sentence)
    return text[0].upper() + text[1:]
