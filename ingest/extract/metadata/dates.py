"""Read moments from text: ISO 8601 and its near misses, mail dates, numbers, dates in words of any language.

A moment is never more exact than the text: a day stays a day, a wall clock without zone stays one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from ingest.model import Moment, Precision

EARLIEST = date(1800, 1, 1)  # archives of papers go back so far; year 1 and 0 are unset fields
GUESS_EARLIEST = date(1994, 1, 1)  # what only the visible text says is no older than the web
UNSET_DAYS = frozenset(
    {date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1), date(1980, 1, 1), date(2000, 1, 1)} - {date(2000, 1, 1)}
)
OFFSET_STEP_MIN = 30  # zones differ from UTC by half hours; the few quarters are rarer than chance
MAX_OFFSET_MIN = 14 * 60
SLACK = timedelta(days=1)  # a page fetched at 23:00 UTC may be dated tomorrow in Auckland

# Offsets in minutes of the zone abbreviations that mean one thing on nearly all pages (RFC 2822 and European usage).
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "bst": 60, "ist": 330, "cet": 60, "cest": 120, "mez": 60,
    "mesz": 120, "mest": 120, "met": 60, "eet": 120, "eest": 180, "msk": 180, "мск": 180, "trt": 180, "est": -300,
    "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540,
    "akdt": -480, "hst": -600, "brt": -180, "art": -180, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "wib": 420,
    "aest": 600, "aedt": 660, "acst": 570, "awst": 480, "nzst": 720, "nzdt": 780, "sast": 120, "wat": 60, "eat": 180,
    "pkt": 300, "npt": 345,
}  # fmt: skip  # a table
_AMERICAN = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}

_OFFSET = r"(?:(?:gmt|utc)?\s*([+\-−])\s*(\d{1,2}):?(\d{2})?|([a-zмск]{1,4})\b)"
_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:(?:t|\s+|\s*[,|–-]\s*)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    rf"(?:\s*(?:uhr|h|(am|pm)))?\s*{_OFFSET}?)?",
    re.IGNORECASE,
)
_BASIC = re.compile(
    rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:t?(\d{{2}})(\d{{2}})(\d{{2}})?(?:\.\d+)?(){_OFFSET}?)?", re.IGNORECASE
)
_EPOCH = re.compile(r"(\d{10})(\d{3})?(?:\.\d+)?")
_CLOCK = re.compile(
    r"(?<![\d.:])(\d{1,2})(?:[:h٫]|\.(?=\d\d\s*(?:uhr|h|น|wib|wita))|時|시\s*)(\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?![\d.]*\d[./]\d)"
    rf"\s*(?:uhr|h|分|분|ч)?\s*([ap]\.?\s?m\b\.?)?\s*[,(]?\s*{_OFFSET}?",
    re.IGNORECASE,
)
_CLOCK_AM = re.compile(rf"(?<![\d.:])(\d{{1,2}})()()\s*([ap]\.?m\b\.?)\s*{_OFFSET}?", re.IGNORECASE)
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号號]?")
_WORD = r"[^\s\d,.()|/:;·•–—-]{2,}(?:\.[^\s\d,.()|/:;·•-]+)?"
_DAY_WORD_YEAR = re.compile(
    rf"(?<![\d.:])(\d{{1,2}})(?:\.|º|ª|st|nd|rd|th|er|-|\.-)?\s*(?:de\s+|of\s+|d')?({_WORD})[.,]*\s*(?:de\s+|del\s+|-)?(\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_WORD_DAY_YEAR = re.compile(rf"({_WORD})\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?[.,]*\s+(\d{{4}})(?!\d)", re.IGNORECASE)
_YEAR_WORD_DAY = re.compile(rf"(?<!\d)(\d{{4}})[.,]?\s*(?:m\.\s*)?({_WORD})\.?\s*(\d{{1,2}})(?!\d)", re.IGNORECASE)
_MAIL = re.compile(rf"({_WORD})\s+(\d{{1,2}})\s+\d{{1,2}}:\d\d:\d\d\s+(?:\w+\s+)?(\d{{4}})\b", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\d.:/-])(\d{1,2})\s?([./|-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/-])")
_THAI_ERA = 543
_PM_MARKS = ("下午", "오후", "午後", "晚上", "مساء")
_AM_MARKS = ("上午", "오전", "午前")


def parse(text: str, *, now: datetime, month_first: bool = False, declared: bool = True) -> Moment | None:
    """Return the moment a text names, None if it names none that can be: in the future, unset, 30 February.

    `now` bounds the future (aware; take the page's fetched_at); `month_first` reads 3/4/2024 the American way;
    `declared` False refuses days before the web, for text that may mean anything.
    """
    text = _plain_digits(text[:200]).strip()
    for reader in (_iso, _epoch, _words, _cjk, _numbers):
        found = reader(text, month_first)
        if found is not None:
            return found if plausible(found, now=now, declared=declared) else None
    return None


def plausible(moment: Moment, *, now: datetime, declared: bool = True) -> bool:
    """Return whether something on a page fetched `now` can have happened then."""
    latest = (now + SLACK).date()
    return (EARLIEST if declared else GUESS_EARLIEST) <= moment.on <= latest and moment.on not in UNSET_DAYS


def _plain_digits(text: str) -> str:
    """Write all decimal digits, of any script, as 0-9."""
    if text.isascii():
        return text
    text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return unicodedata.normalize("NFC", text)


def _iso(text: str, month_first: bool) -> Moment | None:
    match = _ISO.fullmatch(text) or _BASIC.fullmatch(text) or _ISO.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, half = match.groups()[:7]
    return _moment(year, month, day, (hour, minute, second, half), match.groups()[7:11])


def _epoch(text: str, month_first: bool) -> Moment | None:
    match = _EPOCH.fullmatch(text)
    if not match:
        return None
    return Moment.of_instant(datetime.fromtimestamp(int(match[1]), UTC))


def _words(text: str, month_first: bool) -> Moment | None:
    text = text.casefold()
    if "كانون" in text or "تشرين" in text:
        text = re.sub(r"(كانون|تشرين)\s+", r"\1_", text)
    for pattern, order in ((_DAY_WORD_YEAR, "dwy"), (_WORD_DAY_YEAR, "wdy"), (_MAIL, "wdy"), (_YEAR_WORD_DAY, "ywd")):
        for match in pattern.finditer(text):
            parts = dict(zip(order, match.groups(), strict=True))
            month = month_number(parts["w"])
            if month is None:
                continue
            year = int(parts["y"])
            if 2500 <= year <= 2600:
                year -= _THAI_ERA
            rest = text[: match.start()] + " | " + text[match.end() :] if pattern is not _MAIL else text
            return _moment(str(year), str(month), parts["d"], *_clock(rest))
    return None


def _cjk(text: str, month_first: bool) -> Moment | None:
    match = _CJK.search(text)
    return _moment(match[1], match[2], match[3], *_clock(text[match.end() :])) if match else None


def _numbers(text: str, month_first: bool) -> Moment | None:
    match = _NUMBERS.search(text)
    if not match:
        inner = re.search(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", text)
        return _moment(inner[1], inner[2], inner[3], *_clock(text[inner.end() :])) if inner else None
    first, mark, second, year = match.groups()
    if len(year) == 2:
        year = f"20{year}" if int(year) < 70 else f"19{year}"
    day, month = (
        (second, first) if mark != "." and (month_first or int(second) > 12) and int(first) <= 12 else (first, second)
    )
    return _moment(year, month, day, *_clock(text[: match.start()] + " | " + text[match.end() :]))


_Clock = tuple[str | None, str | None, str | None, str | None]
_Offset = tuple[str | None, str | None, str | None, str | None]
_NO_CLOCK: tuple[_Clock, _Offset] = ((None, None, None, None), (None, None, None, None))


def _clock(text: str) -> tuple[_Clock, _Offset]:
    """Return the time of day a text holds beside its date, and the zone after it."""
    match = _CLOCK.search(text) or _CLOCK_AM.search(text)
    if not match:
        return _NO_CLOCK
    hour, minute, second, half = match.groups()[:4]
    if not half:
        if any(mark in text for mark in _PM_MARKS):
            half = "pm"
        elif any(mark in text for mark in _AM_MARKS):
            half = "am"
    sign, hours, minutes, name = match.groups()[4:8]
    return (hour, minute, second, half), (sign, hours, minutes, name)


def _moment(
    year: str | None, month: str | None, day: str | None, clock: tuple[str | None, ...], offset: tuple[str | None, ...]
) -> Moment | None:
    hour, minute, second, half = clock
    try:
        on = date(int(year or 0), int(month or 0), int(day or 0))
        if hour is None:
            return Moment.of_day(on)
        clock_hour = int(hour)
        if half:
            clock_hour = clock_hour % 12 + (12 if half[0] in "pP" else 0) if clock_hour <= 12 else clock_hour
        after = timedelta(days=1) if clock_hour == 24 else timedelta(0)
        at = datetime(on.year, on.month, on.day, clock_hour % 24, int(minute or 0), min(int(second or 0), 59))  # noqa: DTZ001 - the zone, if any, is put on below
        at += after
        zone = _zone(offset, at)
        if zone is None:
            return Moment.of_wall(at)
        return Moment.of_instant(at.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _zone(offset: tuple[str | None, ...], at: datetime) -> tzinfo | None:
    sign, hours, minutes, name = offset
    if sign and hours:
        total = int(hours) * 60 + int(minutes or 0)
        return timezone(timedelta(minutes=total if sign == "+" else -total)) if total <= 14 * 60 else None
    if name:
        name = name.casefold()
        if name in _AMERICAN:
            return ZoneInfo(_AMERICAN[name])
        if name in _ZONES:
            return timezone(timedelta(minutes=_ZONES[name]))
    return None


@cache
def _months() -> dict[str, int]:
    table: dict[str, int] = {}
    for line in resources.files("ingest.extract.metadata").joinpath("months.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            number, _, words = line.partition(":")
            table.update((word, int(number)) for word in words.split())
    return table


def month_number(word: str) -> int | None:
    """Return the number of the month a word names in any language of the table."""
    return _months().get(word.casefold().strip(".").removeprefix("d'").removeprefix("d’"))


# ---------------------------------------------------------------- zones


def in_zone(moment: Moment, zone: str | None) -> Moment:
    """Return a wall clock as the instant it is in the named zone; anything else, or without a zone, as it is."""
    if zone is None or moment.precision is not Precision.WALL or moment.at is None:
        return moment
    return Moment.of_instant(moment.at.replace(tzinfo=ZoneInfo(zone)))


def localised(of: Moment, others: Iterable[Moment], zone: str | None = None) -> Moment:
    """Return an instant given in UTC with the offset of the place where it was published, where something states it.

    That is the named zone, another claim of the same moment with an offset, or a shown clock that differs by one.
    Software writes UTC, and at 23:30 in Chicago that is another day.
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
