"""Keep or cut each block: the block model, around trafilatura's word."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.extract.features import Matrix, matrix
from ingest.extract.look import Look

_APPEAL_CODES = {"asks": 3, "part": 2, "open": 2, "besi": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The word on one segment. `doubted`: cut, although trafilatura or the model half wanted it."""

    keep: bool
    reason: str
    doubted: bool = False


def features(seen: Look) -> Matrix:
    """Return the features of a page's segments, one row each."""
    codes = [_APPEAL_CODES[reason[:4]] if reason else 0 for reason in seen.appeals]
    return matrix(seen.segments, seen.testimony.said, seen.stated.said, codes, seen.clues)


def judge(seen: Look) -> tuple[Verdict, ...]:
    """Return the word on each segment of a page."""
    verdicts: list[Verdict] = []
    for said, title, appeal in zip(seen.testimony.said, seen.titles, seen.appeals, strict=True):
        if title:
            verdicts.append(Verdict(keep=False, reason="the title over again"))
        elif appeal:
            verdicts.append(Verdict(keep=False, reason=appeal, doubted=True))
        elif said:
            verdicts.append(Verdict(keep=True, reason="trafilatura"))
        else:
            verdicts.append(Verdict(keep=False, reason="not in trafilatura's text"))
    return tuple(verdicts)
