"""What the block model sees of each segment: numbers, one row a segment, one column a feature.

Written for speed: one pass over the segments in Python for what needs their text, arrays for all that compares them. No
feature names a site or rests on the words of one language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.extract.html import classwords
from ingest.extract.html.segments import TELLING_TAGS, Frame, Segment
from ingest.extract.metadata.metadata import Metadata
from ingest.model import BlockKind
from ingest.text.normalize import WESTERN

Matrix = NDArray[np.float32]

SENTENCE_ENDS = frozenset(".!?…。！？।؟\"”»'’)]」")
NOTE_STEPS = 3  # elements from a note's text up to the one that its mark leads to
UP = 3  # ancestors of the block's element whose own counts are features
# Shorter text says little about where the body is (readability's scoring starts at 25, jusText's at 70).
PARAGRAPH_CHARS = 80
OUTER_SHARE = 0.5  # how much of a paragraph's weight its element's parent gets; readability's choice
TAIL_SHARE = 0.25  # ... and the grandparent
WORDY_CHARS = 400  # longer texts repeat no title and no description
FIGURES_CHARS = 200  # longer texts are not made of figures

_KINDS = {kind: at for at, kind in enumerate(BlockKind)}
_SIGNS = {"a": 1, "**": 2, "*": 3}
_WORD = re.compile(r"\w+")
_WORDS_ONLY = bytes(
    byte if _WORD.match(bytes([byte]).decode(WESTERN, "ignore")) else ord(" ") for byte in range(256)
)  # each byte as it is, or a space where it stands for nothing of a word
_FIGURES = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHints:
    """What is known about the page beside its segments."""

    title: str = ""
    description: str = ""
    site_name: str = ""
    authors: tuple[str, ...] = ()

    @classmethod
    def of(cls, metadata: Metadata) -> PageHints:
        """Take what was resolved."""
        return cls(
            title=metadata.title or "",
            description=metadata.description or "",
            site_name=metadata.site_name or "",
            authors=metadata.authors,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PageArrays:
    """The segments of one page with their elements as arrays: what all columns are computed from.

    Per segment: `chars`, `link_share`, `at` (its element's number), `sign` (number of its kind of place). Per element,
    parents before children: `parent` (-1 for the root), and what the reader counted.
    """

    segments: Sequence[Segment]
    frames: Sequence[Frame]
    chars: NDArray[np.float64]
    link_share: NDArray[np.float64]
    at: NDArray[np.intp]
    sign: NDArray[np.intp]
    parent: NDArray[np.intp]
    inside: NDArray[np.float64]  # characters in the element
    linked: NDArray[np.float64]  # share of them in links
    pieces: NDArray[np.float64]  # segments in the element

    @classmethod
    def of(cls, read: Sequence[Segment]) -> PageArrays:
        """Number the elements around the segments."""
        number: dict[Frame, int] = {}
        signs: dict[int, int] = {}
        for segment in read:
            frame: Frame | None = segment.frame
            chain: list[Frame] = []
            while frame is not None and frame not in number:
                chain.append(frame)
                frame = frame.parent
            for met in reversed(chain):
                number[met] = len(number)
            signs.setdefault(segment.frame.sign, len(signs))
        frames = list(number)
        inside = np.array([frame.chars for frame in frames], dtype=np.float64)
        linked = np.array([frame.linked for frame in frames], dtype=np.float64)
        return cls(
            segments=read,
            frames=frames,
            chars=np.array([len(segment.text) for segment in read], dtype=np.float64),
            link_share=np.array([segment.link_share for segment in read]),
            at=np.array([number[segment.frame] for segment in read], dtype=np.intp),
            sign=np.array([signs[segment.frame.sign] for segment in read], dtype=np.intp),
            parent=np.array([-1 if frame.parent is None else number[frame.parent] for frame in frames], dtype=np.intp),
            inside=inside,
            linked=np.divide(linked, inside, out=np.zeros_like(linked), where=inside > 0),
            pieces=np.array([frame.segments for frame in frames], dtype=np.float64),
        )

    def up(self, at: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the parents of some elements; -1 stays -1."""
        return np.where(at >= 0, self.parent[at], -1)

    def summed(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each element the sum of a weight over the segments in it."""
        own = np.bincount(self.at, weight, len(self.frames)).tolist()
        for child, parent in zip(range(len(own) - 1, 0, -1), self.parent[:0:-1].tolist(), strict=True):
            if parent >= 0:
                own[parent] += own[child]
        return np.array(own)


def page_matrix(ground: PageArrays, stated: Sequence[float], hints: PageHints) -> Matrix:
    """Return what the page alone says of each segment; one row a segment."""
    columns = _texts(ground, hints) + _places(ground) + _elements(ground) + _stated(ground, stated)
    return np.column_stack([*(np.asarray(column, dtype=np.float32) for column in columns), _names(ground)])


def heard_matrix(ground: PageArrays, said: Sequence[float]) -> Matrix:
    """Return what trafilatura says of each segment, its neighbours, its elements and the segments of like place."""
    heard = np.array(said, dtype=np.float64)
    spoken = heard * ground.chars
    within = ground.summed(spoken)
    columns: list[Column] = [heard, *(_shifted(heard, by) for by in (-2, -1, 1, 2)), _around(heard, 7)]
    columns += _distances(np.flatnonzero(heard > 0), len(heard))
    columns += [np.full(len(heard), heard.mean()), np.full(len(heard), np.log1p(spoken.sum()))]
    at = ground.at
    for _ in range(UP + 1):
        columns.append(np.where(at >= 0, within[at] / np.maximum(1, ground.inside[at]), -1.0))
        at = ground.up(at)
    columns.append((np.bincount(ground.sign, spoken) / np.bincount(ground.sign, ground.chars))[ground.sign])
    return np.column_stack([np.asarray(column, dtype=np.float32) for column in columns])


Column = Sequence[float] | NDArray[np.floating[Any]] | NDArray[np.signedinteger[Any]] | NDArray[np.bool_]


def is_note(segment: Segment, targets: Collection[str]) -> bool:
    """Return whether a segment is a note that marks on the page lead to; `targets` are the ids they lead to."""
    if any(name in targets for name in segment.anchors):
        return True
    frame: Frame | None = segment.frame
    for _ in range(NOTE_STEPS):
        if frame is None:
            return False
        if (name := frame.element.get("id")) is not None and name in targets:
            return True
        frame = frame.parent
    return False


def _texts(ground: PageArrays, hints: PageHints) -> list[Column]:
    """What each text looks like, alone and beside its neighbours."""
    texts = [segment.text for segment in ground.segments]
    length = np.log1p(ground.chars)
    gaps = np.array([text.count(" ") + 1 for text in texts], dtype=np.float64)
    times = Counter(texts)
    title, description = _words(hints.title), _words(hints.description)
    authors = [name.lower() for name in hints.authors if name]
    both = title | description
    likeness = [_likeness(text, title, description, both, authors) for text in texts]
    columns: list[Column] = [
        length,
        ground.chars / gaps,
        ground.link_share,
        [text[-1] in SENTENCE_ENDS for text in texts],
        [(text.count(",") if text.isascii() else sum(map(text.count, ",，、"))) / len(text) for text in texts],
        [len(_FIGURES.findall(text)) / len(text) if len(text) < FIGURES_CHARS else 0.0 for text in texts],
        ["|" in text or "©" in text or "•" in text for text in texts],
        ["@" in text or "http" in text or "www." in text for text in texts],
        [times[text] for text in texts],
        _earlier(texts, times),
        [_KINDS[segment.kind] for segment in ground.segments],
        [min(segment.level, 6) for segment in ground.segments],
        [_SIGNS.get(segment.marks[0].sign, 4) if _is_signed(segment) else 0 for segment in ground.segments],
        *zip(*likeness, strict=True),
    ]
    for column in (length, ground.link_share):
        columns += [_shifted(column, by) for by in (-2, -1, 1, 2)]
    return columns


def _is_signed(segment: Segment) -> bool:
    """Whether a segment begins with emphasis or a link."""
    return bool(segment.marks) and segment.marks[0].at == 0 and segment.marks[0].opens


def _likeness(
    text: str, title: frozenset[str], description: frozenset[str], both: frozenset[str], authors: Sequence[str]
) -> tuple[float, float, bool]:
    """How much a text repeats title and description, and whether it names an author."""
    if len(text) >= WORDY_CHARS:
        return 0.0, 0.0, False
    lower = text.lower()
    said = _in_order(lower) if both else []
    named = bool(authors) and any(name in lower for name in authors)
    if both.isdisjoint(said):  # most of a page
        return 0.0, 0.0, named
    return _share(said, title), _share(said, description), named


def _places(ground: PageArrays) -> list[Column]:
    """Where each segment stands on the page."""
    count = len(ground.segments)
    plain = ground.chars * (1 - ground.link_share)
    whole = max(1.0, float(plain.sum()))
    order = np.arange(count)
    headline = next(
        (at for at, found in enumerate(ground.segments) if found.kind is BlockKind.HEADING and found.level == 1), 0
    )
    return [
        order / count,
        (np.cumsum(plain) - plain) / whole,
        np.full(count, np.log1p(count)),
        np.full(count, np.log1p(whole)),
        np.clip(order - headline, -50, 200),
        plain / whole,
    ]


def _elements(ground: PageArrays) -> list[Column]:
    """What the elements around each segment hold, how far they are from the weightiest, how alike places are."""
    whole = max(1.0, float(ground.chars.sum()))
    depth = np.array([frame.depth for frame in ground.frames], dtype=np.float64)
    hidden = np.array([frame.hidden for frame in ground.frames])
    alike = np.bincount(ground.sign)[ground.sign]
    of_alike = np.bincount(ground.sign, ground.chars)[ground.sign]
    linked_alike = np.bincount(ground.sign, ground.chars * ground.link_share)[ground.sign]
    columns: list[Column] = [
        depth[ground.at],
        hidden[ground.at],
        alike,
        of_alike / whole,
        of_alike / alike,
        linked_alike / of_alike,
    ]
    at = ground.at
    for _ in range(UP + 1):
        there = at >= 0
        columns += [
            np.where(there, ground.inside[at] / whole, 1.0),
            np.where(there, ground.linked[at], -1.0),
            np.where(there, ground.inside[at] / np.maximum(1, ground.pieces[at]), -1.0),
        ]
        at = ground.up(at)
    weight = _weights(ground)
    merit = weight * (1 - ground.linked)
    best = int(merit.argmax()) if weight.any() else -1
    top = weight[best] if best >= 0 else 1.0
    outer = ground.up(ground.at)
    return [*columns, *_from_best(ground, best), np.where(outer >= 0, weight[outer] / top, 0.0)]


def _weights(ground: PageArrays) -> NDArray[np.float64]:
    """Return each element's share in the paragraphs in and right below it."""
    weight = np.zeros(len(ground.frames))
    speaks = (ground.chars >= PARAGRAPH_CHARS) & (ground.link_share < 0.5)
    at, chars = ground.at[speaks], ground.chars[speaks]
    for share in (1.0, OUTER_SHARE, TAIL_SHARE):
        at = ground.up(at)
        chars, at = chars[at >= 0], at[at >= 0]
        weight += np.bincount(at, share * chars, len(weight))
    return weight


def _from_best(ground: PageArrays, best: int) -> list[Column]:
    """How far up the nearest element is that also holds the weightiest, how far that one is off, and its two ends."""
    off: dict[int, int] = {}
    at = best
    while at >= 0:
        off[at] = len(off)
        at = int(ground.parent[at])
    up: list[int] = []
    near: list[int] = []
    for number, parent in enumerate(ground.parent.tolist()):
        if number in off:
            up.append(0)
            near.append(off[number])
        elif parent < 0:
            up.append(1)
            near.append(99)
        else:
            up.append(up[parent] + 1)
            near.append(near[parent])
    inside = np.flatnonzero(np.array(near)[ground.at] == 0)
    first, last = (inside[0], inside[-1]) if len(inside) else (0, 0)
    order = np.arange(len(ground.at))
    return [
        np.array(up)[ground.at],
        np.array(near)[ground.at],
        np.clip(order - first, -50, 50),
        np.clip(last - order, -50, 50),
    ]


def _names(ground: PageArrays) -> Matrix:
    """What class and id names say, of the element, of the two above and of all above; and the telling tags above."""
    names = np.array([frame.names for frame in ground.frames], dtype=np.int64)
    outer = ground.up(ground.at)
    outmost = ground.up(outer)
    near = np.where(outer >= 0, names[outer], 0) | np.where(outmost >= 0, names[outmost], 0)
    own = names[ground.at] | np.array([segment.inline for segment in ground.segments], dtype=np.int64)
    above = np.array([frame.above for frame in ground.frames], dtype=np.int64)[ground.at]
    tags = np.array([frame.tags for frame in ground.frames], dtype=np.int64)[ground.at]
    groups, telling = np.arange(len(classwords.GROUPS)), np.arange(len(TELLING_TAGS))
    found = [(bits[:, None] >> groups) & 1 for bits in (own, near, above)]
    return np.concatenate([*found, (tags[:, None] >> telling) & 1], axis=1).astype(np.float32)


def _distances(heard: NDArray[np.intp], count: int) -> list[Column]:
    """How far each segment is from the next one trafilatura has, the last one before, and both ends of its text."""
    order = np.arange(count)
    if not len(heard):
        far = np.full(count, 99)
        return [far, far, np.clip(order, -50, 50), np.clip(-order, -50, 50)]
    following = np.searchsorted(heard, order)
    ahead = np.where(following < len(heard), heard[np.minimum(following, len(heard) - 1)] - order, 99)
    before = np.searchsorted(heard, order, side="right") - 1
    back = np.where(before >= 0, order - heard[np.maximum(before, 0)], 99)
    return [
        np.minimum(ahead, 99),
        np.minimum(back, 99),
        np.clip(order - heard[0], -50, 50),
        np.clip(heard[-1] - order, -50, 50),
    ]


def _stated(ground: PageArrays, stated: Sequence[float]) -> list[Column]:
    """What the page's articleBody says of each segment and its neighbours, and how much of it the page shows."""
    heard = np.array(stated, dtype=np.float64)
    found = float((heard * ground.chars).sum())
    if not found:
        silent = np.full(len(heard), -1.0)
        return [silent, silent, silent]
    return [heard, _around(heard, 5), np.full(len(heard), np.log1p(found))]


def _words(text: str) -> frozenset[str]:
    return frozenset(_in_order(text.lower()))


def _in_order(text: str) -> list[str]:
    """Return a text's words; of most texts in western languages in a third of the time the pattern takes."""
    try:
        return text.encode(WESTERN).translate(_WORDS_ONLY).decode(WESTERN).split()
    except UnicodeEncodeError:
        return _WORD.findall(text)


def _share(said: Sequence[str], wanted: frozenset[str]) -> float:
    """Share of a text's words that are among the wanted ones, times how many of the wanted it has."""
    if not said or not wanted:
        return 0.0
    return sum(map(wanted.__contains__, said)) / max(len(said), len(wanted))


def _earlier(texts: Sequence[str], times: Counter[str]) -> list[int]:
    """How often each text stood on the page before."""
    met: Counter[str] = Counter()
    found: list[int] = []
    for text in texts:
        if times[text] == 1:
            found.append(0)
        else:
            found.append(met[text])
            met[text] += 1
    return found


def _around(column: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The sum over the nearest neighbours on both sides; over all on pages of fewer segments than that."""
    if len(column) < width:
        return np.full(len(column), column.sum())
    return np.convolve(column, np.ones(width), "same")


def _shifted(column: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    """The column as seen by the neighbour `by` places on; -1 beyond the page."""
    shifted = np.full(len(column), -1.0)
    if abs(by) >= len(column):
        return shifted
    if by > 0:
        shifted[:-by] = column[by:]
    else:
        shifted[-by:] = column[:by]
    return shifted
