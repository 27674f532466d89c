"""`ingest fetch`: single pages."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.one_article import JSON, form_option
from ingest.cli.support.planning import json_option, plan_of, sources_if_any
from ingest.errors import Attention, NoDatabase, WrongUse
from ingest.model import OutcomeKind

if TYPE_CHECKING:
    from ingest.model import Outcome, Source
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
    from ingest.sources import ad_hoc
    from ingest.store import FORGOTTEN

    wanted = [*(url for url in urls if url != "-"), *_listed(file or ("-" if "-" in urls else None))]
    if not wanted:
        raise WrongUse("no address given; write ingest fetch URL, -i FILE or - for standard input")
    if form is not None and as_json:
        raise WrongUse("-f prints the articles, --json how each page ended; give one of them")
    pages = tuple(dict.fromkeys(ad_hoc([typed])[0].url for typed in wanted))
    taken_down = _taken_down(app, pages)
    left = tuple(url for url in pages if url not in taken_down)
    fetched = _fetched(app, left) if left else {}
    ended = [fetched.get(url) or _row(url, str(OutcomeKind.REFUSED), FORGOTTEN) for url in pages]
    if form is None:
        print_pages(ended, as_json=as_json)
    else:
        _print_articles(app, ended, form)
    if unreached(ended):
        raise click.exceptions.Exit(Attention.exit_code)


def _taken_down(app: App, pages: Sequence[str]) -> frozenset[str]:
    """Return the pages that are never fetched again; nothing is noted of them, not even a source."""
    try:
        with app.open_store() as store:
            return frozenset(url for url in pages if store.pages.forgotten([url]))
    except NoDatabase:
        return frozenset()


def _row(url: str, outcome: str, reason: str | None, article: int | None = None) -> dict[str, Any]:
    return {"url": url, "outcome": outcome, "reason": reason, "article": article}


def _fetched(app: App, pages: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Fetch pages, each as one of the declared source of its site where there is one; return how each ended."""
    from ingest.cli.support.crawl_process import crawl
    from ingest.cli.support.notify import run_hooks
    from ingest.cli.support.summary import LEFT
    from ingest.sources import ad_hoc, source_for
    from ingest.web.urls import origin

    declared = sources_if_any(app)
    chosen: dict[str, Source] = {}
    pairs = []
    for url in pages:
        (site,) = ad_hoc([url])
        source = source_for(url, declared) or chosen.get(site.name) or replace(site, url=f"{origin(url)}/")
        chosen[source.name] = source
        pairs.append((source.name, url))
    plan = plan_of(tuple(chosen.values()), urls=tuple(pairs), command="fetch", discover=False, by_hand=True)
    run = crawl(app, plan)
    rows = {}
    with app.open_store() as store:
        for url in pages:
            outcome = run.pages.get(url)
            if outcome is None:
                rows[url] = _row(url, LEFT, run.why)
            else:
                rows[url] = _row(url, str(outcome.kind), outcome.reason, _number(store, url, outcome))
    run_hooks(app, run)
    return rows


def _number(store: Store, url: str, outcome: Outcome) -> int | None:
    """Return the number of a page's article; those that were stored together got it after the page had ended."""
    if outcome.kind is not OutcomeKind.STORED or outcome.article_id is not None:
        return outcome.article_id
    known = store.pages.known(url)
    return known.article_id if known else None


def _print_articles(app: App, rows: Sequence[Mapping[str, Any]], form: str) -> None:
    """Print the article of each page that is one; one line on stderr for each that is none."""
    from ingest.cli.support.one_article import printable
    from ingest.cli.support.summary import advice

    printed = 0
    with app.open_store() as store:
        for row in rows:
            stored = None if row["article"] is None else store.articles.get(row["article"])
            if stored is None:
                reason = row["reason"] or ""
                click.echo(f"ingest: {row['url']}: {row['outcome']}: {reason}{advice(reason)}", err=True)
                continue
            if len(rows) > 1 and form != JSON:
                click.echo(f"{chr(10) if printed else ''}==> {row['url']} <==")
            click.echo(printable(stored.article, form, stored))
            printed += 1


def _listed(file: str | None) -> list[str]:
    if file is None:
        return []
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


COMMAND = fetch
