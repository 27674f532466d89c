"""`ingest crawl`: sites without a sources file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.durations import SINCE, UNTIL
from ingest.cli.support.planning import json_option, max_articles_option, max_runtime_option, plan_of
from ingest.errors import Attention


@click.command("crawl", epilog="Example: ingest crawl https://example.com https://example.org/blog")
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option("--since", type=SINCE, help="Go back through archives and lists as far as this: 2024-01-01, 30d.")
@click.option("--until", type=UNTIL, help="Leave alone what was published later; the day is included.")
@max_articles_option
@max_runtime_option
@json_option
@common_options
def crawl(
    app: App,
    urls: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    max_articles: int | None,
    max_runtime: timedelta | None,
    as_json: bool,
) -> None:
    """Find, fetch, clean and store the articles of one or more sites, without a sources file.

    Typed again, it fetches only what is new. With --since and --until it goes back to what was published between them;
    typed again, it goes on where it stopped.
    """
    crawl_sites(app, urls, max_articles=max_articles, max_runtime=max_runtime, as_json=as_json, between=(since, until))


def crawl_sites(
    app: App,
    urls: Sequence[str],
    *,
    max_articles: int | None = None,
    max_runtime: timedelta | None = None,
    as_json: bool,
    names: Sequence[str] = (),
    between: tuple[datetime | None, datetime | None] = (None, None),
) -> None:
    """Crawl sites without a sources file, print the closing table; raises Exit(3) when one was not reached."""
    from ingest.cli.support.notify import run_hooks
    from ingest.cli.support.summary import print_failures, print_next_steps, print_run
    from ingest.sources import ad_hoc

    sources = ad_hoc(urls, names=names)
    from ingest.cli.support.crawl_process import crawl as start

    plan = plan_of(
        sources,
        command="crawl",
        by_hand=True,
        since=between[0],
        until=between[1],
        backfill=between != (None, None),
        max_articles=max_articles,
        max_runtime_s=max_runtime.total_seconds() if max_runtime else None,
    )
    done = start(app, plan)
    print_run(done, as_json=as_json)
    failed = done.failed_sources()
    print_failures(done, failed)
    if not as_json:
        print_next_steps(app, done)
    run_hooks(app, done)
    if failed:
        raise click.exceptions.Exit(Attention.exit_code)


COMMAND = crawl
