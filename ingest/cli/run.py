"""`ingest run`: the sources of sources.toml that are due."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE, UNTIL
from ingest.cli.support.planning import json_option, max_articles_option, max_runtime_option, plan_of, sources_file
from ingest.cli.support.shards import SHARD, Shard
from ingest.config import SOURCES_FILE
from ingest.errors import Attention, WrongUse

if TYPE_CHECKING:
    from ingest.crawl.plan import Plan
    from ingest.model import Source
    from ingest.sources import SourcesFile

LEAST_OF_NEW = 10  # articles that a source met for the first time has at the least, as a rule


@click.command("run", epilog="Example: ingest run --max-runtime 25m   (silent on success, made for cron)")
@click.argument("names", metavar="[SOURCE]...", nargs=-1, shell_complete=source_names)
@click.option("--since", type=SINCE, help="Leave articles alone that are known to be older: 7d, 2026-03-01.")
@click.option(
    "--until", type=UNTIL, help="With --since: go back through archives and lists of that time. The day is included."
)
@max_articles_option
@max_runtime_option
@click.option("--dry-run", is_flag=True, help="Read the seeds and list what is new; fetch and store no article.")
@click.option("--strict", is_flag=True, help="Exit code 3 for every failure, not only for new ones.")
@click.option(
    "--shard", type=SHARD, help="Only the sites of one of several shards, 2/5; each can run on its own machine."
)
@json_option
@common_options
def run(
    app: App,
    names: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    max_articles: int | None,
    max_runtime: timedelta | None,
    dry_run: bool,
    strict: bool,
    shard: Shard | None,
    as_json: bool,
) -> None:
    """Crawl the sources of sources.toml that are due, or those named; only what is new is fetched."""
    from ingest.ops.heartbeat import beating

    with beating(app.config.ping_url, proxy=app.config.proxy) as beat:
        chosen, unmet = _chosen(app, names, shard)
        if not chosen:
            if app.verbose:
                click.echo("ingest: nothing is due", err=True)
            return
        plan = plan_of(
            chosen,
            command="run" if not names else "run some",
            whole_file=not names and shard is None,
            by_hand=bool(names),
            shard=None if shard is None else str(shard),
            since=since,
            until=until,
            backfill=until is not None,
            dry_run=dry_run,
            max_articles=max_articles,
            max_runtime_s=max_runtime.total_seconds() if max_runtime else None,
        )
        with _workers(app, 0 if dry_run else unmet):
            beat.code = _carry_out(app, plan, strict=strict, as_json=as_json)
    if beat.code:
        raise click.exceptions.Exit(beat.code)


def _workers(app: App, unmet: int) -> AbstractContextManager[None]:
    """Have workers load what they need while Scrapy is loaded, where so many sources are new that pages will abound."""
    from ingest import workers

    if unmet * LEAST_OF_NEW < workers.MANY or app.config.workers == 0:
        return nullcontext()
    from ingest.steps import WARM, WORK

    return workers.begun(WORK, WARM)


def _carry_out(app: App, plan: Plan, *, strict: bool, as_json: bool) -> int:
    """Crawl and return the exit code: 3 for new problems, or with `strict` for all."""
    from ingest.cli.support.crawl_process import crawl
    from ingest.cli.support.notify import print_findings, run_hooks, send_alerts
    from ingest.cli.support.summary import print_run

    done = crawl(app, plan)
    if as_json or plan.dry_run or sys.stdout.isatty():
        print_run(done, as_json=as_json)
    elif app.verbose:
        click.echo(done.sentence(), err=True)
    reported = print_findings(app, done, strict=strict)
    if not plan.dry_run:
        send_alerts(app, done)
        run_hooks(app, done)
    return Attention.exit_code if reported else 0


def _chosen(app: App, names: Sequence[str], shard: Shard | None) -> tuple[tuple[Source, ...], int]:
    """Return the sources that the crawl is about, and how many of them are new; () when none is due."""
    if not (names or shard) and _nothing_due(app):
        return (), 0
    file = sources_file(app)
    if not file.sources:
        raise WrongUse(f"{app.config.home / SOURCES_FILE}: no source in it yet; add one with: ingest add URL")
    chosen = tuple(file.named(name) for name in names) if names else file.sources
    if shard is not None:
        chosen = _of_shard(app, file, chosen, shard, whole_file=not names)
    if names:
        return chosen, 0
    due, new = _due(app, chosen)
    return (chosen if due else ()), new


def _of_shard(
    app: App, file: SourcesFile, chosen: Iterable[Source], shard: Shard, *, whole_file: bool
) -> tuple[Source, ...]:
    """Return the sources of a shard; all of the file are taken over, so that what left it is retired."""
    from ingest.clock import clock

    if whole_file:
        app.config.make_home()
        with app.open_store(create=True) as store:
            store.sources.sync(file.sources, clock(app.config)(), whole_file=True)
    return tuple(source for source in chosen if shard.holds(source.url))


def _nothing_due(app: App) -> bool:
    """Check, without reading sources.toml, that no source is due: for a home with thousands of them.

    The last run of all sources has taken over the files as they are, and none of these is due; else False.
    """
    import platform

    from ingest import sources
    from ingest.clock import SURELY_WRONG, clock
    from ingest.errors import IngestError

    changed_at = sources.changed_at(app.config.home)
    if changed_at is None:
        return False
    try:
        with app.open_store() as store:
            last, due_entries = store.runs.last_whole(), store.summaries.due_entries()
    except IngestError:  # the ordinary way reports it
        return False
    if last is None or last.machine != platform.node() or last.finished_at is None or last.begun_at <= changed_at:
        return False
    now = clock(app.config)()
    due = (one for one in due_entries.values() if one.regular)
    return not any(one.next_due_at <= now or one.next_due_at > now + SURELY_WRONG for one in due)


def _due(app: App, chosen: Sequence[Source]) -> tuple[bool, int]:
    """Return whether there is anything to crawl now, and how many sources are new; needs no Scrapy."""
    from ingest.clock import clock
    from ingest.crawl.plan import furthest_due

    app.config.make_home()
    with app.open_store(create=True) as store:
        due_entries = store.summaries.due_entries()
    now = clock(app.config)()
    new = sum(source.name not in due_entries for source in chosen)
    every_min = max([app.config.every_min, *(source.every_min or 0 for source in chosen)])
    furthest = furthest_due(now, timedelta(minutes=every_min))
    due = (due_entries[source.name].next_due_at for source in chosen if source.name in due_entries)
    return new > 0 or any(due_at <= now or due_at > furthest for due_at in due), new


COMMAND = run
