"""Read moments from text: ISO 8601, mail dates, epoch numbers, dates in figures and in words of many languages.

A moment is never more exact than the text: a day stays a day, a clock without a zone stays a wall clock. A zone whose
meaning is not certain is left out.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from itertools import islice
from urllib.parse import unquote

from ingest.model import Moment
from ingest.text.dates import calendars, clocks, zones
from ingest.text.dates.labels import LABEL, MODIFIED_LABEL
from ingest.text.dates.zones import Zone

EARLIEST = date(1800, 1, 1)  # archives of papers go back so far; year 1 and 0 are unset fields
GUESS_EARLIEST = date(1994, 1, 1)  # what only the visible text says is no older than the web
UNSET_DAYS = frozenset({date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1), date(1980, 1, 1)})
SLACK = timedelta(days=1)  # a page fetched at 23:00 UTC may be dated tomorrow in Auckland
MAX_CHARS = 200  # of a text that is read; longer ones are prose
MAX_DATES = 8  # in one text
MAX_GAP_CHARS = 60  # between a date and its clock


@dataclass(frozen=True, slots=True, kw_only=True)
class DateContext:
    """What is known about where a text stands. All of it only decides between several readings.

    `now` bounds the future (aware; None: any year up to 2100). `month_first` reads 3/4/2024 the American way.
    `country` is the source's ISO 3166 code, `language` its primary subtag. `declared` False refuses days before the
    web, for text that may mean anything.
    """

    now: datetime | None = None
    month_first: bool = False
    country: str | None = None
    language: str | None = None
    declared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A moment in a text, where it stands, and why it has its zone (offset, utc, name, country, epoch)."""

    moment: Moment
    start: int
    end: int
    zone_reason: str = ""
    modified: bool | None = None  # what the label beside it says; None without a label


ANYWHERE = DateContext()


def read(text: str | None, context: DateContext = ANYWHERE) -> Moment | None:
    """Return the moment a text names; None for none, or one that cannot be (in the future, unset, 30 February)."""
    found = read_date(text, context)
    return found.moment if found else None


def read_date(text: str | None, context: DateContext = ANYWHERE) -> FoundDate | None:
    """Return the moment a text names, with the reason for its zone."""
    plain = _plain(text or "")
    if not plain:
        return None
    for reader in (_iso, _epoch, _machine):
        if (found := reader(plain, context)) is not None:
            return found if plausible(found.moment, context) else None
    found_dates = list(islice(_find(plain, context), MAX_DATES))
    return next((one for one in found_dates if not one.modified), found_dates[0] if found_dates else None)


def label(text: str) -> bool | None:
    """Return what a text without a date calls the one beside it: modified (True), published (False), or neither."""
    return _called(text)


def find(text: str, context: DateContext = ANYWHERE) -> list[FoundDate]:
    """Return the moments in a text, in order, each with what the label beside it calls it."""
    plain = _plain(text)
    if not plain:
        return []
    found = _iso(plain, context)
    if found is not None:
        return [found] if plausible(found.moment, context) else []
    return list(islice(_find(plain, context), MAX_DATES))


def plausible(moment: Moment, context: DateContext) -> bool:
    """Return whether something on a page fetched at `now` can have happened then."""
    latest = (context.now + SLACK).date() if context.now else date(2100, 12, 31)
    earliest = EARLIEST if context.declared else GUESS_EARLIEST
    return earliest <= moment.on <= latest and moment.on not in UNSET_DAYS


def _plain(text: str) -> str:
    """Return the text in NFC with all decimal digits, of any script, as 0-9, character references and %2B resolved."""
    text = text[:MAX_CHARS].strip()
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = unquote(text)
    if text.isascii():
        return text
    text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).replace("令和元年", "令和1年").replace("㋿", "令和")


_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u061c]")

# ---------------------------------------------------------------- what software writes

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:]\d+)?)?)?\s*(.*)", re.DOTALL
)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[Tt ]?(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?")
_ISO_HOUR = re.compile(r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2})\s*([Zz]|[+-]\d{2}(?::?\d{2})?)?")
_ISO_WEEK = re.compile(r"(\d{4})-?[Ww](\d{2})-?([1-7])")
_ISO_ORDINAL = re.compile(r"(\d{4})-(\d{3})")
_EPOCH = re.compile(r"@?(-?\d{9,10})(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?")
_JSON_DATE = re.compile(r"\\?/Date\((-?\d{8,14})(?:[+-]\d{4})?\)\\?/")
_EPOCH_YEARS = range(1990, 2101)


def _iso(text: str, context: DateContext) -> FoundDate | None:
    match = _ISO.fullmatch(text)
    if match is not None and match[4] is not None and _TWELVE_HOURS.match(match[7]):
        clock = next(clocks.find(text[match.start(4) :]), None)
        rest = text[match.start(4) + clock.end :].strip() if clock else ""
        if clock is None or (rest and not _ZONE_ONLY.fullmatch(rest)):
            return None
        on = _date(*match.groups()[:3])
        return _clocked(on, _Time(clock.hour, clock.minute, clock.second), rest, context, (0, len(text)))
    if match is None or ((rest := match[7]) and (match[4] is None or not _ZONE_ONLY.fullmatch(rest))):
        return None
    year, month, day, hour, minute, second, _ = match.groups()
    if hour is None:
        return _day(int(year), int(month), int(day), len(text))
    return _clocked(_date(year, month, day), _Time(hour, minute, second), rest, context, (0, len(text)))


_TWELVE_HOURS = re.compile(r"[ap]\.?\s?m\b", re.IGNORECASE)
# What may stand behind a clock of a machine's: a zone, and its name again in brackets.
_ZONE_ONLY = re.compile(r"[\w+\-−:/ ]{1,40}?(?:\s*[\[(][^\])]{1,60}[\])])?")


def _epoch(text: str, context: DateContext) -> FoundDate | None:
    match = _EPOCH.fullmatch(text) or _JSON_DATE.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[1]) / 1000 if match.re is _JSON_DATE else int(match[1])
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    if at.year not in _EPOCH_YEARS:
        return None
    return FoundDate(moment=Moment.of_instant(at.replace(microsecond=0)), start=0, end=len(text), zone_reason="epoch")


def _machine(text: str, context: DateContext) -> FoundDate | None:
    """Read the rarer forms of ISO 8601."""
    if not text[:4].isdigit():
        return None
    if match := _BASIC.fullmatch(text):
        year, month, day, hour, minute, second, zone = match.groups()
        on = _date(year, month, day)
        if hour is None:
            return _day(int(year), int(month), int(day), len(text))
        return _clocked(on, _Time(hour, minute, second), zone or "", context, (0, len(text)))
    if match := _ISO_HOUR.fullmatch(text):
        return _clocked(_date(*match.groups()[:3]), _Time(match[4]), match[5] or "", context, (0, len(text)))
    try:
        if match := _ISO_WEEK.fullmatch(text):
            on = date.fromisocalendar(int(match[1]), int(match[2]), int(match[3]))
        elif match := _ISO_ORDINAL.fullmatch(text):
            on = date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)
            if on.year != int(match[1]):
                return None
        else:
            return None
    except ValueError:
        return None
    return FoundDate(moment=Moment.of_day(on), start=0, end=len(text))


# ---------------------------------------------------------------- days in text

_NUMBERS = re.compile(
    r"(?<![\d.:/-])(\d{1,2})\s?([./|\-–])\s?(\d{1,2})\s?(?:\2\s?|\.\s?)(\d{4}|\d{2})(?![\d/-]|[.:]\d)", re.IGNORECASE
)
_YEAR_FIRST = re.compile(r"(?<![\d.:])(\d{4})\s?([./\-–])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d|[:])")
_ROC_NUMBERS = re.compile(r"(?<![\d.:/-])(1\d\d)([./-])(\d{1,2})\2(\d{1,2})(?!\d)")
_ERA_NUMBERS = re.compile(
    r"(?<![A-Za-z\d])([MTSHR]|明治|大正|昭和|平成|令和)\s?(\d{1,2})[./-](\d{1,2})[./-](\d{1,2})(?!\d)"
)
_NUMBERED_MONTH = re.compile(  # Vietnamese and Mongolian count the months
    r"(?<!\d)(?:(?P<d>\d{1,2})\s+(?:tháng|thg)\s+(?P<m>\d{1,2})(?:\s*,|\s+năm)?\s+(?P<y>\d{4})"
    r"|(?P<y2>\d{4})\s*оны\s*(?P<m2>\d{1,2})(?:-\w+)?\s*сарын\s*(?P<d2>\d{1,2}))(?!\d)",
    re.IGNORECASE,
)
_WORD = r"[^\s\d,.()|/:;·•–—،-]+(?:\.[^\s\d,.()|/:;·•–—،-]+)?"
_OF = r"(?:(?:de\s+l'|(?:de|del|di|of|da|van|lá)\s+|ta['’]\s*|d['’]|ທີ່\s*|ខែ\s*))"
_DAY_SUFFIX = r"(?:\.|º|ª|°|st|nd|rd|th|er|ste|de(?=\s)|-го|-е|-ті|-də)?"
_YEAR_LEAD = r"(?:de\s+|del\s+|di\s+|พ\.ศ\.\s*|ค\.ศ\.\s*|ឆ្នាំ\s*|год[а]?\s+|d['’]|ta['’]\s*|-|/|’|')?"
_DAY_WORD_YEAR = re.compile(
    rf"(?<![\d.:])(\d{{1,2}}){_DAY_SUFFIX}[\s\-/,]*(?:{_OF})?({_WORD})[.,،]*[\s/]*{_YEAR_LEAD}(\d{{4}}|(?<=['’])\d\d)(?!\d)",
    re.IGNORECASE,
)
_WORD_DAY_YEAR = re.compile(rf"({_WORD})\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?[.,]*\s+(\d{{4}})(?!\d|:)", re.IGNORECASE)
_YEAR_WORD_DAY = re.compile(
    rf"(?<!\d)(\d{{4}})(?:\([^)]*\))?(?:ko|-ci\s+il|-nji\s+ýylyň)?[.,-]*\s*(?:m\.\s*|թ\.\s*|ж\.,?\s*|жылғы\s+|жылы\s+|оны\s+|ခုနှစ်\s*)?"
    rf"({_WORD})(?:\s+сарын)?\.?\s*(\d{{1,2}})(?!\d|:)",
    re.IGNORECASE,
)
_YEAR_DAY_WORD = re.compile(
    rf"(?<!\d)(\d{{4}})[.,-]*\s*(?:gada|g\.|m\.|ж\.|-ж\.|жылғы|жылы|оны)?[\s,]*(\d{{1,2}})[.\-]*\s*({_WORD})",
    re.IGNORECASE,
)
_MAIL = re.compile(rf"({_WORD})\s+(\d{{1,2}})\s+(\d{{1,2}}:\d\d(?::\d\d)?)\s+([\w+:]+\s+)?(\d{{4}})\b", re.IGNORECASE)
_SHORT_YEAR = re.compile(
    rf"(?<![\d.:])(\d{{1,2}})[\s-]({_WORD})\.?[\s-]['’]?(\d{{2}})(?=[\s,]+\d{{1,2}}:\d\d|$)", re.IGNORECASE
)
_SOLAR = re.compile(r"(?<!\d)(\d{1,2})\s+(?:ماه\s+)?([^\s\d]+)\s+(?:ماه\s+)?،?\s*(1[34]\d\d)(?!\d)")
_SOLAR_NUMBERS = re.compile(r"(?<!\d)(1[34]\d\d)\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)")
_HEBREW = re.compile(
    r"(?<![א-ת])([א-ת]{1,2}[״\"׳'][א-ת]?)\s+ב?-?("
    + "|".join(sorted(calendars.HEBREW_MONTHS, key=len, reverse=True))
    + r")(\s+[אב][׳'])?\s+ה?['׳]?(תש[א-ת]?[״\"][א-ת])"
)
_TWO_WORD_MONTHS = re.compile(r"(كانون|تشرين|کانونی|کانوونی|تشرینی)\s+")
THAI_SHORT_YEARS = range(40, 100)  # 2540 to 2599, of which newspapers write the last two figures


@dataclass(frozen=True, slots=True)
class _Time:
    """A clock as text."""

    hour: str | int
    minute: str | int | None = None
    second: str | int | None = None


@dataclass(frozen=True, slots=True)
class _Day:
    """A day in a text, and where it stands."""

    on: date
    start: int
    end: int
    clock: str = ""  # inside of the day's own span, as in "Wed Mar 4 10:00:00 CET 2026"


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


def _day(year: int, month: int, day: int, end: int) -> FoundDate | None:
    on = _date(calendars.buddhist_year(year), month, day)
    return FoundDate(moment=Moment.of_day(on), start=0, end=end) if on else None


def _clocked(on: date | None, time: _Time, rest: str, context: DateContext, span: tuple[int, int]) -> FoundDate | None:
    """Return a day with its clock, in the zone that the rest of the text names."""
    if on is None:
        return None
    hour, minute, second = int(time.hour), int(time.minute or 0), min(int(time.second or 0), 59)
    if hour > 24 or minute > 59 or (hour == 24 and (minute or second)):
        return None
    try:
        at = datetime(on.year, on.month, on.day, hour % 24, minute, second)  # noqa: DTZ001 - the zone comes next
        at += timedelta(days=hour == 24)
    except (ValueError, OverflowError):
        return None
    zone = zones.after_clock(rest, at, context.country) if rest else None
    return _with_zone(at, zone, span)


def _with_zone(at: datetime, zone: Zone | None, span: tuple[int, int]) -> FoundDate | None:
    try:
        moment = Moment.of_wall(at) if zone is None else Moment.of_instant(at.replace(tzinfo=zone.zone))
    except (ValueError, OverflowError):
        return None
    return FoundDate(moment=moment, start=span[0], end=span[1], zone_reason=zone.reason if zone else "")


def _find(text: str, context: DateContext) -> Iterator[FoundDate]:
    """Yield the plausible moments in a text, in order, with their clocks and labels."""
    days = _days(text, context)
    if not days:
        return
    clocked = _assigned(text, days, context)
    labels = _labels(text, days)
    for day, label in zip(days, labels, strict=True):
        for found, modified in clocked(day, label):
            if plausible(found.moment, context):
                yield FoundDate(
                    moment=found.moment,
                    start=found.start,
                    end=found.end,
                    zone_reason=found.zone_reason,
                    modified=modified,
                )


# ---------------------------------------------------------------- which days


def _days(text: str, context: DateContext) -> list[_Day]:
    """Return the days in a text in order, the surest form winning where two overlap."""
    found: list[_Day] = []
    for reader in _READERS:
        for day in reader(text, context):
            if all(day.end <= other.start or day.start >= other.end for other in found):
                found.append(day)
        if found and reader is _named_days:
            break
    return sorted(found, key=lambda day: day.start)[:MAX_DATES]


def _cjk_days(text: str, context: DateContext) -> Iterator[_Day]:
    if not _CJK_MARK.search(text):
        return
    for match in _CJK_DAY.finditer(text):
        era, year, month, day = match.groups()
        try:
            number = calendars.chinese_number(year)
            if era in ("民國", "民国", "中華民國", "中华民国") or (not era and 100 <= number <= 199):
                number += calendars.ROC_OFFSET
            elif era:
                number = calendars.era_year(era, number)
            on = _date(number, calendars.chinese_number(month), calendars.chinese_number(day))
        except (ValueError, KeyError):
            continue
        if on:
            yield _Day(on, match.start(), match.end())
    for match in _ERA_NUMBERS.finditer(text):
        try:
            on = _date(calendars.era_year(match[1], int(match[2])), match[3], match[4])
        except ValueError:
            continue
        if on and (context.language == "ja" or len(match[1]) > 1):
            yield _Day(on, match.start(), match.end())


_CJK_MARK = re.compile("[年년]|[MTSHR]\\d|明治|大正|昭和|平成|令和")
_NUMBER = rf"(?:\d{{1,4}}|[{calendars.CHINESE_DIGIT}]{{1,5}})"
_CJK_DAY = re.compile(
    rf"(?:(中華民國|中华民国|民國|民国|明治|大正|昭和|平成|令和|(?<![A-Za-z])[MTSHR](?=\d))\s*)?"
    rf"(?<!\d)({_NUMBER})\s*[年년]\s*({_NUMBER})\s*[月월]\s*({_NUMBER})\s*[日일號号]?"
)


def _named_days(text: str, context: DateContext) -> Iterator[_Day]:
    """Yield the days whose month is a word, or is called one."""
    if not _TWO_NUMBERS.search(text) or not _LETTER_NEAR_DIGIT.search(text):
        return
    text = _TWO_WORD_MONTHS.sub(lambda match: f"{match[1]}_", text) if _TWO_WORD_MONTHS.search(text) else text
    for match in _MAIL.finditer(text):
        month = month_number(match[1], context.language)
        on = _date(match[5], month, match[2]) if month else None
        if on:
            yield _Day(on, match.start(), match.end(), clock=f"{match[3]} {match[4] or ''}")
    for pattern, order in _ORDERS:
        for match in pattern.finditer(text):
            parts = dict(zip(order, match.groups(), strict=True))
            month = month_number(parts["w"], context.language)
            if month is None:
                continue
            on = _date(_full_year(parts["y"], parts["w"]), month, parts["d"])
            if on:
                yield _Day(on, match.start(), match.end())
    for match in _NUMBERED_MONTH.finditer(text):
        groups = match.groupdict()
        on = _date(groups["y"] or groups["y2"], groups["m"] or groups["m2"], groups["d"] or groups["d2"])
        if on:
            yield _Day(on, match.start(), match.end())


_TWO_NUMBERS = re.compile(r"\d\D+\d")  # day and year; most short texts with figures have one number
_LETTER_NEAR_DIGIT = re.compile(r"[^\W\d_].{0,4}?\d|\d.{0,4}?[^\W\d_]", re.DOTALL)
_ORDERS = (
    (_DAY_WORD_YEAR, "dwy"), (_WORD_DAY_YEAR, "wdy"), (_YEAR_WORD_DAY, "ywd"), (_YEAR_DAY_WORD, "ydw"),
    (_SHORT_YEAR, "dwy"),
)  # fmt: skip  # a table


def _full_year(year: str, word: str) -> int:
    number = int(year)
    if len(year) == 2:
        thai = "\u0e00" <= word[0] <= "\u0e7f"
        if thai and number in THAI_SHORT_YEARS:
            return 2500 + number - calendars.BUDDHIST_OFFSET
        return number + (2000 if number < 70 else 1900)
    return calendars.buddhist_year(number)


def _other_calendars(text: str, context: DateContext) -> Iterator[_Day]:
    """Yield the days of the Persian solar and the Hebrew calendar, and of the Republic of China in figures."""
    if text.isascii() and not (context.language in ("fa", "ps") or context.country in ("IR", "AF", "TW")):
        return
    for match, day_of in _calendar_matches(text, context):
        try:
            on = day_of(match)
        except ValueError:
            continue
        if on:
            yield _Day(on, match.start(), match.end())


_DayOf = Callable[[re.Match[str]], "date | None"]


def _calendar_matches(text: str, context: DateContext) -> Iterator[tuple[re.Match[str], _DayOf]]:
    for match in _SOLAR.finditer(text):
        if match[2].strip("،") in calendars.SOLAR_MONTHS:
            yield match, _solar_named
    if context.language in ("fa", "ps") or context.country in ("IR", "AF"):
        for match in _SOLAR_NUMBERS.finditer(text):
            if int(match[1]) in calendars.SOLAR_YEARS:
                yield match, lambda found: calendars.solar_day(int(found[1]), int(found[3]), int(found[4]))
    if context.country == "TW":
        for match in _ROC_NUMBERS.finditer(text):
            yield match, lambda found: _date(int(found[1]) + calendars.ROC_OFFSET, found[3], found[4])
    for match in _HEBREW.finditer(text):
        yield match, _hebrew


def _solar_named(match: re.Match[str]) -> date:
    return calendars.solar_day(int(match[3]), calendars.SOLAR_MONTHS[match[2].strip("،")], int(match[1]))


def _hebrew(match: re.Match[str]) -> date:
    year, day = 5000 + calendars.hebrew_number(match[4]), calendars.hebrew_number(match[1])
    return calendars.hebrew_day(year, match[2] + (match[3] or ""), day)


def _numbered_days(text: str, context: DateContext) -> Iterator[_Day]:
    for match in _YEAR_FIRST.finditer(text):
        on = _date(calendars.buddhist_year(int(match[1])), match[3], match[4])
        if on:
            yield _Day(on, match.start(), match.end())
    for match in _NUMBERS.finditer(text):
        first, mark, second, year = match.groups()
        if len(year) == 2:
            year = f"20{year}" if int(year) < 70 else f"19{year}"
        swapped = mark != "." and (context.month_first or int(second) > 12) and int(first) <= 12
        day, month = (second, first) if swapped else (first, second)
        on = _date(calendars.buddhist_year(int(year)), month, day)
        if on:
            yield _Day(on, match.start(), match.end())


_Reader = Callable[[str, DateContext], Iterator[_Day]]
_READERS: Sequence[_Reader] = (_cjk_days, _named_days, _other_calendars, _numbered_days)


@cache
def _months() -> dict[str, int]:
    table: dict[str, int] = {}
    for line in resources.files("ingest.text.dates").joinpath("months.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            number, _, words = line.partition(":")
            table.update((word, int(number)) for word in words.split())
    return table


# Croatian has Slavic names of its own, three of which are a month later in Polish and Czech, as in the table.
_CROATIAN = {
    "lip": 6, "lipanj": 6, "lipnja": 6, "srp": 7, "srpanj": 7, "srpnja": 7, "lis": 10, "listopad": 10, "listopada": 10,
}  # fmt: skip  # a table
# What is written together with the name: French and Catalan "d'avril", Hebrew "במרץ", Khmer, Basque, Burmese.
_MONTH_LEADS = ("d'", "d’", "l'", "ב", "ខែ", "de_")
_MONTH_TAILS = ("ren", "လ", "ի", "ի")


@lru_cache(maxsize=4_096)
def month_number(word: str, language: str | None = None) -> int | None:
    """Return the number of the month a word names in any language; `language` decides where they differ."""
    folded = word.casefold().strip(".")
    if language in ("hr", "bs") and folded in _CROATIAN:
        return _CROATIAN[folded]
    table = _months()
    if (number := table.get(folded)) is not None:
        return number
    for lead in _MONTH_LEADS:
        if folded.startswith(lead) and (number := table.get(folded[len(lead) :])):
            return number
    for tail in _MONTH_TAILS:
        if folded.endswith(tail) and (number := table.get(folded[: -len(tail)])):
            return number
    return None


# ---------------------------------------------------------------- clocks and labels beside the days


def _assigned(
    text: str, days: Sequence[_Day], context: DateContext
) -> Callable[[_Day, bool | None], Iterator[tuple[FoundDate, bool | None]]]:
    """Return a function that gives a day's moments: with its clock, and a second one for a labelled clock beside it."""
    blank = text
    for day in days:
        blank = blank[: day.start] + "\n" * (day.end - day.start) + blank[day.end :]
    behind = frozenset(
        day.end + len(gap[0]) for day in days if (gap := _DATE_GAP.match(text, day.end)) and len(gap[0]) < 8
    )
    found = list(clocks.find(blank, dotted_at=behind)) if _CLOCK_MARK.search(blank) else []
    ends = [day.end for day in days]
    before = bool(found) and found[0].end <= days[0].start and not any(clock.start >= ends[-1] for clock in found)

    def moments(day: _Day, label: bool | None) -> Iterator[tuple[FoundDate, bool | None]]:
        if day.clock:
            own = next(clocks.find(day.clock), None)
            if own is not None:
                yield from _one(day, _Time(own.hour, own.minute, own.second), day.clock[own.end :], label, context)
                return
        at = days.index(day)
        left = days[at - 1].end if at else 0
        right = days[at + 1].start if at + 1 < len(days) else len(text)
        near = [
            clock for clock in found if (left <= clock.start < day.start if before else day.end <= clock.start < right)
        ]
        if not near and not before:
            near = [
                clock
                for clock in found
                if left <= clock.start < day.start and (not at or LABEL.search(text[left : clock.start]))
            ]
        if before:
            near.reverse()
        clock = near[0] if near else None
        if clock is None and _BAD_CLOCK.match(text, day.end):
            return
        if clock is None or abs(clock.start - day.end) > MAX_GAP_CHARS + (day.end - day.start):
            yield FoundDate(moment=Moment.of_day(day.on), start=day.start, end=day.end), label
            return
        between = text[day.end : clock.start] if clock.start >= day.end else ""
        time = _Time(clock.hour, clock.minute, clock.second)
        if label is not True and MODIFIED_LABEL.search(between):
            yield FoundDate(moment=Moment.of_day(day.on), start=day.start, end=day.end), label
            yield from _one(day, time, blank[clock.end :], True, context)
            return
        yield from _one(day, time, blank[clock.end :], label, context)

    return moments


def _one(
    day: _Day, time: _Time, rest: str, label: bool | None, context: DateContext
) -> Iterator[tuple[FoundDate, bool | None]]:
    if (found := _clocked(day.on, time, rest, context, (day.start, day.end))) is not None:
        yield found, label


_BAD_CLOCK = re.compile(r"[Tt ,]{0,3}\d{1,2}:\d{2}(?!\d)")  # behind a day that no reader of clocks could use
_DATE_GAP = re.compile(r"[\s,|•·–-]*")
_CLOCK_MARK = re.compile(r"\d\s?[:٫：.h時时点點시чu]|\d\s?(?:uhr|uur|giờ|[ap]\.?\s?m\b|μ|π)", re.IGNORECASE)


def _labels(text: str, days: Sequence[_Day]) -> list[bool | None]:
    """Return whether each day is called modified (True) or published (False) by a word beside it.

    Labels stand before their dates, or all behind them: Japanese and Turkish pages do so.
    """
    edges = [0, *(day.end for day in days)]
    gaps = [text[start : day.start] for start, day in zip(edges, days, strict=False)]
    tail = text[days[-1].end :]
    leading = [_called(gap) for gap in gaps]
    if True in leading and False not in leading:
        leading = [None if one and _AS_OF.search(gap) else one for one, gap in zip(leading, gaps, strict=True)]
    trailing = [_called(gap, first=True) for gap in (*gaps[1:], tail)]
    if leading[0] is None and trailing[-1] is not None and all(one is not None for one in trailing):
        return trailing
    return [
        own if own is not None else (None if at + 1 < len(days) else trailing[at]) for at, own in enumerate(leading)
    ]


# "As of": the date of the last change beside one of publication, else the only date of the text.
_AS_OF = re.compile(r"(?<![^\W\d_])stand(?![^\W\d_])", re.IGNORECASE)


def _called(gap: str, *, first: bool = False) -> bool | None:
    """Return what the last label of a gap (the `first` one behind a date) says: modified, published, or None."""
    found = list(LABEL.finditer(gap))
    if not found:
        return None
    chosen = found[0] if first else found[-1]
    for match in found if not first else ():  # "last updated on", "first published": "on" alone says less than its verb
        if MODIFIED_LABEL.fullmatch(match[0]) or len(match[0]) > 4:
            chosen = match
    return bool(MODIFIED_LABEL.fullmatch(chosen[0]))


def newest_first_key(moment: Moment | None) -> float:
    """Sort key that puts the newest first and what has no date last."""
    if moment is None:
        return float("inf")
    at = moment.at or datetime(moment.on.year, moment.on.month, moment.on.day, tzinfo=UTC)
    return -at.timestamp()
