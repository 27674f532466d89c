"""`ingest fetch`: single pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.planning import json_option, plan_of, sources_if_any
from ingest.errors import Attention, WrongUse

if TYPE_CHECKING:
    from ingest.model import Source


@click.command("fetch", epilog="Example: ingest fetch https://example.com/story   or   ingest fetch -i urls.txt")
@click.argument("urls", metavar="URL...|-", nargs=-1)
@click.option("-i", "--input", "file", type=click.Path(dir_okay=False), help="A file of addresses, one a line.")
@json_option
@common_options
def fetch(app: App, urls: Sequence[str], file: str | None, as_json: bool) -> None:
    """Fetch single pages and store those that are articles; known ones are looked at again."""
    from ingest.cli.support.summary import print_pages, unreached
    from ingest.sources import ad_hoc, source_for
    from ingest.web.urls import origin

    wanted = [*(url for url in urls if url != "-"), *_listed(file or ("-" if "-" in urls else None))]
    if not wanted:
        raise WrongUse("no address given; write ingest fetch URL, -i FILE or - for standard input")
    declared = sources_if_any(app)
    chosen: dict[str, Source] = {}
    pairs: dict[tuple[str, str], None] = {}
    for typed in wanted:
        (site,) = ad_hoc([typed])
        source = source_for(site.url, declared) or chosen.get(site.name) or replace(site, url=f"{origin(site.url)}/")
        chosen[source.name] = source
        pairs[source.name, site.url] = None
    from ingest.cli.support.crawl_process import crawl as start

    done = start(app, plan_of(tuple(chosen.values()), urls=tuple(pairs), command="fetch", discover=False, by_hand=True))
    urls = [url for _, url in pairs]
    print_pages(done, urls, as_json=as_json)
    if unreached(done, urls):
        raise click.exceptions.Exit(Attention.exit_code)


def _listed(file: str | None) -> list[str]:
    if file is None:
        return []
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


COMMAND = fetch
