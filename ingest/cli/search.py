"""`ingest search`: find articles by their words."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE, UNTIL
from ingest.store import SearchFilter

if TYPE_CHECKING:
    from ingest.store import Hit

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
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@common_options
def search(
    app: App,
    words: tuple[str, ...],
    source: str | None,
    since: datetime | None,
    until: datetime | None,
    language: str | None,
    author: str | None,
    newest: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find articles by words of their title and text; what was cut is not searched.

    All words must be there, in any order. "Words in quotes" stand together in that order (quote the quotes for your
    shell), -word must not be there, wor* begins like that.
    """
    from ingest.cli.support.output import print_json

    with app.open_store() as store:
        hits = store.search.find(
            " ".join(words),
            SearchFilter(source=source, since=since, until=until, language=language, author=author),
            most=limit,
            newest=newest,
        )
    if as_json:
        print_json([record(hit) for hit in hits])
        return
    for hit in hits:
        _print(hit)
    if not hits:
        click.echo("nothing found", err=True)
    elif len(hits) == limit:
        click.echo(f"the first {limit}; --limit shows more", err=True)


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
