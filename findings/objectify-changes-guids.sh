#!/usr/bin/env bash
# Guess: lxml.objectify gives numbers where one asks for numbers (pyval) and the text of the element where one asks
# for text.
#
# Seen (lxml 6.1.3): str() of an element is str() of what the text was taken for. <guid>0042</guid> gives "42",
# <title>1.10</title> gives "1.1", <title>true</title> gives "True", <author>Inf</author> gives "inf". Only .text is
# what stands there. The same tag is a number in one item and a string in the next.
#
# Why it matters: feeds read comfortably with objectify have other guids than those read with anything else, so every
# numeric one is a new article after a change of parser; versions and seasons in titles lose a zero. Instead: .text,
# never str() and never f-strings, or objectify.parse with a parser whose lookup has strings only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'lxml==6.1.3'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from lxml import objectify

item = objectify.fromstring(
    "<item><guid>0042</guid><title>1.10</title><category>true</category><author>Inf</author><link>https://news.example/a</link></item>"
)
for name, text, shown in (
    ("guid", "0042", "42"), ("title", "1.10", "1.1"), ("category", "true", "True"), ("author", "Inf", "inf"),
    ("link", "https://news.example/a", "https://news.example/a"),
):
    element = item[name]
    expect(f"{name}: .text", element.text, text)
    expect(f"{name}: str()", str(element), shown)
PY
