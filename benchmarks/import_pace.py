"""What does `ingest import` cost beside a plain loop of warcio, trafilatura and SQLite over the same file?

    python -m benchmarks.import_pace [--step 4] [--rounds 3]

The corpus of ../shared/corpus/extraction is packed as one WARC file. The loop reads it with warcio, extracts with
trafilatura's `bare_extraction` with metadata and commits each article to SQLite; both run as processes of their own,
alternating. Ratios of CPU and of pace are medians; the machine's other work makes the clock unsure.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks.blockset import SETS, raw, truths


def pack(file: Path, step: int) -> int:
    """Write every `step`-th page of the corpus into a WARC file; return how many."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    count = 0
    with file.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        pages = [(name, truth) for name in SETS for truth in truths(name)][::step]
        for name, truth in pages:
            html = raw(name, truth)
            body = html.encode("utf-8", "replace") if isinstance(html, str) else html
            url = truth["url"] if truth["url"].startswith("http") else f"https://unknown.example/{truth['id']}"
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, "response", payload=BytesIO(body), length=len(body), http_headers=head)
            )
            count += 1
    return count


def plain_loop(file: Path, database: Path) -> int:
    """Import as somebody would who writes it in an hour; return how many articles."""
    from trafilatura import bare_extraction
    from warcio.archiveiterator import ArchiveIterator

    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE article (url TEXT PRIMARY KEY, title TEXT, date TEXT, author TEXT, text TEXT)")
    count = 0
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type != "response":
                continue
            url = record.rec_headers.get_header("WARC-Target-URI")
            found: Any = bare_extraction(record.content_stream().read(), url=url, with_metadata=True)
            if found is None or not found.text:
                continue
            values = (url, found.title, found.date, found.author, found.text)
            connection.execute("INSERT OR REPLACE INTO article VALUES (?, ?, ?, ?, ?)", values)
            connection.commit()
            count += 1
    return count


def run(command: list[str]) -> tuple[float, float, float, str]:
    """Return CPU seconds with those of children, seconds by the clock, peak megabytes and the output."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, _, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        out.seek(0)
        return used.ru_utime + used.ru_stime, seconds, used.ru_maxrss / 1024, out.read().decode()


def main() -> None:
    """Print a line for each side and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loop", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.loop:
        print(plain_loop(*asked.loop))
        return
    cpu, pace = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "corpus.warc.gz"
        pages = pack(file, asked.step)
        for at in range(asked.rounds):
            home = Path(folder) / f"home{at}"
            own = [sys.executable, "-m", "ingest", "--home", str(home), "import", str(file), "--json"]
            loop = [sys.executable, "-m", "benchmarks.import_pace", "--loop", str(file), f"{folder}/{at}.db"]
            own_cpu, own_s, own_mb, told = run(own)
            loop_cpu, loop_s, _, articles = run(loop)
            stored = sum(row["stored"] for row in json.loads(told)["sources"])
            cpu.append((own_cpu / max(stored, 1)) / (loop_cpu / max(int(articles), 1)))
            pace.append((stored / own_s) / (int(articles) / loop_s))
            print(
                f"{pages} pages: import {stored} articles, {own_cpu:.1f} s CPU, {own_s:.1f} s, {own_mb:.0f} MB; "
                f"loop {articles.strip()} articles, {loop_cpu:.1f} s CPU, {loop_s:.1f} s"
            )
    print(f"CPU an article {statistics.median(cpu):.2f}, pace {statistics.median(pace):.2f} of the loop's")


if __name__ == "__main__":
    main()
