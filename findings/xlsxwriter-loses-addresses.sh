#!/usr/bin/env bash
# Guess: worksheet.write() puts every string into its cell.
#
# Seen (XlsxWriter 3.3.1, read back with openpyxl 3.1.5): strings that look like addresses become links, of which a
# sheet can hold 65,530; from there on, write() gives a warning and a return value of -4 and leaves the cell empty. An
# address of more than 2,079 characters leaves its cell empty at once. A headline that begins with "internal:" or
# "external:" loses that word and becomes a link as well. pandas.DataFrame.to_excel goes the same way.
#
# Why it matters: the column of addresses of a table of 70,000 articles ends in 4,470 empty cells; long tracking links
# are missing anywhere. Instead: Workbook(name, {"strings_to_urls": False}), or write_string() for each.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'XlsxWriter==3.3.1' 'openpyxl==3.1.5'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import warnings

import openpyxl
import xlsxwriter

warnings.simplefilter("ignore")
ARTICLES = 65_600


def column(name, **options):
    book = xlsxwriter.Workbook(name, options)
    sheet = book.add_worksheet()
    told = [sheet.write(row, 1, text) for row, text in enumerate(SPECIAL)]  # the headline takes one link
    told += [sheet.write(row, 0, f"https://news.example/{row}") for row in range(ARTICLES)]
    book.close()
    read = openpyxl.load_workbook(name, read_only=True).active
    cells = list(read.iter_rows(max_col=2, values_only=True))
    return sorted(set(told)), sum(row[0] is not None for row in cells), [row[1] for row in cells[: len(SPECIAL)]]


SPECIAL = ("internal: memo leaked", "https://news.example/?" + "a" * 2100)
told, kept, special = column("a.xlsx")
expect("returned", told, [-4, -3, 0])
expect(f"addresses kept of {ARTICLES}", kept, 65_529)
expect("headline and long address", special, [" memo leaked", None])
told, kept, special = column("b.xlsx", strings_to_urls=False)
expect("returned, without links", told, [0])
expect(f"addresses kept of {ARTICLES}, without links", kept, ARTICLES)
expect("headline and long address, without links", special == list(SPECIAL), True)
PY
