"""`ingest config`: every setting, its value and where it came from."""

from __future__ import annotations

import click

from ingest.cli.support.app import App, common_options
from ingest.web.redact import redacted


@click.command("config", epilog="Example: ingest config --show | grep DELAY")
@click.option("--show", is_flag=True, help="The same; for those who expect a flag.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@common_options
def config(app: App, show: bool, as_json: bool) -> None:
    """Show every setting, its value and where it came from; passwords are hidden."""
    from ingest.cli.support.output import print_json, print_rows
    from ingest.config import setting_docs

    values = app.config.as_settings()
    origins = app.settings["INGEST_ORIGINS"] | dict.fromkeys(app.overrides, "flag")
    if app.home is not None:
        origins = {**origins, "INGEST_HOME": "flag"}
    rows = [
        {
            "setting": item.name,
            "value": "***" if item.secret and values[item.name] != item.default else _shown(values[item.name]),
            "from": origins.get(item.name, "built-in"),
            "effect": item.doc,
        }
        for item in setting_docs()
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ("setting", "value", "from", "effect"))


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return "" if value is None else redacted(str(value))


COMMAND = config
