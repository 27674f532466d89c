"""`ingest search`: find articles by their words."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE, UNTIL
from ingest.store import CountBy, SearchFilter

if TYPE_CHECKING:
    from ingest.store import Hit

EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█")
NOTHING = "nothing found; try fewer words or wor*, or see what is stored: ingest status"
INDENT = 8  # columns: as far as the title behind its number


@click.command("search", epilog="Example: ingest search climate '\"city council\"' -- -sport --since 30d")
@click.argument("words", nargs=-1, required=True)
@click.option("--source", shell_complete=source_names, help="Only this source.")
@click.option("--since", type=SINCE, help="Published since: 7d, 12h, 2026-03-01.")
@click.option("--until", type=UNTIL, help="Published until; a day is included.")
@click.option("--language", help="Only this language: en, de ...")
@click.option("--author", help="A part of an author's name.")
@click.option("--newest", is_flag=True, help="The newest first; else the best.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Most articles shown.")
@click.option("--by", type=click.Choice(["day", "week", "source"]), help="Count the articles by this; list none.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@common_options
def search(
    app: App,
    words: tuple[str, ...],
    source: str | None,
    since: datetime | None,
    until: datetime | None,
    newest: bool,
    limit: int,
    by: str | None,
    as_json: bool,
    **whose: str | None,
) -> None:
    """Find articles by words of their title and text; what was cut is not searched.

    All words must be there, in any order. "Words in quotes" stand together in that order (quote the quotes for your
    shell), -word must not be there, wor* begins like that.
    """
    from ingest.cli.support.output import print_json

    among = SearchFilter(source=source, since=since, until=until, **whose)
    with app.open_store() as store:
        if by is not None:
            _print_counts(store.search.counts(" ".join(words), among, by=CountBy(by)), by, as_json=as_json)
            return
        hits = store.search.find(" ".join(words), among, most=limit, newest=newest)
    if as_json:
        print_json([record(hit) for hit in hits])
        return
    for hit in hits:
        _print(hit)
    if not hits:
        click.echo(NOTHING, err=True)
    elif len(hits) == limit:
        click.echo(f"the first {limit}; --limit shows more", err=True)


def _print_counts(counts: dict[str, int], by: str, *, as_json: bool) -> None:
    """Print a line for each day, week or source; in a terminal with a bar as long as the count."""
    from ingest.cli.support.output import print_json, print_rows

    if as_json:
        print_json([{by: name, "articles": count} for name, count in counts.items()])
    elif not counts:
        click.echo(NOTHING, err=True)
    elif not sys.stdout.isatty():
        print_rows(
            [{by: name, "articles": count} for name, count in counts.items()], (by, "articles"), numbers=["articles"]
        )
    else:
        _print_bars(counts)


def _print_bars(counts: dict[str, int]) -> None:
    from rich.cells import cell_len
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    highest = max(counts.values())
    name_width = min(max(map(cell_len, counts)), console.width // 3)
    bar_width = max(console.width - name_width - len(str(highest)) - 4, 1)
    for name, count in counts.items():
        label = Text(name)
        label.truncate(name_width, overflow="ellipsis", pad=True)
        console.print(
            Text.assemble(label, f"  {count:>{len(str(highest))}}  ", (bar(count, highest, bar_width), "blue"))
        )


def bar(count: int, highest: int, width: int) -> str:
    """Return a bar of block characters, in eighths of a column; `width` columns for the highest count."""
    eighths = round(count / highest * width * 8) if highest else 0
    return EIGHTHS[-1] * (eighths // 8) + EIGHTHS[eighths % 8] if eighths or not count else EIGHTHS[1]


def record(hit: Hit) -> dict[str, Any]:
    """Return a hit as JSON has it, named as the exported columns are."""
    return {
        "id": hit.article_id,
        "source": hit.source,
        "url": hit.url,
        "title": hit.title,
        "authors": list(hit.authors),
        "published": hit.published.iso() if hit.published else None,
        "language": hit.language,
        "first_seen": hit.first_seen_at.isoformat(),
        "score": hit.score,
        "snippet": hit.snippet,
    }


def _print(hit: Hit) -> None:
    """Print title, where it is from and the snippet; finds are bold in a terminal."""
    from ingest.cli.support.output import print_line
    from ingest.text.normalize import normalise

    published = hit.published.on.isoformat() if hit.published else "no date"
    title, source = normalise(hit.title or "(no title)"), f"{published} · {hit.source} · {hit.url}"
    parts = normalise(hit.snippet).split("**")
    if not sys.stdout.isatty():
        click.echo(f"{hit.article_id:>6}  {title}")
        print_line(f"        {source}")
        click.echo(f"        {''.join(parts)}\n")
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    snippet = Text.assemble(*((part, "bold yellow" if at % 2 else "") for at, part in enumerate(parts)))
    console.print(Text.assemble(f"{hit.article_id:>6}  ", (title, "bold")))
    for text in (Text(normalise(source), overflow="fold"), snippet):
        console.print(Padding(text, (0, 0, 0, INDENT)))
    console.print()


COMMAND = search
