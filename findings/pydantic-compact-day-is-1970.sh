#!/usr/bin/env bash
# Guess: a datetime field of pydantic takes "20261130", the basic form of ISO 8601, as that day, or refuses it; a bare
# year it refuses.
#
# Seen (pydantic 2.14.4): text of digits alone is a Unix time. "20261130" is 23 August 1970, "2026" is 1 January 1970
# at 00:33:46, both aware and without any error. From 20,000,000,001 on, the same field counts in milliseconds.
# "20261130T100000Z" is refused. A `date` field refuses the compact day, unless the digits make a midnight: "20217600"
# is 23 August 1970 too.
#
# Why it matters: sitemaps, archives' file names and older CMS's JSON give days as eight digits, JSON-LD gives bare
# years. The wrong moments are valid, sort first, and are caught by no schema. Instead: a validator of one's own
# before pydantic's (mode="before") that wants the dashes; strict mode does not help, in JSON it reads digits in a
# string the same way.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pydantic==2.14.4'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from datetime import UTC, date, datetime

from pydantic import TypeAdapter, ValidationError


def read(kind, text, **how):
    try:
        return TypeAdapter(kind).validate_python(text, **how)
    except ValidationError as error:
        return error.errors()[0]["type"]


expect("compact day", read(datetime, "20261130"), datetime(1970, 8, 23, 12, 5, 30, tzinfo=UTC))
expect("year", read(datetime, "2026"), datetime(1970, 1, 1, 0, 33, 46, tzinfo=UTC))
expect("compact day and time", read(datetime, "20261130T100000Z"), "datetime_from_date_parsing")
expect("compact day for a date", read(date, "20261130"), "date_from_datetime_inexact")
expect("digits that make a midnight", read(date, "20217600"), date(1970, 8, 23))
expect("seconds", read(datetime, "20000000000").year, 2603)
strict = TypeAdapter(datetime).validate_json('"20261130"', strict=True)
expect("compact day, strict", strict, datetime(1970, 8, 23, 12, 5, 30, tzinfo=UTC))
expect("one more is milliseconds", read(datetime, "20000000001").year, 1970)
PY
