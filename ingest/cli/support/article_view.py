"""An article in a terminal, as a reader would set it: title, byline, paragraphs, headings, lists, quotes, links.

What comes from outside is made harmless first; links are numbered and listed at the end.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.cli.support.output import cut_reason
from ingest.model import Article, Block, BlockKind
from ingest.text.normalize import normalise, normalise_lines

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDTH = 84  # columns at most: longer lines are hard to follow
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((https?://[^\s()]+)\)")
_SIGN = re.compile(r"(\*\*|~~|[*`])")


def show(article: Article, *, cut: bool, note: str = "") -> None:
    """Print to a terminal, by its pager when it is longer than the screen.

    `cut`: the cut blocks too, with why; `note`: a line below the address.
    """
    from rich.console import Console

    screen = Console()
    console = Console(width=min(WIDTH, screen.width), highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        _print(console, article, cut=cut, note=note)
    text = captured.get()
    if text.count("\n") >= screen.height:
        import click

        click.echo_via_pager(text, color=not console.no_color)
    else:
        sys.stdout.write(text)


def _print(console: Console, article: Article, *, cut: bool, note: str) -> None:
    from rich.text import Text

    facts = (
        ", ".join(article.authors),
        article.published.iso().replace("T", " ") if article.published else "",
        article.site_name or article.source,
    )
    console.print(Text(normalise(article.title or "(no title)"), style="bold"))
    console.print(Text(normalise(" · ".join(fact for fact in facts if fact)), style="dim"))
    console.print(Text(normalise(article.url), style="dim", overflow="fold"))
    if note:
        console.print(Text(note, style="dim"))
    urls: list[str] = []
    before: BlockKind | None = None
    for block in article.blocks:
        if block.cut is not None and not cut:
            continue
        if not (block.kind is before and block.kind in (BlockKind.ITEM, BlockKind.ROW)):
            console.print()
        console.print(_set(block, urls))
        before = block.kind
    if urls:
        console.print()
        for number, url in enumerate(urls, start=1):
            console.print(Text(f"[{number}] {url}", style="dim", overflow="fold"))


def _set(block: Block, urls: list[str]) -> RenderableType:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if block.cut is not None:
        struck = Text(_plain(block), style="dim strike")
        return Padding(
            struck.append(f" [cut, {cut_reason(block.cut.by, normalise(block.cut.reason))}]", style="not strike red"),
            (0, 0, 0, 2),
        )
    if block.kind is BlockKind.CODE:
        return Padding(Text(normalise_lines(block.text), overflow="fold"), (0, 0, 0, 4))
    text = linked(block, urls)
    if block.kind is BlockKind.HEADING:
        return Text(text, style="bold")
    if block.kind is BlockKind.CAPTION:
        return Text(text, style="italic")
    if block.kind in (BlockKind.ITEM, BlockKind.QUOTE):
        grid = Table.grid(padding=(0, 1, 0, 0))
        sign = "•" if block.kind is BlockKind.ITEM else "│"
        grid.add_column(width=2 * max(1, block.level) if block.kind is BlockKind.ITEM else 1, justify="right")
        grid.add_column()
        grid.add_row(sign, Text(text, style="" if block.kind is BlockKind.ITEM else "italic"))
        return grid
    return Text(text)


def linked(block: Block, urls: list[str]) -> str:
    """Return a block's text with [1] after what was a link, its address added to `urls`.

    Where text and Markdown cannot be separated for sure, the plain text is shown.
    """
    plain = _plain(block)
    if block.markdown is None:
        return plain
    found = _LINK.findall(block.markdown)
    bare = _SIGN.sub("", _LINK.sub(r"\1", block.markdown))
    if not found or normalise(bare) != plain:
        return plain
    numbers = iter(_numbered([normalise(url) for _, url in found], urls))
    marked = _LINK.sub(lambda link: f"{link[1]} [{next(numbers)}]", block.markdown)
    return normalise(_SIGN.sub("", marked))


def _numbered(found: Sequence[str], urls: list[str]) -> Iterator[int]:
    for url in found:
        if url not in urls:
            urls.append(url)
        yield urls.index(url) + 1


def _plain(block: Block) -> str:
    return normalise(block.text)
