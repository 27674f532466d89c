"""Choosing the title: the heading that agrees with what the page declares, else what it declares, without the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ingest.text import normalize as texts
from ingest.text.normalize import normalise

MAX_TITLE_CHARS = 400  # longer "titles" are paragraphs in an h1; the longest real one in the corpus has 240
AGREEMENT = 0.5  # share of common words from which a heading and a declared title are the same headline
MIN_HEADLINE_WORDS = 4  # from which a lone h1 that shares a telling word with the declared titles is the headline
SHARE = 0.34  # of its telling words that such an h1 has in common with them
TELLING_CHARS = 5  # of a word that two texts about one thing share and two others hardly do
MAX_SITE_WORDS = 6  # of a part of a title that holds the site's name among other words

_PARTS = re.compile(
    r"\s+[|\-–—−·•»«:/~⎮│｜]+\s+|\s*[|｜│⎮ㅣ]\s*|\s*::\s*|\s+//\s*|\s+[-–—]{1,2}(?=\S)|(?<=\w)[-–—]\s+|\s*[»›]\s*|:\s+"
)
_STRONG_PARTS = re.compile(
    r"\s*[|｜│⎮ㅣ]\s*|\s+»\s+|\s*::\s*|\s+⎮\s+"
)  # only ever parts of a page title, no punctuation
_HAN_TAIL = re.compile(r"^(.*[\u3040-\u9fff\uac00-\ud7af].*?[^\s])\s*[-_—－]+\s*([^\s\-_]{2,10})$")
_AFTERWARDS = re.compile(r"^\W*(?:posted|published|veröffentlicht|by|von|am|on)\b.*\d", re.IGNORECASE)


@lru_cache(maxsize=256)  # each title of a page is compared with each other
def fold(title: str) -> str:
    """Return the form titles are compared in."""
    return texts.fold(title)


def choose(
    headings: Sequence[str],
    declared: Sequence[tuple[str, str]],
    names: Iterable[str],
    *,
    lesser: Iterable[str] = (),
    about: str = "",
    sections: Iterable[str] = (),
) -> tuple[str, str] | None:
    """Return (title, origin), or None where the page has none.

    `headings`: the h1 texts in page order, `lesser`: those of h2 and h3; `declared`: (origin, text), the best first;
    `names`: what the site calls itself; `about`: the description; `sections`: declared ones, which head no article.
    """
    known = {fold(name) for name in names} - {""}
    declared = [(origin, normalise(text)) for origin, text in declared]
    declared = [(origin, text) for origin, text in declared if text and len(text) <= MAX_TITLE_CHARS]
    stripped = [(origin, without_site(text, known)) for origin, text in declared]
    stripped = [(origin, text) for origin, text in stripped if text and fold(text) not in known]
    heads = known | {fold(section) for section in sections}
    headings = [text for text in map(normalise, headings) if _can_be(text, heads)]
    if (agreed := _agreeing(headings, [text for _, text in (*stripped, *declared)])) is not None:
        return _core(agreed, [text for _, text in stripped]), "h1"
    lesser = [text for text in map(normalise, lesser) if _can_be(text, known)]
    if stripped and (found := _same_as_part(lesser, [text for _, text in (*stripped, *declared)])):
        return found, "heading"
    telling = _telling(" ".join((*(text for _, text in declared), about)))
    for text in headings:
        words = _telling(text)
        if len(text.split()) >= MIN_HEADLINE_WORDS and len(words & telling) >= SHARE * len(words) > 0:
            return text, "h1"
    if stripped:
        origin, text = stripped[0]
        return _first_part(text), origin
    if headings:
        return headings[0], "h1"
    return (declared[0][1], declared[0][0]) if declared else None


def _can_be(text: str, known: set[str]) -> bool:
    return bool(text) and len(text) <= MAX_TITLE_CHARS and fold(text) not in known and bool(fold(text))


def _agreeing(headings: Sequence[str], declared: Sequence[str]) -> str | None:
    """Return the heading that agrees best with a declared title; the first of those that agree about as well."""
    best: tuple[float, str] | None = None
    for heading in headings:
        agreement = max((agree(heading, text) for text in declared), default=0.0)
        if agreement >= AGREEMENT and (best is None or agreement > best[0] + 0.2):
            best = agreement, heading
    return best[1] if best else None


def _core(heading: str, declared: Sequence[str]) -> str:
    """Return a heading without a kicker before it, or a dateline behind it, that the declared title does not have."""
    for text in declared:
        if len(text.split()) < MIN_HEADLINE_WORDS - 1 or len(text) >= len(heading):
            continue
        if heading.endswith(text) or (heading.startswith(text) and _AFTERWARDS.match(heading[len(text) :])):
            return text
    return heading


def _same_as_part(headings: Sequence[str], declared: Sequence[str]) -> str | None:
    """Return the first lesser heading that is a declared title or a part of one."""
    parts = {fold(part) for text in declared for part in (text, *_PARTS.split(text))}
    return next((text for text in headings if len(fold(text)) >= 8 and fold(text) in parts), None)


def _telling(text: str) -> set[str]:
    return {word for word in texts.fold(text).split() if len(word) >= TELLING_CHARS}


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
    if match := _HAN_TAIL.match(title):
        title = match[1]
    cuts = [match.span() for match in _PARTS.finditer(title)]
    for start, end in cuts:
        if is_site(title[end:], known) and fold(title[:start]):
            return title[:start].strip()
    for start, end in reversed(cuts):
        if is_site(title[:start], known, exact=True) and fold(title[end:]):
            return title[end:].strip()
    return title


def is_site(part: str, known: set[str], *, exact: bool = False) -> bool:
    """Return whether a part of a title is the site's name, or a few words with it: "News from Example"."""
    bare = fold(part).replace(" ", "")
    for name in known:
        name = name.replace(" ", "")
        if bare == name or (
            not exact and len(name) >= TELLING_CHARS and name in bare and len(part.split()) <= MAX_SITE_WORDS
        ):
            return True
    return False


def _first_part(title: str) -> str:
    """Return what stands before the first mark that only parts page titles, when that is a headline by itself."""
    first = _STRONG_PARTS.split(title, maxsplit=1)[0].strip()
    return first if len(first.split()) >= 3 or len(first) >= 15 else title


def parts(title: str) -> Iterator[str]:
    """Yield the parts of a page title."""
    yield from (part.strip() for part in _PARTS.split(title) if part.strip())
