"""`ingest work` and `ingest enqueue`: several machines on one PostgreSQL."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import Interrupted, SourceError

if TYPE_CHECKING:
    from ingest.model import Source
    from ingest.ops.fleet.worker import WorkerConfig
    from ingest.sources import SourcesFile

# what a sources file says for all its sources and a source can say for itself: it goes to the workers with the source
GOES_WITH = {
    "delay_s": "delay_s",
    "every_min": "every_min",
    "max_articles": "max_articles",
    "max_requests": "max_requests",
    "max_source_s": "max_runtime_s",
}


@click.command("work", epilog="Example: ingest work --concurrency 2   (until it gets SIGTERM; needs PostgreSQL)")
@click.option("--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, help="Crawls side by side.")
@click.option("--bundle", type=click.IntRange(1, 500), default=50, show_default=True, help="Most sources in one crawl.")
@click.option(
    "--heartbeat",
    type=click.FloatRange(0.2, 300),
    default=10.0,
    show_default=True,
    help="Seconds between signs of life; a worker silent for two is taken for dead. The same for all workers.",
)
@click.option("--no-enqueue", is_flag=True, help="Leave it to `ingest enqueue` to queue what is due.")
@click.option("--until-empty", is_flag=True, help="End when nothing waits any more.")
@common_options
def work(app: App, concurrency: int, bundle: int, heartbeat: float, no_enqueue: bool, until_empty: bool) -> None:
    """Crawl queued sources, many in one process, until told to stop; any number of machines can do it side by side.

    Sources come from the database, settings from the environment of the worker.
    """
    from ingest.cli.support.batch import command
    from ingest.ops.fleet.worker import WorkerConfig
    from ingest.store.fleet.queue import url_for_queue

    config = app.config
    url_for_queue(config.url_of_database)  # no SQLite
    with app.open_store(create=True):  # of this version, or it is told now and not by each crawl
        pass
    how = WorkerConfig(
        database_url=config.url_of_database,
        home=str(config.home),
        command=command(app),
        concurrency=concurrency,
        bundle=bundle,
        heartbeat_s=heartbeat,
        every_min=config.every_min,
        enqueues=not no_enqueue,
        until_empty=until_empty,
    )
    if app.verbose or sys.stderr.isatty():
        click.echo(f"ingest: {concurrency} crawls side by side, waiting for queued sources; Ctrl-C ends it", err=True)
    received = asyncio.run(_work(how))
    if received:
        name = signal.Signals(received[0]).name
        raise Interrupted(received[0], f"ended by {name}: what was finished is stored, the rest is queued again")


async def _work(how: WorkerConfig) -> list[int]:
    from ingest.ops.fleet.worker import work

    stopping = asyncio.Event()
    received: list[int] = []

    def stop(signum: int) -> None:
        received.append(signum)
        stopping.set()

    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop, signum)
    await work(how, stopping)
    return received


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


COMMANDS = {"work": work, "enqueue": enqueue}
