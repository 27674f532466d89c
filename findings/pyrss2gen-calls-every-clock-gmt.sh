#!/usr/bin/env bash
# Guess: a datetime that knows its zone comes out of an RSS writer as that instant.
#
# Seen (PyRSS2Gen 1.1, read back with feedparser 6.0.14): the fields of the datetime are printed and " GMT" is put
# behind them. Its zone is never looked at, so 08:30 in Tokyo becomes 08:30 GMT, nine hours in the future.
#
# Why it matters: readers sort by it, and those that hide what is dated in the future hide the article. The error is a
# whole number of hours, so it looks like somebody else's zone problem, and it is absent wherever the tests run with
# UTC. Instead: hand it moment.astimezone(timezone.utc), always.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'PyRSS2Gen==1.1' 'feedparser==6.0.14'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from datetime import datetime, timedelta, timezone

import feedparser
from PyRSS2Gen import RSS2, RSSItem

moment = datetime(2026, 11, 30, 8, 30, tzinfo=timezone(timedelta(hours=9)))


def written(at):
    item = RSSItem(title="a", link="https://news.example/a", pubDate=at)
    feed = RSS2(title="t", link="https://news.example/", description="d", items=[item]).to_xml("utf-8")
    return feedparser.parse(feed).entries[0]


expect("as given", written(moment).published, "Mon, 30 Nov 2026 08:30:00 GMT")
expect("as UTC", written(moment.astimezone(timezone.utc)).published, "Sun, 29 Nov 2026 23:30:00 GMT")
read = datetime(*written(moment).published_parsed[:6], tzinfo=timezone.utc)
expect("off by", read - moment, timedelta(hours=9))
PY
