"""Keep or cut each block: the block model, around trafilatura's word.

Two models look at a page: one at the page alone, one that also hears trafilatura. Where the first has little doubt, its
word is taken and trafilatura never asked. Else trafilatura decides between the margins of their mean; where it has too
little of what the page itself shows to be the body, it has lost the thread (a list of cards, a live blog), and the page
alone decides. Trained by benchmarks/train_blocks.py; blocks.txt says on what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ingest.extract.body.alignment import Alignment
from ingest.extract.body.appeals import ASKS, BESIDE
from ingest.extract.body.authornotes import author_notes
from ingest.extract.body.features import PageArrays, heard_matrix, page_matrix
from ingest.extract.body.gap_filling import gaps_between_kept, headings, headings_before_kept
from ingest.extract.body.page_view import PageView, asked, silence
from ingest.extract.body.tree_ensemble import TreeEnsemble
from ingest.extract.body.units import BlockDecision, drop_copies, keep_captions, keep_units, pooled
from ingest.model import BlockKind
from ingest.text.phrases import mark

ALONE, HEARD = 0, 1  # the ensemble's models: what the page alone says, and what trafilatura says too
# A page is beyond doubt when its blocks' doubts, min(p, 1 - p) a character, are this small beside the body it shows,
# and when it shows one. 7 in 10 pages are; swept 0.05 to 0.4: up to 0.12 all sets score as if trafilatura were always
# asked.
DOUBT_SHARE = 0.1
BODY_CHARS = 500
# Swept together on the folds and the sets left out (benchmarks/README.md).
CUT_BELOW = 0.3  # of the two models' mean: what trafilatura has is cut
ADD_ABOVE = 0.7  # ... what it has not is added
ALONE_BELOW = 0.4  # the same for the page alone, where trafilatura has lost the thread
ALONE_ABOVE = 0.6
SURE_ABOVE = 0.5  # the same where trafilatura was not asked
CAPTION_ABOVE = 0.8  # a caption less likely than this is no more than a doubt: half the references leave them out
STATED_ABOVE = 0.15  # what the articleBody has too is kept from here on; below, it is a teaser of its own
THREAD_SHARE = 0.7  # of the body the page shows, that trafilatura must have to be heard
# A lone block that speaks for the site needs this much to stay, a run of them goes. The model does not see what a text
# asks for; of such blocks between 0.9 and 0.97 half are wanted, above nearly all.
APPEAL_SURE = 0.98  # for what merely stands beside an appeal it is enough, whatever the run
NEVER_TEXT = frozenset((f"{ASKS}advertisement", f"{ASKS}continues"))  # no score makes these the article's
REPEAT_CHARS = 60  # text this long that stands on the page twice is the copy for another screen
NOTE_SURE = 0.8  # a paragraph in an author's box that begins with the author's name needs this much to stay
DOUBT = 0.1  # a cut block this likely is kept beside the body, for a person or the learner to see


@cache
def shipped() -> TreeEnsemble:
    """Return the ensemble in the package, read once."""
    return TreeEnsemble.load("blocks.npz")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDecisions:
    """The decision on each segment; `heard` is the alignment with trafilatura's text, None where it was not asked."""

    verdicts: tuple[BlockDecision, ...]
    heard: Alignment | None


def classify_blocks(seen: PageView, *, ensemble: TreeEnsemble | None = None) -> BlockDecisions:
    """Return the decision on each segment of a page: the structure's where it has one, else the model's."""
    if not seen.segments:
        return BlockDecisions(verdicts=(), heard=seen.trafilatura())
    ensemble = ensemble or shipped()
    ground = PageArrays.of(seen.segments)
    rows = page_matrix(ground, seen.stated.said, seen.hints)
    open_at = [at for at, reason in enumerate(seen.cuts) if reason is None]
    cut = np.ones(len(rows), dtype=bool)
    cut[open_at] = False
    model = ensemble.probabilities(rows, ALONE)
    alone = heard = np.where(cut, 0.0, model)
    alignment: Alignment | None = None
    if not beyond_doubt(alone, np.where(cut, 0.0, ground.chars), seen.titles):
        alignment = seen.trafilatura()
        heard = ensemble.probabilities(np.column_stack([rows, heard_matrix(ground, alignment.said)]), HEARD)
        heard = np.where(cut, 0.0, heard)
    alone, heard = pooled(seen.segments, ground.chars, alone), pooled(seen.segments, ground.chars, heard)
    said = (np.asarray((alignment or silence(len(alone))).said) > 0) & ~cut
    candidates = np.flatnonzero(said | ((alone + heard) / 2 >= DOUBT)).tolist()
    appeals = asked(seen.segments, candidates, seen.hints.site_name)
    places, boxes = ground.sign.tolist(), ground.up(ground.at).tolist()
    evidence = SegmentEvidence(
        texts=[seen.segments[at].text for at in open_at],
        said=said[open_at] if alignment else None,
        stated=np.asarray(seen.stated.said)[open_at] >= 0.5,
        alone=alone[open_at],
        heard=heard[open_at],
        titles=[seen.titles[at] for at in open_at],
        appeals=[appeals[at] for at in open_at],
        kinds=[seen.segments[at].kind for at in open_at],
        notes=author_notes(seen.segments, seen.hints.authors)[open_at],
        places=[places[at] for at in open_at],
        boxes=[boxes[at] for at in open_at],
    )
    found = verdicts(evidence)
    decided: list[BlockDecision] = [
        BlockDecision(keep=False, reason=reason or "", doubted=chance >= SURE_ABOVE)
        for reason, chance in zip(seen.cuts, model.tolist(), strict=True)
    ]
    for at, verdict in zip(open_at, found, strict=True):
        decided[at] = verdict
    keep_units(decided, seen.segments, appeals)
    drop_copies(decided, seen.segments, boxes)
    keep_captions(decided, seen.segments)
    return BlockDecisions(verdicts=tuple(decided), heard=alignment)


def beyond_doubt(alone: NDArray[np.float64], chars: NDArray[np.float64], titles: Sequence[bool]) -> bool:
    """Whether the page alone shows its body so clearly that trafilatura need not be asked."""
    counted = chars * ~np.asarray(titles, dtype=bool)
    shown = float(counted[alone >= 0.5].sum())
    return shown >= BODY_CHARS and float((counted * np.minimum(alone, 1 - alone)).sum()) < DOUBT_SHARE * shown


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentEvidence:
    """What is known about the segments of a page, one entry each.

    `said` is None where trafilatura was not asked. Without `kinds` every segment is taken for a paragraph. `notes` may
    tell of the author; `places` are the kinds of place the segments stand in, `boxes` the elements around them, each
    by a number; without them all are of one place, and of no common box.
    """

    texts: Sequence[str]
    said: NDArray[np.bool_] | None
    stated: NDArray[np.bool_]
    alone: NDArray[np.float64]
    heard: NDArray[np.float64]
    titles: Sequence[bool]
    appeals: Sequence[str | None]
    kinds: Sequence[BlockKind] = ()
    notes: NDArray[np.bool_] | None = None
    places: Sequence[int] = ()
    boxes: Sequence[int] = ()


def verdicts(given: SegmentEvidence) -> tuple[BlockDecision, ...]:
    """Return the decision on each segment, given the texts of page and trafilatura and the models' probabilities."""
    texts, titles, alone = given.texts, given.titles, given.alone
    mean = (alone + given.heard) / 2
    said, likely, low, high = _margins(given, mean)
    kinds = given.kinds or [BlockKind.PARAGRAPH] * len(texts)
    captions = np.array([kind is BlockKind.CAPTION for kind in kinds], dtype=bool)
    likely = np.where(captions & (likely < CAPTION_ABOVE), np.minimum(likely, DOUBT), likely)
    if given.notes is not None:
        likely = np.where(given.notes & (likely < NOTE_SURE), np.minimum(likely, DOUBT), likely)
    appeals = [None if kind is BlockKind.CODE else appeal for kind, appeal in zip(kinds, given.appeals, strict=True)]
    boxes = given.boxes or range(len(texts))
    places = given.places or [0] * len(texts)
    has, states = said.tolist(), given.stated.tolist()  # a loop over arrays takes four times as long
    chances, means = likely.tolist(), mean.tolist()
    kept: dict[str, int] = {}  # long texts kept, with the box they stood in first
    found: list[BlockDecision] = []
    for at, text in enumerate(texts):
        chance = chances[at]
        wanted = chance >= (low if has[at] else high) or (states[at] and chance >= STATED_ABOVE)
        model = f"model {chance:.2f}{', trafilatura' if has[at] else ''}{', articleBody' if states[at] else ''}"
        if titles[at]:
            found.append(BlockDecision(keep=False, reason="the title over again"))
        elif not wanted:
            found.append(BlockDecision(keep=False, reason=model, doubted=has[at] or chance >= DOUBT))
        elif (appeal := appeals[at]) is not None and (
            appeal in NEVER_TEXT or means[at] < APPEAL_SURE or (appeal != BESIDE and _in_run(appeals, at))
        ):
            found.append(BlockDecision(keep=False, reason=f"{appeal}, {model}", doubted=True))
        elif kept.get(text, boxes[at]) != boxes[at]:
            found.append(BlockDecision(keep=False, reason="stands above already", doubted=True))
        else:
            found.append(BlockDecision(keep=True, reason=model))
            if len(text) >= REPEAT_CHARS:
                kept.setdefault(text, boxes[at])
    barred = [titles[at] or appeals[at] is not None for at in range(len(texts))]
    copies = [kept.get(text, box) != box for text, box in zip(texts, boxes, strict=True)]
    added = headings(_keeps(found), likely, barred, kinds, places)
    _bring_back(found, added, copies, "a heading inside")
    for run in gaps_between_kept(_keeps(found), likely, barred, kinds):
        if not any(_asks(texts[at]) for at in run):
            _bring_back(found, run, copies, "between kept blocks")
    added = headings(_keeps(found), likely, barred, kinds, places)
    _bring_back(found, added, copies, "a heading inside")  # above what just came back
    for at in headings_before_kept(
        _keeps(found), kinds
    ):  # kept beside the body for the learner, who sees the source's other pages
        found[at] = replace(found[at], doubted=not titles[at])
    return tuple(found)


def _margins(
    given: SegmentEvidence, mean: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64], float, float]:
    """Return what trafilatura has, the probabilities to go by, and the margins to cut below and to add above."""
    alone, said = given.alone, given.said
    if said is None:
        return np.zeros(len(alone), dtype=bool), alone, SURE_ABOVE, SURE_ABOVE
    chars = np.array([len(text) for text in given.texts], dtype=np.float64)
    shown = alone >= 0.5
    if float((chars * (shown & said)).sum()) >= THREAD_SHARE * float((chars * shown).sum()):
        return said, mean, CUT_BELOW, ADD_ABOVE
    return said, alone, ALONE_BELOW, ALONE_ABOVE


def _keeps(found: Sequence[BlockDecision]) -> list[bool]:
    return [verdict.keep for verdict in found]


def _bring_back(found: list[BlockDecision], which: Sequence[int], copies: Sequence[bool], reason: str) -> None:
    for at in which:
        if not copies[at]:
            found[at] = BlockDecision(keep=True, reason=f"{found[at].reason}, {reason}")


def _asks(text: str) -> bool:
    found = mark(text)
    return found is not None and found.sure


def _in_run(appeals: Sequence[str | None], at: int) -> bool:
    """Whether the block before or behind is an appeal as well."""
    return (at > 0 and appeals[at - 1] is not None) or (at + 1 < len(appeals) and appeals[at + 1] is not None)
