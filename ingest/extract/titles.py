"""Choosing the title: the h1 that agrees with what the page declares, else what it declares, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.text import fold, normalise

MAX_TITLE_CHARS = 400  # longer "titles" are paragraphs in an h1; the longest real one in the corpus has 240
AGREEMENT = 0.5  # share of common words from which an h1 and a declared title are the same headline
_PARTS = re.compile(
    r"\s+[|\-–—−·•»«:/~⎮│｜]+\s+|\s*[|｜│⎮]\s*|\s*::\s*|\s+[-–—]{1,2}(?=\S)|(?<=\w)[-–—]\s+|\s*[»›]\s*|:\s+"
)


def choose(
    headings: Sequence[str], declared: Sequence[tuple[str, str]], names: Iterable[str]
) -> tuple[str, str] | None:
    """Return (title, origin), or None where the page has none.

    `headings`: the h1 texts in page order; `declared`: (origin, text), the best first; `names`: what the site calls
    itself.
    """
    known = {fold(name) for name in names} - {""}
    declared = [(origin, normalise(text)) for origin, text in declared]
    declared = [(origin, text) for origin, text in declared if text and len(text) <= MAX_TITLE_CHARS]
    stripped = [(origin, without_site(text, known)) for origin, text in declared]
    stripped = [(origin, text) for origin, text in stripped if text and fold(text) not in known]
    best: tuple[float, str] | None = None
    for heading in map(normalise, headings):
        if not heading or len(heading) > MAX_TITLE_CHARS or fold(heading) in known:
            continue
        agreement = max((agree(heading, text) for _, text in (*stripped, *declared)), default=0.0)
        if agreement >= AGREEMENT and (best is None or agreement > best[0] + 0.2):
            best = agreement, heading
    if best:
        return best[1], "h1"
    if stripped:
        return stripped[0][1], stripped[0][0]
    first = next((h for h in map(normalise, headings) if h and len(h) <= MAX_TITLE_CHARS), None)
    if first:
        return first, "h1"
    return (declared[0][1], declared[0][0]) if declared else None


def agree(a: str, b: str) -> float:
    """Return how much two titles are the same, 0..1: 1 when one holds the other, else the share of common words."""
    a, b = fold(a), fold(b)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) >= 8 and shorter in longer:
        return 0.95
    one, other = set(a.split()), set(b.split())
    return len(one & other) / min(len(one), len(other)) * 0.9 if min(len(one), len(other)) > 2 else 0.0


def without_site(title: str, known: set[str]) -> str:
    """Return the title without leading or trailing parts that are the site's name."""
    cuts = [match.span() for match in _PARTS.finditer(title)]
    for start, end in cuts:
        if is_site(title[end:], known) and fold(title[:start]):
            return title[:start].strip()
    for start, end in reversed(cuts):
        if is_site(title[:start], known) and fold(title[end:]):
            return title[end:].strip()
    return title


def is_site(part: str, known: set[str]) -> bool:
    """Tell whether a part of a title is the site's name, alone or with a few words more ("News | Example")."""
    folded = fold(part)
    bare = folded.replace(" ", "")
    return any(folded == name or (len(name) > 3 and bare == name.replace(" ", "")) for name in known)
