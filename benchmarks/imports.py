"""Does a large archive import with flat memory, and at what speed?

    python -m benchmarks.imports [--sizes 100 1000] [--articles 60]

The archive is made by repetition: some articles, each page with a long comment that does not pack, then the same
records again and again until the file is as large as asked. Megabytes are those of the packed file; memory is the peak
of the whole `ingest import` process.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

COMMENT_BYTES = 400_000
WORDS = [f"{a}{b}" for a in ("har", "mel", "tor", "win", "sal") for b in ("bour", "ody", "rent", "dow", "mon", "gate")]
HOSTS = 4


def page(number: int, chance: random.Random) -> bytes:
    """Make an article of ten paragraphs up."""
    title = f"Article {number} " + " ".join(chance.choices(WORDS, k=5))
    text = "".join(f"<p>{' '.join(chance.choices(WORDS, k=60)).capitalize()}.</p>" for _ in range(10))
    comment = base64.b64encode(chance.randbytes(COMMENT_BYTES)).decode()
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article>"
        f"<!-- {comment} --></body></html>"
    ).encode()


def write(file: Path, megabytes: int, articles: int) -> int:
    """Write the archive; return how many records it has."""
    chance = random.Random(1)
    packed: list[bytes] = []
    for number in range(articles):
        url = f"https://host{number % HOSTS}.example/2026/{number}-an-article"
        body, out = page(number, chance), BytesIO()
        writer = WARCWriter(out, gzip=True)
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(url, "response", payload=BytesIO(body), length=len(body), http_headers=head)
        )
        packed.append(out.getvalue())
    records = 0
    with file.open("wb") as out_file:
        while out_file.tell() < megabytes * 1_000_000:
            out_file.write(packed[records % articles])
            records += 1
    return records


def measure(folder: Path, megabytes: int, articles: int) -> None:
    """Import an archive of that size into a new home, and print what it took."""
    file = folder / f"{megabytes}.warc.gz"
    records = write(file, megabytes, articles)
    command = [
        sys.executable,
        "-m",
        "ingest",
        "--home",
        str(folder / f"home{megabytes}"),
        "import",
        str(file),
        "--json",
    ]
    began = time.perf_counter()
    with (folder / "out.json").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, cwd="/", env={"PATH": os.environ["PATH"]})
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    told = json.loads((folder / "out.json").read_text())
    stored = sum(row["stored"] for row in told["sources"])
    cpu = used.ru_utime + used.ru_stime
    print(
        f"{megabytes:>6} MB, {records:>7,} records: {stored} stored, exit {os.waitstatus_to_exitcode(status)}, "
        f"peak {used.ru_maxrss / 1024:.0f} MB, {cpu:.0f} s CPU, {seconds:.0f} s in all"
    )
    file.unlink()


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000], help="megabytes, packed")
    parser.add_argument("--articles", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            measure(Path(folder), size, asked.articles)


if __name__ == "__main__":
    main()
