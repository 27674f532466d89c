#!/usr/bin/env bash
# Guess: a style-preserving TOML editor leaves the comment above [sources.b] with [sources.b].
#
# Seen (tomlkit 0.15.2): what stands between two tables belongs to the first. Taking [sources.a] out takes the comment
# above [sources.b] with it and leaves the one above [sources.a], which now describes b. A key that is added to
# [sources.a] is written below the comment of [sources.b], right above its header, without an empty line between.
#
# Why it matters: tools that keep a list of sites in TOML promise to keep the user's comments; after one removal the
# comments are beside the wrong sites. Instead: when a table is removed or grows, move its trailing comment lines by
# hand (its body ends with them), or edit by lines.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'tomlkit==0.15.2'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import tomlkit

TEXT = """\
# the daily
[sources.a]
url = "https://a.example/"

# the weekly; ask before changing
[sources.b]
url = "https://b.example/"
"""

document = tomlkit.parse(TEXT)
del document["sources"]["a"]
expect("a taken out", tomlkit.dumps(document), '# the daily\n[sources.b]\nurl = "https://b.example/"\n')
document = tomlkit.parse(TEXT)
document["sources"]["a"]["every_min"] = 5
lines = tomlkit.dumps(document).splitlines()
at = lines.index("every_min = 5")
expect("around the added key", lines[at - 1 : at + 2], ["# the weekly; ask before changing", "every_min = 5", "[sources.b]"])
PY
