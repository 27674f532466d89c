#!/usr/bin/env bash
# Guess: a column that mixes "2026-11-30T10:00:00+01:00" with the bare day "2026-11-29" is text to DuckDB, in CSV as
# in JSON: a day is no instant.
#
# Seen (DuckDB 2.0.1): in JSON lines it is VARCHAR. In CSV it is TIMESTAMP WITH TIME ZONE, and the day becomes
# midnight in the zone of the session, which is that of the machine: the same file gives another instant in Tokyo than
# in New York, 14 hours apart. The other way round, a column of titles that are all dates is DATE.
#
# Why it matters: articles are often dated by day only. "Published since yesterday" over an exported CSV then depends
# on where the query runs, and an aggregate by day in UTC moves them to the day before. Instead: all_varchar=true or
# types={...} in read_csv, and parse in SQL by length, or export JSON lines or Parquet.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'duckdb==2.0.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import json
from pathlib import Path

import duckdb

ROWS = [("1", "2026-11-30T10:00:00+01:00"), ("2", "2026-11-29")]
Path("a.csv").write_text("id,modified\n" + "".join(f"{number},{at}\n" for number, at in ROWS))
Path("a.jsonl").write_text("".join(json.dumps({"id": number, "modified": at}) + "\n" for number, at in ROWS))


def asked(zone, table):
    connection = duckdb.connect()
    connection.execute(f"set timezone = '{zone}'")
    kind = str(connection.sql(f"from {table}").types[1])
    return kind, connection.sql(f"select epoch(modified::timestamptz) from {table}").fetchall()[1][0] / 3600


expect("type in JSON lines", asked("UTC", "'a.jsonl'")[0], "VARCHAR")
tokyo, new_york = asked("Asia/Tokyo", "'a.csv'"), asked("America/New_York", "'a.csv'")
expect("type in CSV", tokyo[0], "TIMESTAMP WITH TIME ZONE")
expect("hours between the two readings of one day", new_york[1] - tokyo[1], 14.0)
expect("type when asked for text", asked("UTC", "read_csv('a.csv', all_varchar = true)")[0], "VARCHAR")
PY
