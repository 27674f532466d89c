#!/usr/bin/env bash
# Guess: a date after max_date (today, if none is given) is refused, and a page with no other date has none.
#
# Seen (htmldate 1.11.0): the refused date is looked at again in parts. Of "2026-12-05", with 30 November as the
# limit, the year is left, and the answer is 2026-01-01; of "2026-11-30" with the 28th as the limit it is 2026-11-01.
# Only when the year itself is too late is the answer None.
#
# Why it matters: pages dated ahead are ordinary: Auckland is half a day before UTC, weeklies and magazines carry
# their day of sale, previews their embargo. They come out up to eleven months old, and no longer count as news.
# Instead: max_date a week ahead, and compare with the declared date yourself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'htmldate==1.11.0' 'lxml_html_clean==0.4.6'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from htmldate import find_date

PAGE = '<html><head><meta property="article:published_time" content="{}"></head><body><p>A story.</p></body></html>'


def found(declared, limit):
    return find_date(PAGE.format(declared), original_date=True, max_date=limit)


expect("within the limit", found("2026-11-30", "2026-11-30"), "2026-11-30")
expect("five days after", found("2026-12-05", "2026-11-30"), "2026-01-01")
expect("after it in Auckland", found("2026-12-01T06:00:00+13:00", "2026-11-30"), "2026-01-01")
expect("two days after, same month", found("2026-11-30", "2026-11-28"), "2026-11-01")
expect("next year", found("2027-01-02", "2026-12-31"), None)
expect("with a week's grace", found("2026-12-05", "2026-12-07"), "2026-12-05")
PY
