"""Interoperation, run and not believed: our exports read by other tools, their files read by us.

    python -m benchmarks.interop [--only WORD] [--write]

Makes a temporary environment with the tools, crawls the bundled site, runs each pair in a process of its own and prints
one line a pair: tool with version, what was read, ok or what went wrong. `--write` puts the table into docs/interop.md.
Exit code 1 when a pair fails. Needs a package index; takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.demo import Demo

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "interop.md"
ARTICLES = 14  # of the bundled site
EXPORTS = ("jsonl", "csv", "parquet", "rss", "atom", "warc", "epub")


@dataclass(frozen=True, slots=True)
class Pair:
    """One tool and one file. `code` prints what it read; `expected` is a part of what must be printed."""

    tool: str  # package to install; its version is shown
    what: str
    code: str
    expected: str
    needs: tuple[str, ...] = ()  # further packages


READ_BY_OTHERS = (
    Pair(
        "pandas",
        "articles.parquet",
        """
        import pandas; t = pandas.read_parquet("articles.parquet"); print(len(t), str(t.dtypes["first_seen"])[:10])
    """,
        "14 datetime64",
        ("pyarrow",),
    ),
    Pair(
        "pandas",
        "articles.csv",
        """
        import pandas; t = pandas.read_csv("articles.csv"); print(len(t), t["title"].notna().all())
    """,
        "14 True",
    ),
    Pair(
        "pandas",
        "articles.jsonl",
        """
        import pandas; t = pandas.read_json("articles.jsonl", lines=True); print(len(t), type(t["authors"][0]).__name__)
    """,
        "14 list",
    ),
    Pair(
        "polars",
        "articles.parquet",
        """
        import polars; t = polars.read_parquet("articles.parquet"); print(t.height, t.schema["first_seen"])
    """,
        "14 Datetime",
    ),
    Pair(
        "polars",
        "articles.csv",
        """
        import polars; print(polars.read_csv("articles.csv", infer_schema_length=None).height)
    """,
        "14",
    ),
    Pair(
        "polars",
        "articles.jsonl",
        """
        import polars; print(polars.read_ndjson("articles.jsonl").height)
    """,
        "14",
    ),
    Pair(
        "duckdb",
        "articles.parquet",
        """
        import duckdb; query = "select count(*), min(words) > 30 from 'articles.parquet'"
        print(duckdb.connect().execute(query).fetchone())
    """,
        "(14, True)",
    ),
    Pair(
        "duckdb",
        "articles.jsonl",
        """
        import duckdb; print(duckdb.connect().execute("select count(*) from read_json('articles.jsonl')").fetchone()[0])
    """,
        "14",
    ),
    Pair(
        "duckdb",
        "articles.csv",
        """
        import duckdb; print(duckdb.connect().execute("select count(*) from read_csv('articles.csv')").fetchone()[0])
    """,
        "14",
    ),
    Pair(
        "pyarrow",
        "articles.csv",
        """
        from pyarrow import csv; o = csv.ParseOptions(newlines_in_values=True)
        print(csv.read_csv("articles.csv", parse_options=o).num_rows)
    """,
        "14",
    ),
    Pair(
        "csvkit",
        "articles.csv",
        """
        import subprocess, sys
        command = [sys.executable, "-m", "csvkit.utilities.csvstat", "--count", "articles.csv"]
        print(subprocess.check_output(command, text=True))
    """,
        "14",
    ),
    Pair(
        "sqlite-utils",
        "ingest.db",
        """
        import sqlite_utils; print(sqlite_utils.Database("ingest.db")["articles_clean"].count)
    """,
        "14",
    ),
    Pair(
        "feedparser",
        "articles.rss",
        """
        import feedparser; f = feedparser.parse("articles.rss")
        print(len(f.entries), f.bozo, bool(f.entries[0].content))
    """,
        "14 False True",
    ),
    Pair(
        "feedparser",
        "articles.atom",
        """
        import feedparser; f = feedparser.parse("articles.atom"); print(len(f.entries), f.bozo, f.version)
    """,
        "14 False atom10",
    ),
    Pair(
        "fastfeedparser",
        "articles.rss",
        """
        import fastfeedparser; print(len(fastfeedparser.parse(open("articles.rss", "rb").read()).entries))
    """,
        "14",
    ),
    Pair(
        "listparser",
        "sources.opml",
        """
        import listparser; r = listparser.parse(open("sources.opml").read()); print(len(r.feeds), bool(r.bozo))
    """,
        "1 False",
    ),
    Pair(
        "warcio",
        "articles.warc",
        """
        from warcio.archiveiterator import ArchiveIterator
        print(sum(r.rec_type == "response" for r in ArchiveIterator(open("articles.warc", "rb"))))
    """,
        "14",
    ),
    Pair(
        "fastwarc",
        "articles.warc",
        """
        from fastwarc.warc import ArchiveIterator, WarcRecordType
        print(sum(1 for _ in ArchiveIterator(open("articles.warc", "rb"), record_types=WarcRecordType.response)))
    """,
        "14",
    ),
    Pair(
        "cdxj-indexer",
        "articles.warc",
        """
        import subprocess, sys
        out = subprocess.check_output([sys.executable, "-m", "cdxj_indexer.main", "articles.warc"], text=True)
        print(sum('"status": "200"' in line for line in out.splitlines()))
    """,
        "14",
    ),
    Pair(
        "ebooklib",
        "articles.epub",
        """
        from ebooklib import epub; b = epub.read_epub("articles.epub")
        print(len(b.spine) >= 14, b.get_metadata("DC", "language")[0][0])
    """,
        "True en",
    ),
    Pair(
        "python-frontmatter",
        "articles/*.md",
        """
        import frontmatter, glob; p = [frontmatter.load(f) for f in glob.glob("articles/**/*.md", recursive=True)]
        print(len(p), all(x["title"] and x["url"] for x in p))
    """,
        "14 True",
    ),
    Pair(
        "obsidiantools",
        "articles/*.md",
        """
        from pathlib import Path; import obsidiantools.api as o
        print(len(o.Vault(Path("articles")).connect().md_file_index))
    """,
        "14",
    ),
    Pair(
        "datasette",
        "ingest.db",
        """
        import subprocess, sys
        command = [sys.executable, "-m", "datasette", "inspect", "ingest.db"]
        print(subprocess.check_output(command, text=True)[:400].count('"tables"'))
    """,
        "1",
        ("setuptools",),
    ),
    Pair(
        "pywb",
        "articles.warc",
        """
        import os, subprocess, sys
        programs = os.path.dirname(sys.executable)
        subprocess.check_call([programs + "/wb-manager", "init", "ours"])
        subprocess.check_call([programs + "/wb-manager", "add", "ours", "articles.warc"])
        print(sum(1 for line in open("collections/ours/indexes/index.cdxj")))
    """,
        "14",
    ),
)

READ_BY_US = (
    Pair(
        "warcio",
        "warcio's WARC",
        """
        from io import BytesIO
        from warcio.statusandheaders import StatusAndHeaders
        from warcio.warcwriter import WARCWriter
        with open("theirs.warc.gz", "wb") as out:
            writer = WARCWriter(out, gzip=True)
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
            url = "https://a.example/one"
            writer.write_record(writer.create_warc_record(url, "response", BytesIO(PAGE), http_headers=head))
    """,
        "theirs.warc.gz",
    ),
    Pair(
        "wacz",
        "py-wacz's WACZ",
        """
        import subprocess, sys
        exec(WARC)
        subprocess.check_call([sys.executable, "-m", "wacz.main", "create", "-o", "theirs.wacz", "theirs.warc.gz"])
    """,
        "theirs.wacz",
        ("setuptools<80", "warcio"),
    ),
    Pair(
        "pywb",
        "pywb's recording",
        """
        import glob, http.server, os, shutil, subprocess, sys, threading, time, urllib.request
        class Site(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(PAGE)
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        programs = os.path.dirname(sys.executable)
        subprocess.check_call([programs + "/wb-manager", "init", "grab"])
        proxy = http.server.HTTPServer(("127.0.0.1", 0), Site)
        port = str(proxy.server_port)
        proxy.server_close()
        server = subprocess.Popen([programs + "/wayback", "--record", "--live", "-b", "127.0.0.1", "-p", port])
        try:
            for _ in range(60):
                time.sleep(0.5)
                try:
                    page = f"http://127.0.0.1:{port}/grab/record/http://127.0.0.1:{site.server_port}/one"
                    urllib.request.urlopen(page).read()
                    break
                except OSError:
                    pass
            time.sleep(1)
        finally:
            server.terminate()
            server.wait()
        shutil.copy(glob.glob("collections/grab/archive/*.warc.gz")[0], "theirs.warc.gz")
    """,
        "theirs.warc.gz",
    ),
)
LINE = (
    b"The harbour office said on Monday that the ferry will sail again after nine weeks in the yard, and that nobody "
    b"on the island will miss the old engine, which needed a third more fuel than the new one does. "
)
PAGE = (
    b"<html lang=en><head><title>Ferry returns</title></head><body><article><h1>Ferry returns</h1>"
    + (b"<p>" + LINE + b"</p>") * 3
    + b"</article></body></html>"
)


@contextmanager
def environment(pairs: tuple[Pair, ...]) -> Iterator[Path]:
    """Yield the Python of a temporary environment with the tools."""
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder, "bin", "python")
        for package in dict.fromkeys(name for pair in pairs for name in (pair.tool, *pair.needs)):
            subprocess.run([python, "-m", "pip", "install", "-qq", package], check=False, capture_output=True)
        yield python


def ingest(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run our command in a home."""
    command = [sys.executable, "-m", "ingest", "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def crawled(home: Path) -> None:
    """Crawl the bundled site into the home and export it in every format."""
    with Demo().serve(port=None) as site:
        (home / "sources.toml").write_text(f'[sources.demo]\nurl = "{site.url}"\nfeeds = ["{site.url}/feed.xml"]\n')
    ingest(home, "demo")
    for form in EXPORTS:
        ingest(home, "export", "-o", str(home / f"articles.{form}"))
    ingest(home, "export", "-f", "md", "-o", str(home / "articles"))
    ingest(home, "sources", "export", "-o", str(home / "sources.opml"))


def version(python: Path, package: str) -> str:
    """Return the installed version, "" when there is none."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def read_by_them(python: Path, home: Path, pair: Pair) -> str:
    """Return "ok" or what was printed instead."""
    done = subprocess.run(
        [python, "-W", "ignore", "-c", textwrap.dedent(pair.code)],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return "ok" if pair.expected in done.stdout else (done.stdout + done.stderr).strip().splitlines()[-1][:120]


def read_by_us(python: Path, pair: Pair) -> str:
    """Have the tool write its file, import it, return "ok" when one article came of it."""
    with tempfile.TemporaryDirectory() as folder:
        warc = textwrap.dedent(READ_BY_US[0].code)
        code = f"PAGE = {PAGE!r}\nWARC = {warc!r}\n{textwrap.dedent(pair.code)}"
        made = subprocess.run(
            [python, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=120
        )
        if made.returncode:
            return made.stderr.strip().splitlines()[-1][:120]
        home = Path(folder, "home")
        done = ingest(home, "import", str(Path(folder, pair.expected)), "--url", "https://a.example/")
        rows = ingest(home, "export", "-f", "jsonl").stdout.splitlines()
        titles = [json.loads(row)["title"] for row in rows]
        return "ok" if titles == ["Ferry returns"] else (done.stderr or str(titles)).strip()[:120]


def main() -> int:
    """Run the pairs and print the table."""
    parser = argparse.ArgumentParser(description="Interoperation with other tools.")
    parser.add_argument("--only", default="", help="pairs whose tool or file holds this")
    parser.add_argument("--write", action="store_true", help="write docs/interop.md")
    given = parser.parse_args()
    theirs = tuple(pair for pair in READ_BY_OTHERS if given.only in f"{pair.tool} {pair.what}")
    ours = tuple(pair for pair in READ_BY_US if given.only in f"{pair.tool} {pair.what}")
    rows: list[tuple[str, str, str]] = []
    with environment((*theirs, *ours)) as python, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        crawled(home)
        rows += [
            (f"{pair.tool} {version(python, pair.tool)}", f"reads our {pair.what}", read_by_them(python, home, pair))
            for pair in theirs
        ]
        rows += [
            (f"{pair.tool} {version(python, pair.tool)}", f"we read {pair.what}", read_by_us(python, pair))
            for pair in ours
        ]
    lines = [
        "| tool | pair | result |",
        "|---|---|---|",
        *(f"| {tool} | {what} | {result} |" for tool, what, result in rows),
    ]
    print("\n".join(lines))
    if given.write:
        about = "Made by `python -m benchmarks.interop --write`: each pair was run with the version named."
        head = f"# Interoperation\n\n{about}\n\n"
        TABLE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return int(any(result != "ok" for _, _, result in rows))


if __name__ == "__main__":
    raise SystemExit(main())
