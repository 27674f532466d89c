"""The commands that crawl: demo, add, crawl, run, fetch."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.app import App, common_options
from ingest.cli.completion import source_names
from ingest.cli.durations import DURATION, SINCE
from ingest.cli.shards import SHARD, Shard
from ingest.config import SOURCES_FILE
from ingest.errors import Attention, WrongUse

if TYPE_CHECKING:
    from ingest.model import Source
    from ingest.plan import Plan
    from ingest.sources import SourcesFile

SAMPLES = 3  # articles that `ingest add` shows

max_articles_option = click.option(
    "--max-articles", type=click.IntRange(min=1), help="At most so many new articles of each source."
)
max_runtime_option = click.option(
    "--max-runtime", type=DURATION, help="Stop after 25m, 2h ...; the rest is kept for the next run."
)
json_option = click.option("--json", "as_json", is_flag=True, help="The result as JSON on stdout.")


# ---------------------------------------------------------------- ingest run


@click.command("run", epilog="Example: ingest run --max-runtime 25m   (silent on success, made for cron)")
@click.argument("names", metavar="[SOURCE]...", nargs=-1, shell_complete=source_names)
@click.option("--since", type=SINCE, help="Leave articles alone that are known to be older: 7d, 2026-03-01.")
@max_articles_option
@max_runtime_option
@click.option("--dry-run", is_flag=True, help="Read the seeds and tell what is new; fetch and store no article.")
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
        beat.code = _run(
            app,
            names,
            since=since,
            max_articles=max_articles,
            max_runtime=max_runtime,
            dry_run=dry_run,
            strict=strict,
            shard=shard,
            as_json=as_json,
        )
    if beat.code:
        raise click.exceptions.Exit(beat.code)


def _run(
    app: App,
    names: Sequence[str],
    *,
    since: datetime | None,
    max_articles: int | None,
    max_runtime: timedelta | None,
    dry_run: bool,
    strict: bool,
    shard: Shard | None,
    as_json: bool,
) -> int:
    """Crawl what is due and return the exit code: attention for what is new, or with `strict` for all that is ill."""
    if not (names or shard) and _nothing_due(app):
        _tell_nothing_due(app)
        return 0
    file = _sources_file(app)
    if not file.sources:
        raise WrongUse(f"{app.config.home / SOURCES_FILE}: no source in it yet; add one with: ingest add URL")
    chosen = tuple(file.named(name) for name in names) if names else file.sources
    if shard is not None:
        chosen = _of_shard(app, file, chosen, shard, whole_file=not names)
    due = _due(app, chosen, by_hand=bool(names))
    if not due:
        _tell_nothing_due(app)
        return 0
    plan = _plan(
        chosen if not names else due,
        command="run" if not names else "run some",
        whole_file=not names and shard is None,
        by_hand=bool(names),
        shard=None if shard is None else str(shard),
        since=since,
        dry_run=dry_run,
        max_articles=max_articles,
        max_runtime_s=max_runtime.total_seconds() if max_runtime else None,
    )
    from ingest.cli.crawl import crawl as start
    from ingest.cli.summary import print_run
    from ingest.cli.telling import send_alerts, tell_findings

    done = start(app, plan)
    if as_json or dry_run or sys.stdout.isatty():
        print_run(done, as_json=as_json)
    elif app.verbose:
        click.echo(done.sentence(), err=True)
    told = tell_findings(app, done, strict=strict)
    if not dry_run:
        send_alerts(app)
    return Attention.exit_code if told else 0


def _of_shard(
    app: App, file: SourcesFile, chosen: Iterable[Source], shard: Shard, *, whole_file: bool
) -> tuple[Source, ...]:
    """Return the sources of a shard; all of the file are taken over, so that what left it is retired."""
    from ingest.clock import clock

    if whole_file:
        app.config.home.mkdir(parents=True, exist_ok=True)
        with app.open_store(create=True) as store:
            store.sources.sync(file.sources, clock(app.config)(), whole_file=True)
    return tuple(source for source in chosen if shard.holds(source.url))


def _tell_nothing_due(app: App) -> None:
    if app.verbose:
        click.echo("ingest: nothing is due", err=True)


def _nothing_due(app: App) -> bool:
    """Tell for sure, without reading sources.toml, that no source is due: for a home with thousands of them.

    The last run of all sources has taken over the files as they are, and none of these is due; else False.
    """
    import platform

    from ingest import sources
    from ingest.clock import clock
    from ingest.errors import IngestError

    changed_at = sources.changed_at(app.config.home)
    if changed_at is None:
        return False
    try:
        with app.open_store() as store:
            last, agenda = store.runs.last_whole(), store.glances.agenda()
    except IngestError:  # whatever it is, it is told by the longer way
        return False
    if last is None or last.machine != platform.node() or last.finished_at is None or last.begun_at <= changed_at:
        return False
    now = clock(app.config)()
    return not any(one.regular and one.next_due_at <= now for one in agenda.values())


def _due(app: App, chosen: Iterable[Source], *, by_hand: bool) -> tuple[Source, ...]:
    """Return the sources to crawl now; those named by a person always are. Scrapy is not needed for it."""
    from ingest.clock import clock

    app.config.home.mkdir(parents=True, exist_ok=True)
    with app.open_store(create=True) as store:
        agenda = store.glances.agenda()
    now = clock(app.config)()
    return tuple(
        source for source in chosen if by_hand or source.name not in agenda or agenda[source.name].next_due_at <= now
    )


# ---------------------------------------------------------------- ingest crawl


@click.command("crawl", epilog="Example: ingest crawl https://example.com https://example.org/blog")
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@max_articles_option
@max_runtime_option
@json_option
@common_options
def crawl(
    app: App, urls: Sequence[str], max_articles: int | None, max_runtime: timedelta | None, as_json: bool
) -> None:
    """Find, fetch, clean and store the articles of one or more sites, without a sources file.

    Typed again, it fetches only what is new.
    """
    _crawl_sites(app, urls, max_articles=max_articles, max_runtime=max_runtime, as_json=as_json)


@click.command("demo", epilog="Example: ingest demo && ingest show 1")
@json_option
@common_options
def demo(app: App, as_json: bool) -> None:
    """Crawl a small news site that ships with the program and is served on loopback: no network is needed."""
    from ingest.demo import Demo

    with Demo().serve(port=None) as site:
        app.overrides |= {"INGEST_ALLOW_NETWORKS": f"{site.host}/32", "INGEST_DELAY_S": 0.01}
        if not as_json:
            click.echo(f"The Tarnwick Courier, a site of the demo, is served at {site.url}", err=True)
        _crawl_sites(app, [site.url], as_json=as_json, names=["demo"])


def _crawl_sites(
    app: App,
    urls: Sequence[str],
    *,
    max_articles: int | None = None,
    max_runtime: timedelta | None = None,
    as_json: bool,
    names: Sequence[str] = (),
) -> None:
    from ingest.cli.summary import print_next_steps, print_run, tell_failures
    from ingest.sources import ad_hoc

    sources = ad_hoc(urls, names=names)
    from ingest.cli.crawl import crawl as start

    plan = _plan(
        sources,
        command="crawl",
        by_hand=True,
        max_articles=max_articles,
        max_runtime_s=max_runtime.total_seconds() if max_runtime else None,
    )
    done = start(app, plan)
    print_run(done, as_json=as_json)
    failed = done.failed_sources()
    tell_failures(done, failed)
    if not as_json:
        print_next_steps(app, done)
    if failed:
        raise click.exceptions.Exit(Attention.exit_code)


# ---------------------------------------------------------------- ingest fetch


@click.command("fetch", epilog="Example: ingest fetch https://example.com/story   or   ingest fetch -i urls.txt")
@click.argument("urls", metavar="URL...|-", nargs=-1)
@click.option("-i", "--input", "file", type=click.Path(dir_okay=False), help="A file of addresses, one a line.")
@json_option
@common_options
def fetch(app: App, urls: Sequence[str], file: str | None, as_json: bool) -> None:
    """Fetch single pages and store those that are articles; known ones are looked at again."""
    from ingest.cli.summary import print_pages, unreached
    from ingest.sources import ad_hoc, source_for
    from ingest.urls import origin

    wanted = [*(url for url in urls if url != "-"), *_listed(file or ("-" if "-" in urls else None))]
    if not wanted:
        raise WrongUse("no address given; write ingest fetch URL, -i FILE or - for standard input")
    declared = _sources_if_any(app)
    chosen: dict[str, Source] = {}
    pairs: dict[tuple[str, str], None] = {}
    for typed in wanted:
        (site,) = ad_hoc([typed])
        source = source_for(site.url, declared) or chosen.get(site.name) or replace(site, url=f"{origin(site.url)}/")
        chosen[source.name] = source
        pairs[source.name, site.url] = None
    from ingest.cli.crawl import crawl as start

    done = start(app, _plan(tuple(chosen.values()), urls=tuple(pairs), command="fetch", discover=False, by_hand=True))
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


# ---------------------------------------------------------------- ingest add


@click.command("add", epilog="Example: ingest add https://example.com --name example")
@click.argument("url")
@click.option("--name", help="Name of the source; else made of the address.")
@click.option("--feed", "feeds", multiple=True, help="Take this feed instead of looking for one.")
@click.option("--sitemap", "sitemaps", multiple=True, help="Take this sitemap.")
@click.option("--section", "sections", multiple=True, help="Take this section page.")
@json_option
@common_options
def add(
    app: App,
    url: str,
    name: str | None,
    feeds: Sequence[str],
    sitemaps: Sequence[str],
    sections: Sequence[str],
    as_json: bool,
) -> None:
    """Look at a site, show its feeds, sitemaps and three sample articles, and write it to sources.toml."""
    from ingest import sources
    from ingest.cli.summary import print_samples
    from ingest.model import Seed, SeedKind

    given = {SeedKind.FEED: feeds, SeedKind.SITEMAP: sitemaps, SeedKind.SECTION: sections}
    seeds = tuple(Seed(url=address, kind=kind) for kind, addresses in given.items() for address in addresses)
    (source,) = sources.ad_hoc([url], names=[name] if name else ())
    source = replace(source, seeds=seeds)
    if source.name in {known.name for known in _sources_if_any(app)}:
        raise WrongUse(f'sources.toml holds a source "{source.name}" already; give another with --name')
    target = app.config.home
    from ingest.cli.crawl import crawl as start

    with tempfile.TemporaryDirectory(prefix="ingest-add-") as folder:  # a trial: it leaves nothing in the database
        app.overrides |= {"INGEST_HOME": folder, "INGEST_DATABASE_URL": "", "INGEST_KEEP_RAW": False}
        app.home = None
        app.forget_config()
        done = start(app, _plan((source,), command="add", by_hand=True, max_articles=SAMPLES))
        with app.open_store() as store:
            found = tuple(
                state.seed for state in store.seeds.of(source.name) if not state.failures and not state.seed.depth
            )
            samples = tuple(store.articles.each())[:SAMPLES]
    if done.failed_sources() or not (found or seeds):
        reasons = done.results[source.name].cause or "no feed, sitemap or section with articles"
        raise Attention(f"{url}: not added: {reasons}; name a feed with --feed, or look at the address in a browser")
    file = sources.write(target, replace(source, seeds=seeds or found))
    print_samples(source.name, seeds or found, samples, file, as_json=as_json)


# ---------------------------------------------------------------- shared


def _plan(sources: tuple[Source, ...], **what: object) -> Plan:
    from ingest.plan import Plan

    return Plan(sources=sources, **what)  # type: ignore[arg-type]  # the names are those of Plan


def _sources_file(app: App) -> SourcesFile:
    """Read sources.toml; its file-wide part outranks settings.py and the environment."""
    from ingest import sources
    from ingest.config import setting_name

    file = sources.load(app.config.home)
    app.file_wide = {setting_name(name): value for name, value in file.settings.items()}
    app.forget_config()
    return file


def _sources_if_any(app: App) -> tuple[Source, ...]:
    from ingest import sources

    return sources.load_if_any(app.config.home).sources


COMMANDS = {"demo": demo, "add": add, "crawl": crawl, "run": run, "fetch": fetch}
