"""Each learned block with the pages it was seen on, for a person to look through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from ingest.boilerplate.block_index import place
from ingest.model import KnownBlock
from ingest.report import page

PLACE_STEPS = 3  # the end of a block's path is enough to recognise it; the whole fills a screen


def write(file: Path, held: Iterable[tuple[str, KnownBlock, str, Sequence[str]]]) -> None:
    """Write the page. `held`: source, block, why it is held, addresses of example articles; sorted by source."""
    parts = []
    for source, rows in groupby(held, key=lambda row: row[0]):
        parts.append(f"<h2>{page.text(source)}</h2>")
        parts.extend(_block(block, why, examples) for _, block, why, examples in rows)
    page.write(file, "Learned blocks", "".join(parts) or "<p>Nothing is learned yet.</p>")


def _block(block: KnownBlock, why: str, examples: Sequence[str]) -> str:
    links = " ".join(
        f'<a href="{page.text(url)}" rel="noreferrer">{number}</a>'
        for number, url in enumerate(examples, start=1)
        if url.startswith(("http://", "https://"))
    )
    where = "/".join(block.path.split("/")[-PLACE_STEPS:])
    verdict = block.verdict or "counted"
    what = "headings" if verdict == "own" else "anything"
    anything = f"<em>{what} in {page.text(box)}, such as:</em> " if (box := place(block)) else ""
    return (
        f'<article class="{"keep" if verdict in ("keep", "own") else "cut"}"><p>{anything}{page.text(block.text)}</p>'
        f"<p><small>{block.id} · {page.text(verdict)} · {page.text(why)}, "
        f"{block.first_on} to {block.last_on} · {page.text(where)} · seen on {links}</small></p></article>"
    )
