#!/usr/bin/env bash
# Guess: markdownify escapes what Markdown would read as markup; it does so for * and _.
#
# Seen (markdownify 1.2.3, read back with markdown-it-py 4.3.0): by default nothing else is escaped. A paragraph that
# begins "1986. It was a good year" is an ordered list that begins at 1986, "# 1 in the charts" is a heading of the
# first level, "> 100 dead" a quotation, "+ plus" a list; "a <b> c" is markup again. The option escape_misc=True cures
# all of these.
#
# Why it matters: German, Hungarian and other dates begin a sentence with number and full stop, so the year vanishes
# from the text and the list changes its number in the next export. Instead: escape_misc=True, and a test that goes
# there and back.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'markdownify==1.2.3' 'markdown-it-py==4.3.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from markdown_it import MarkdownIt
from markdownify import markdownify

for text, seen in (
    ("1986. Ein gutes Jahr.", '<ol start="1986">\n<li>Ein gutes Jahr.</li>\n</ol>'),
    ("# 1 in the charts", "<h1>1 in the charts</h1>"),
    ("&gt; 100 dead", "<blockquote>\n<p>100 dead</p>\n</blockquote>"),
    ("+ plus", "<ul>\n<li>plus</li>\n</ul>"),
    ("a &lt;b&gt; c", "<p>a <b> c</p>"),
    ("snake_case *star*", "<p>snake_case *star*</p>"),
):
    html = f"<p>{text}</p>"
    expect(f"{html} there and back", MarkdownIt().render(markdownify(html)).strip(), seen)
    expect("  with escape_misc", MarkdownIt().render(markdownify(html, escape_misc=True)).strip(), html)
PY
