"""Draws what cleaning does to the articles of the bundled site: each block a bar, kept or cut, and by whom."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from html import escape

from ingest.model import Block, CutBy
from ingest.store import open_store

ARTICLES = 4
BAR_W, GAP, TOP, LEGEND = 150, 22, 30, 34  # pixels
LINE_WORDS, LINE_H, LEAST_H = 9, 5, 6  # a bar is as high as its text would be
COLOURS = {"kept": "#5b8fc7", CutBy.LEARNED: "#d9822b", CutBy.MODEL: "#c2453d"}
NAMES = {
    "kept": "kept",
    CutBy.LEARNED: "cut: recurs over the site's articles",
    CutBy.MODEL: "cut: decided on its own page",
}


def crawled() -> list[tuple[str, tuple[Block, ...]]]:
    """Crawl the bundled site into a folder that is thrown away; return title and blocks of some articles."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "ingest", "--home", home, "demo", "--json"]
        subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own command
        with open_store(f"sqlite:///{home}/ingest.db") as store:
            stored = sorted(store.articles.each(), key=lambda one: one.article.url)
            return [(one.article.title or "", one.article.blocks) for one in stored[:ARTICLES]]


def cleaning() -> str:
    """Return the picture as SVG."""
    columns = crawled()
    bars, height = [], 0
    for at, (title, blocks) in enumerate(columns):
        x, y = GAP + at * (BAR_W + GAP), TOP
        bars.append(f'<text x="{x}" y="{TOP - 10}" font-size="11" fill="#7a8794">{escape(title[:24])}…</text>')
        for block in blocks:
            tall = max(LEAST_H, LINE_H * -(-len(block.text.split()) // LINE_WORDS))
            colour = COLOURS.get(block.cut.by if block.cut else "kept", COLOURS[CutBy.MODEL])
            bars.append(f'<rect x="{x}" y="{y}" width="{BAR_W}" height="{tall}" rx="2" fill="{colour}"/>')
            y += tall + 3
        height = max(height, y)
    legend = []
    for at, (who, name) in enumerate(NAMES.items()):
        x = GAP + at * 210
        legend.append(f'<rect x="{x}" y="{height + 12}" width="12" height="12" rx="2" fill="{COLOURS[who]}"/>')
        legend.append(f'<text x="{x + 18}" y="{height + 22}" font-size="11" fill="#7a8794">{name}</text>')
    width = GAP + len(columns) * (BAR_W + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + LEGEND}" width="{width}"'
        f' font-family="sans-serif">{"".join(bars + legend)}</svg>\n'
    )
