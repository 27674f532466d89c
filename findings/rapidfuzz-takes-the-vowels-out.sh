#!/usr/bin/env bash
# Guess: rapidfuzz.utils.default_process, the usual step before comparing titles and names, lower-cases and takes
# punctuation out, in any script.
#
# Seen (RapidFuzz 3.14.6): everything that is not a letter or digit by Unicode's category becomes a space, and the
# vowel signs of Hindi, Bengali, Tamil, Thai, and the points of Arabic and Hebrew are marks, not letters. A Hindi word
# falls apart into its consonants; two names that differ in their vowels only score 100. Latin letters written with
# combining marks (as macOS and some editorial systems write them) break as well.
#
# Why it matters: near-duplicate titles and names of authors. Different Hindi headlines count as one story, and one
# name in two Unicode forms counts as two people. Instead: normalise to NFC and casefold, and strip by category P, S
# and Z yourself, leaving M alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'rapidfuzz==3.14.6'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import unicodedata

from rapidfuzz import fuzz, utils

expect("Hindi", utils.default_process("हिन्दी"), "ह न द")
expect("Thai", utils.default_process("ที่"), "ท")
expect("Latin, decomposed", utils.default_process(unicodedata.normalize("NFD", "Müller")), "mu ller")
day, poor = "दिन", "दीन"  # another vowel is another word
expect("two words, processed", fuzz.ratio(day, poor, processor=utils.default_process), 100.0)
expect("two words, as they are", fuzz.ratio(day, poor) < 100, True)
one, other = "Jürgen Müller", unicodedata.normalize("NFD", "Jürgen Müller")
expect("one name in two forms is alike", fuzz.ratio(one, other, processor=utils.default_process) > 95, False)
PY
