"""Markdown: a folder with one file per article, its columns as front matter, its text below.

The front matter is YAML whose values are JSON. A file is named SOURCE/ID-words-of-the-title.md; when the title of an
article changes, the file under the old name is deleted. Holds every column; the body with headings, lists and links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from ingest.errors import IngestError
from ingest.export.inline_markdown import escaped, inline
from ingest.export.rows import row
from ingest.export.whole_files import whole_file
from ingest.model import Article, Block, BlockKind
from ingest.store import StoredArticle
from ingest.text.normalize import words

NAME_CHARS = 60  # of the title, in bytes a third of what file systems take
_UNSAFE = re.compile(r"[^\w.-]+")


def write_folder(articles: Iterable[StoredArticle], folder: Path) -> int:
    """Write a file per article and return how many. Raises IngestError when one cannot be written."""
    count = 0
    there: dict[Path, dict[str, str]] = {}  # of each source's folder: article number -> its file
    for stored in articles:
        place = folder / (_UNSAFE.sub("_", stored.article.source).strip(".") or "_")
        if place not in there:
            _make(place)
            there[place] = {file.name.partition("-")[0]: file.name for file in place.glob("*-*.md")}
        name = name_of(stored)
        with whole_file(place / name) as out:
            out.stream.write(page(stored))
        old = there[place].get(str(stored.article_id), name)
        if old != name:
            (place / old).unlink(missing_ok=True)
        there[place][str(stored.article_id)] = name
        count += 1
    if not count:
        _make(folder)
    return count


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IngestError(f"{folder}: cannot be made: {error.strerror}") from error


def name_of(stored: StoredArticle) -> str:
    """Return the file name: the article's number and the first words of its title."""
    slug = "-".join(words(stored.article.title or ""))[:NAME_CHARS].strip("-")
    return f"{stored.article_id}-{slug or 'untitled'}.md"


def page(stored: StoredArticle) -> bytes:
    """Return one file."""
    facts = {name: value for name, value in row(stored).items() if name != "body"}
    front = b"".join(b"%s: %s\n" % (name.encode(), orjson.dumps(value)) for name, value in facts.items())
    return b"---\n" + front + b"---\n\n" + text(stored.article).encode() + b"\n"


def text(article: Article) -> str:
    """Return the kept blocks as Markdown, the title on top."""
    parts = [f"# {escaped(article.title)}"] if article.title else []
    before: BlockKind | None = None
    items: list[_Marker] = []  # the list items that the next one may stand in, the outermost first
    for block in article.kept:
        above = len(items)
        items = _with_item(items, block) if block.kind is BlockKind.ITEM else []
        joined = block.kind is before and block.kind in (BlockKind.ITEM, BlockKind.ROW)
        lines = "\n".join(_lines(block, items, article.url, first=block.kind is not before))
        if joined:
            starts_late = len(items) > above and items[-1].number not in (None, 1)
            parts[-1] += f"\n\n{lines}" if starts_late else f"\n{lines}"  # else its number were text of the item above
        elif block.kind is before is BlockKind.QUOTE:
            parts[-1] += f"\n>\n{lines}"
        else:
            parts.append(lines)
        before = block.kind
    parts += _pictures(article)
    return "\n\n".join(parts)


class _Marker(NamedTuple):
    """What stands before a list item: "- ", "3. " or "3) ", and the item's number."""

    sign: str
    number: int | None


def _with_item(above: list[_Marker], block: Block) -> list[_Marker]:
    """Return the markers of an item and of those that it stands in.

    A number that does not follow the one before it takes the other of Markdown's two signs behind it: that begins a
    new list, whose first number counts, where the same sign would go on counting.
    """
    depth = min(max(1, block.level), len(above) + 1)
    number = block.number
    if number is None or number < 0:  # Markdown has no negative numbers
        return [*above[: depth - 1], _Marker("- ", None)]
    sign = "."
    if len(above) >= depth and (before := above[depth - 1]).number is not None:
        sign = before.sign[-2]
        if number != before.number + 1:
            sign = ")" if sign == "." else "."
    return [*above[: depth - 1], _Marker(f"{number}{sign} ", number)]


def _pictures(article: Article) -> Iterator[str]:
    """Yield the pictures below the text, by address, with caption and credit."""
    for image in article.images:
        said = " · ".join(part for part in (image.caption, image.credit and f"© {image.credit}") if part)
        address = image.url.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C")
        yield f"![{escaped(image.alt or image.caption or '')}]({address})" + (f"\n*{escaped(said)}*" if said else "")


def _lines(block: Block, items: Sequence[_Marker], base: str, *, first: bool) -> Iterator[str]:
    if block.kind is BlockKind.CODE:
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
        yield from (fence, block.text, fence)
        return
    if block.kind is BlockKind.ROW:
        cells = block.text.split(" | ")
        yield "| " + " | ".join(map(escaped, cells)) + " |"
        if first:
            yield "|" + " --- |" * len(cells)
        return
    inner = inline(block, base)
    if block.kind is BlockKind.HEADING:
        yield f"{'#' * min(6, max(2, block.level or 2))} {inner}"
    elif block.kind is BlockKind.ITEM:
        yield f"{' ' * sum(len(item.sign) for item in items[:-1])}{items[-1].sign}{inner}"
    elif block.kind is BlockKind.QUOTE:
        yield f"> {inner}"
    else:
        yield inner
