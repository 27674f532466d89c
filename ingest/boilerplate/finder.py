"""Finds which of many known shapes a new one matches: an index over their words, then alignment of the best few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from ingest.boilerplate.pattern import GAP, NUMBER, fits

RUN_WORDS = 2  # words of an index entry; single words are too common, runs of three break at every second changed word
CANDIDATES = 4  # aligned at most; the match shares by far the most runs


class Finder:
    """An index of shapes, found by likeness. They are numbered from 0 in the order of adding."""

    def __init__(self, patterns: Iterable[Sequence[str]] = ()) -> None:
        self.patterns: list[tuple[str, ...]] = []
        self._exact: dict[tuple[str, ...], int] = {}
        self._runs: dict[tuple[str, ...], set[int]] = {}
        for pattern in patterns:
            self.add(pattern)

    def add(self, pattern: Sequence[str]) -> int:
        """Add a shape and return its number."""
        number = len(self.patterns)
        self.patterns.append(tuple(pattern))
        self._index(number)
        return number

    def replace(self, number: int, pattern: Sequence[str]) -> None:
        """Give a number another shape, usually one with more gaps; its old runs keep leading to it."""
        self.patterns[number] = tuple(pattern)
        self._index(number)

    def exact(self, wording: Sequence[str]) -> int | None:
        """Return the number of the equal shape."""
        return self._exact.get(tuple(wording))

    def find(self, wording: Sequence[str], same: Callable[[Sequence[str], Sequence[str]], bool] = fits) -> int | None:
        """Return the number of the equal shape, else of the most alike that `same` accepts, None if there is none."""
        exact = self._exact.get(tuple(wording))
        if exact is not None:
            return exact
        shared: Counter[int] = Counter()
        for run in _runs(wording):
            for number in self._runs.get(run, ()):
                shared[number] += 1
        for number, _ in shared.most_common(CANDIDATES):
            if same(self.patterns[number], wording):
                return number
        return None

    def _index(self, number: int) -> None:
        pattern = self.patterns[number]
        self._exact.setdefault(pattern, number)
        for run in _runs(pattern):
            self._runs.setdefault(run, set()).add(number)


def _runs(wording: Sequence[str]) -> set[tuple[str, ...]]:
    return {
        run
        for run in pairwise(wording)  # RUN_WORDS of them
        if GAP not in run and run != (NUMBER, NUMBER)
    }
