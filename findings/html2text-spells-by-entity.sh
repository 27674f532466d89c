#!/usr/bin/env bash
# Guess: html2text gives the same text for a character whether the page writes it as itself or as an entity.
#
# Seen (html2text 2025.4.15): named and numeric references to vowels with accents and to typographic marks are brought
# to ASCII, the letters themselves are not. "caf&eacute;" is "cafe", "café" is "café"; &uuml; is "u", &rsquo; an
# apostrophe, &mdash; two hyphens; &ntilde; and &oslash; stay what they are. The switch is called unicode_snob and is
# off.
#
# Why it matters: names lose their accents on the pages of older publishing systems only, so one author is two people,
# and the same agency text from two papers has two fingerprints. Instead: unicode_snob = True, always.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'html2text==2025.4.15'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from html2text import HTML2Text


def text(html, snob):
    maker = HTML2Text(bodywidth=0)
    maker.unicode_snob = snob
    return maker.handle(f"<p>{html}</p>").strip()


for html, default, meant in (
    ("caf\u00e9", "café", "café"),
    ("caf&eacute;", "cafe", "café"),
    ("caf&#233;", "cafe", "café"),
    ("M&uuml;ller &amp; S&oslash;n", "Muller & Søn", "Müller & Søn"),
    ("it&rsquo;s late &mdash; go", "it's late -- go", "it\u2019s late \u2014 go"),
):
    expect(f"{html} as it comes", text(html, snob=False), default)
    expect(f"{html} with unicode_snob", text(html, snob=True), meant)
PY
