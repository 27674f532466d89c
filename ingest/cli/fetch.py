"""`ingest fetch`: single pages."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.one_article import JSON, form_option
from ingest.cli.support.planning import json_option, plan_of, sources_if_any
from ingest.errors import Attention, WrongUse
from ingest.model import OutcomeKind

if TYPE_CHECKING:
    from ingest.crawl.run import Run
    from ingest.model import Source
    from ingest.store import Store


@click.command("fetch", epilog="Example: ingest fetch https://example.com/story   or   ingest fetch -i urls.txt")
@click.argument("urls", metavar="URL...|-", nargs=-1)
@click.option("-i", "--input", "file", type=click.Path(dir_okay=False), help="A file of addresses, one a line.")
@form_option
@json_option
@common_options
def fetch(app: App, urls: Sequence[str], file: str | None, form: str | None, as_json: bool) -> None:
    """Fetch single pages and store those that are articles; known ones are looked at again.

    With -f the articles themselves are printed, and pages that are none are named on stderr. `ingest clean URL` prints
    one without storing it.
    """
    from ingest.cli.support.summary import print_pages, unreached
    from ingest.sources import ad_hoc, source_for
    from ingest.web.urls import origin

    wanted = [*(url for url in urls if url != "-"), *_listed(file or ("-" if "-" in urls else None))]
    if not wanted:
        raise WrongUse("no address given; write ingest fetch URL, -i FILE or - for standard input")
    if form is not None and as_json:
        raise WrongUse("-f prints the articles, --json how each page ended; give one of them")
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
    with app.open_store() as store:
        numbers = {url: _number(store, done, url) for url in urls}
        if form is None:
            print_pages(done, urls, numbers, as_json=as_json)
        else:
            _print_articles(store, done, numbers, form)
    if unreached(done, urls):
        raise click.exceptions.Exit(Attention.exit_code)


def _number(store: Store, done: Run, url: str) -> int | None:
    """Return the number of the page's article; those that were stored together got it after the page had ended."""
    ended = done.pages.get(url)
    if ended is None or ended.article_id is not None or ended.kind is not OutcomeKind.STORED:
        return ended.article_id if ended else None
    known = store.pages.known(url)
    return known.article_id if known else None


def _print_articles(store: Store, done: Run, numbers: Mapping[str, int | None], form: str) -> None:
    """Print the article of each page that is one; one line on stderr for each that is none."""
    from ingest.cli.support.one_article import printable
    from ingest.cli.support.summary import advice

    for at, (url, number) in enumerate(numbers.items()):
        stored = None if number is None else store.articles.get(number)
        if stored is None:
            ended = done.pages.get(url)
            reason = (ended.reason if ended else done.why) or ""
            click.echo(f"ingest: {url}: {ended.kind if ended else 'left'}: {reason}{advice(reason)}", err=True)
            continue
        if len(numbers) > 1 and form != JSON:
            click.echo(f"{chr(10) if at else ''}==> {url} <==")
        click.echo(printable(stored.article, form, stored))


def _listed(file: str | None) -> list[str]:
    if file is None:
        return []
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


COMMAND = fetch
