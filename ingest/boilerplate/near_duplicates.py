"""Which articles of one source are nearly the same text: they count as one, else a copy makes all its blocks recur.

Resemblance is estimated from the smallest hashes of each article's shingles (Broder 1997).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from zlib import crc32

SHINGLE_WORDS = 4
SKETCH = 64  # smallest hashes kept of each article: a resemblance of 0.3 is off by 0.06 (binomial)
NEAR_DUPLICATES = (
    0.3  # resemblance from which two articles are one: a copy with a new first paragraph, a wire text cut short
)
LONG_WORDS = 12  # shorter blocks do not identify a text
# Shingles in more articles than this are the site's, not a copy's: few sites print an article more than three times.
SITE_ARTICLES = 3
SITE_SHARE = 0.2


def groups_of(articles: Sequence[Sequence[Sequence[str]]]) -> list[int]:
    """Return for each article, given as the words of its blocks, the number of its first near-duplicate or itself."""
    found = [_hashes(blocks) for blocks in articles]
    count = Counter(chain.from_iterable(found))
    most = max(SITE_ARTICLES, SITE_SHARE * len(articles))
    of_site = {value for value, having_it in count.items() if having_it > most}
    sketches = [frozenset(sorted(hashes - of_site)[:SKETCH]) for hashes in found]
    groups = list(range(len(articles)))
    having: dict[int, list[int]] = defaultdict(list)
    for number, sketch in enumerate(sketches):
        for other, _ in Counter(before for value in sketch for before in having[value]).most_common():
            if _resemblance(sketch, sketches[other]) >= NEAR_DUPLICATES:
                groups[number] = groups[other]
                break
        for value in sketch:
            having[value].append(number)
    return groups


def _hashes(blocks: Sequence[Sequence[str]]) -> set[int]:
    found: set[int] = set()
    for wording in blocks:
        if len(wording) >= LONG_WORDS:
            shingles = zip(*(wording[at:] for at in range(SHINGLE_WORDS)), strict=False)
            found.update(map(crc32, map(str.encode, map(" ".join, shingles))))
    return found


def _resemblance(a: frozenset[int], b: frozenset[int]) -> float:
    """The share of the smallest values of both together that both have."""
    both = sorted(a | b)[: max(1, min(len(a), len(b)))]
    return sum(value in a and value in b for value in both) / len(both) if both else 0.0
