"""Pages that stand in the place of an article for a while or for this reader: consent, maintenance, region, age ...

Decided by what little text there is and by what the page lacks. The phrases are data (walls.toml). A wall is tried
again later; what was stored for its address stays.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.resources import files
from typing import NamedTuple

from ingest.model import Article, PageSignals
from ingest.text.normalize import fold

# Weights and thresholds were set on the pages of tests/data/screen/walls.toml and on the corpora's 1,474 articles, none
# of which may be taken for a wall.
WALL_WORDS = 200  # a wall is shorter than that ...
LONG_WALL_WORDS = 700  # ... but for consent pages, which quote their terms
TITLE_POINTS = 2
MOST_TEXT_POINTS = 3
ENOUGH = 3  # points; a headline that says so on a page that says nothing else of an article
ENOUGH_DATED = 4  # where the page has a date, an author or an article's markup, as an article of few words has
WORDS_PER_POINT = 80  # a longer text needs a point more for each so many words
ENOUGH_LONG = 5  # different phrases of a long consent page
TITLE_CHARS = 90
TEXT_CHARS = 2_500  # of the text that is looked at
GAP = r"(?:\w+ ){0,5}?"

CONSENT = "consent-wall"
NO_SCRIPTS = "needs-rendering"
TAKEN_DOWN = "taken-down"


class _WallPhrase:
    """A phrase of walls.toml, searched for in folded text. Few texts have even one of its words: its pattern is made
    for those only.
    """

    def __init__(self, phrase: str) -> None:
        self._phrase = phrase
        self._needed = _needed(phrase)

    def search(self, text: str) -> re.Match[str] | None:
        """Return where the text has the phrase."""
        return self._pattern.search(text) if any(word in text for word in self._needed) else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return _pattern(self._phrase)


class _WallPhrases(NamedTuple):
    title: tuple[_WallPhrase, ...]
    text: tuple[_WallPhrase, ...]


def wall(article: Article, signs: PageSignals, words: int, *, formal: bool) -> str | None:
    """Return which wall a page is, as a slug, None for none.

    `words`: of its text; `formal`: the page says that it is an article.
    """
    if words >= LONG_WALL_WORDS:
        return None
    bare = not formal and article.published is None and not article.authors
    if words >= WALL_WORDS:
        return CONSENT if bare and _is_long_consent(article, signs) else None
    titles = _titles(article)
    text = _text(article)
    points = {kind: _points(kind, phrases, titles, text) for kind, phrases in _kinds().items()}
    kind = max(points, key=points.__getitem__)
    if not points[kind]:
        return None
    found = points[kind] + bare + signs.noindex + (kind == CONSENT and signs.consent)
    return kind if found >= (ENOUGH if bare else ENOUGH_DATED) + words // WORDS_PER_POINT else None


def _points(kind: str, phrases: _WallPhrases, titles: Iterable[str], text: str) -> int:
    said = any(pattern.search(title) for title in titles for pattern in phrases.title)
    return TITLE_POINTS * said + min(_hits(phrases.text, text), MOST_TEXT_POINTS)


def _hits(phrases: Iterable[_WallPhrase], text: str) -> int:
    return sum(phrase.search(text) is not None for phrase in phrases)


def _is_long_consent(article: Article, signs: PageSignals) -> bool:
    phrases = _kinds()[CONSENT]
    said = signs.consent or any(pattern.search(title) for title in _titles(article) for pattern in phrases.title)
    return said and _hits(phrases.text, _text(article)) >= ENOUGH_LONG


def _titles(article: Article) -> tuple[str, ...]:
    """Return the headline and the first line, folded, where they are as short as a headline."""
    first = next((block.text for block in article.kept), "")
    return tuple(fold(text) for text in dict.fromkeys((article.title or "", first)) if 0 < len(text) <= TITLE_CHARS)


def _text(article: Article) -> str:
    """Return the beginning of the text, folded; of a page whose text was cut as an appeal, that."""
    blocks = article.kept or article.blocks
    return fold(" . ".join(block.text for block in blocks)[:TEXT_CHARS])


@cache
def _kinds() -> dict[str, _WallPhrases]:
    raw = tomllib.loads(files("ingest.extract").joinpath("walls.toml").read_text("utf-8"))
    return {
        kind: _WallPhrases(*(tuple(map(_WallPhrase, table[name])) for name in _WallPhrases._fields))
        for kind, table in raw.items()
    }


def _needed(phrase: str) -> tuple[str, ...]:
    """Return beginnings of words of which a text that has the phrase has one: the alternatives of its longest step."""
    steps = [step for step in phrase.split() if step not in ("^", "$", "..")]
    alternatives = [tuple(fold(word.split(".*")[0].removesuffix("*")) for word in step.split("|")) for step in steps]
    return max(alternatives, key=lambda words: (min(map(len, words)), -len(words)))


def _pattern(phrase: str) -> re.Pattern[str]:
    """Return a phrase as a pattern over folded text: alternatives, stems, gaps, the ends of the text."""
    tokens = phrase.split()
    start, end = tokens[0] == "^", tokens[-1] == "$"
    tokens = [token for token in tokens if token not in ("^", "$")]
    made = ""
    for number, step in enumerate(tokens):
        if step == "..":
            made += GAP
        else:
            space = " " if number + 1 < len(tokens) else ""
            made += "(?:" + "|".join(map(_alternative, step.split("|"))) + ")" + space
    unspaced = any(char > "\u2e80" for char in phrase)
    before = "^" if start else "" if unspaced else r"(?<!\w)"
    after = "$" if end else "" if unspaced else r"(?!\w)"
    return re.compile(before + made + after)


def _alternative(word: str) -> str:
    return r".{0,12}".join(_stem(part) for part in word.split(".*"))


def _stem(word: str) -> str:
    return re.escape(fold(word.removesuffix("*"))) + (r"\w*" if word.endswith("*") else "")
