"""Text as values: one normal form to store, one folded form to compare, and the measures built on it.

It depends on no page, language or site.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

from ingest.model import Block
from ingest.text.date_lines import is_stamp

DIGEST_BYTES = 16  # 128 bits: no accidental collision below 10**18 texts (birthday bound)
SHINGLE_WORDS = (
    4  # Broder 1997 takes 10 for the web at large; 4 tells edited news paragraphs apart (miniweb's score too)
)

# Phrases, date lines, digests and learned blocks need the words of the same blocks, up to six times a page.
REMEMBERED = 1024  # texts: those of two or three pages; 4 MB at most
REMEMBERED_CHARS = 1000  # longer ones are seldom needed twice
WESTERN = "cp1252"  # has the letters, quotes and dashes of most texts in western languages, a byte each


# Dropped: C0 and C1 controls but white space, soft hyphen, zero-width space and no-break, marks and overrides of
# writing direction (a terminal may be fooled by them), interlinear marks, byte order marks, noncharacters. Kept: U+200C
# and U+200D, which spell Persian words and hold emoji together, variation selectors and the tag characters of flags.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
PIECE_CHARS = 250  # normalised at once; a run of so many marks takes 0.1 ms
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")

# Scripts written without spaces between words: there a character with its marks stands for a word.
_UNSPACED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u3099\u309a\u30fc]*"
)


def normalise(text: str) -> str:
    """Return the stored form of a text: one line in NFC, no controls or lone surrogates, single spaces."""
    return " ".join(_sound(text).split())


def normalise_lines(text: str) -> str:
    r"""Return the stored form of code or verse: as `normalise`, but with lines and indentation; blank edges dropped."""
    lines = [line.expandtabs(4).rstrip() for line in _LINE_END.split(text)]
    return _sound("\n".join(lines)).strip("\n")


def digest(data: bytes | str) -> str:
    """Return the exact hash of bytes, or of a text as it is, as 32 hex digits (BLAKE2b)."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def fold(text: str) -> str:
    """Return the form texts are compared in: casefolded letters, marks and digits, single spaces for all else.

    Compatibility forms are unified (NFKC), so full-width letters, ligatures and typographic quotes make no difference.
    """
    return " ".join(_folded(text).split())


def _folded(text: str) -> str:
    """Return the folded text with all its spaces."""
    if text.isascii():
        return text.encode("ascii").translate(_ASCII).decode("ascii")
    if (western := _western(text)) is not None:
        return western
    even = normal_form("NFKC", normal_form("NFKC", _sound(text)).casefold())
    even = even.replace("i\u0307", "i").replace("\u0131", "i")  # Turkish: capitals of both i fold to one letter
    return normal_form("NFC", even.translate(_FOLDING))


def _western(text: str) -> str | None:
    """Return the folded text where each character folds on its own, a byte for a byte; None for all other texts.

    Most texts in western languages with their quotes and dashes do; it takes a tenth of the time.
    """
    try:
        even = text.replace("\u00df", "ss").encode(WESTERN).translate(_EVEN, _GONE)
    except UnicodeEncodeError:
        return None
    return None if _ODD in even else even.decode(WESTERN)


def words(text: str) -> tuple[str, ...]:
    """Return the folded words; in scripts without spaces (Chinese, Japanese, Thai ...) each character is one."""
    return _words_remembered(text) if len(text) <= REMEMBERED_CHARS else _words(text)


def _words(text: str) -> tuple[str, ...]:
    folded = _folded(text)
    return tuple(folded.split() if folded.isascii() else _UNSPACED.sub(r" \g<0> ", folded).split())


_words_remembered = lru_cache(maxsize=REMEMBERED)(_words)


def shingles(text: str, k: int = SHINGLE_WORDS) -> frozenset[str]:
    """Return all runs of k consecutive words; a shorter text is one shingle, a text without words none."""
    return shingles_of_words(words(text), k)


def shingles_of_words(of: Sequence[str], k: int = SHINGLE_WORDS) -> frozenset[str]:
    """Return all runs of k consecutive words of a text already split into words."""
    if len(of) < k:
        return frozenset((" ".join(of),)) if of else frozenset()
    return frozenset(map(" ".join, zip(*(of[at:] for at in range(k)), strict=False)))


def resemblance(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the resemblance of two shingle sets, |A & B| / |A | B|, in 0..1; 1.0 if both are empty.

    Broder 1997, "On the resemblance and containment of documents".
    """
    if not a and not b:
        return 1.0
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def containment(a: frozenset[str], b: frozenset[str]) -> float:
    """Return how much of A lies in B, |A & B| / |A|, in 0..1; 1.0 if A is empty (Broder 1997)."""
    return len(a & b) / len(a) if a else 1.0


def body_digest(title: str | None, blocks: Iterable[Block]) -> str:
    """Return the identity of an article's text: the digest of its title's and kept blocks' words, in order.

    Case, punctuation, white space, the division into blocks and date lines (dates, counts of comments) do not count; a
    changed, added or moved word does.
    """
    return _measured(title, tuple(block.text for block in blocks if block.cut is None))[0]


def body_words_of(blocks: Iterable[Block]) -> tuple[str, ...]:
    """Return the words of the kept blocks that `body_digest` goes by: without stamps."""
    return _parted(tuple(block.text for block in blocks if block.cut is None))[0]


def body_words(title: str | None, blocks: Iterable[Block]) -> int:
    """Return how many words the kept blocks have.

    The title does not count; it is a parameter so that the cache is shared with `body_digest`.
    """
    return _measured(title, tuple(block.text for block in blocks if block.cut is None))[1]


@lru_cache(maxsize=8)
def _measured(title: str | None, texts: tuple[str, ...]) -> tuple[str, int]:
    """Return digest and number of words. Cached: every step on one article asks for it, and it costs 1 ms."""
    body, count = _parted(texts)
    return digest(" ".join(words(title or "")) + "\n" + " ".join(body)), count


@lru_cache(maxsize=8)
def _parted(texts: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Return the words without those of stamps, and how many there are with them; cached for the same reason."""
    parts = [words(text) for text in texts]
    return tuple(word for part in parts if not is_stamp(part) for word in part), sum(map(len, parts))


def _sound(text: str) -> str:
    """NFC without what no reader sees; surrogate pairs joined, lone ones dropped."""
    if text.isprintable():  # what is dropped is not
        return text if text.isascii() else normal_form("NFC", text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return normal_form("NFC", _DROPPED.sub("", text))


def normal_form(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """Return a normal form of Unicode, in linear time.

    Python sorts a run of combining marks in the square of its length: so in pieces that end before a character that
    is no mark, where there is one near.
    """
    if len(text) <= PIECE_CHARS or unicodedata.is_normalized(form, text):
        return unicodedata.normalize(form, text)
    pieces, begin = [], 0
    while begin < len(text):
        end = begin + PIECE_CHARS
        while end < len(text) and end < begin + 2 * PIECE_CHARS and _may_join(text[end]):
            end += 1
        pieces.append(unicodedata.normalize(form, text[begin:end]))
        begin = end
    return "".join(pieces)


def _may_join(char: str) -> bool:
    """Return whether a character may become one with the one before it: marks, vowels and finals of Hangul."""
    return unicodedata.category(char).startswith("M") or "\u1160" <= char <= "\u11ff"


class _Folding(dict[int, str]):
    """Code point -> what it folds to; filled as characters are met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        if char in "\u200c\u200d" or 0xFE00 <= point <= 0xFE0F or 0xE0000 <= point <= 0xE01EF:
            folded = ""  # joiners, variation selectors and tags separate no words
        else:
            folded = char if unicodedata.category(char)[0] in "LMN" else " "
        self[point] = folded
        return folded


_FOLDING = _Folding()


def _bytewise() -> tuple[bytes, bytes]:
    """Return what each byte of a western text folds to, _ODD for those that do not fold to one; and those dropped."""
    even, gone = bytearray(_ODD * 256), bytearray()
    for byte in range(1, 256):
        char = bytes([byte]).decode(WESTERN, "ignore")
        folded = normal_form("NFKC", normal_form("NFKC", _sound(f"a{char}a")).casefold()).translate(_FOLDING)[1:-1]
        if char and not folded:
            gone.append(byte)
        elif not folded.strip():
            even[byte] = ord(" ")
        elif len(folded) == 1 and len(found := folded.encode(WESTERN, "ignore")) == 1:
            even[byte] = found[0]
    return bytes(even), bytes(gone)


_ODD = b"\0"
_EVEN, _GONE = _bytewise()
_ASCII = "".join(chr(point).casefold() if chr(point).isalnum() else " " for point in range(128)).encode() + bytes(128)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 page", "3 pages"; `many` where the plural has no s."""
    return f"{number} {one if number == 1 else many or one + 's'}"
