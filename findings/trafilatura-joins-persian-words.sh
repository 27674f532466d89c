#!/usr/bin/env bash
# Guess: removing invisible characters is harmless: trafilatura takes control characters out, and what a reader sees
# stays the same.
#
# Seen (trafilatura 2.3.1): the zero-width non-joiner (U+200C) goes with them. In Persian it is spelling: it parts a
# prefix or a suffix from its word and decides how the letters on both sides are drawn. The verb "می‌خواهم" comes out
# as one joined string that no dictionary, search index or spell checker knows, and that looks wrong. Kurdish, and
# conjuncts of Indian scripts, suffer likewise.
#
# Why it matters: words of nearly every sentence of a Persian article are changed; fingerprints and searches no longer
# meet the same text from elsewhere. Instead: put a rare printable character for U+200C and U+200D before extraction
# and take it back after it; one of the private use area will not do, those are removed as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'trafilatura==2.3.1' 'lxml_html_clean==0.4.6'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from trafilatura import extract

ZWNJ, STAND_IN = "\u200c", "\u2e31"
SENTENCE = f"من می{ZWNJ}خواهم به خانه بروم و کتاب{ZWNJ}ها را بخوانم و فردا دوباره به شهر برگردم."
STORY = [SENTENCE.replace("خانه", word) for word in ("خانه", "مدرسه", "بازار", "دانشگاه", "باغ")]
HTML = "<html><body><article>" + "".join(f"<p>{line}</p>" for line in STORY) + "</article></body></html>"

text = extract(HTML, include_comments=False)
expect("lines", len(text.splitlines()), 5)
expect("non-joiners on the page and in the text", (HTML.count(ZWNJ), text.count(ZWNJ)), (10, 0))
expect("the verb is joined", "میخواهم" in text, True)
saved = extract(HTML.replace(ZWNJ, STAND_IN), include_comments=False).replace(STAND_IN, ZWNJ)
expect("with a stand-in", saved.splitlines(), STORY)
private = extract(HTML.replace(ZWNJ, "\ue000"), include_comments=False)
expect("a private-use stand-in", private.count("\ue000"), 0)
PY
