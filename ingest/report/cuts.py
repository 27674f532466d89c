"""One text with the blocks that were cut struck through."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ingest.model import Block
from ingest.report import page


def write(file: Path, title: str | None, blocks: Iterable[tuple[Block, str]]) -> None:
    """Write the page. `blocks` in reading order, each with the reason it was kept or cut for."""
    parts = []
    for block, reason in blocks:
        shown = page.text(block.text)
        marked = shown if block.cut is None else f"<del>{shown}</del>"
        parts.append(
            f'<article class="{"keep" if block.cut is None else "cut"}"><p>{marked}</p>'
            f"<p><small>{page.text(block.kind)} · {page.text(reason)}</small></p></article>"
        )
    page.write(file, title or "(no title)", "".join(parts))
