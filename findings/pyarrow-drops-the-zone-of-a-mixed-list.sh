#!/usr/bin/env bash
# Guess: a list of datetimes in which some have a zone and some have none cannot be made an array: Python refuses to
# compare them, and pyarrow refuses as well.
#
# Seen (pyarrow 26.0.1): it makes an array and the first value that is not null decides. If it is naive, the type is a
# timestamp without zone, and the aware ones are silently written in UTC: 10:00+09:00 stands there as 01:00, beside
# the naive clocks. If it is aware, all get its zone and the naive ones are taken for UTC. The order of the rows
# decides what the column means.
#
# Why it matters: of two articles one gives its zone and one does not, in every crawl. In Parquet nobody can tell any
# more which of the two a value was. Instead: give the type, and make the datetimes alike before (or keep a text
# column).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pyarrow==26.0.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from datetime import datetime, timedelta, timezone

import pyarrow as pa

naive = datetime(2026, 11, 30, 10, 0)
tokyo = datetime(2026, 11, 30, 10, 0, tzinfo=timezone(timedelta(hours=9)))


def made(*moments):
    array = pa.array(moments)
    return str(array.type), [moment.replace(tzinfo=None).isoformat(" ", "minutes") for moment in array.to_pylist()]


clock = "2026-11-30 10:00"
expect("naive first", made(naive, tokyo), ("timestamp[us]", [clock, "2026-11-30 01:00"]))
expect("aware first", made(tokyo, naive), ("timestamp[us, tz=+09:00]", [clock, "2026-11-30 19:00"]))
expect("a null before", made(tokyo), ("timestamp[us, tz=+09:00]", [clock]))
PY
