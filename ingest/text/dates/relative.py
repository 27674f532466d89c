"""Relative times: "3 hours ago", "vor 2 Tagen", "昨日 14:05" -> the day, or the clock on that day, before the fetch."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import datetime, timedelta, tzinfo
from functools import cache
from importlib import resources

from ingest.model import Moment
from ingest.text.dates import clocks
from ingest.text.dates.labels import LABEL

MAX_CHARS = 60
MAX_DAYS = 31  # a larger count of days is no notation of newspapers
_ONES = frozenset(
    {"a", "an", "one", "ein", "eine", "einem", "einer", "un", "une", "una", "uno", "uma", "um", "een", "en", "ett",
     "et", "jeden", "jedną", "jedna", "yksi", "bir", "один", "одну", "одна", "μία", "μια", "ένα", "ένας", "egy", "o"}
)  # fmt: skip  # a table
_PAIRS = ("دقيقتين", "ساعتين", "يومين", "שעתיים", "יומיים")  # a unit that says two by its ending
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_DAYS = {"today": 0, "yesterday": 1, "before": 2}
_EDGES = " \u00a0·•|,:;()[]-–—"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads(resources.files("ingest.text.dates").joinpath("relative.toml").read_text("utf-8"))
    forms: dict[str, list[str]] = {}
    for language in table.values():
        for unit, found in language.items():
            forms.setdefault(unit, []).extend(found)
    count = rf"(?:(\d{{1,3}})|{'|'.join(sorted(_ONES, key=len, reverse=True))})?"
    return tuple(
        (unit, re.compile("|".join(form.replace("{n}", count) for form in found), re.IGNORECASE))
        for unit, found in forms.items()
    )


def read(text: str, *, now: datetime, zone: tzinfo | None = None) -> Moment | None:
    """Return the day, or the clock on a named day, that a short text gives relative to `now`; None for other texts.

    Newspapers round hours and days down, so no more than the day is claimed. `zone`: where the source's day begins.
    """
    text = _plain(text)
    if not text or len(text) > MAX_CHARS:
        return None
    here = now.astimezone(zone) if zone else now
    for unit, pattern in _patterns():
        for match in pattern.finditer(text):
            if not _alone(text, match):
                continue
            if unit in _DAYS:
                return _on_day(text[: match.start()] + text[match.end() :], here - timedelta(days=_DAYS[unit]))
            count = next((int(group) for group in match.groups() if group), 2 if match[0].endswith(_PAIRS) else 1)
            if unit == "day" and count > MAX_DAYS:
                return None
            return Moment.of_day((here - count * _UNITS[unit]).date())
    return None


def _plain(text: str) -> str:
    text = " ".join(text.split())
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return text.strip(_EDGES)


def _alone(text: str, match: re.Match[str]) -> bool:
    """Return whether a text is the relative time and nothing but labels, clocks and marks besides."""
    before, after = text[: match.start()], text[match.end() :]
    if (before and before[-1].isalnum()) or (after and after[0].isalnum() and match[0][-1].isascii()):
        return False
    rest = LABEL.sub(" ", f"{before} {after}")
    for clock in reversed(list(clocks.find(rest))):
        rest = rest[: clock.start] + rest[clock.end :]
    return not re.sub(r"\b(?:at|um|à|a las|às|alle|om|kl|on|o|в|uhr|ago)\b", "", rest, flags=re.IGNORECASE).strip(
        _EDGES + "."
    )


def _on_day(rest: str, at: datetime) -> Moment:
    clock = next(clocks.find(rest), None)
    if clock is None or clock.hour == 24:
        return Moment.of_day(at.date())
    wall = datetime(at.year, at.month, at.day, clock.hour, clock.minute)  # noqa: DTZ001 - a clock of an unknown zone
    return Moment.of_wall(wall)
