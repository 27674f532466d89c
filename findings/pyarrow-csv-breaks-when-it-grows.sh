#!/usr/bin/env bash
# Guess: a CSV reader that reads cells with line breaks reads them in a file of any size.
#
# Seen (pyarrow 26.0.1): read_csv takes quoted cells with newlines as long as the file fits into one block, 1 MiB by
# default. A larger file of the same rows is cut into blocks at newlines, inside cells too, and ends in an
# ArrowInvalid about the number of columns. ParseOptions(newlines_in_values=True) reads both. polars and DuckDB need
# no such hint.
#
# Why it matters: articles' texts have line breaks. The export of the first month is read by every test and by the
# pipeline, until one night it passes a mebibyte. Instead: set newlines_in_values for anything that holds text, or
# take Parquet.
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


import csv

from pyarrow import ArrowInvalid
from pyarrow.csv import ParseOptions, read_csv


def rows_read(articles, **options):
    with open("a.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "body"])
        table.writerows([number, "The river rose, they said.\n\n" * 30] for number in range(articles))
    try:
        return read_csv("a.csv", **options).num_rows
    except ArrowInvalid as error:
        return str(error).split(":")[0]


expect("30 articles", rows_read(30), 30)
expect("3,000 of the same articles", rows_read(3000), "CSV parse error")
expect("told so", rows_read(3000, parse_options=ParseOptions(newlines_in_values=True)), 3000)
PY
