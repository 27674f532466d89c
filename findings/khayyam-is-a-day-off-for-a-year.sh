#!/usr/bin/env bash
# Guess: libraries for the Iranian calendar agree on dates of our time; differences begin centuries away.
#
# Seen: Khayyam 3.0.17 counts leap years by a cycle of 2,820 years, which has 1404 where the calendar in force has
# 1403. From 20 March 2025 to 20 March 2026 every date it gives is one day too late: 20 March 2025 is the first day of
# 1404 to it, and the 30th of Esfand 1403 to jdatetime 6.1.1, persiantools 6.2.0, convertdate 2.5.1, and on the
# newspapers of that day. Before and after it agrees; next time in 2058.
#
# Why it matters: a year of an Iranian paper's archive is filed one day off, across month and year ends, and tests
# with today's date pass. Instead: a library by astronomy or by the 33-year cycle, with 30 Esfand 1403 as a test.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'Khayyam==3.0.17' 'jdatetime==6.1.1' 'persiantools==6.2.0' 'convertdate==2.5.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from datetime import date, timedelta

from convertdate import persian
from jdatetime import date as jdate
from khayyam import JalaliDate
from persiantools.jdatetime import JalaliDate as Persian

eve = date(2025, 3, 20)
expect("Khayyam", str(JalaliDate(eve)), "1404-01-01")
expect("jdatetime", str(jdate.fromgregorian(date=eve)), "1403-12-30")
expect("persiantools", str(Persian(eve)), "1403-12-30")
expect("convertdate", persian.from_gregorian(eve.year, eve.month, eve.day), (1403, 12, 30))
days = (date(1979, 3, 21) + timedelta(number) for number in range(25_000))
other = [day for day in days if str(JalaliDate(day)) != str(jdate.fromgregorian(date=day))]
expect("days of 1979 to 2047 on which Khayyam differs", (len(other), str(other[0]), str(other[-1])), (366, "2025-03-20", "2026-03-20"))
PY
