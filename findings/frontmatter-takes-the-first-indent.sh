#!/usr/bin/env bash
# Guess: python-frontmatter gives the text below the front matter as it stands, and the values as YAML has them.
#
# Seen (python-frontmatter 1.3.0 on PyYAML): the text is stripped on both sides, so a note that begins with a code
# block of four spaces loses the first line's indentation, and the line is prose. The values are YAML 1.1's: `at:
# 12:30` is 750 (minutes, base 60), `edition: 0o17` a string but `017` is 15. Writing the post back sorts the keys and
# writes the changed values.
#
# Why it matters: a folder of articles in Markdown that goes once through load and dump is changed: kick-off times are
# numbers, code is text. Instead: split at the second --- yourself, and quote everything in front matter that you
# write (JSON is YAML).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'python-frontmatter==1.3.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import frontmatter

NOTE = """\
---
title: "Kick-off"
at: 12:30
season: 017
---

    print("first line")
    print("second line")
"""
post = frontmatter.loads(NOTE)
expect("text", post.content, 'print("first line")\n    print("second line")')
expect("values", post.metadata, {"title": "Kick-off", "at": 750, "season": 15})
expect("written back", frontmatter.dumps(post).splitlines()[:5], ["---", "at: 750", "season: 15", "title: Kick-off", "---"])
expect("quoted", frontmatter.loads(NOTE.replace("12:30", '"12:30"'))["at"], "12:30")
PY
