#!/usr/bin/env bash
# Guess: the text of a paragraph is what a reader sees: inline elements such as <b> and <sub> do not part words.
#
# Seen (html-text 0.7.1): a space is put at every border of an inline element unless a mark of punctuation stands
# there, and no option turns that off without gluing paragraphs together as well (guess_layout=False puts spaces
# between everything, too). "un<b>believ</b>able" is three words, H2O is "H 2 O", French elisions and all emphasis
# inside Japanese sentences get spaces. inscriptis 2.7.6 gives the words whole.
#
# Why it matters: counts of words, phrases looked for, fingerprints of near-duplicates and every quotation of a
# formula. A paper that links part of a word, or marks its initials, has other words than its agency's text. Instead:
# an extractor that knows which elements are inline (inscriptis, lxml's text_content per block).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'html-text==0.7.1' 'lxml==6.1.3' 'lxml_html_clean==0.4.6' 'inscriptis==2.7.6'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from html_text import extract_text
from inscriptis import get_text

for html, split, whole in (
    ("<p>un<b>believ</b>able</p>", "un believ able", "unbelievable"),
    ("<p>H<sub>2</sub>O</p>", "H 2 O", "H2O"),
    ("<p>l'<em>État</em></p>", "l' État", "l'État"),
    ("<p>日本<b>経済</b>新聞</p>", "日本 経済 新聞", "日本経済新聞"),
):
    expect(f"{html} by html-text", extract_text(html), split)
    expect(f"{html} by inscriptis", get_text(html).strip(), whole)
expect("without layout", extract_text("<p>un<b>believ</b>able</p>", guess_layout=False), "un believ able")
expect("with guess_punct_space off", extract_text("<p>un<b>believ</b>able</p>", guess_punct_space=False), "un believ able")
PY
