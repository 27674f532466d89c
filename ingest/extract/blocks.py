"""Keep or cut each block: the block model, around trafilatura's word.

Two models look at a page: one at the page alone, one that also hears trafilatura. Where the first has little doubt, its
word is taken and trafilatura never asked. Else trafilatura decides between the margins of their mean; where it has too
little of what the page itself shows to be the body, it has lost the thread (a list of cards, a live blog), and the page
alone decides. Trained by benchmarks/train_blocks.py; blocks.txt tells on what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.extract.appeals import BESIDE
from ingest.extract.features import Ground, heard_matrix, page_matrix
from ingest.extract.forest import Forest
from ingest.extract.look import Look, asked, silence
from ingest.extract.witness import Testimony
from ingest.model import BlockKind
from ingest.phrases import mark

ALONE, HEARD = 0, 1  # the forest's models: what the page alone says, and what trafilatura says too
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
REPEAT_CHARS = 60  # text this long that stands on the page twice is the copy for another screen
# Between kept blocks this much is enough on average, by kind of block, in runs of at most so many. Swept on the folds
# and the sets left out (others 0.3 to 0.5, items 0.15 to 0.3): a plateau, 0.001 up on wcxb-dev in both.
BETWEEN = {BlockKind.CODE: 0.2, BlockKind.ITEM: 0.2, BlockKind.ROW: 0.2}
BETWEEN_OTHERS = 0.4
BETWEEN_LEAST = 0.15  # for each of them; for items and rows, often short and alike, DOUBT is enough
BETWEEN_RUN = 9
DOUBT = 0.1  # a cut block this likely is kept beside the body, for a person or the learner to see

_LISTED = (BlockKind.ITEM, BlockKind.ROW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The word on one segment. `doubted`: cut, although trafilatura or the model half wanted it."""

    keep: bool
    reason: str
    doubted: bool = False


@cache
def shipped() -> Forest:
    """Return the forest in the package, read once."""
    return Forest.load("blocks.npz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The word on each segment of a page; `heard` is trafilatura's testimony, None where it was not asked."""

    verdicts: tuple[Verdict, ...]
    heard: Testimony | None


def judge(seen: Look, *, forest: Forest | None = None) -> Judgement:
    """Return the word on each segment of a page."""
    if not seen.segments:
        return Judgement(verdicts=(), heard=seen.trafilatura())
    forest = forest or shipped()
    ground = Ground.of(seen.segments)
    rows = page_matrix(ground, seen.stated.said, seen.clues)
    alone = heard = forest.probabilities(rows, ALONE)
    testimony: Testimony | None = None
    if not beyond_doubt(alone, ground.chars, seen.titles):
        testimony = seen.trafilatura()
        heard = forest.probabilities(np.column_stack([rows, heard_matrix(ground, testimony.said)]), HEARD)
    said = np.asarray((testimony or silence(len(alone))).said) > 0
    candidates = np.flatnonzero(said | ((alone + heard) / 2 >= DOUBT)).tolist()
    found = verdicts(
        texts=[segment.text for segment in seen.segments],
        said=said if testimony else None,
        stated=np.asarray(seen.stated.said) >= 0.5,
        alone=alone,
        heard=heard,
        titles=seen.titles,
        appeals=asked(seen.segments, candidates, seen.clues.site_name),
        kinds=[segment.kind for segment in seen.segments],
    )
    return Judgement(verdicts=found, heard=testimony)


def beyond_doubt(alone: NDArray[np.float64], chars: NDArray[np.float64], titles: Sequence[bool]) -> bool:
    """Whether the page alone tells its body so clearly that nobody else need be asked."""
    counted = chars * ~np.asarray(titles, dtype=bool)
    shown = float(counted[alone >= 0.5].sum())
    return shown >= BODY_CHARS and float((counted * np.minimum(alone, 1 - alone)).sum()) < DOUBT_SHARE * shown


def verdicts(
    *,
    texts: Sequence[str],
    said: NDArray[np.bool_] | None,
    stated: NDArray[np.bool_],
    alone: NDArray[np.float64],
    heard: NDArray[np.float64],
    titles: Sequence[bool],
    appeals: Sequence[str | None],
    kinds: Sequence[BlockKind] = (),
) -> tuple[Verdict, ...]:
    """Return the word on each segment, given what both witnesses said and the two models' probabilities.

    `said` is None where trafilatura was not asked. Without `kinds` every segment is taken for a paragraph.
    """
    chars = np.array([len(text) for text in texts], dtype=np.float64)
    shown = alone >= 0.5
    mean = (alone + heard) / 2
    if said is None:
        likely, low, high, said = alone, SURE_ABOVE, SURE_ABOVE, np.zeros(len(texts), dtype=bool)
    elif float((chars * (shown & said)).sum()) >= THREAD_SHARE * float((chars * shown).sum()):
        likely, low, high = mean, CUT_BELOW, ADD_ABOVE
    else:
        likely, low, high = alone, ALONE_BELOW, ALONE_ABOVE
    kinds = kinds or [BlockKind.PARAGRAPH] * len(texts)
    captions = np.array([kind is BlockKind.CAPTION for kind in kinds])
    likely = np.where(captions & (likely < CAPTION_ABOVE), np.minimum(likely, DOUBT), likely)
    appeals = [None if kind is BlockKind.CODE else appeal for kind, appeal in zip(kinds, appeals, strict=True)]
    kept: set[str] = set()
    found: list[Verdict] = []
    for at, text in enumerate(texts):
        wanted = likely[at] >= (low if said[at] else high) or (stated[at] and likely[at] >= STATED_ABOVE)
        heard_by = [name for name, voice in (("trafilatura", said), ("articleBody", stated)) if voice[at]]
        model = ", ".join([f"model {likely[at]:.2f}", *heard_by])
        if titles[at]:
            found.append(Verdict(keep=False, reason="the title over again"))
        elif not wanted:
            found.append(Verdict(keep=False, reason=model, doubted=bool(said[at] or likely[at] >= DOUBT)))
        elif (appeal := appeals[at]) is not None and (
            mean[at] < APPEAL_SURE or (appeal != BESIDE and _in_run(appeals, at))
        ):
            found.append(Verdict(keep=False, reason=f"{appeal}, {model}", doubted=True))
        elif len(text) >= REPEAT_CHARS and text in kept:
            found.append(Verdict(keep=False, reason="stands above already", doubted=True))
        else:
            found.append(Verdict(keep=True, reason=model))
            kept.add(text)
    for at in _between(texts, found, likely, titles, appeals, kinds):
        if len(texts[at]) < REPEAT_CHARS or texts[at] not in kept:
            found[at] = Verdict(keep=True, reason=f"{found[at].reason}, between kept blocks")
    return tuple(found)


def _between(
    texts: Sequence[str],
    found: Sequence[Verdict],
    likely: NDArray[np.float64],
    titles: Sequence[bool],
    appeals: Sequence[str | None],
    kinds: Sequence[BlockKind],
) -> list[int]:
    """Return the cut segments that stand in short runs between kept ones, none of which asks anything of the reader.

    They must be likely enough on average, and none all too unlikely.
    What trafilatura loses inside an article (code, lists, a line under a picture) has the article on both sides.
    """
    added: list[int] = []
    kept = [at for at, verdict in enumerate(found) if verdict.keep]
    for before, after in pairwise(kept):
        run = range(before + 1, after)
        if not 0 < len(run) <= BETWEEN_RUN or any(titles[at] or appeals[at] is not None for at in run):
            continue
        over = [likely[at] - BETWEEN.get(kinds[at], BETWEEN_OTHERS) for at in run]
        least = min(likely[at] - (DOUBT if kinds[at] in _LISTED else BETWEEN_LEAST) for at in run)
        if sum(over) >= 0 and least >= 0 and not any(_asks(texts[at]) for at in run):
            added += run
    return added


def _asks(text: str) -> bool:
    found = mark(text)
    return found is not None and found.sure


def _in_run(appeals: Sequence[str | None], at: int) -> bool:
    """Whether the block before or behind is an appeal as well."""
    return (at > 0 and appeals[at - 1] is not None) or (at + 1 < len(appeals) and appeals[at + 1] is not None)
