"""`ingest init`: a project folder."""

from __future__ import annotations

from pathlib import Path

import click

from ingest.cli.support.app import App, common_options
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
        example.touch(mode=0o600)  # the copy that will hold passwords gets the same
        example.write_text(ENV_EXAMPLE, encoding="utf-8")
    click.echo(f"wrote {target} and {example}")
    go = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"next: {go}ingest add https://example.com")


COMMAND = init
