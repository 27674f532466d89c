"""Decisions on several segments together: rows of a table, footnotes, listings, copies, pages of captions only.

They run after the model, on its decisions, and say in the reason what they changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.extract.body.features import is_note
from ingest.extract.html.segments import Frame, Segment
from ingest.model import BlockKind
from ingest.text.normalize import shingles

NOTE_CHARS_MAX = 3_000
LISTING_NEAR = 8  # segments between a listing and kept text on either side: code bar, language, buttons
COPY_CHARS_MIN = 60  # shorter texts repeat by chance
COPY_SHARE = 0.85  # of a block's word runs that other kept blocks have
COPY_PROBE_CHARS = 24
QUOTE_TIMES = 1.5  # text this much longer in the same box holds a block as a quotation of itself; else it is a refrain
CAPTIONS_MIN = 2  # a page that shows nothing else is a picture story


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDecision:
    """The decision on one segment. `doubted`: cut, although trafilatura or the model half wanted it."""

    keep: bool
    reason: str
    doubted: bool = False


def pooled(read: Sequence[Segment], chars: NDArray[np.float64], likely: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities, those of a data table's rows replaced by their mean: it is kept or cut whole."""
    tables: dict[Frame, list[int]] = defaultdict(list)
    for at, segment in enumerate(read):
        if segment.kind is BlockKind.ROW and (table := _table(segment.frame)) is not None:
            tables[table].append(at)
    if not tables:
        return likely
    likely = likely.copy()
    for rows in tables.values():
        likely[rows] = float((likely[rows] * chars[rows]).sum() / chars[rows].sum())
    return likely


def _table(frame: Frame) -> Frame | None:
    at: Frame | None = frame
    while at is not None and at.tag != "table":
        at = at.parent
    return at


def keep_units(decided: list[BlockDecision], read: Sequence[Segment], appeals: Sequence[str | None]) -> None:
    """Bring back the notes that marks in kept text lead to, and listings inside the article."""
    targets = {name for segment, found in zip(read, decided, strict=True) if found.keep for name in segment.refs}
    kept = [at for at, found in enumerate(decided) if found.keep]
    if not kept:
        return
    for at, segment in enumerate(read):
        found = decided[at]
        if found.keep or appeals[at] is not None or not found.reason.startswith("model"):
            continue
        if targets and at > kept[0] and len(segment.text) <= NOTE_CHARS_MAX and is_note(segment, targets):
            decided[at] = BlockDecision(keep=True, reason=f"{found.reason}, a footnote")
        elif segment.kind is BlockKind.CODE and _is_inside(at, kept, segment, read):
            decided[at] = BlockDecision(keep=True, reason=f"{found.reason}, a listing inside")


def _is_inside(at: int, kept: Sequence[int], segment: Segment, read: Sequence[Segment]) -> bool:
    """Whether kept text stands close on both sides of a listing, or close above it in the same element."""
    before = max((other for other in kept if other < at), default=-LISTING_NEAR)
    after = min((other for other in kept if other > at), default=len(read) + LISTING_NEAR)
    if at - before > LISTING_NEAR:
        return False
    if after - at <= LISTING_NEAR:
        return True
    box = read[before].frame.parent
    frame: Frame | None = segment.frame
    while frame is not None and frame is not box:
        frame = frame.parent
    return frame is not None


def drop_copies(decided: list[BlockDecision], read: Sequence[Segment], boxes: Sequence[int]) -> None:
    """Cut a kept block whose words other kept blocks have: the copy for print, a teaser of a paragraph below.

    Of two blocks the one goes whose path holds less of the body: prose in the body's own place stays, what repeats it
    elsewhere does not. An exact copy in the same place goes once. Quotations stay: they are the article's.
    """
    texts = [segment.text for segment in read]
    headings = {at for at, segment in enumerate(read) if segment.kind is BlockKind.HEADING}
    kept = [at for at, found in enumerate(decided) if found.keep]
    whole = "\n".join(texts[at] for at in kept)
    suspects = [
        at
        for at in kept
        if at not in headings
        and read[at].kind is not BlockKind.QUOTE
        and len(texts[at]) >= COPY_CHARS_MIN
        and _is_repeated(texts[at], whole)
    ]
    if not suspects:
        return
    runs = {at: shingles(texts[at]) for at in kept if len(texts[at]) >= COPY_PROBE_CHARS}
    paths = {at: read[at].frame.path() for at in runs}
    held: dict[str, int] = defaultdict(int)
    for at, path in paths.items():
        held[path] += len(texts[at])
    for at in sorted(suspects, key=lambda one: (held[paths[one]], -one)):
        others: set[str] = set()
        for other in kept:
            if other == at or not decided[other].keep or other not in runs:
                continue
            same = paths[at] == paths[other] and texts[at] != texts[other]
            if not same and _may_cover(at, other, texts, boxes):
                others |= runs[other]
        if len(runs[at] & others) >= COPY_SHARE * len(runs[at]):
            decided[at] = replace(decided[at], keep=False, doubted=True, reason="other kept blocks have its words")


def _is_repeated(text: str, whole: str) -> bool:
    """Whether the middle and an end of a text stand in the body twice: a quick look before a thorough one."""
    return _is_twice(text, (len(text) - COPY_PROBE_CHARS) // 2, whole) and (
        _is_twice(text, 0, whole) or _is_twice(text, len(text) - COPY_PROBE_CHARS, whole)
    )


def _is_twice(text: str, at: int, whole: str) -> bool:
    return whole.count(text[at : at + COPY_PROBE_CHARS]) > 1


def _may_cover(at: int, other: int, texts: Sequence[str], boxes: Sequence[int]) -> bool:
    return boxes[at] != boxes[other] or len(texts[other]) >= QUOTE_TIMES * len(texts[at])


def keep_captions(decided: list[BlockDecision], read: Sequence[Segment]) -> None:
    """Keep the captions of a page that shows nothing else: a picture story."""
    if any(found.keep for found in decided):
        return
    captions = [
        at
        for at, segment in enumerate(read)
        if segment.kind is BlockKind.CAPTION and not segment.frame.unseen and segment.link_share < 0.5
    ]
    if len(captions) >= CAPTIONS_MIN:
        for at in captions:
            decided[at] = BlockDecision(keep=True, reason=f"{decided[at].reason}, the page has nothing but captions")
