#!/usr/bin/env bash
# Guess: csvjson turns a CSV of articles into JSON with numbers where there were numbers and text where there was
# text.
#
# Seen (csvkit 2.2.0 with agate 1.14.2): types are guessed for whole columns, booleans first, and "1" and "0" are
# booleans. A column "revision" in which every article is at its first revision is `true` throughout; the day one
# article is changed it is numbers (1.0, 2.0). A column of titles that are all names of months and days, or "Today",
# becomes dates of the year 1. A column of "12:30" becomes a duration of twelve minutes and a half. "na", "none" and
# "." are null, and stay null under --no-inference.
#
# Why it matters: the type of a column depends on the rows that happen to be in the export, so a pipeline that worked
# for weeks breaks, or compares true with 1. Instead: --no-inference together with --blanks for everything that goes
# on to a program.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'csvkit==2.2.0' 'agate==1.14.2'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import json
import subprocess
import sys
from pathlib import Path

tool = str(Path(sys.executable).with_name("csvjson"))


def through(rows, *options):
    table = "id,revision,title,at,author\n" + "".join(f"{row}\n" for row in rows)
    return json.loads(subprocess.run([tool, *options], input=table, capture_output=True, text=True, check=True).stdout)


first = through(["7,1,May,12:30,na", "8,1,Today,9:15,Ann Example"])
expect("revision", [row["revision"] for row in first], [True, True])
expect("title", [row["title"] for row in first], ["0001-05-01", "0001-01-01"])
expect("at", [row["at"] for row in first], ["0:12:30", "0:09:15"])
expect("author", first[0]["author"], None)
later = through(["7,1,May,12:30,na", "8,2,A flood,9:15,Ann Example"])
expect("revision, when one article was changed", [row["revision"] for row in later], [1.0, 2.0])
expect("title, when one is no date", later[0]["title"], "May")
known = {"id": "7", "revision": "1", "title": "May", "at": "12:30"}
expect("without guesses", through(["7,1,May,12:30,na"], "--no-inference")[0], known | {"author": None})
expect("and with blanks", through(["7,1,May,12:30,na"], "--no-inference", "--blanks")[0], known | {"author": "na"})
PY
