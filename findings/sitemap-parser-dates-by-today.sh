#!/usr/bin/env bash
# Guess: a <lastmod> of "2026-02", which sitemaps.org's W3C format allows, is the first of February, or no date.
#
# Seen (ultimate-sitemap-parser 1.8.1): what is not a full date goes to a general parser, which fills what is missing
# from today. On 30 November "2026-02" is 28 February (the last day there is), on 1 December it is 1 February; "2026"
# is this day and month of 2026. Full days and times with a zone are read as they are.
#
# Why it matters: a page looks changed whenever it is asked, so it is fetched every day; or it lies in the future for
# the first eleven months. Two runs over one file disagree. Instead: take lastmod as text from the XML and leave what
# is less than a day unread.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'ultimate-sitemap-parser==1.8.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from calendar import monthrange
from datetime import date

from usp.tree import sitemap_from_str

MAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/a</loc><lastmod>{}</lastmod></url></urlset>'


def lastmod(text):
    return next(iter(sitemap_from_str('<?xml version="1.0"?>' + MAP.format(text)).all_pages())).last_modified


today = date.today()
for month in (1, 2, 4):
    read = lastmod(f"2026-{month:02}").date()
    expect(f"2026-{month:02}", read, date(2026, month, min(today.day, monthrange(2026, month)[1])))
expect("2024", lastmod("2024").date(), date(2024, today.month, today.day))
expect("2026-11-30", str(lastmod("2026-11-30")), "2026-11-30 00:00:00")
expect("2026-11-30T10:00Z", str(lastmod("2026-11-30T10:00Z")), "2026-11-30 10:00:00+00:00")
PY
