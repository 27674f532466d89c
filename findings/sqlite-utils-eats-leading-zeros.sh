#!/usr/bin/env bash
# Guess: `sqlite-utils insert db t file.csv --csv` makes text columns, as it always did; types are guessed only with
# --detect-types.
#
# Seen (sqlite-utils 4.2.1): since version 4 detecting is on. A column of "007" and "008" is INTEGER and holds 7 and
# 8, a column of titles "2026" and "1e5" is a float and holds 2026.0 and 100000.0. The zeros cannot be had back from
# the database. --no-detect-types gives text.
#
# Why it matters: section codes, postal codes and ids of articles change when a script that ran for years meets the
# new version, and joins with older tables find nothing. Instead: --no-detect-types for what comes from outside, and
# `transform` for the columns that are numbers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'sqlite-utils==4.2.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import json
import subprocess
import sys
from pathlib import Path

tool = str(Path(sys.executable).with_name("sqlite-utils"))
Path("a.csv").write_text("id,title\n007,2026\n008,1e5\n")


def rows(table, *options):
    subprocess.run([tool, "insert", "a.db", table, "a.csv", "--csv", *options], check=True, capture_output=True)
    return json.loads(subprocess.run([tool, "rows", "a.db", table], check=True, capture_output=True, text=True).stdout)


expect("as it comes", rows("t"), [{"id": 7, "title": 2026.0}, {"id": 8, "title": 100000.0}])
expect("told not to", rows("u", "--no-detect-types"), [{"id": "007", "title": "2026"}, {"id": "008", "title": "1e5"}])
PY
