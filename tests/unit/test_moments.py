"""The reader of moments: value, precision and zone of the date forms of feeds, pages and structured data."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.text.dates import calendars, reader, relative, zones
from ingest.text.dates.reader import DateContext

DATA = Path(__file__).parents[1] / "data/metadata"
FORMS = tomllib.loads((DATA / "moments.toml").read_text("utf-8"))
SHOWN = tomllib.loads((DATA / "relative.toml").read_text("utf-8"))
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("group", FORMS)
def test_date_forms_keep_value_precision_and_zone(group: str) -> None:
    wrong = []
    for text, iso, zone, country, language in FORMS[group]:
        found = reader.read_date(text, DateContext(country=country or None, language=language or None))
        got = (found.moment.iso(), found.zone_reason) if found else ("", "")
        if got != (iso, zone):
            wrong.append((text, country, language, got))
    assert not wrong


def test_table_has_more_than_two_hundred_forms() -> None:
    assert sum(map(len, FORMS.values())) >= 200


@pytest.mark.parametrize(("text", "iso"), SHOWN["rows"])
def test_relative_times_give_no_more_than_a_day(text: str, iso: str) -> None:
    found = relative.read(text, now=NOW)
    assert (found.iso() if found else "") == iso


def test_relative_day_begins_in_the_zone_of_the_source() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    found = relative.read("1 hour ago", now=late, zone=ZoneInfo("Asia/Tokyo"))
    assert found
    assert found.on == date(2026, 12, 1)


@pytest.mark.parametrize(("text", "published", "modified"), SHOWN["labels"])
def test_labels_decide_published_and_modified(text: str, published: str, modified: str) -> None:
    found = reader.find(text, DateContext(now=NOW))
    assert [one.moment.iso() for one in found if not one.modified] == [published]
    assert [one.moment.iso() for one in found if one.modified] == ([modified] if modified else [])


def test_zone_table_agrees_with_tzdata() -> None:
    made: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        country, _, name = line.split("\t")[:3]
        zone = ZoneInfo(name)
        for year in range(zones.FIRST_YEAR, 2027, 3):
            for month in (1, 7):
                moment = datetime(year, month, 10, tzinfo=zone)
                shown, offset = moment.tzname() or "", moment.utcoffset()
                if shown.isalpha() and shown not in ("MSK", "MSD", "KST") and offset is not None:
                    made[shown.upper()][round(offset.total_seconds() / 60)].add(country)
    table = zones._abbreviations()
    for shown, offsets in made.items():
        kept = {one.value: one.countries for one in table[shown]}
        for offset_min, countries in offsets.items():
            assert countries <= kept[str(offset_min)], shown


def test_offsets_of_a_country_are_those_it_has_had() -> None:
    assert zones.country_offsets("IS") == {0}
    assert zones.country_offsets("DE") == {60, 120}
    assert not zones.possible(450, None)
    assert not zones.possible(450, "IS")


@pytest.mark.parametrize(("year", "month", "day"), [(1404, 13, 1), (1404, 12, 30), (1404, 7, 31), (1403, 1, 0)])
def test_days_that_the_solar_calendar_lacks_are_refused(year: int, month: int, day: int) -> None:
    with pytest.raises(ValueError, match="no day"):
        calendars.solar_day(year, month, day)


def test_leap_day_of_the_solar_calendar() -> None:
    assert calendars.solar_day(1403, 12, 30) == date(2025, 3, 20)
    assert calendars.solar_day(1404, 1, 1) == date(2025, 3, 21)
