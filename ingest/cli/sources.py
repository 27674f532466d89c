"""`ingest sources`: list, check, import, export and retire the configured sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.seed_report import check_seeds, explained, in_use, was_unrendered
from ingest.errors import WrongUse
from ingest.text.normalize import counted


@click.group("sources")
@common_options
def sources(app: App) -> None:
    """See what is in sources.toml."""


@sources.command("list", epilog="Example: ingest sources list --json")
@click.option("--explain", is_flag=True, help="When each seed was asked, what it gave, when it is asked next and why.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@common_options
def list_sources(app: App, explain: bool, as_json: bool) -> None:
    """List the sources of sources.toml with their address and seeds; with --explain those of the database too."""
    from ingest import sources as registry
    from ingest.cli.support.output import print_json, print_rows

    if explain:
        rows_explained = explained(app, registry.load_if_any(app.config.home).sources)
        if not rows_explained:
            registry.load(app.config.home)  # raises where there is no file either, and says how to get one
        columns = ("source", "kind", "asked", "links", "new", "next", "url", "why")
        print_json(rows_explained) if as_json else print_rows(rows_explained, columns, numbers=("links", "new"))
        return
    listed = registry.load(app.config.home).sources
    if as_json:
        seeds = {source.name: [{"kind": seed.kind, "url": seed.url} for seed in source.seeds] for source in listed}
        print_json([{"name": source.name, "url": source.url, "seeds": seeds[source.name]} for source in listed])
        return
    rows = []
    for source in listed:
        shown = ", ".join(f"{seed.kind} {seed.url}" for seed in source.seeds) or "found at the first run"
        rows.append({"name": source.name, "url": source.url, "seeds": shown})
    print_rows(rows, ("name", "url", "seeds"))


@sources.command("retire", epilog="Example: ingest sources retire example")
@click.argument("name", shell_complete=source_names)
@common_options
def retire(app: App, name: str) -> None:
    """Take a source out of sources.toml: it is asked no more, its articles stay. `ingest add URL` brings it back."""
    from ingest import sources as registry
    from ingest.clock import clock

    file = registry.remove(app.config.home, name)
    store = app.open_store(create=True)
    try:
        known = store.sources.get(name) is not None
        if known:
            store.sources.retire(name, clock(app.config)())
        stored = store.articles.count(name) if known else 0
    finally:
        store.close()
    stays = f"{counted(stored, 'article')} {'stays' if stored == 1 else 'stay'}"
    click.echo(f"{name} is out of {file}; its {stays}. To have it back: ingest add URL")


@sources.command("import", epilog="Example: ingest sources import subscriptions.opml")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@common_options
def import_sources(app: App, file: Path) -> None:
    """Take the sites of an OPML file, as feed readers export it, into sources.toml; what is there stays as it is.

    Pages that FreshRSS scrapes become sections, its selectors and those of Miniflux rules; what is not taken is listed.
    """
    from ingest import sources as registry
    from ingest.errors import Attention, SourceError

    try:
        found = registry.read_subscriptions(file.read_bytes())
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read: {error.strerror}") from error
    except SourceError as error:
        raise WrongUse(f"{file}: {error}") from error
    home = app.config.home
    read, bad = found.sources, found.bad
    new = registry.unknown(read, registry.load_if_any(home).sources)
    for note in found.notes:
        click.echo(note, err=True)
    target = registry.write_all(home, new) if new else home
    written = f"{counted(len(new), 'source')} written to {target}, {len(read) - len(new)} there already"
    click.echo(written if new else "nothing new: sources.toml has them all")
    if bad:
        raise Attention(f"{file}: no address that can be read in {counted(bad, 'outline')}; all others were taken")


@sources.command("export", epilog="Example: ingest sources export -o subscriptions.opml")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file; else standard output.")
@common_options
def export_sources(app: App, output: Path | None) -> None:
    """Give the sources as OPML, for feed readers: declared feeds, else those that were found."""
    from dataclasses import replace

    from ingest import sources as registry

    listed = (replace(one, seeds=in_use(app, one)) for one in registry.load(app.config.home).sources)
    text = registry.write_opml(listed)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{output}: cannot be written: {error.strerror}") from error


@sources.command("check", epilog="Example: ingest sources check   or   ingest sources check example --json")
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=source_names)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@common_options
def check(app: App, names: Sequence[str], as_json: bool) -> None:
    """Ask the seeds of all sources, or of those named, and look for new ones. Nothing is stored, no article fetched.

    Exit code 3 when a seed is dead or empty, or a site cannot be reached.
    """
    from dataclasses import replace

    from ingest import sources as registry
    from ingest.cli.support.output import print_json, print_rows
    from ingest.errors import Attention
    from ingest.web.javascript import NEEDS_RENDERING, how_to_render

    file = registry.load(app.config.home)
    chosen = tuple(file.named(name) for name in names) if names else file.sources
    unrendered = {source.name for source in chosen if not source.render and was_unrendered(app, source)}
    checked = check_seeds(app, tuple(replace(source, seeds=in_use(app, source)) for source in chosen))
    if as_json:
        print_json(checked)
    else:
        rows = [{"source": one["source"], **seed} for one in checked for seed in one["seeds"]]
        print_rows(rows, ("source", "state", "links", "kind", "url", "reason"), numbers=("links",))
        for one in checked:
            new = [seed for seed in one["seeds"] if seed["state"] == "new"]
            if new:
                click.echo(f"{one['source']}: to take new ones over, write them into its table in sources.toml")
        for one in checked:
            if one["source"] in unrendered or any(seed["reason"].endswith(NEEDS_RENDERING) for seed in one["seeds"]):
                click.echo(f"{one['source']}: JavaScript builds its pages: {how_to_render()}")
    problem = [one["source"] for one in checked if one["state"] != "ok"]
    if problem:
        raise Attention(
            f"{', '.join(problem)}: a seed is dead or empty; `ingest add URL --name NAME` finds a site's seeds"
        )


COMMAND = sources
