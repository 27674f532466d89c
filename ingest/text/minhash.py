"""Near-duplicate texts: a MinHash finds candidates without comparing all pairs, the exact resemblance decides.

Broder 1997, "On the resemblance and containment of documents"; the bands are those of Leskovec, Rajaraman, Ullman,
"Mining of Massive Datasets", chapter 3. The texts are stripped ones: boilerplate must not count.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import lru_cache

from rensa import RMinHash

from ingest.model import Block
from ingest.text.normalize import SHINGLE_WORDS, body_words_of, containment, resemblance, shingles_of_words

# 40 bands of 3: a pair of resemblance 0.5 shares a band in 99.5 of 100 cases, one of 0.4 in 93, of 0.1 in 4, and of
# 0.02, where unrelated news lies, in 0.03. 120 numbers estimate a resemblance to 0.04. With 32 bands 114 of the
# benchmark's 120 pairs were found, with 40 all.
BANDS = 40
ROWS = 3
SEED = 1
LOW_BITS = 0xFFFF  # of each number: two texts agree in them by chance once in 65,536
SIGNED = 1 << 31

MIN_SHINGLES = 20  # shorter texts are alike by chance: a caption, a notice
UNSPACED_SHINGLE = 8  # characters of Chinese or Japanese, about as telling as four words
UNSPACED_SHARE = 0.5  # of the words being single characters: the script has no spaces between words

# Two sites' copies, each with local edits (dateline, one word in thirty, a paragraph cut, added or written anew), keep
# a resemblance of 0.31 to 0.9, 98 of 100 pairs 0.4 or more; of 34,000 pairs of other articles, two sites' footers
# among them, none reaches 0.1. See benchmarks/duplicates.py.
SAME_RESEMBLANCE = 0.4
CUT_RESEMBLANCE = 0.25  # a copy cut short resembles less ...
CUT_CONTAINMENT = 0.65  # ... but lies in the longer one


@lru_cache(maxsize=8)  # comparing and saving need the same text
def shingles(words: tuple[str, ...]) -> frozenset[str]:
    """Return what a text is compared by; of scripts without spaces, longer runs."""
    lengths = list(map(len, words))
    unspaced = lengths.count(1) > UNSPACED_SHARE * len(words)
    return shingles_of_words(words, UNSPACED_SHINGLE if unspaced else SHINGLE_WORDS)


def of_blocks(blocks: Iterable[Block]) -> frozenset[str]:
    """Return the shingles of a body: of its kept blocks, without stamps."""
    return shingles(body_words_of(blocks))


@lru_cache(maxsize=8)
def signature(of: frozenset[str]) -> bytes:
    """Return the MinHash of a text's shingles, 2 bytes a number; nothing for a text too short to be compared."""
    if len(of) < MIN_SHINGLES:
        return b""
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    sketch.update(list(of))
    return struct.pack(f"<{BANDS * ROWS}H", *(number & LOW_BITS for number in sketch.digest()))


def bands(of: bytes) -> tuple[int, ...]:
    """Return a signature's bands as signed 32-bit numbers; texts that share one may be alike."""
    size = 2 * ROWS
    return tuple(zlib.crc32(of[at : at + size]) - SIGNED for at in range(0, len(of), size))


def likeness(a: bytes, b: bytes) -> float:
    """Estimate the resemblance of two texts by their signatures, 0..1."""
    if not a or len(a) != len(b):
        return 0.0
    pairs = zip(memoryview(a).cast("H"), memoryview(b).cast("H"), strict=True)
    return sum(one == other for one, other in pairs) * 2 / len(a)


def is_copy(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two texts, as shingles, are one text with edits, or one of them the beginning of the other."""
    if min(len(one), len(other)) < MIN_SHINGLES:
        return False
    alike = resemblance(one, other)
    if alike >= SAME_RESEMBLANCE:
        return True
    shorter, longer = sorted((one, other), key=len)
    return alike >= CUT_RESEMBLANCE and containment(shorter, longer) >= CUT_CONTAINMENT
