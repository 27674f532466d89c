"""`ingest report`: one page to look at."""

from __future__ import annotations

from pathlib import Path

import click

from ingest.cli.app import App, common_options
from ingest.errors import IngestError, WrongUse

FILE = "report.html"  # in the home
MOST_DAYS = 400


@click.command("report", epilog="Example: ingest report -o report.html --days 90")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File; without it report.html in the home; - stdout."
)
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=30, show_default=True, help="How many days it looks back."
)
@click.option("--json", "as_json", is_flag=True, help="The numbers as one JSON object; no file is written.")
@common_options
def report(app: App, output: Path | None, days: int, as_json: bool) -> None:
    """Write one self-contained HTML page: runs, yield, outcomes, latency, share cut, health, the newest articles."""
    from ingest.cli.output import print_json
    from ingest.clock import clock
    from ingest.report.numbers import gather

    with app.open_store() as store:
        numbers = gather(store, clock(app.config)(), days)
    if as_json:
        print_json(numbers.as_json())
        return
    from ingest.export.whole_files import whole_file
    from ingest.report.overview import page

    made = page(numbers)
    if output == Path("-"):
        click.echo(made, nl=False)
        return
    target = output or app.config.home / FILE
    if target.is_dir():
        raise WrongUse(f"{target} is a folder; name a file in it, such as {target / FILE}")
    try:
        with whole_file(target) as out:
            out.stream.write(made.encode())
    except OSError as error:
        raise IngestError(f"{target}: cannot be written: {error.strerror}") from error
    click.echo(target)


COMMANDS = {"report": report}
