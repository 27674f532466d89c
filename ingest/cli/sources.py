"""`ingest init` and `ingest sources`: what to crawl."""

from __future__ import annotations

from pathlib import Path

import click

from ingest.cli.seeds import check, explained
from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import WrongUse

ENV_EXAMPLE = """\
# Copy to .env and have your shell, systemd (EnvironmentFile=) or cron line read it. Every setting: ingest config --show
#INGEST_CONTACT=you@example.org
#INGEST_DATABASE_URL=postgresql://user:password@localhost/ingest
#INGEST_DATABASE_URL_FILE=/run/secrets/ingest_database_url
#INGEST_DELAY_S=1.0
"""


@click.command("init", epilog="Example: ingest init news && cd news && ingest add https://example.com")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@common_options
def init(app: App, folder: Path) -> None:
    """Make a project folder: sources.toml with comments, .env.example. Nothing that is there is overwritten."""
    from ingest import sources
    from ingest.config import SOURCES_FILE

    target = folder / SOURCES_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as out:
            out.write(sources.template())
    except FileExistsError:
        raise WrongUse(f"{target} is there already; add to it with: ingest add URL") from None
    except OSError as error:
        raise WrongUse(f"{target}: cannot be written: {error.strerror}") from error
    example = folder / ".env.example"
    if not example.exists():
        example.write_text(ENV_EXAMPLE, encoding="utf-8")
    click.echo(f"wrote {target} and {example}")
    go = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"next: {go}ingest add https://example.com")


@click.group("sources")
@common_options
def sources(app: App) -> None:
    """See what is in sources.toml."""


@sources.command("list", epilog="Example: ingest sources list --json")
@click.option("--explain", is_flag=True, help="When each seed was asked, what it gave, when it is asked next and why.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@common_options
def list_sources(app: App, explain: bool, as_json: bool) -> None:
    """List the sources with their address and seeds."""
    from ingest import sources as registry
    from ingest.cli.support.output import print_json, print_rows

    listed = registry.load(app.config.home).sources
    if explain:
        told = explained(app, listed)
        columns = ("source", "kind", "asked", "links", "new", "next", "url", "why")
        print_json(told) if as_json else print_rows(told, columns, numbers=("links", "new"))
        return
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
    click.echo(f"{name} is out of {file}; its {stored} articles stay. To have it back: ingest add URL")


@sources.command("import", epilog="Example: ingest sources import subscriptions.opml")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@common_options
def import_sources(app: App, file: Path) -> None:
    """Take the sites of an OPML file, as feed readers give it, into sources.toml; what is there stays as it is."""
    from ingest import sources as registry
    from ingest.errors import Attention, SourceError

    try:
        read, bad = registry.read_opml(file.read_bytes())
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read: {error.strerror}") from error
    except SourceError as error:
        raise WrongUse(f"{file}: {error}") from error
    home = app.config.home
    new = registry.unknown(read, registry.load_if_any(home).sources)
    target = registry.write_all(home, new) if new else home
    click.echo(f"{len(new)} sources written to {target}, {len(read) - len(new)} were there" if new else "nothing new")
    if bad:
        raise Attention(f"{file}: {bad} outlines name no address that can be read; all others were taken")


@sources.command("export", epilog="Example: ingest sources export -o subscriptions.opml")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file; else standard output.")
@common_options
def export_sources(app: App, output: Path | None) -> None:
    """Give the sources as OPML, for feed readers: declared feeds, else those that were found."""
    from dataclasses import replace

    from ingest import sources as registry
    from ingest.cli.seeds import in_use

    listed = (replace(one, seeds=in_use(app, one)) for one in registry.load(app.config.home).sources)
    text = registry.write_opml(listed)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{output}: cannot be written: {error.strerror}") from error


sources.add_command(check)

COMMANDS = {"init": init, "sources": sources}
