"""What pages write into titles, bylines, addresses and headers is a command to no terminal, spreadsheet or reader."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from lxml import etree

from tests.command import Ended, RunIngest
from tests.fetch.server import Exchange, Server, serving

# escape sequences in 7 and 8 bits, a carriage return that hides what stands before it, marks that turn writing round,
# a new line that forges a log line, a NUL
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\r2026-01-01T00:00:00Z ERROR forged\u2028\x00\x08\x7f"
FORMULA = "=cmd|' /C calc'!A0"
MARKUP = "<img src=x onerror=alert(1)> | `code` [a](javascript:alert(1)) # head --- {{7*7}}"
# C0 but tab and line feed, C1 but next line, marks of direction, separators of lines
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
STYLES = re.compile("\x1b\\[[0-9;]*m")  # ours, in a terminal only
PARAGRAPH = "The town council met on Tuesday evening to talk about the bridge over the river, which has been closed. "
PATHS = ("/2026/03/02/%1B%5B2J-story-of-the-%E2%80%AE-bridge", "/2026/03/02/story%0D%0Aof-the-harbour?a=%9B31m")


def entity(text: str) -> str:
    """Write a text as numbered characters: what no filter of bytes sees."""
    return "".join(f"&#{ord(char)};" for char in text)


def article(exchange: Exchange) -> None:
    title = f"{FORMULA} {EVIL} {MARKUP}"
    shown = title.replace("&", "&amp;").replace("<", "&lt;")
    words = " ".join(exchange.asked.path) + PARAGRAPH
    body = (
        f"<!doctype html><html lang=en><head><title>{shown}</title><meta charset=utf-8>"
        f'<meta name=author content="{entity(FORMULA + EVIL)}"><meta property=og:title content="{entity(title)}">'
        f'<meta name=description content="{entity(EVIL + MARKUP)}">'
        f'<meta property=og:site_name content="{entity(EVIL)}">'
        f'<meta property=article:published_time content="2026-03-02T10:00:00Z{entity(EVIL)}">'
        f'<link rel=canonical href="{entity(EVIL)}"></head><body><article><h1>{entity(title)}</h1>'
        + f"<p>{entity(FORMULA + EVIL)} {words * 3} {shown}</p>" * 4
        + "</article></body></html>"
    )
    exchange.page(
        body.encode("utf-8", "replace"), "200 \x1b[2JOK", "Content-Type: text/html; charset=utf-8", "ETag: \x1b[2J"
    )


def site() -> Server:
    server = Server("127.3.9.1")
    items = "".join(f"<item><title>{entity(FORMULA)}</title><link>{path}</link></item>" for path in PATHS)
    items += f"<item><title><![CDATA[{FORMULA}\u202e]]></title><link>/2026/03/02/that-is-not-to-be-had</link></item>"
    server.pages = dict.fromkeys(PATHS, article)
    server.pages["/feed"] = f"<rss><channel><title>{entity('=1')}</title>{items}</channel></rss>"
    server.pages["/2026/03/02/that-is-not-to-be-had"] = lambda exchange: exchange.head(
        "302 Found", "Location: http://127.3.9.9:1/\x1b[2J\x9b31m" + quote("\u202e"), "Content-Length: 0"
    )
    server.robots = f"User-agent: *\nAllow: /\nSitemap: /{EVIL}\n"
    return server


def harmless(said: str) -> bool:
    return not FORBIDDEN.search(STYLES.sub("", said))


COMMANDS = (
    *(
        ("status",),
        ("health",),
        ("show", "1"),
        ("show", "1", "--cut"),
        ("show", "1", "--diff"),
        ("why", "1"),
        ("config",),
    ),
    *(
        ("search", "council"),
        ("search", "calc"),
        ("blocks", "list"),
        ("sources", "list"),
        ("sources", "list", "--explain"),
    ),
    *(
        ("rules", "suggest"),
        ("reextract", "--dry-run", "--diff"),
        ("db", "check"),
        ("sources", "export"),
    ),
    *(("status", "--json"), ("show", "1", "--json"), ("why", "1", "--json"), ("search", "council", "--json")),
    *(("export", "-f", "csv"), ("export", "-f", "jsonl"), ("export", "-f", "rss"), ("export", "-f", "atom")),
    *(("health", "--json"), ("blocks", "list", "--json"), ("sources", "list", "--json"), ("report", "--json")),
)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_pages_write_reaches_nobody_as_a_command(home: Path, run_ingest: RunIngest, tmp_path: Path) -> None:
    server = site()
    home.mkdir(exist_ok=True)
    with serving(server):
        (home / "sources.toml").write_text(
            f'[sources.evil]\nurl = "{server.url}/"\nfeeds = ["{server.url}/feed"]\n', "utf-8"
        )
        env = {"INGEST_ALLOW_NETWORKS": "127.3.0.0/16", "INGEST_RETRIES": "0"}
        run = run_ingest("run", "-vv", env=env)
        again = run_ingest("run", "evil", "-vv", "--log-format", "json", env=env)
    said: dict[str, Ended] = {"run": run, "run, json log": again}
    said |= {" ".join(arguments): run_ingest(*arguments) for arguments in COMMANDS}
    assert "stored" in run.stderr
    broken = {
        name: ended.stderr[-300:] for name, ended in said.items() if "Traceback" in ended.stderr or ended.code == 1
    }
    assert broken == {}
    assert [name for name, ended in said.items() if not harmless(ended.stdout) or not harmless(ended.stderr)] == []
    assert [line for line in run.stderr.splitlines() if line.startswith("2026-01-01T00:00:00Z ERROR")] == []
    rows = list(csv.reader(said["export -f csv"].stdout.splitlines()))
    assert len(rows) > 1
    assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    for name in ("export -f rss", "export -f atom"):
        feed = etree.fromstring(said[name].stdout.encode())
        assert [element.get("href") for element in feed.iter() if "javascript:" in (element.get("href") or "")] == []
    run_ingest("export", "-f", "md", "-o", str(tmp_path / "md"))
    files = [file.read_text("utf-8") for file in (tmp_path / "md").rglob("*.md")]
    assert files
    for text in files:
        assert harmless(text)
        assert isinstance(yaml.safe_load(text.split("---\n")[1]), dict)
        assert "\n<img" not in text
    run_ingest("report", "-o", str(tmp_path / "report.html"))
    report = (tmp_path / "report.html").read_text("utf-8")
    assert harmless(report)
    assert "<img src=x" not in report
