"""What the block model sees of each segment: numbers, one row a segment, one column a feature.

Written for speed: one pass over the segments in Python for what needs their text, arrays for what compares them. No
feature names a site or rests on the words of one language.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.extract import classwords
from ingest.extract.metadata import Metadata
from ingest.extract.segments import TELLING_TAGS, Frame, Segment
from ingest.model import BlockKind
from ingest.text import fold

Matrix = NDArray[np.float32]

SENTENCE_ENDS = frozenset(".!?…。！？।؟\"”»'’)]」")
TESTIMONY_COLUMNS = 17  # the last ones of the matrix: what trafilatura says
UP = 3  # ancestors of the block's element whose own counts are told
AROUND = 2  # neighbours on each side
PARAGRAPH_CHARS = (
    80  # shorter text says little about where the body is (readability's scoring starts at 25, jusText's at 70)
)
OUTER_SHARE = 0.5  # how much of a paragraph's weight its element's parent gets; readability's choice
TAIL_SHARE = 0.25  # ... and the grandparent

_KINDS = tuple(BlockKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is known about the page beside its segments."""

    title: str = ""
    description: str = ""
    site_name: str = ""
    authors: tuple[str, ...] = ()

    @classmethod
    def of(cls, metadata: Metadata) -> Clues:
        """Take what was resolved."""
        return cls(
            title=metadata.title or "",
            description=metadata.description or "",
            site_name=metadata.site_name or "",
            authors=metadata.authors,
        )


def matrix(
    read: Sequence[Segment], said: Sequence[float], stated: Sequence[float], appeals: Sequence[int], clues: Clues
) -> Matrix:
    """Return the features of a page's segments; the columns are FEATURES. `said` is trafilatura's word on each."""
    if not read:
        return np.zeros((0, 0), dtype=np.float32)
    columns = _texts(read, clues) + _places(read) + _frames(read) + _stated(read, stated) + [appeals]
    columns += _testimony(read, said)
    return np.column_stack([np.asarray(column, dtype=np.float32) for column in columns])


Column = Sequence[float] | NDArray[np.floating[Any]] | NDArray[np.signedinteger[Any]]


def _texts(read: Sequence[Segment], clues: Clues) -> list[Column]:
    """What each text looks like, alone and beside its neighbours."""
    texts = [segment.text for segment in read]
    chars = np.array([len(text) for text in texts], dtype=np.float64)
    words = np.array([text.count(" ") + 1 for text in texts], dtype=np.float64)
    link_share = np.array([segment.link_share for segment in read])
    ends = np.array([text[-1] in SENTENCE_ENDS for text in texts], dtype=np.float64)
    kinds = np.array([_KINDS.index(segment.kind) for segment in read], dtype=np.float64)
    times = Counter(texts)
    title, description, site = _words(clues.title), _words(clues.description), fold(clues.site_name)
    authors = [fold(name) for name in clues.authors if name]
    folded = [fold(text) if len(text) < 400 else "" for text in texts]
    columns: list[Column] = [
        np.log1p(chars),
        chars / words,
        link_share,
        [segment.links for segment in read],
        ends,
        [text[-1] in ":：" for text in texts],
        [text[-1] in "?？" for text in texts],
        [text[0].isupper() for text in texts],
        [text[0].isdigit() for text in texts],
        [(text.count(",") + text.count("，") + text.count("、")) / len(text) for text in texts],
        [(text.count(". ") + text.count("。") + text.count("! ") + text.count("? ")) for text in texts],
        [sum(map(text.count, "0123456789")) / len(text) for text in texts],
        [text.isupper() for text in texts],
        ["|" in text or "©" in text or "•" in text for text in texts],
        ["@" in text or "http" in text or "www." in text for text in texts],
        [text[0] in '"“„«「『' for text in texts],
        [times[text] for text in texts],
        _earlier(texts),
        kinds,
        [segment.level for segment in read],
        [_share(words_, title) for words_ in map(str.split, folded)],
        [_share(words_, description) for words_ in map(str.split, folded)],
        [bool(site) and site in text for text in folded],
        [any(name in text for name in authors) for text in folded],
    ]
    for column in (np.log1p(chars), link_share, ends, kinds):
        columns += [_shifted(column, by) for by in (-2, -1, 1, 2)]
    return columns


def _places(read: Sequence[Segment]) -> list[Column]:
    """Where each segment stands on the page."""
    count = len(read)
    chars = np.array([len(segment.text) for segment in read], dtype=np.float64)
    plain = chars * (1 - np.array([segment.link_share for segment in read]))
    before = np.cumsum(plain) - plain
    whole = max(1.0, float(plain.sum()))
    h1 = next((at for at, segment in enumerate(read) if segment.kind is BlockKind.HEADING and segment.level == 1), 0)
    order = np.arange(count)
    return [
        order / count,
        before / whole,
        np.full(count, np.log1p(count)),
        np.full(count, np.log1p(whole)),
        np.clip(order - h1, -50, 200),
        plain / whole,
    ]


def _frames(read: Sequence[Segment]) -> list[Column]:
    """What the elements around each segment are and hold, and how alike segments' places are."""
    weight: defaultdict[Frame, float] = defaultdict(float)
    signs: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for segment in read:
        chars = len(segment.text)
        sign = signs[segment.frame.sign]
        sign[0] += 1
        sign[1] += chars
        sign[2] += chars * segment.link_share
        if chars >= PARAGRAPH_CHARS and segment.link_share < 0.5:
            frame: Frame | None = segment.frame.parent
            for share in (1.0, OUTER_SHARE, TAIL_SHARE):
                if frame is None:
                    break
                weight[frame] += share * chars
                frame = frame.parent
    whole = max(1.0, sum(sign[1] for sign in signs.values()))
    best = max(weight, key=lambda frame: weight[frame] * (1 - _linked(frame)), default=None)
    around = _ancestors(best)
    top = weight[best] if best is not None else 1.0
    rows: list[list[float]] = []
    for segment in read:
        frame = segment.frame
        sign = signs[frame.sign]
        row = [
            float(frame.depth),
            float(frame.hidden),
            sign[0],
            sign[1] / whole,
            sign[1] / sign[0],
            sign[2] / sign[1],
        ]
        row += _up(frame, whole)
        row += _from_best(frame, around)
        parent = frame.parent
        row.append(weight[parent] / top if parent is not None and parent in weight else 0.0)
        rows.append(row)
    columns: list[Column] = list(np.array(rows).T)
    own = np.array([segment.frame.names | segment.inline for segment in read], dtype=np.int64)
    near = np.array([_near(segment.frame) for segment in read], dtype=np.int64)
    above = np.array([segment.frame.above for segment in read], dtype=np.int64)
    tags = np.array([segment.frame.tags for segment in read], dtype=np.int64)
    for at in range(len(classwords.GROUPS)):
        columns += [(own >> at) & 1, (near >> at) & 1, (above >> at) & 1]
    columns += [(tags >> at) & 1 for at in range(len(TELLING_TAGS))]
    return columns


def _testimony(read: Sequence[Segment], said: Sequence[float]) -> list[Column]:
    """What trafilatura says of each segment, its neighbours, its elements and the segments of like place."""
    heard = np.array(said, dtype=np.float64)
    inside: defaultdict[Frame, float] = defaultdict(float)
    signs: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for segment, share in zip(read, said, strict=True):
        chars = len(segment.text)
        signs[segment.frame.sign][0] += chars
        if share:
            signs[segment.frame.sign][1] += chars * share
            frame: Frame | None = segment.frame
            while frame is not None:
                inside[frame] += chars * share
                frame = frame.parent
    rows: list[list[float]] = []
    for segment in read:
        row: list[float] = []
        up: Frame | None = segment.frame
        for _ in range(UP + 1):
            row.append(
                inside[up] / max(1, up.chars) if up is not None and up in inside else 0.0 if up is not None else -1.0
            )
            up = up.parent if up is not None else None
        sign = signs[segment.frame.sign]
        row.append(sign[1] / sign[0])
        rows.append(row)
    index = np.flatnonzero(heard > 0)
    order = np.arange(len(read))
    if len(index):
        gaps = np.clip(np.searchsorted(index, order), 0, len(index) - 1)
        ahead = np.where(index[gaps] >= order, index[gaps] - order, 99)
        back = np.where(
            order - index[np.maximum(gaps - (index[gaps] > order), 0)] >= 0,
            order - index[np.maximum(gaps - (index[gaps] > order), 0)],
            99,
        )
        first, last = index[0], index[-1]
    else:
        ahead = back = np.full(len(read), 99)
        first = last = 0
    around = np.convolve(heard, np.ones(7), "same") if len(read) >= 7 else np.full(len(read), heard.sum())
    columns: list[Column] = [
        heard,
        *(_shifted(heard, by) for by in (-2, -1, 1, 2)),
        around,
        np.clip(ahead, 0, 99),
        np.clip(back, 0, 99),
        np.clip(order - first, -50, 50),
        np.clip(last - order, -50, 50),
        np.full(len(read), float(heard.mean())),
        np.full(len(read), np.log1p(float((heard * [len(segment.text) for segment in read]).sum()))),
    ]
    return columns + list(np.array(rows).T)


def _stated(read: Sequence[Segment], stated: Sequence[float]) -> list[Column]:
    """What the page's articleBody says of each segment and its neighbours, and how much of it the page shows."""
    heard = np.array(stated, dtype=np.float64)
    found = float((heard * [len(segment.text) for segment in read]).sum())
    if not found:
        silent = np.full(len(read), -1.0)
        return [silent, silent, silent]
    near = np.convolve(heard, np.ones(5), "same")[: len(read)] if len(read) >= 5 else heard
    return [heard, near, np.full(len(read), np.log1p(found))]


def _up(frame: Frame, whole: float) -> list[float]:
    """Of the block's element and its ancestors: share of the page's text, link share, characters a segment."""
    row: list[float] = []
    at: Frame | None = frame
    for _ in range(UP + 1):
        if at is None:
            row += [1.0, -1.0, -1.0]
            continue
        row += [at.chars / whole, _linked(at), at.chars / max(1, at.segments)]
        at = at.parent
    return row


def _from_best(frame: Frame, around: dict[Frame, int]) -> list[float]:
    """How far up the nearest element is that also holds the page's weightiest element, and how far that one is off."""
    up = 0
    at: Frame | None = frame
    while at is not None and at not in around:
        at = at.parent
        up += 1
    return [float(up), float(around[at]) if at is not None else 99.0]


def _ancestors(frame: Frame | None) -> dict[Frame, int]:
    found: dict[Frame, int] = {}
    while frame is not None:
        found[frame] = len(found)
        frame = frame.parent
    return found


def _near(frame: Frame) -> int:
    """Groups of names of the parent and grandparent."""
    near = 0
    for _ in range(2):
        if frame.parent is None:
            break
        frame = frame.parent
        near |= frame.names
    return near


def _linked(frame: Frame) -> float:
    return frame.linked / frame.chars if frame.chars else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


def _share(said: Sequence[str], wanted: frozenset[str]) -> float:
    """Share of a text's words that are among the wanted ones, times how many of the wanted it has."""
    if not said or not wanted:
        return 0.0
    common = sum(word in wanted for word in said)
    return common / max(len(said), len(wanted))


def _earlier(texts: Sequence[str]) -> list[float]:
    """How often each text stood on the page before."""
    met: Counter[str] = Counter()
    found: list[float] = []
    for text in texts:
        found.append(float(met[text]))
        met[text] += 1
    return found


def _shifted(column: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    """The column as seen by the neighbour `by` places on; -1 beyond the page."""
    shifted = np.full(len(column), -1.0)
    if by > 0:
        shifted[:-by] = column[by:] if len(column) > by else shifted[:-by]
    else:
        shifted[-by:] = column[:by] if len(column) > -by else shifted[-by:]
    return shifted
