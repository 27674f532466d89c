#!/usr/bin/env bash
# Guess: normalising leaves the fragment alone or cuts it off; it names a place in the page.
#
# Seen (url-normalize 3.1.0): a fragment that begins with "!" moves into the query as _escaped_fragment_, the scheme
# for crawlers that search engines gave up in 2015: https://site/#!/news/42 is turned into
# https://site/?_escaped_fragment_=/news/42, which servers of today answer with their home page. Other fragments stay,
# with their slashes as %2F, so routes such as #/news name something else. Double slashes in paths are made one.
#
# Why it matters: all articles of a site with such routes become one page with different addresses, each "new".
# Instead: decide about fragments before, and hand over addresses without them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'url-normalize==3.1.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


from url_normalize import url_normalize

for given, made in (
    ("https://news.example/#!/news/42", "https://news.example/?_escaped_fragment_=/news/42"),
    ("https://news.example/app?x=1#!s", "https://news.example/app?x=1&_escaped_fragment_=s"),
    ("https://news.example/#/news/42", "https://news.example/#%2Fnews%2F42"),
    ("https://news.example/a//b", "https://news.example/a/b"),
    ("https://news.example/a#part", "https://news.example/a#part"),
):
    expect(given, url_normalize(given), made)
PY
