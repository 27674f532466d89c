"""A source's known blocks, indexed: by their words, by the words that introduce a link, by their container."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from ingest.boilerplate.finder import Finder
from ingest.boilerplate.pattern import ANYTHING, GAP, MIN_FIXED, fixed, shape
from ingest.model import Block, BlockVerdict, KnownBlock, Learned

SOURCES_REMEMBERED = 64  # indexed at a time; a crawl works on several sources at once
PATHS_REMEMBERED = 4096  # pages of one site have the same paths
FRAME_WORDS = 9  # most words of an introduction, with the gap behind it
LONGER = 2  # times as long as when it was last seen an introduced title may be
# Days after its last occurrence when a block no longer applies. Campaigns pause for a season, and a source that is
# crawled monthly must have the chance to show a block again.
FADE_DAYS = 120
LINKED = 0.5  # share of a block inside links from which it counts as a link

_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=PATHS_REMEMBERED)
def place_of(path: str) -> str:
    """Return a block's path with numbers made alike: "article#post-17/p" stands where "article#post-18/p" does."""
    return _DIGITS.sub("0", path)


def place(block: KnownBlock) -> str | None:
    """Return the path of a place that is known whatever its text, None for a block that is known by its words."""
    return place_of(block.path) if block.pattern == ANYTHING else None


def has_faded(block: KnownBlock, day: date) -> bool:
    """Return whether the site had dropped a learned block by that day; a person's verdict does not expire."""
    return block.verdict is BlockVerdict.LEARNED and day - block.last_on > timedelta(days=FADE_DAYS)


class BlockIndex:
    """Finds the known block that a block is."""

    def __init__(self, blocks: Iterable[KnownBlock]) -> None:
        # a person's verdicts first: of two equal patterns the first one added is found
        ordered = sorted(blocks, key=lambda block: block.verdict not in (BlockVerdict.KEEP, BlockVerdict.CUT))
        self._places: dict[str, KnownBlock] = {}
        self._frames: dict[tuple[str, ...], KnownBlock] = {}
        self._blocks: list[KnownBlock] = []
        for block in ordered:
            if block.pattern == ANYTHING:
                self._places.setdefault(place_of(block.path), block)
                continue
            if block.pattern[-1:] == ANYTHING and GAP not in block.pattern[:-1] and len(block.pattern) <= FRAME_WORDS:
                self._frames.setdefault(block.pattern[:-1], block)
            self._blocks.append(block)
        self._finder = Finder(block.pattern for block in self._blocks)

    def __bool__(self) -> bool:
        """Return whether anything is known at all."""
        return bool(self._blocks or self._places)

    def find(self, block: Block, wording: tuple[str, ...]) -> KnownBlock | None:
        """Return what is known about the block, None if nothing is. `wording`: its shape."""
        if not wording:
            return None
        number = self._finder.find(wording) if self._blocks else None
        if number is not None:
            return self._blocks[number]
        return self._framed(block, wording) or self._places.get(place_of(block.path))

    def _framed(self, block: Block, wording: tuple[str, ...]) -> KnownBlock | None:
        """The longest known words that the block begins with; few words must stand in their place, or before a link."""
        for words in range(min(FRAME_WORDS, len(wording)) - 1, 0, -1):
            known = self._frames.get(wording[:words])
            if known is None or len(wording) > LONGER * max(len(shape(known.text)), FRAME_WORDS):
                continue
            there = bool(block.path) and place_of(known.path) == place_of(block.path)
            if there or block.link_share >= LINKED or fixed(known.pattern) >= MIN_FIXED:
                return known
        return None


@lru_cache(maxsize=SOURCES_REMEMBERED)
def prepared(learned: Learned) -> BlockIndex:
    """Return the index of what is known about a source, built once."""
    return BlockIndex(learned.blocks)
