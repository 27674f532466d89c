"""Time zones as pages and feeds write them: offsets, abbreviations, IANA names, names in words.

The table of abbreviations (zones.txt) is made from tzdata, which knows the countries that use a name. email.utils knows
eight names and takes unknown ones for UTC. The forms that are read are rows of tests/data/metadata/moments.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1995, 2027  # years of the web; zones of before do not count as a country's
MAX_OFFSET_MIN = 14 * 60
OFFSET_STEP_MIN = 15  # all offsets in use are multiples of it; others are no offsets

# Names in words. The offset of the American ones follows from the date, as does Moscow's.
_IN_WORDS = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "brasília": "America/Sao_Paulo", "brasilia": "America/Sao_Paulo",
    "北京时间": "Asia/Shanghai", "北京時間": "Asia/Shanghai", "台北時間": "Asia/Taipei", "香港時間": "Asia/Hong_Kong",
    "日本時間": "Asia/Tokyo", "한국시간": "Asia/Seoul", "한국시각": "Asia/Seoul", "по москве": "Europe/Moscow",
    "московское время": "Europe/Moscow", "за києвом": "Europe/Kyiv", "за київським часом": "Europe/Kyiv",
    "hora de brasília": "America/Sao_Paulo", "horário de brasília": "America/Sao_Paulo",
    "hora peninsular": "Europe/Madrid", "heure de paris": "Europe/Paris", "ora italiana": "Europe/Rome",
    "central european time": "Europe/Berlin", "mitteleuropäische zeit": "Europe/Berlin",
}  # fmt: skip  # a table
_WORDS = "|".join(sorted(map(re.escape, _IN_WORDS), key=len, reverse=True))
_SIGNED = r"[+\-−–](?:\d{4}|\d{1,2}(?::?\d{2})?)"
# Behind a clock. Abbreviations are capitals, or "ist" in a German sentence were India's time.
ZONE = re.compile(
    rf"[\s\u00a0]*[,(\[]?[\s\u00a0]*(?:(?P<base>(?i:gmt|utc|ut|z))?[\s\u00a0]?(?P<offset>{_SIGNED})(?![\d:/.])"
    r"|(?P<iana>[A-Z][A-Za-z]+/[A-Z][A-Za-z_+\-0-9]*(?:/[A-Z][A-Za-z_]+)?)"
    rf"|(?P<words>(?i:{_WORDS}))(?i:\s+(?:standard |daylight )?time)?(?![^\W\d_])"
    r"|(?P<name>[A-ZМСКİ]{1,5}(?:\+1)?|z|(?i:utc|gmt))(?![^\W\d_]|[-/]\w))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A zone that a text names. `reason`: offset, utc, name or country, whatever decided its meaning."""

    zone: tzinfo
    reason: str


def after_clock(text: str, at: datetime, country: str | None) -> Zone | None:
    """Return the zone named at the beginning of the text behind a clock, None where there is none or it is ambiguous.

    `at`: the naive clock; `country`: ISO 3166 code of the source, which decides between the meanings of a name.
    """
    match = ZONE.match(text)
    if match is None:
        return None
    if offset := match["offset"]:
        return _of_offset(offset)
    if match["iana"]:
        return _of_iana(match["iana"])
    if words := match["words"]:
        return Zone(zone=ZoneInfo(_IN_WORDS[words.lower()]), reason="name")
    return _of_name(match["name"], at, country)


def _of_offset(text: str) -> Zone | None:
    """Return the zone of +02:00, -0330 or +9; None for what cannot be an offset."""
    digits = re.sub(r"\D", "", text)
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    total = (hours * 60 + minutes) * (1 if text[0] == "+" else -1)
    if minutes >= 60 or total % OFFSET_STEP_MIN or abs(total) > MAX_OFFSET_MIN:
        return None
    return Zone(zone=timezone(timedelta(minutes=total)), reason="offset")


def _of_iana(name: str) -> Zone | None:
    try:
        return Zone(zone=ZoneInfo(name), reason="name")
    except (KeyError, ValueError, OSError):
        return None


def _of_name(name: str, at: datetime, country: str | None) -> Zone | None:
    upper = name.upper()
    if upper in ("Z", "UTC", "GMT", "UT"):
        return Zone(zone=UTC, reason="utc")
    meanings = _abbreviations().get(upper, ())
    own = [one for one in meanings if country in one.countries]
    usual = [one for one in meanings if one.usual]
    chosen = own or usual
    if len({one.value for one in chosen}) != 1:
        return None
    return Zone(zone=chosen[0].zone(), reason="country" if own and len(meanings) > 1 else "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    """One meaning of an abbreviation: minutes or an IANA name, the countries, and whether it is the usual one."""

    value: str
    countries: frozenset[str]
    usual: bool

    def zone(self) -> tzinfo:
        if self.value.lstrip("-").isdigit():
            return timezone(timedelta(minutes=int(self.value)))
        return ZoneInfo(self.value)


@cache
def _abbreviations() -> dict[str, tuple[_Meaning, ...]]:
    table: dict[str, tuple[_Meaning, ...]] = {}
    for line in resources.files("ingest.text.dates").joinpath("zones.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, value, *countries = line.split()
        meaning = _Meaning(
            value=value.rstrip("*"),
            usual=value.endswith("*"),
            countries=frozenset(countries[0].split(",")) if countries else frozenset(),
        )
        table[name] = (*table.get(name, ()), meaning)
    return table


# ---------------------------------------------------------------- countries


@cache
def _zones_of_countries() -> dict[str, tuple[str, ...]]:
    """Return the zones of each country (zone.tab of tzdata)."""
    table: dict[str, tuple[str, ...]] = {}
    for line in resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            table[country] = (*table.get(country, ()), zone)
    return table


@cache
def country_offsets(country: str) -> frozenset[int]:
    """Return all offsets from UTC, in minutes, that a country has had since 1995; none for an unknown country."""
    return frozenset(offset for zone in _zones_of_countries().get(country, ()) for offset in _offsets(zone))


@cache
def _offsets(zone: str) -> frozenset[int]:
    place = ZoneInfo(zone)
    moments = (datetime(year, month, 15, tzinfo=place) for year in range(FIRST_YEAR, LAST_YEAR) for month in (1, 4, 7))
    return frozenset(round(offset.total_seconds() / 60) for one in moments if (offset := one.utcoffset()) is not None)


def only_zone(country: str | None) -> str | None:
    """Return the zone of a country that has but one, None for the others."""
    zones = _zones_of_countries().get(country or "", ())
    return zones[0] if len(zones) == 1 else None


# Every offset that an inhabited place has had since 1995, from tzdata; a test makes it anew. Pitcairn's old -08:30 and
# Caracas's -04:30 are among them, Singapore's +07:30, which ended in 1981, is not.
_WORLD_OFFSETS = frozenset(
    {-660, -600, -570, -540, -510, -480, -420, -360, -300, -270, -240, -210, -180, -150, -120, -60, 0, 60, 120,
     180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 510, 525, 540, 570, 585, 600, 630, 660, 690, 720, 765, 780,
     825, 840}
)  # fmt: skip  # a table


def possible(offset_min: int, country: str | None) -> bool:
    """Return whether a clock of the country, or of any for None, can have differed so much from UTC."""
    known = country_offsets(country) if country else frozenset()
    return offset_min in (known or _WORLD_OFFSETS)
