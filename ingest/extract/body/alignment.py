"""Which segments stand in a reference text (trafilatura's, or a structured one).

A reference is lines of text made from the same page. Segments and lines are laid side by side in reading order: of all
ways to find segments in the text, the one that explains most of it in order wins, so that a teaser or an entry of the
table of contents does not stand for the paragraph or heading it repeats. White space, invisible characters, list signs
and cell borders make no difference.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONG_CHARS = 30  # squashed text this long is looked for inside lines; shorter text must be a whole line
PLACES_MAX = 40  # occurrences of one segment that are considered
STRAY_CHARS = 60  # out of order only text this long counts as found (trafilatura appends what it recovers late)
RUN_CHARS = 12  # pieces of this length decide when a segment is only partly in the reference
PART_SHARE = 0.5  # of a segment's pieces that must be there
STRAY_LINES_MAX = (
    300  # lines looked through for one segment; more are left when reference and page have little in common
)

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff|\\\\]")
_LIST_SIGN = re.compile(r"^- ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """`said[i]` is the share of segment i that the reference has, 0..1; `lost` are the lines that no segment has.

    A lost line comes with the index of the segment it follows, -1 for the start.
    """

    said: tuple[float, ...]
    lost: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """Segment `index` found at `start` of the squashed reference."""

    index: int
    start: int
    end: int
    weight: int
    before: _Match | None


def align(texts: Sequence[str], lines: Sequence[str], *, spans: bool = False) -> Alignment:
    """Align the lines of a reference with the segments; with `spans` a short text may also be several whole lines."""
    stripped = [_LIST_SIGN.sub("", line.strip()) for line in lines]
    squashed = [squash(line) for line in stripped]
    starts = [0]
    for line in squashed:
        starts.append(starts[-1] + len(line))
    whole = "".join(squashed)
    wanted = [squash(text) for text in texts]
    at_line: dict[str, list[int]] = {}
    for start, line in zip(starts, squashed, strict=False):
        at_line.setdefault(line, []).append(start)
    said = [0.0] * len(wanted)
    seen = [-1] * len(squashed)
    for index, start in _nearest(wanted, _chain(wanted, whole, at_line, frozenset(starts) if spans else frozenset())):
        said[index] = 1.0
        for at in range(max(0, bisect_right(starts, start) - 1), bisect_left(starts, start + len(wanted[index]))):
            seen[at] = index
    _strays(wanted, squashed, said, seen)
    return Alignment(said=tuple(said), lost=_lost(wanted, stripped, squashed, seen))


def squash(text: str) -> str:
    """Return the text without white space, invisible characters and cell borders."""
    joined = "".join(text.split())
    if joined.isprintable():  # what is invisible is not
        return joined.replace("|", "").replace("\\", "")
    return _INVISIBLE.sub("", joined)


def _chain(wanted: Sequence[str], whole: str, at_line: dict[str, list[int]], bounds: frozenset[int]) -> list[_Match]:
    """The heaviest chain of matches that goes forward in both, by dynamic programming over the best chain per end."""
    ends, best = [0], [_Match(-1, 0, 0, 0, None)]  # both rising: a later end is kept only for a heavier chain
    for index, text in enumerate(wanted):
        for start in sorted(_places(text, whole, at_line, bounds), reverse=True):
            before = best[bisect_right(ends, start) - 1]
            end, weight = start + len(text), before.weight + len(text)
            slot = bisect_left(ends, end)
            if best[bisect_right(ends, end) - 1].weight >= weight:
                continue
            stop = slot
            while stop < len(ends) and best[stop].weight <= weight:
                stop += 1
            ends[slot:stop] = [end]
            best[slot:stop] = [_Match(index, start, end, weight, before if before.before or before.end else None)]
    chain: list[_Match] = []
    match: _Match | None = best[-1]
    while match is not None and match.index >= 0:
        chain.append(match)
        match = match.before
    return chain[::-1]


def _places(text: str, whole: str, at_line: dict[str, list[int]], bounds: frozenset[int]) -> Iterable[int]:
    """Where in the reference a segment may stand."""
    if not text:
        return ()
    if (places := at_line.get(text)) is not None:
        return places[:PLACES_MAX]
    if len(text) < LONG_CHARS and not bounds:
        return ()
    found: list[int] = []
    at = whole.find(text)
    while at >= 0 and len(found) < PLACES_MAX:
        found.append(at)
        at = whole.find(text, at + len(text))
    if len(text) < LONG_CHARS:
        return [start for start in found if start in bounds and start + len(text) in bounds]
    return found


def _nearest(wanted: Sequence[str], chain: Sequence[_Match]) -> Iterable[tuple[int, int]]:
    """The chain's segments; of several with the same text, the one that stands next to its neighbours in the chain."""
    near_duplicates: dict[str, list[int]] = {}
    for index, text in enumerate(wanted):
        near_duplicates.setdefault(text, []).append(index)
    previous = -1
    for at, match in enumerate(chain):
        following = chain[at + 1].index if at + 1 < len(chain) else len(wanted)
        same = [index for index in near_duplicates[wanted[match.index]] if previous < index < following]
        first, last = previous if previous >= 0 else -len(wanted), following if at + 1 < len(chain) else 2 * len(wanted)
        choice = min(same, key=lambda index: min(index - first, last - index), default=match.index)
        yield choice, match.start
        previous = choice


def _strays(wanted: Sequence[str], squashed: Sequence[str], said: list[float], seen: list[int]) -> None:
    """Look for the other segments in the lines that are still unexplained: out of order, or only in part."""
    left = [at for at, line in enumerate(squashed) if seen[at] < 0 and len(line) >= RUN_CHARS][:STRAY_LINES_MAX]
    rest = "\n".join(squashed[at] for at in left)
    for index, text in enumerate(wanted):
        if not left:
            return
        if said[index] or len(text) < LONG_CHARS or not _any_part(rest, text):
            continue
        for at in left:
            line = squashed[at]
            share = 1.0 if len(text) >= STRAY_CHARS and text in line else _part(line, text)
            if share:
                said[index], seen[at] = share, index
                left.remove(at)
                break


def _part(whole: str, wanted: str) -> float:
    """Share of a segment's pieces in the reference, 0 below PART_SHARE."""
    if not _any_part(whole, wanted):
        return 0.0
    places = range(0, len(wanted) - RUN_CHARS + 1, RUN_CHARS)
    share = sum(wanted[at : at + RUN_CHARS] in whole for at in places) / len(places)
    return share if share >= PART_SHARE else 0.0


def _any_part(whole: str, wanted: str) -> bool:
    """Whether the first, middle or last piece of a segment is there: a quick look before a thorough one."""
    places = range(0, len(wanted) - RUN_CHARS + 1, RUN_CHARS)
    return any(wanted[at : at + RUN_CHARS] in whole for at in (places[0], places[len(places) // 2], places[-1]))


def _lost(
    wanted: Sequence[str], lines: Sequence[str], squashed: Sequence[str], seen: Sequence[int]
) -> tuple[tuple[int, str], ...]:
    missing = [at for at, index in enumerate(seen) if index < 0 and len(squashed[at]) >= LONG_CHARS]
    if not missing:
        return ()
    page = "".join(wanted)
    found: list[tuple[int, str]] = []
    for at in missing:
        if _part(page, squashed[at]) == 0.0:
            after = next((seen[before] for before in range(at - 1, -1, -1) if seen[before] >= 0), -1)
            found.append((after, lines[at]))
    return tuple(found)
