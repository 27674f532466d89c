"""`ingest changes`: what became of articles after they were first stored."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE

if TYPE_CHECKING:
    from rich.console import Console

    from ingest.ops.article_changes import DescribedChange
    from ingest.text.word_diff import Paragraph

DEFAULT_DAYS = 7
STYLES = {"same": "", "removed": "red strike", "added": "green"}
MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}  # as in git's word diff


@click.command("changes", epilog="Example: ingest changes --since 7d --source example")
@click.option("--since", type=SINCE, help="Changes since then: 24h, 7d (the default), 2026-03-01.")
@click.option("--source", shell_complete=source_names, help="Only this source.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@common_options
def changes(app: App, since: datetime | None, source: str | None, as_json: bool) -> None:
    """List revised, corrected and removed articles, the earliest first, with the words that changed.

    In a terminal removed words are red and struck, added ones green; without colours
    and into a pipe they stand in [-...-] and {+...+}.
    """
    from ingest.cli.support.output import print_json
    from ingest.clock import clock
    from ingest.ops.article_changes import described

    with app.open_store() as store:
        found = described(
            store.changes.since(since or clock(app.config)() - timedelta(days=DEFAULT_DAYS), source=source)
        )
        if as_json:
            print_json([one.form() for one in found])
            return
        is_empty = True
        for one in found:
            is_empty = False
            _print(one)
    if is_empty:
        click.echo("nothing has changed", err=True)


def _print(one: DescribedChange) -> None:
    from ingest.cli.support.output import print_line
    from ingest.text.word_diff import shortened

    form = one.form()
    head = f"{form['id']:>6}  {one.change.at:%Y-%m-%d %H:%M}  {form['kind']}  {form['title'] or '(no title)'}"
    paragraphs = [shortened(paragraph) for paragraph in ((one.title,) if one.title else ()) + one.body]
    note = "the text before it was pruned" if one.is_pruned else ""
    if not sys.stdout.isatty():
        print_line(head)
        print_line(f"        {form['source']} · {form['url']}")
        for paragraph in paragraphs:
            print_line("        " + " ".join(_marked(paragraph).split()))
        if note:
            print_line(f"        {note}")
        click.echo()
        return
    from rich.console import Console

    _print_styled(Console(highlight=False), head, f"{form['source']} · {form['url']}", paragraphs, note)


def _marked(paragraph: Paragraph) -> str:
    return "".join(f"{MARKS[part.kind][0]}{part.text}{MARKS[part.kind][1]}" for part in paragraph)


def _print_styled(console: Console, head: str, place: str, paragraphs: list[Paragraph], note: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from ingest.text.normalize import normalise

    console.print(Text(normalise(head), style="bold"))
    lines = [Text(normalise(place), style="dim", overflow="fold")]
    if console.no_color:
        lines += [Text(_marked(paragraph)) for paragraph in paragraphs]
    else:
        lines += [Text.assemble(*((part.text, STYLES[part.kind]) for part in paragraph)) for paragraph in paragraphs]
    for line in (*lines, *([Text(note, style="dim")] if note else [])):
        console.print(Padding(line, (0, 0, 0, 8)))
    console.print()


COMMAND = changes
