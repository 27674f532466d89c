#!/usr/bin/env bash
# Guess: decompressing a file that consists of many zstd frames gives all of them, as gzip.decompress does with many
# members.
#
# Seen (zstandard 0.25.0): ZstdDecompressor.decompress and decompressobj return the first frame and are content; the
# rest is in unused_data of the latter and nowhere for the former. zstandard.open and stream_reader over a file read
# on.
#
# Why it matters: .warc.zst has a frame for each record, so that one can be read alone. A tool that unpacks such a
# file in memory sees one record, the warcinfo, and finds an archive without pages. Instead: stream_reader with
# read_across_frames=True, or loop over decompressobj and its unused_data.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'zstandard==0.25.0'
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys


def expect(what, seen, known):
    print(f"{what}: {seen!r}")
    if seen != known:
        sys.exit(f"CHANGED, was {known!r}")


import io

import zstandard

packer = zstandard.ZstdCompressor()
records = [f"WARC/1.1 record {number}\n".encode() for number in range(3)]
archive = b"".join(packer.compress(record) for record in records)
unpacker = zstandard.ZstdDecompressor()
expect("decompress", unpacker.decompress(archive), records[0])
step = unpacker.decompressobj()
expect("decompressobj", step.decompress(archive), records[0])
expect("left over", len(step.unused_data) > 0, True)
try:
    refused = unpacker.decompress(archive, allow_extra_data=False)
except zstandard.ZstdError as error:
    refused = type(error).__name__
expect("told to refuse more than a frame", refused, "ZstdError")
with unpacker.stream_reader(io.BytesIO(archive), read_across_frames=True) as reader:
    expect("read across frames", reader.read(), b"".join(records))
PY
