"""`ingest enqueue`: put due sources in the queue of several machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import SourceError

if TYPE_CHECKING:
    from ingest.model import Source
    from ingest.sources import SourcesFile

# what a sources file says for all its sources and a source can say for itself: it goes to the workers with the source
GOES_WITH = {
    "delay_s": "delay_s",
    "every_min": "every_min",
    "max_articles": "max_articles",
    "max_requests": "max_requests",
    "max_source_s": "max_runtime_s",
}


@click.command("enqueue", epilog="Example: ingest enqueue   (queues what is due)   or   ingest enqueue example")
@click.argument("names", metavar="[SOURCE]...", nargs=-1, shell_complete=source_names)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@common_options
def enqueue(app: App, names: Sequence[str], as_json: bool) -> None:
    """Queue the sources that are due for the workers, or those named, which go first and at once.

    Takes over sources.toml, where the home has one. Each source waits in the queue once.
    """
    from ingest.cli.support.output import print_json
    from ingest.clock import clock
    from ingest.ops.fleet.due_queue import enqueue as queue
    from ingest.sources import load_if_any
    from ingest.store.fleet.queue import url_for_queue

    file = load_if_any(app.config.home)
    url_for_queue(app.config.url_of_database)  # no SQLite
    now = clock(app.config)()
    with app.open_store(create=True) as store:
        if file.sources:
            store.sources.sync(_with_file_wide(file), now, whole_file=True)
        for name in names:
            state = store.sources.get(name)
            if state is None or state.retired_at is not None:
                raise SourceError(f'no source "{name}" in the database or retired; `ingest status` lists them')
    asked = queue(app.config.url_of_database, now, tuple(dict.fromkeys(names)))
    for name in sorted(set(file.settings) - set(GOES_WITH)):
        hint = f"set INGEST_{name.upper()} for the workers"
        click.echo(f"ingest: {name} in sources.toml holds on this machine only; {hint}", err=True)
    if as_json:
        print_json({"queued": asked.queued, "waiting": asked.waiting})
    elif app.verbose or names:
        click.echo(f"ingest: {asked.queued} queued" + (f", {asked.waiting} waited already" if asked.waiting else ""))


def _with_file_wide(file: SourcesFile) -> tuple[Source, ...]:
    """Return the sources with what the file says for all of them, so that workers without the file know it."""
    wide = {field: file.settings[name] for name, field in GOES_WITH.items() if name in file.settings}
    return tuple(
        replace(source, **{field: value for field, value in wide.items() if getattr(source, field) is None})
        for source in file.sources
    )


COMMAND = enqueue
