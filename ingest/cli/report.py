"""`ingest report`: one page to look at."""

from __future__ import annotations

from pathlib import Path

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import WrongUse

FILE = "report.html"  # in the home
SITE = "site"  # a folder in the home
MOST_DAYS = 400


@click.command("report", epilog="Example: ingest report -o report.html --days 90")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File; without it report.html in the home; - stdout."
)
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=30, show_default=True, help="How many days it looks back."
)
@click.option("--json", "as_json", is_flag=True, help="The numbers as one JSON object; no file is written.")
@click.option(
    "--datasette",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write settings for looking around in Datasette instead: questions, facets, search.",
)
@click.option(
    "--articles",
    "site",
    is_flag=False,
    flag_value=SITE,
    metavar="[FOLDER]",
    help=f"Write all articles as pages to read instead, with lists and search: into {SITE} in the home, or FOLDER.",
)
@common_options
def report(app: App, output: Path | None, days: int, as_json: bool, datasette: Path | None, site: str | None) -> None:
    """Write one self-contained HTML page: runs, yield, outcomes, latency, share cut, health, the newest articles.

    With --articles a folder of pages to read from a disk or any web server: newest articles, sources, a search, each
    article with what was cut folded. Nothing on them is loaded from elsewhere.
    """
    if site is not None:
        _write_articles(app, site)
        return
    from ingest.cli.support.output import print_json
    from ingest.cli.support.planning import saved_searches
    from ingest.clock import clock
    from ingest.report.numbers import gather

    if datasette is not None:
        _write_settings(app, datasette)
        return
    with app.open_store() as store:
        numbers = gather(store, clock(app.config)(), days, saved_searches(app))
    if as_json:
        print_json(numbers.as_json())
        return
    from ingest.report.overview import page

    made = page(numbers)
    if output == Path("-"):
        click.echo(made, nl=False)
        return
    target = output or app.config.home / FILE
    if target.is_dir():
        raise WrongUse(f"{target} is a folder; name a file in it, such as {target / FILE}")
    _write(app, target, made.encode())
    click.echo(target)


def _write_articles(app: App, folder: str) -> None:
    """Write all articles as pages into a folder, in place of an earlier site."""
    from ingest.clock import clock
    from ingest.export.site import write_site
    from ingest.text.normalize import counted

    target = app.config.home / SITE if folder == SITE else Path(folder)
    with app.open_store() as store:
        count = write_site(store.articles.each(), target, clock(app.config)())
    click.echo(f"{counted(count, 'article')} in {target / 'index.html'}")


def _write(app: App, target: Path, data: bytes) -> None:
    """Write a file, the database itself excepted."""
    from ingest.export.whole_files import whole_file
    from ingest.store import file_of_database

    if file_of_database(app.config.url_of_database) == target.resolve():
        raise WrongUse(f"{target} is the database itself; name another file")
    with whole_file(target) as out:
        out.stream.write(data)


def _write_settings(app: App, target: Path) -> None:
    """Write Datasette's settings, and print how to go on."""
    import json
    import shlex

    from ingest.report.datasette import settings
    from ingest.store import file_of_database

    database = file_of_database(app.config.url_of_database)
    if database is None:
        raise WrongUse("Datasette reads SQLite, and this database is in PostgreSQL; use ingest search, report, export")
    _write(app, target, json.dumps(settings(database), indent=1).encode())
    files = f"{shlex.quote(str(database))} --metadata {shlex.quote(str(target))}"
    click.echo(f"datasette serve {files} --setting truncate_cells_html 300")


COMMAND = report
