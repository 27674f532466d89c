"""`ingest add`: look at a site and write it to sources.toml."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.planning import json_option, plan_of, sources_if_any
from ingest.errors import Attention, WrongUse, how_to_install
from ingest.web.javascript import NEEDS_RENDERING, can_render

if TYPE_CHECKING:
    from ingest.model import Source

SAMPLES = 3  # articles that are shown


@click.command("add", epilog="Example: ingest add https://example.com --name example")
@click.argument("url")
@click.option("--name", help="Name of the source; else made of the address.")
@click.option("--feed", "feeds", multiple=True, help="Take this feed instead of looking for one.")
@click.option("--sitemap", "sitemaps", multiple=True, help="Take this sitemap.")
@click.option("--section", "sections", multiple=True, help="Take this section page.")
@click.option("-y", "--yes", is_flag=True, help="Take all that is found, without asking which.")
@click.option("--render", is_flag=True, help="JavaScript builds its pages: have Chromium run it (extra render).")
@json_option
@common_options
def add(
    app: App,
    url: str,
    name: str | None,
    feeds: Sequence[str],
    sitemaps: Sequence[str],
    sections: Sequence[str],
    yes: bool,
    render: bool,
    as_json: bool,
) -> None:
    """Look at a site, show its feeds, sitemaps and three sample articles, and write it to sources.toml.

    In a terminal it asks which of them to take, and says what a run would ask of the site.
    """
    from ingest import sources
    from ingest.cli.support.seed_choice import chosen, outlook
    from ingest.cli.support.summary import print_articles, print_samples
    from ingest.model import Seed, SeedKind

    given = {SeedKind.FEED: feeds, SeedKind.SITEMAP: sitemaps, SeedKind.SECTION: sections}
    seeds = tuple(Seed(url=address, kind=kind) for kind, addresses in given.items() for address in addresses)
    (source,) = sources.ad_hoc([url], names=() if name is None else [name])
    source = replace(source, seeds=seeds, render=render)
    if source.name in {known.name for known in sources_if_any(app)}:
        raise WrongUse(f'sources.toml holds a source "{source.name}" already; give another with --name')
    target = app.config.home
    from ingest.cli.support.crawl_process import crawl as start

    with tempfile.TemporaryDirectory(prefix="ingest-add-") as folder:  # a trial: it leaves nothing in the database
        app.overrides |= {"INGEST_HOME": folder, "INGEST_DATABASE_URL": "", "INGEST_KEEP_RAW": False}
        app.home = None
        app.forget_config()
        done = start(app, plan_of((source,), command="add", by_hand=True, max_articles=SAMPLES))
        with app.open_store() as store:
            found = tuple(
                state.seed for state in store.seeds.of(source.name) if not state.failures and not state.seed.depth
            )
            samples = tuple(store.articles.each())[:SAMPLES]
    if done.failed_sources() or not (found or seeds):
        reasons = done.results[source.name].cause or "no feed, sitemap or section with articles"
        reasons = reasons.removeprefix(f"{source.url}: ").rstrip(".")  # the line begins with it
        raise Attention(f"{url}: not added: {reasons}{_way_on(reasons, source)}")
    taken = seeds or found
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not (yes or as_json)
    if asks and not seeds:
        print_articles(samples)
        taken = chosen(found, done.results[source.name].seeds)
    file = sources.write(target, replace(source, seeds=taken))
    print_samples(source.name, taken, () if asks and not seeds else samples, file, as_json=as_json)
    if asks:
        answers = done.results[source.name].seeds
        links = sum(answers[seed.url].links or 0 for seed in taken if seed.url in answers)
        click.echo(outlook(app.config, links))


def _way_on(reasons: str, source: Source) -> str:
    """Return what to do about a site of which nothing could be read."""
    from ingest.cli.support.summary import advice

    if reasons.endswith(NEEDS_RENDERING):
        return "; JavaScript builds its pages: add --render" + (
            "" if can_render() else f" after {how_to_install('render')}"
        )
    said = advice(reasons)
    if said or source.render:
        return said
    return "; name a feed with --feed, or look at the address in a browser"


COMMAND = add
