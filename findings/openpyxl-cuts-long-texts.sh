#!/usr/bin/env bash
# Guess: a text longer than Excel's 32,767 characters a cell is an error when it is written.
#
# Seen (openpyxl 3.1.5): the cell gets the first 32,767 characters, without error or warning; the value read back from
# the cell object in memory is the short one as well. XlsxWriter 3.3.1 with the same text returns -2 from write() and
# cuts too. Short texts are not safe either: one that reads "#N/A" is stored as an error value, not as text.
#
# Why it matters: long reads, live blogs and protocols of parliament are longer than that, and the end of an article
# is where its corrections stand. Instead: check lengths before writing and part the text, or keep texts out of
# spreadsheets.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'openpyxl==3.1.5' 'XlsxWriter==3.3.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import openpyxl
import xlsxwriter

text = "A long protocol. " * 3000
book = openpyxl.Workbook()
book.active["A1"] = text
book.active["A2"] = "#N/A"
book.active["A3"] = "=no formula, a headline"
expect("characters given and in the cell", (len(text), len(book.active["A1"].value)), (51000, 32767))
book.save("a.xlsx")
read = openpyxl.load_workbook("a.xlsx").active
expect("characters read back", len(read["A1"].value), 32767)
expect("types: text, error, formula", [read[cell].data_type for cell in ("A1", "A2", "A3")], ["s", "e", "f"])
other = xlsxwriter.Workbook("b.xlsx")
expect("XlsxWriter returns", other.add_worksheet().write(0, 0, text), -2)
other.close()
expect("XlsxWriter keeps", len(openpyxl.load_workbook("b.xlsx").active["A1"].value), 32767)
PY
