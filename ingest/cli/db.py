"""`ingest db`: the schema of the database."""

from __future__ import annotations

import click

from ingest.cli.app import App, common_options


@click.group("db")
@common_options
def db(app: App) -> None:
    """Look after the database."""


@db.command("upgrade", epilog="Example: ingest db upgrade")
@common_options
def upgrade(app: App) -> None:
    """Bring the schema up to this version of the program; all rows are kept. A database that is not there is made."""
    from ingest.store import upgrade as upgrade_schema

    app.config.home.mkdir(parents=True, exist_ok=True)
    upgrade_schema(app.config.url_of_database)
    click.echo("the database has the schema of this version")


COMMANDS = {"db": db}
