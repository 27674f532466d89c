#!/usr/bin/env bash
# Guess: babel.dates.parse_date reads back what babel.dates.format_date wrote in the same language and length; it has
# the month names of every language in its data.
#
# Seen (Babel 2.19.0): parse_date takes the digit groups of the text and nothing else. Of "5. November 2026" it finds
# two and raises IndexError (not ValueError, and not its own ParseError, which only texts without a digit get). Of the
# languages in the data nearly nine in ten cannot read their own long format back; only those that write the month as
# a number (Japanese, Chinese) can.
#
# Why it matters: bylines hold dates in words. A reader built on parse_date, guarded with `except ValueError`, falls
# over at the first German article and looks fine on Japanese ones. Instead: take the month names out of Babel's data
# (babel.dates.get_month_names, all widths, format and stand-alone) and match them yourself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'babel==2.19.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from datetime import date

from babel import localedata
from babel.dates import format_date, get_month_names, parse_date

day = date(2026, 11, 5)


def read_back(language, length):
    try:
        return parse_date(format_date(day, length, language), language, format=length)
    except Exception as error:
        return type(error).__name__


for language, length, known in (
    ("de", "short", day), ("de", "long", "IndexError"), ("en", "medium", "IndexError"),
    ("fr", "long", "IndexError"), ("ja", "long", day),
):
    expect(f"{format_date(day, length, language)!r} ({language}, {length})", read_back(language, length), known)
languages = [name for name in localedata.locale_identifiers() if "_" not in name]
failed = sum(read_back(language, "long") != day for language in languages)
print(f"long dates that do not come back: {failed} of {len(languages)} languages")
expect("most languages fail", failed > 0.8 * len(languages), True)
expect("the names are there", get_month_names("wide", locale="de")[11], "November")
PY
