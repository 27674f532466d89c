#!/usr/bin/env bash
# Guess: "30 2 * * *" is once a day, on the day when clocks go back as well: cron daemons take care of that.
#
# Seen (croniter 7.0.0): with aware times in Berlin the job has two next times on 25 October 2026, 02:30+02:00 and, an
# hour later, 02:30+01:00. In spring 02:30 does not exist and it moves to 03:00, on the full hour, where a job of "0 3
# * * *" lies. Debian's cron runs a job of a fixed hour once in autumn.
#
# Why it matters: a nightly export that moves a cursor, a digest by mail, "prune" or "retire after N runs" happen
# twice in one night a year, and never where the server's clock is UTC. Instead: plan in UTC, or keep the local day of
# the last run and skip a second one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'croniter==7.0.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from datetime import datetime
from zoneinfo import ZoneInfo

from croniter import croniter

BERLIN = ZoneInfo("Europe/Berlin")


def next_times(expression, *start, count=3):
    turn = croniter(expression, datetime(*start, 12, tzinfo=BERLIN))
    return [turn.get_next(datetime).isoformat(timespec="minutes") for _ in range(count)]


autumn = ["2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-26T02:30+01:00"]
expect("half past two, autumn", next_times("30 2 * * *", 2026, 10, 24), autumn)
spring = ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]
expect("half past two, spring", next_times("30 2 * * *", 2026, 3, 28, count=2), spring)
expect("three, spring", next_times("0 3 * * *", 2026, 3, 28, count=1), spring[:1])
PY
