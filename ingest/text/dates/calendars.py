"""Calendars other than the Gregorian one, and numbers written in Chinese characters.

Each function returns a Gregorian day or year; ValueError for a day that the calendar does not have.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

BUDDHIST_YEARS = range(2400, 2620)  # years of the Thai era in which pages can be dated
BUDDHIST_OFFSET = 543
ROC_OFFSET = 1911  # year 1 of the Republic is 1912
# First Gregorian year of each Japanese era, with the short forms that dates carry.
_ERAS = {
    "明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019,
    "m": 1868, "t": 1912, "s": 1926, "h": 1989, "r": 2019,
}  # fmt: skip  # a table
_SOLAR_EPOCH = date(622, 3, 21)  # from which the leap years of the 33-year cycle give the days of 1900 to 2100
_SOLAR_MONTHS = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip  # a table
_AFGHAN_MONTHS = (
    "حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت",
)  # fmt: skip  # a table
SOLAR_MONTHS = {name: at for names in (_SOLAR_MONTHS, _AFGHAN_MONTHS) for at, name in enumerate(names, 1)} | {
    "امرداد": 5
}
SOLAR_YEARS = range(1300, 1430)  # 1921 to 2051; Islamic lunar years of today begin behind them, at 1446
# Years of 366 days in the 33-year cycle, which agrees with the astronomical calendar from 1178 to 1633.
_SOLAR_LEAPS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_SOLAR_MONTH_DAYS = (31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 29)

_CHINESE_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "元": 1,
    "廿": 20,
}
CHINESE_DIGIT = "〇零○一二三四五六七八九十百廿元"


def solar_day(year: int, month: int, day: int) -> date:
    """Return the day of a date of the Persian solar calendar (Iran and Afghanistan)."""
    if not 1 <= month <= 12 or not 1 <= day <= _SOLAR_MONTH_DAYS[month - 1] + (
        month == 12 and year % 33 in _SOLAR_LEAPS
    ):
        raise ValueError(f"no day of the solar calendar: {year}-{month}-{day}")
    cycles, years = divmod(year - 1, 33)
    leaps = cycles * 8 + sum(1 for leap in _SOLAR_LEAPS if leap <= years)
    return _SOLAR_EPOCH + timedelta(days=(year - 1) * 365 + leaps + sum(_SOLAR_MONTH_DAYS[: month - 1]) + day - 1)


def era_year(era: str, year: int) -> int:
    """Return the Gregorian year of a year of a Japanese era, named in full or by its letter."""
    first = _ERAS.get(era.lower())
    if first is None or year < 1:
        raise ValueError(f"no era: {era}")
    return first + year - 1


def buddhist_year(year: int) -> int:
    """Return the Gregorian year of a year of the Thai era; any other year as it is."""
    return year - BUDDHIST_OFFSET if year in BUDDHIST_YEARS else year


def chinese_number(text: str) -> int:
    """Return a number in Chinese characters: positional (二〇二六) or with tens and hundreds (三十一, 一百一十五)."""
    if text.isdecimal():
        return int(text)
    if not re.search("[十百廿]", text):
        return int("".join(str(_CHINESE_DIGITS[char]) for char in text))
    total = part = 0
    for char in text:
        if char in "十百":
            total += max(part, 1) * (10 if char == "十" else 100)
            part = 0
        elif char == "廿":
            total += 20
        else:
            part = _CHINESE_DIGITS[char]
    return total + part


# ---------------------------------------------------------------- the Hebrew calendar

HEBREW_MONTHS = {
    "תשרי": 1, "חשוון": 2, "חשון": 2, "מרחשוון": 2, "כסלו": 3, "טבת": 4, "שבט": 5, "אדר": 6, "ניסן": 7, "אייר": 8,
    "סיוון": 9, "סיון": 9, "תמוז": 10, "אב": 11, "אלול": 12,
}  # fmt: skip  # a table; in a leap year Adar I and II, and what follows moves by one
_LETTERS = dict(zip("אבגדהוזחטיכלמנסעפצקרשת", (*range(1, 11), *range(20, 100, 10), *range(100, 500, 100)), strict=True))
_HEBREW_EPOCH_ORDINAL = -1373428  # proleptic Gregorian ordinal of the day before 1 Tishri 1 (Dershowitz and Reingold)


def hebrew_number(text: str) -> int:
    """Return a number in Hebrew letters; years leave out the 5,000."""
    return sum(_LETTERS.get(char, 0) for char in text)


def hebrew_day(year: int, month: str, day: int) -> date:
    """Return the day of a date of the Hebrew calendar; `year` with its thousands."""
    base = month.removesuffix(" א׳").removesuffix(" א'").removesuffix(" ב׳").removesuffix(" ב'")
    number = HEBREW_MONTHS.get(base)
    if number is None or not 1 <= day <= 30:
        raise ValueError(f"no day of the Hebrew calendar: {day} {month} {year}")
    lengths = _hebrew_months(year)
    if len(lengths) == 13 and (number > 6 or (number == 6 and not month.endswith(("א׳", "א'")))):
        number += 1
    if day > lengths[number - 1]:
        raise ValueError(f"no day of the Hebrew calendar: {day} {month} {year}")
    return date.fromordinal(_year_start(year) + sum(lengths[: number - 1]) + day - 1)


def _hebrew_new_year(year: int) -> int:
    """Return the ordinal of 1 Tishri (molad, with the postponements)."""
    months = (235 * year - 234) // 19
    parts = 12084 + 13753 * months
    days = 29 * months + parts // 25920
    if 3 * (days + 1) % 7 < 3:
        days += 1
    return _HEBREW_EPOCH_ORDINAL + days + 1


def _year_start(year: int) -> int:
    before, here, after = (_hebrew_new_year(one) for one in (year - 1, year, year + 1))
    if after - here == 356:
        return here + 2
    return here + 1 if here - before == 382 else here


def _hebrew_months(year: int) -> tuple[int, ...]:
    """Return the lengths of the months from Tishri on, 13 of them in a leap year."""
    days = _year_start(year + 1) - _year_start(year)
    leap = days > 380
    heshvan = 30 if days % 10 == 5 else 29
    kislev = 29 if days % 10 == 3 else 30
    return (30, heshvan, kislev, 29, 30, *((30, 29) if leap else (29,)), 30, 29, 30, 29, 30, 29)
