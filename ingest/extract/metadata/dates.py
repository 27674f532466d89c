"""Moments completed from each other: a wall clock in a zone, a UTC moment in its place's zone, a day with its clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ingest.model import Moment, Precision
from ingest.text.dates import zones

OFFSET_STEP_MIN = 30  # zones differ from UTC by half hours; the few quarters are rarer than chance
MAX_OFFSET_MIN = 14 * 60


def in_zone(moment: Moment, zone: str | None) -> Moment:
    """Return a wall clock as the instant it is in the named zone; anything else, or without a zone, as it is."""
    if zone is None or moment.precision is not Precision.WALL or moment.at is None:
        return moment
    return Moment.of_instant(moment.at.replace(tzinfo=ZoneInfo(zone)))


def localised(of: Moment, others: Iterable[Moment], zone: str | None = None, *, country: str | None = None) -> Moment:
    """Return an instant given in UTC with the offset of the place where it was published, where something states it.

    That is the named zone, another claim of the same moment with an offset, or a shown clock that differs by one.
    Software writes UTC, and at 23:30 in Chicago that is another day. A clock counts only where the `country`, or any
    place if that is unknown, has had such an offset: else it is the clock of something else on the page.
    """
    if of.precision is not Precision.INSTANT or of.offset_min or of.at is None:
        return of
    if zone is not None:
        return Moment.of_instant(of.at.astimezone(ZoneInfo(zone)))
    for other in others:
        if other.at is None or other.precision is Precision.DAY:
            continue
        gap_s = round((other.at - of.at).total_seconds())
        if other.precision is Precision.INSTANT and other.offset_min and abs(gap_s) < 60:
            return Moment.of_instant(of.at.astimezone(timezone(timedelta(minutes=other.offset_min))))
        offset_min, off_s = divmod(gap_s + 60, OFFSET_STEP_MIN * 60)
        if other.precision is Precision.WALL and offset_min and off_s <= 120 and abs(gap_s) <= MAX_OFFSET_MIN * 60:
            if not zones.possible(offset_min * OFFSET_STEP_MIN, country):
                continue
            return Moment.of_instant(of.at.astimezone(timezone(timedelta(minutes=offset_min * OFFSET_STEP_MIN))))
    return of


def more_exact(of: Moment, others: Iterable[Moment]) -> Moment:
    """Complete a day with the time, or a time with the zone, from the first of the others that is about the same."""
    for other in others:
        if (of.precision is Precision.DAY and other.precision is not Precision.DAY and other.on == of.on) or (
            of.precision is Precision.WALL and other.precision is Precision.INSTANT and _same_wall(of, other)
        ):
            of = other
    return of


def _same_wall(wall: Moment, instant: Moment) -> bool:
    """Return whether an instant shows that clock in its own zone, or in UTC."""
    if wall.at is None or instant.at is None:
        return False
    for offset_min in {instant.offset_min or 0, 0}:
        shown = (instant.at + timedelta(minutes=offset_min)).replace(second=0, microsecond=0)
        if abs((shown - wall.at.replace(second=0, microsecond=0)).total_seconds()) < 60:
            return True
    return False


# Zones that stand for all with the same offsets, the one with most readers first.
_LEARNABLE = (
    "Europe/Berlin", "Europe/London", "Europe/Helsinki", "Europe/Istanbul", "Europe/Moscow", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "America/Bogota",
    "America/Santiago", "America/Mexico_City", "America/Caracas", "America/Halifax", "Africa/Lagos",
    "Africa/Cairo", "Africa/Johannesburg", "Africa/Nairobi", "Asia/Jerusalem", "Asia/Tehran", "Asia/Dubai",
    "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide",
    "Pacific/Auckland",
)  # fmt: skip  # a table
MIN_TO_LEARN = 4  # moments with an offset; fewer may all be of one season or one agency


def learn_zone(moments: Iterable[Moment]) -> str | None:
    """Return the zone in which all instants with an offset of their own were given, None if none or too few tell.

    Offset 0 tells nothing: most software writes UTC wherever it stands.
    """
    claimed = [one for one in moments if one.precision is Precision.INSTANT and one.offset_min and one.at is not None]
    if len(claimed) < MIN_TO_LEARN:
        return None
    for name in _LEARNABLE:
        zone = ZoneInfo(name)
        if all(one.at is not None and _offset_min(one.at, zone) == one.offset_min for one in claimed):
            return name
    return None


def _offset_min(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0
