"""The words of all articles, in files small enough that a browser loads the few that a search needs.

A word goes into one of 256 files by its first two characters, so that words that begin alike stand together. Written in
two passes: words with their article's number are spread over temporary files while the articles pass by; then each of
those becomes one file of the index. search.js folds words the same way; a test holds the two together.

A file calls ingestFound(number, {word: "titles;texts"}): articles by rank, ascending, differences in base 36.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

FILES = 256
SPREAD_WORDS = 200_000  # are held before they are written to the temporary files
LONGEST = 40  # characters of a word that are kept: longer ones are found by their beginning
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[^\W_]+")
# scripts without spaces between words: any two characters that follow each other are a word of the index
_UNPARTED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)


def terms(text: str) -> Iterator[str]:
    """Give the words of a text as the index has them, with repeats."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in plain if unicodedata.category(char)[0] != "M").lower()
    for word in _WORD.findall(plain):
        at = 0
        for run in _UNPARTED.finditer(word):
            if run.start() > at:
                yield word[at : run.start()][:LONGEST]
            letters = run.group()
            yield from (letters[one : one + 2] for one in range(max(1, len(letters) - 1)))
            at = run.end()
        if at < len(word):
            yield word[at:][:LONGEST]


def file_number(word: str) -> int:
    """Return the number of the file that holds a word."""
    number = 0
    for char in word[:2]:
        number = (number * 31 + ord(char)) % FILES
    return number


class SearchIndex:
    """Collects words, then writes the files. `temporary` is a folder that goes away afterwards."""

    def __init__(self, temporary: Path) -> None:
        self.folder = temporary
        self._held: dict[int, list[str]] = {}
        self._count = 0

    def add(self, number: int, title: str, text: str) -> None:
        """Take the words of an article; `number` counts articles from 0."""
        in_title = set(terms(title))
        for mark, found in (("t", in_title), ("b", set(terms(text)) - in_title)):
            for word in found:
                self._held.setdefault(file_number(word), []).append(f"{word}\t{mark}{number}\n")
            self._count += len(found)
        if self._count >= SPREAD_WORDS:
            self._spread()

    def _spread(self) -> None:
        for number, lines in self._held.items():
            with self._temporary(number).open("a", encoding="utf-8") as out:
                out.writelines(lines)
        self._held.clear()
        self._count = 0

    def _temporary(self, number: int) -> Path:
        return self.folder / f"words-{number:02x}"

    def write(self, target: Path, ranks: Sequence[int]) -> None:
        """Write the files into a folder; `ranks` gives each article's place in the lists by its number."""
        self._spread()
        for number in range(FILES):
            source = self._temporary(number)
            if not source.exists():
                continue
            found: dict[str, tuple[array[int], array[int]]] = {}
            with source.open(encoding="utf-8") as lines:
                for line in lines:
                    word, _, place = line.rstrip("\n").partition("\t")
                    titles, texts = found.setdefault(word, (array("l"), array("l")))
                    (titles if place[0] == "t" else texts).append(ranks[int(place[1:])])
            source.unlink()
            packed = {word: ";".join(map(_packed, both)) for word, both in sorted(found.items())}
            script = b"ingestFound(%d,%s)\n" % (number, orjson.dumps(packed))
            (target / f"{number:02x}.js").write_bytes(script)


def _packed(places: array[int]) -> str:
    before = 0
    steps = []
    for place in sorted(places):
        steps.append(_base36(place - before))
        before = place
    return ".".join(steps)


def _base36(number: int) -> str:
    digits = DIGITS[number % 36]
    while number := number // 36:
        digits = DIGITS[number % 36] + digits
    return digits
