#!/usr/bin/env bash
# Guess: dateparser reads the dates of the languages that it lists, in the form that the language's papers print them.
#
# Seen (dateparser 1.5.0): Thai papers count years from the death of the Buddha, and "30 พฤศจิกายน 2569" is returned
# as 30 November of the year 2569, without a doubt. Of the languages it knows by name, Galician, Basque, Armenian and
# Latvian have no reading for their ordinary long date, which is CLDR's too ("5 de novembro de 2026" in Galician), and
# give None, with the language given.
#
# Why it matters: Thai articles are 543 years in the future, where "newest first" puts them for ever; a filter of
# future dates drops the whole source. Instead: take 543 off years from 2400 to 2600 when the text is Thai, and check
# each language that you promise with a real date line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'dateparser==1.5.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import dateparser
from dateparser.data.languages_info import language_order


def read(text, language):
    found = dateparser.parse(text, languages=[language])
    return found and str(found.date())


expect("languages it lists", {"th", "gl", "eu", "hy", "lv", "pt"} <= set(language_order), True)
expect("Thai", read("30 พฤศจิกายน 2569", "th"), "2569-11-30")
expect("Thai, short month", read("30 พ.ย. 2569", "th"), "2569-11-30")
for language, text in (
    ("gl", "5 de novembro de 2026"), ("eu", "2026(e)ko azaroaren 5(a)"), ("hy", "2026 թ. նոյեմբերի 5"), ("lv", "2026. gada 5. novembris"),
):
    expect(f"{language}: {text}", read(text, language), None)
expect("the Galician date as Portuguese", read("5 de novembro de 2026", "pt"), "2026-11-05")
PY
