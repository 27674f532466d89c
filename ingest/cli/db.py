"""`ingest db`: the database's schema, soundness and backups."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import Attention


@click.group("db")
@common_options
def db(app: App) -> None:
    """Look after the database."""


@db.command("upgrade", epilog="Example: ingest db upgrade")
@common_options
def upgrade(app: App) -> None:
    """Bring the schema up to this version of the program; all rows are kept. A database that is not there is made."""
    from ingest.store import upgrade as upgrade_schema
    from ingest.store.fleet.queue import upgrade_if_there

    app.config.make_home()
    upgrade_schema(app.config.url_of_database)
    upgrade_if_there(app.config.url_of_database)
    click.echo("the database has the schema of this version")


@db.command("check", epilog="Example: ingest db check && ingest db backup")
@click.option("--json", "as_json", is_flag=True, help="The faults as a JSON array.")
@common_options
def check(app: App, as_json: bool) -> None:
    """Look for damage, orphaned rows and counters that do not add up; exit code 3 if there are any."""
    from ingest.cli.support.output import print_json, print_rows

    with closing(app.open_store()) as store:
        faults = store.check()
        name = store.name
    if as_json:
        print_json([{"kind": fault.kind, "detail": fault.detail} for fault in faults])
    elif faults:
        print_rows([{"fault": fault.kind, "detail": fault.detail} for fault in faults], ("fault", "detail"))
    else:
        click.echo(f"{name} is sound")
    if faults:
        raise click.exceptions.Exit(Attention.exit_code)


@db.command("backup", epilog="Example: ingest db backup /backups/ingest-monday.db")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@common_options
def backup(app: App, file: Path | None) -> None:
    """Copy an SQLite database to FILE, also while a crawl writes; without FILE beside it, named for the moment."""
    from ingest.store import backup as copy

    app.config.make_home()
    target = file or app.config.home / f"ingest-{datetime.now(UTC):%Y%m%d-%H%M%S}.db"
    size = copy(app.config.url_of_database, target)
    click.echo(f"wrote {target}, {size:,} bytes; the raw pages in {app.config.home / 'raw'} are copied as they are")


COMMAND = db
