#!/usr/bin/env bash
# Guess: with parse_http=True, which is the default, FastWARC's record.reader gives the page, as warcio's
# content_stream() does.
#
# Seen (FastWARC 2.0.1): the headers are read, the body is not touched. A chunked response comes with its chunk sizes
# in between, a gzipped one packed. http_headers.asdict() joins repeated headers with commas, Set-Cookie too, and
# get() gives the first alone.
#
# Why it matters: HTML parsers read "5\r\n<p>x<\r\n3\r\n/p>" without complaint, so numbers stand in the text of the
# few pages that are stored as they were sent (Common Crawl unpacks, many other archives do not), and packed ones are
# empty articles. Instead: look at Transfer-Encoding and Content-Encoding of each record and undo them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'FastWARC==2.0.1' 'warcio==1.8.1'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import gzip
import io

from fastwarc.warc import ArchiveIterator as Fast, WarcRecordType
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

CHUNKED = b"5\r\n<p>x<\r\n3\r\n/p>\r\n0\r\n\r\n"
PACKED = gzip.compress(b"<p>x</p>", mtime=0)
file = io.BytesIO()
writer = WARCWriter(file, gzip=True)
for name, value, body in (("Transfer-Encoding", "chunked", CHUNKED), ("Content-Encoding", "gzip", PACKED)):
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), (name, value), ("Link", "<a>"), ("Link", "<b>")], protocol="HTTP/1.1")
    writer.write_record(writer.create_warc_record("https://news.example/", "response", payload=io.BytesIO(body), http_headers=head))
file.seek(0)
expect("warcio", [record.content_stream().read() for record in ArchiveIterator(file)], [b"<p>x</p>"] * 2)
file.seek(0)
bodies, links = [], []
for record in Fast(file, record_types=WarcRecordType.response):
    bodies.append(record.reader.read())
    links.append((record.http_headers.get("link"), record.http_headers.asdict()["Link"]))
expect("FastWARC, chunked", bodies[0], CHUNKED)
expect("FastWARC, packed, is as sent", bodies[1] == PACKED, True)
expect("repeated header by get and asdict", links[0], ("<a>", "<a>,<b>"))
PY
