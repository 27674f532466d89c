"""Times of day in text: clocks of 24 and 12 hours, in the notations and with the half-day words of many languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

NOON = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day and where it stands in the text. `hour` is 0..24; `end` is behind its last word."""

    hour: int
    minute: int
    second: int
    start: int
    end: int


# Letters that may stand before a dotted clock, which alone would be a number: "kl. 10.20", "ore 10.20", "um 10.20".
_BEFORE_DOTTED = (
    r"kl\.?|klo|kello|kell|kloks?t|pukul|jam|jl\.?|ore|alle|às|um|ob|at|à|om|a las|o godz\.|godz\.|в|о|в|ώρα"
)
_AFTER_DOTTED = r"uhr|h\b|น\.?|wib|wita|wit\b|hrs?\b|uur|godz|utc|gmt"


@cache
def _halves() -> dict[str, str]:
    """Return half-day word -> am, pm or night."""
    table: dict[str, str] = {}
    for line in resources.files("ingest.text.dates").joinpath("day_periods.txt").read_text("utf-8").splitlines():
        half, _, words = line.partition(":")
        if not line.startswith("#"):
            table.update((_even(word.replace("_", " ")), half) for word in words.split())
    return table


def _even(word: str) -> str:
    return " ".join(unicodedata.normalize("NFC", word).replace("\u00a0", " ").replace("\u202f", " ").casefold().split())


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(_halves(), key=len, reverse=True)
    spelled = [re.escape(word).replace(r"\ ", r"\s*") for word in words]
    before = "|".join(one for one, word in zip(spelled, words, strict=True) if len(word) > 1)
    after = "|".join(spelled)
    return re.compile(
        rf"(?:(?<![^\W\d_])(?P<before>{before})[\s\u00a0,]*)?"
        r"(?<![\d.:/-])(?:"
        r"(?P<h1>\d{1,2})\s?[:٫：]\s?(?P<m1>\d{2})(?:[:：.](?P<s1>\d{2})(?:[.,]\d+)?)?(?![\d:/])"
        r"|(?P<h2>\d{1,2})\s?(?:h|ч\.?|u\b)\s?(?P<m2>\d{2})(?:\s?min)?(?![\d:/.])"
        rf"|(?:(?P<said>(?<![^\W\d_])(?:{_BEFORE_DOTTED})\s+))?(?P<h3>\d{{1,2}})\.(?P<m3>\d{{2}})(?:\.(?P<s3>\d{{2}}))?(?![\d:/.]*\d)"
        rf"(?P<dotted>\s*(?:{_AFTER_DOTTED}))?"
        r"|(?P<h4>\d{1,2})\s*(?:時|时|点|點|시|giờ)\s*(?:(?P<m4>\d{1,2})\s*(?:分|분|phút)?(?:\s*(?P<s4>\d{1,2})\s*(?:秒|초))?)?"
        r"|(?P<h5>\d{1,2})\s?(?:uhr|uur|h|ч\.?)(?![^\W\d_])(?!\s*\d+\s*min)"
        r"|(?P<h6>\d{1,2})(?=\s?[ap]\.?\s?m\b|\s?(?:μ|π)\.?μ)"
        r")(?!\d)"
        r"(?:[\s\u00a0]*(?:uhr|uur|น\.?|分|hrs?\b|बजे|h\b))?"
        rf"(?:[\s\u00a0\u202f]*(?P<after>{after})(?![^\W\d_]))?",
        re.IGNORECASE,
    )


def find(text: str, *, dotted_at: frozenset[int] = frozenset()) -> Iterator[Clock]:
    """Yield the clocks in a text. A bare "10.20" is one only at the positions `dotted_at`, right behind a date."""
    for match in _pattern().finditer(text):
        kind = next(number for number in "123456" if match[f"h{number}"])
        if kind == "3" and not (
            match["said"] or match["dotted"] or match["before"] or match["after"] or match.start("h3") in dotted_at
        ):
            continue
        groups = match.groupdict()
        hour, minute, second = (int(groups.get(f"{part}{kind}") or 0) for part in "hms")
        half = _halves().get(_even(match["after"] or match["before"] or ""))
        if half and hour <= NOON:
            hour = _of_twelve(hour, half)
        if (hour < 24 and minute < 60 and second <= 60) or (hour, minute, second) == (24, 0, 0):
            zoned = kind == "3" and match["dotted"] and _is_zone(match["dotted"])
            end = match.end("m3") if zoned else match.end()
            yield Clock(hour=hour, minute=minute, second=min(second, 59), start=match.start(), end=end)


def _is_zone(word: str) -> bool:
    """Return whether the word behind a dotted clock is a zone, which the reader of zones has to see."""
    return word.strip().casefold() in ("wib", "wita", "wit", "utc", "gmt")


def _of_twelve(hour: int, half: str) -> int:
    if half == "night":
        half = "am" if hour < 6 else "pm"
        return hour if half == "am" else (hour if hour == NOON else hour + NOON)
    return hour % NOON + (NOON if half == "pm" else 0)
