#!/usr/bin/env bash
# Guess: google-re2 offers the interface of `re`, so on str its \w, \d, \s and \b mean Unicode's letters, digits,
# spaces and word borders as there; only look-around and back references are missing.
#
# Seen (google-re2 1.1.20251105): character classes are ASCII, on str as well. \w+ cuts Müller into M and ller,
# \bÜber\b finds nothing at the beginning of a line, \s+ does not part at a no-break space, while (?i) does fold É and
# é and positions are counted in characters.
#
# Why it matters: filters of sites, search terms and counts of words that are moved from re to re2 for its speed keep
# working on English. Instead: write classes by property: [\pL\pM\pN_]+ for words, [\pZ\s]+ for spaces, and look at
# neighbours yourself where a word must end.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'google-re2==1.1.20251105'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import re

import re2

for pattern, text, python, google in (
    (r"\w+", "Müller à Köln", ["Müller", "à", "Köln"], ["M", "ller", "K", "ln"]),
    (r"\bÜber\b", "Über uns", ["Über"], []),
    (r"a\s+b", "a\u00a0b", ["a\u00a0b"], []),
    (r"\d+", "١٢ 34", ["١٢", "34"], ["34"]),
    (r"(?i)É", "é", ["é"], ["é"]),
):
    expect(f"re  {pattern} in {text}", re.findall(pattern, text), python)
    expect(f"re2 {pattern} in {text}", re2.findall(pattern, text), google)
expect("by property", re2.findall(r"[\pL\pM\pN_]+", "Müller à Köln"), ["Müller", "à", "Köln"])
PY
