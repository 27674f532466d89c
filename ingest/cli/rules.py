"""`ingest rules`: try a person's rules on stored pages, and have some proposed."""

from __future__ import annotations

import click

from ingest.cli.app import App, common_options
from ingest.errors import Attention, WrongUse


@click.group("rules")
@common_options
def rules(app: App) -> None:
    """Look after the rules (keep, strip, strip_text) in sources.toml."""


@rules.command("test", epilog="Example: ingest rules test example")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@common_options
def test(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Replay the rules on stored pages; exit code 3 when one matches nothing."""
    from dataclasses import asdict

    from ingest import sources
    from ingest.cli.output import print_json, print_rows
    from ingest.ops.rules import replay

    file = sources.load(app.config.home)
    chosen = [file.named(name) for name in names] if names else list(file.sources)
    with app.open_store() as store:
        depot = app.config.raw_place
        uses = [(source.name, use) for source in chosen for use in replay(store, app.config.home, source, depot=depot)]
    rows = [{"source": name, **asdict(use)} for name, use in uses]
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(rows, ("source", "kind", "rule", "pages", "matched"), numbers=("pages", "matched"))
    else:
        click.echo("no rules in sources.toml; `ingest rules suggest SOURCE` proposes some")
    dead = [f"{name} {use.kind} {use.rule}" for name, use in uses if use.pages and not use.matched]
    if dead:
        raise Attention(f"matches nothing on the stored pages: {'; '.join(dead)}; take it out or mend it")


@rules.command("suggest", epilog="Example: ingest rules suggest example")
@click.argument("source")
@common_options
def suggest(app: App, source: str) -> None:
    """Propose selectors for the places where learned boilerplate stands; printed as TOML to copy."""
    from ingest.cli.output import print_line
    from ingest.ops.rules import suggest as suggested

    with app.open_store() as store:
        if store.sources.get(source) is None:
            raise WrongUse(f'no source "{source}" in the database; `ingest status` shows them')
        found = suggested(store, source)
    if not found:
        click.echo(f"nothing to suggest for {source}: no place holds learned blocks only")
        return
    print_line(f"[sources.{source}.rules]")
    print_line("strip = [")
    for one in found:
        quoted = one.selector.replace("\\", "\\\\").replace('"', '\\"')
        print_line(f'    "{quoted}",  # on {one.articles} articles: {one.example[:60]}')
    print_line("]")


COMMANDS = {"rules": rules}
