#!/usr/bin/env bash
# Guess: a theme that has the old microformats ("hentry", "entry-title", "published") gains by a plugin that adds the
# new root class "h-entry" beside the old one.
#
# Seen (mf2py 2.0.2, as the specification of microformats2 has it): the old names are read only where no new root is.
# With class="hentry h-entry" the entry has no title, no date, no author and no content; with class="hentry" it has
# all of them. The author appears as a child of the entry, related to it by nothing.
#
# Why it matters: classic WordPress themes have the old names and plugins add the new root, and a reader that prefers
# microformats to guessing gets an entry without anything. Instead: when an entry has no properties of its own, parse
# once more with the root's new class taken off.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'mf2py==2.0.2'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import mf2py

THEME = (
    '<article class="{} post"><h1 class="entry-title">A flood</h1>'
    '<time class="published" datetime="2026-11-30">today</time>'
    '<span class="author vcard"><a class="url fn n" href="https://news.example/ann">Ann Example</a></span>'
    '<div class="entry-content"><p>The river rose.</p></div></article>'
)


def entry(classes):
    return mf2py.parse(doc=THEME.format(classes))["items"][0]


expect("old class", sorted(entry("hentry")["properties"]), ["author", "content", "name", "published"])
expect("both classes", entry("hentry h-entry")["properties"], {})
expect("children of it", [child["type"] for child in entry("hentry h-entry")["children"]], [["h-card"]])
expect("with the new class off", entry("hentry")["properties"]["published"], ["2026-11-30"])
PY
