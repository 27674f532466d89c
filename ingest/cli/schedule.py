"""`ingest schedule`: the lines that have cron or systemd run it."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.durations import DURATION
from ingest.errors import WrongUse

HERE = ("INGEST_HOME", "INGEST_CLOCK")  # the first is written as --home, the second is of tests
ALLOWED = "10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d"


@click.command("schedule", epilog="Example: ingest --home ~/news schedule cron   then paste the line into: crontab -e")
@click.argument("which", type=click.Choice(["cron", "systemd"]))
@click.option("--every", type=DURATION, default="1h", show_default=True, help=f"How often: {ALLOWED}.")
@common_options
def schedule(app: App, which: str, every: timedelta) -> None:
    """Print the cron line or the systemd units that keep this home up to date: ready to paste, absolute paths.

    One line serves all sources: each is asked when its own time (every_min) has come. A run that is still going on when
    the next begins holds the lock, and the next one ends at once. A run without problems prints nothing;
    what cron mails you is worth reading.
    """
    from ingest.ops.schedule import Schedule, cron_line, service, timer

    minutes = every // timedelta(minutes=1)
    if minutes < 2 or (1440 % minutes if minutes >= 60 and minutes % 60 == 0 else 60 % minutes):
        raise click.BadParameter(f"cron cannot do that; use {ALLOWED}", param_hint="--every")
    given, kept_back = _environment(app)
    plan = Schedule(program=_program(), home=_home(app), every=every, environment=given)
    if kept_back:
        names = ", ".join(kept_back)
        click.echo(
            f"ingest: {names}: set here in the environment, which the schedule will not have; give it there, "
            "as NAME=... or as NAME_FILE=... naming a file that holds it",
            err=True,
        )
    if which == "cron":
        click.echo(cron_line(plan))
        return
    click.echo(service(plan))
    click.echo(timer(plan))
    click.echo("# then: systemctl --user daemon-reload && systemctl --user enable --now ingest.timer")


def _program() -> tuple[str, ...]:
    """Return this very program by its absolute path: the script beside the interpreter, else the module."""
    script = Path(sys.executable).with_name("ingest")
    return (str(script),) if script.exists() else (sys.executable, "-m", "ingest")


def _environment(app: App) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return the settings that come from this environment, to be written out, and the names of those that are secret.

    A database URL and a proxy may hold a password; a file with a secret is known by its content only.
    """
    from ingest.config import setting_docs

    origins = app.settings["INGEST_ORIGINS"]
    secret = {doc.name for doc in setting_docs() if doc.secret} | {"INGEST_DATABASE_URL", "INGEST_PROXY"}
    named = [name for name, origin in origins.items() if origin == "environment" and name not in HERE]
    open_ones = tuple((name, str(app.settings[name])) for name in named if name not in secret)
    return open_ones, tuple(name for name in named if name in secret)


def _home(app: App) -> Path:
    home = app.config.home
    if any(char in str(home) for char in "\n\r"):
        raise WrongUse(f"{home!r} has a line break in its name; cron cannot run it there")
    return home


COMMAND = schedule
