"""`ingest export`: articles out of the database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ingest.cli.app import App, common_options
from ingest.cli.durations import SINCE


@click.command("export", epilog="Example: ingest export -f jsonl --since 7d -o week.jsonl")
@click.option(
    "-f", "--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True, help="Format."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File; without it stdout.")
@click.option("--source", help="Only this source.")
@click.option("--since", type=SINCE, help="Only what was stored or revised since: 7d, 12h, 2026-03-01.")
@common_options
def export(app: App, form: str, output: Path | None, source: str | None, since: datetime | None) -> None:
    """Write articles, the latest revision of each, in the order they were stored."""
    from ingest.export import export as write

    store = app.open_store()
    try:
        if source is not None:
            store.sources.get(source)  # a wrong name is told, not an empty file written
        write(store.articles.each(since=since, source=source), form, None if output in (None, Path("-")) else output)
    finally:
        store.close()


COMMANDS = {"export": export}
