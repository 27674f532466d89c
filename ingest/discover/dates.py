"""Dates as feeds and sitemaps write them -> Moment, no more exact than what is written.

Knows RFC 822/2822 with the usual mistakes and ISO 8601 / W3C dates with the usual mistakes; leaves all else unread.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_tz

from ingest.model import Moment

MAX_CHARS = 64
YEARS = range(1990, 2101)  # outside: a broken clock (1970-01-01, 0001-01-01), never a publication
ISO = re.compile(
    r"(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})"
    r"(?:[T ,]{1,2}(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
YEAR_MONTH = re.compile(r"\d{4}(?:-\d{2})?")


def read_moment(text: str | None) -> Moment | None:
    """Return the moment a date string names; None when it names none, only a year or month, or an impossible one."""
    text = (text or "").strip()
    if not text or len(text) > MAX_CHARS or YEAR_MONTH.fullmatch(text):
        return None
    try:
        moment = _iso(text) or _rfc(text)
    except (ValueError, OverflowError, TypeError, IndexError):  # day 32, zone +99:99; email.utils on odd parts
        return None
    return moment if moment is not None and moment.on.year in YEARS else None


def _iso(text: str) -> Moment | None:
    match = ISO.fullmatch(text)
    if not match:
        return None
    day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    if match["hour"] is None:
        return Moment.of_day(day)
    clock = datetime(  # noqa: DTZ001 - the zone, if there is one, comes next
        day.year, day.month, day.day, int(match["hour"]), int(match["minute"]), min(int(match["second"] or 0), 59)
    )
    return (
        Moment.of_wall(clock)
        if match["zone"] is None
        else Moment.of_instant(clock.replace(tzinfo=_zone(match["zone"])))
    )


def _zone(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:] if len(text) > 3 else 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _rfc(text: str) -> Moment | None:
    parts = parsedate_tz(text)
    if parts is None:
        return None
    clock = datetime(*parts[:5], min(parts[5], 59))  # noqa: DTZ001 - the zone, if there is one, comes next
    if ":" not in text:
        return Moment.of_day(clock.date())
    if parts[9] is None:
        return Moment.of_wall(clock)
    return Moment.of_instant(clock.replace(tzinfo=timezone(timedelta(seconds=parts[9]))))


def newest_first_key(moment: Moment | None) -> float:
    """Sort key that puts the newest first and what has no date last."""
    if moment is None:
        return float("inf")
    at = moment.at or datetime(moment.on.year, moment.on.month, moment.on.day, tzinfo=UTC)
    return -at.timestamp()
