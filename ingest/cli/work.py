"""`ingest work`: crawl queued sources, on any number of machines."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import Interrupted

if TYPE_CHECKING:
    from ingest.ops.fleet.worker import WorkerConfig


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
    """Crawl queued sources, many in one process, until stopped; any number of machines can do it side by side.

    Sources come from the database, settings from the environment of the worker.
    """
    from ingest.cli.support.batch import command
    from ingest.ops.fleet.worker import WorkerConfig
    from ingest.store.fleet.queue import url_for_queue

    config = app.config
    url_for_queue(config.url_of_database)  # no SQLite
    with app.open_store(create=True):  # an old schema is reported now, not by each crawl
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

    hangup = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    for signum in (signal.SIGINT, signal.SIGTERM, *hangup):
        asyncio.get_running_loop().add_signal_handler(signum, stop, signum)
    await work(how, stopping)
    return received


COMMAND = work
