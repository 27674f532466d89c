"""`ingest db`: the database's schema, soundness and backups."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import Attention, WrongUse


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


@db.command(
    "backup", epilog="Example: ingest db backup /backups/monday.db   or   ingest db backup --with-raw /backups/monday"
)
@click.argument("target", metavar="[FILE|FOLDER]", type=click.Path(path_type=Path), required=False)
@click.option(
    "--with-raw", is_flag=True, help="A folder with database, raw pages and sources.toml: a home to go on from."
)
@common_options
def backup(app: App, target: Path | None, with_raw: bool) -> None:
    """Copy an SQLite database to FILE, also while a crawl writes; without FILE beside it, named for the moment.

    With --with-raw the copy is a FOLDER that works as a home: to restore it, put it in the place of the old one.
    """
    from ingest.snapshots.home_backup import backup_home
    from ingest.store import backup as copy
    from ingest.store import check_database
    from ingest.text.normalize import counted

    config = app.config
    check_database(config.url_of_database)
    named = f"ingest-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    if not with_raw:
        file = target or config.home / f"{named}.db"
        if file.is_dir():
            raise WrongUse(f"{file} is a folder; name a file in it, or copy the raw pages too with --with-raw")
        size = copy(config.url_of_database, file)
        click.echo(f"wrote {file}, {size:,} bytes; the raw pages in {config.home / 'raw'} are not in it: --with-raw")
        return
    folder = target or config.home.absolute().with_name(named)
    done = backup_home(config.url_of_database, config.home, folder)
    click.echo(
        f"wrote {folder}: database {done.database_bytes:,} bytes, {counted(done.raw_files, 'raw file')} of "
        f"{done.raw_bytes:,} bytes; look with: ingest --home {folder} db check"
    )
    if config.raw_place:
        click.echo("raw files that were moved away (INGEST_RAW_PLACE) are not in it; back them up there", err=True)


COMMAND = db
