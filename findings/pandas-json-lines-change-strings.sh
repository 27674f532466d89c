#!/usr/bin/env bash
# Guess: JSON has types, so pandas.read_json(lines=True) keeps strings strings; only CSV is guessed at.
#
# Seen (pandas 3.1.1): the JSON string "007" becomes the integer 7 and "1e3" the number 1000.0, when all of a column
# look so. Columns named "date", "modified", "timestamp..." or ending in "_at" or "_time" become datetimes if they
# can. With engine="pyarrow" strings of digits stay, but every column of ISO dates becomes a datetime, titles too,
# offsets are applied and dropped, the result is naive.
#
# Why it matters: ids and section codes lose their zeros and no longer join with the database; the same file gives
# naive UTC or text with offsets depending on the engine. Instead: dtype=False, convert_dates=False and convert on
# purpose.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pandas==3.1.1' 'pyarrow==26.0.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import json

import pandas

ROWS = [
    {"id": "007", "edition": "1e3", "title": "2026-11-30", "modified": "2026-11-30", "seen": "2026-11-30T10:00:00+09:00"},
    {"id": "012", "edition": "200", "title": "2026-12-01", "modified": "2026-12-01", "seen": "2026-11-30T10:00:00-08:00"},
]
with open("a.jsonl", "w") as file:
    file.writelines(json.dumps(row) + "\n" for row in ROWS)


def first(**options):
    row = pandas.read_json("a.jsonl", lines=True, **options).iloc[0]
    return {name: str(row[name]) for name in ROWS[0]}


midnight = "2026-11-30 00:00:00"
expect("as it comes", first(), ROWS[0] | {"id": "7", "edition": "1000.0", "modified": midnight})
expect("engine pyarrow", first(engine="pyarrow"), ROWS[0] | {"title": midnight, "modified": midnight, "seen": "2026-11-30 01:00:00"})
expect("told not to", first(dtype=False, convert_dates=False), ROWS[0])
PY
