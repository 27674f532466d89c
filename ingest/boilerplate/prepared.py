"""A source's known blocks, made ready to be met again: by their words, by the words that introduce, by their place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ingest.boilerplate.finder import Finder
from ingest.boilerplate.pattern import ANYTHING, GAP, GAP_WORDS, MIN_FIXED, fixed, shape
from ingest.model import Block, BlockVerdict, KnownBlock, Learned

SOURCES_REMEMBERED = 64  # prepared at a time; a crawl goes through its sources side by side
FRAME_WORDS = 8  # most words that introduce something
LINKED = 0.5  # share of a block inside links from which it points elsewhere

_DIGITS = re.compile(r"\d+")


def place_of(path: str) -> str:
    """Return a block's path with numbers made alike: "article#post-17/p" stands where "article#post-18/p" does."""
    return _DIGITS.sub("0", path)


class Prepared:
    """Finds the known block that a block is."""

    def __init__(self, blocks: Iterable[KnownBlock]) -> None:
        # a person's verdicts first: of two shapes that are the same, the first one added is found
        ordered = sorted(blocks, key=lambda block: block.verdict in (None, BlockVerdict.LEARNED))
        self._places: dict[str, KnownBlock] = {}
        self._frames: dict[tuple[str, ...], KnownBlock] = {}
        self._blocks: list[KnownBlock] = []
        for block in ordered:
            if block.pattern == ANYTHING:
                self._places.setdefault(place_of(block.path), block)
            elif block.pattern[-1:] == ANYTHING and fixed(block.pattern) < MIN_FIXED and GAP not in block.pattern[:-1]:
                self._frames.setdefault(block.pattern[:-1], block)
            else:
                self._blocks.append(block)
        self._finder = Finder(block.pattern for block in self._blocks)

    def find(self, block: Block) -> KnownBlock | None:
        """Return what is known about the block, None if nothing is."""
        said = shape(block.text)
        if not said:
            return None
        if self._blocks:
            number = self._finder.find(said)
            if number is not None:
                return self._blocks[number]
        return self._framed(block, said) or self._places.get(place_of(block.path))

    def _framed(self, block: Block, said: tuple[str, ...]) -> KnownBlock | None:
        """Few words introduce many things; they must stand in the known place, or before a link."""
        for words in range(1, min(FRAME_WORDS, len(said) - 1) + 1):
            known = self._frames.get(said[:words])
            if known is not None and len(said) - words <= GAP_WORDS:
                there = bool(block.path) and place_of(known.path) == place_of(block.path)
                return known if block.link_share >= LINKED or there else None
        return None


@lru_cache(maxsize=SOURCES_REMEMBERED)
def prepared(learned: Learned) -> Prepared:
    """Return what is known about a source, made ready once."""
    return Prepared(learned.blocks)
