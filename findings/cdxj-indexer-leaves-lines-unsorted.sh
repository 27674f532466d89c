#!/usr/bin/env bash
# Guess: cdxj-indexer writes an index; an index is sorted.
#
# Seen (cdxj-indexer 1.5.0): lines come in the order of the records. Only with -s are they sorted by key and time;
# several files given at once are one after the other. The result reads well and is a valid CDXJ file line by line.
#
# Why it matters: readers of CDX files look a key up by halving the file. In an unsorted one such a search misses
# captures that are there, a different set for each file, and most small tests (one site, crawled from its home page
# on) happen to be nearly sorted. Instead: -s, or sort with LC_ALL=C after joining.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'cdxj-indexer==1.5.0' 'warcio==1.8.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import io
import subprocess
import sys
from bisect import bisect_left
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

with open("a.warc.gz", "wb") as out:
    writer = WARCWriter(out, gzip=True)
    for host in ("w", "m", "c", "x", "a", "k", "b"):
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        record = writer.create_warc_record(f"https://{host}.example/", "response", payload=io.BytesIO(b"x"), http_headers=head)
        writer.write_record(record)
tool = str(Path(sys.executable).with_name("cdxj-indexer"))


def keys(*options):
    done = subprocess.run([tool, *options, "a.warc.gz"], capture_output=True, text=True, check=True)
    return [line.split()[0] for line in done.stdout.splitlines()]


def found(index):
    places = ((key, bisect_left(index, key)) for key in index)
    return sum(at < len(index) and index[at] == key for key, at in places)


plain = keys()
expect("as it comes", plain, [f"example,{host})/" for host in "wmcxakb"])
expect("captures that a search by halves finds of 7", found(plain) < 7, True)
expect("with -s", keys("-s"), sorted(plain))
expect("captures found then", found(keys("-s")), 7)
PY
