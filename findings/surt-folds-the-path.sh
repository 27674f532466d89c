#!/usr/bin/env bash
# Guess: a SURT, the sort key of web archives' indexes, turns the host around and keeps the path: paths have case,
# hosts have not.
#
# Seen (surt 0.3.1, which pywb and cdxj-indexer use): the whole address is lower-cased, path and query too. Short
# links and numbering systems in base 62 fall together: /s/aB3 and /s/Ab3 are one key. In the index that cdxj-indexer
# 1.5.0 writes both captures stand under that key, told apart only by the "url" in the JSON behind it.
#
# Why it matters: whoever takes the key of a CDX line as the identity of an article, or asks a CDX server for a short
# link and takes the nearest capture, gets another article. Instead: look captures up by key, then compare "url" with
# the address wanted, case and all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'surt==0.3.1' 'cdxj-indexer==1.5.0' 'warcio==1.8.1'
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
from pathlib import Path

import surt
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

expect("key of one", surt.surt("https://news.example/s/aB3"), "example,news)/s/ab3")
expect("key of the other", surt.surt("https://news.example/s/Ab3"), "example,news)/s/ab3")
expect("key by query", surt.surt("https://news.example/?ID=Xy"), "example,news)/?id=xy")

with open("two.warc.gz", "wb") as out:
    writer = WARCWriter(out, gzip=True)
    for url in ("https://news.example/s/aB3", "https://news.example/s/Ab3"):
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(url.encode()), http_headers=head))
tool = str(Path(sys.executable).with_name("cdxj-indexer"))
lines = subprocess.run([tool, "two.warc.gz"], capture_output=True, text=True, check=True).stdout.splitlines()
expect("keys in the index", [line.split()[0] for line in lines], ["example,news)/s/ab3"] * 2)
expect("addresses behind them differ", len({line.split('"url": ')[1].split(",")[0] for line in lines}), 2)
PY
