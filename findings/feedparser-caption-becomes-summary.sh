#!/usr/bin/env bash
# Guess: an RSS item's <description> is entry.summary, and what stands inside <media:content> is about the picture and
# kept apart.
#
# Seen (feedparser 6.0.14): <media:description> is taken for a description of the item. Whichever comes first in the
# item is entry.summary, the other one is appended to entry.content. With the picture above the text, as several
# publishing systems write it, the summary of the article is the caption of its photograph, and the article's own
# description is filed as its content. <media:title> is handled: it does not replace the title.
#
# Why it matters: teasers show "Photo: agency" instead of the text, and code that prefers content to summary stores
# the caption as the body. Instead: read <description> as a direct child of <item> with an XML parser, or compare both
# with media_content's place in the document.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'feedparser==6.0.14'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import feedparser

DESCRIPTION = "<description>The town closed its bridge.</description>"
MEDIA = (
    '<media:content url="https://news.example/b.jpg" medium="image"><media:title>Bridge, north side</media:title>'
    "<media:description>A photograph by nobody</media:description></media:content>"
)
FEED = (
    '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>News</title>'
    "<item><title>Bridge closed</title><link>https://news.example/a</link>{}</item></channel></rss>"
)
for name, item, summary, content in (
    ("picture first", MEDIA + DESCRIPTION, "A photograph by nobody", "The town closed its bridge."),
    ("text first", DESCRIPTION + MEDIA, "The town closed its bridge.", "A photograph by nobody"),
):
    parsed = feedparser.parse(FEED.format(item))
    expect(f"{name}: well-formed", parsed.bozo, False)
    entry = parsed.entries[0]
    expect(f"{name}: summary", entry.summary, summary)
    expect(f"{name}: content", [part.value for part in entry.content], [content])
    expect(f"{name}: title", entry.title, "Bridge closed")
PY
