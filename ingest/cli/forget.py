"""`ingest forget`: takedown of an article or a source."""

from __future__ import annotations

import sys

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import WrongUse

MOST_DIGITS = 19  # of an article's number: SQLite and PostgreSQL keep 64 bits


@click.command("forget", epilog="Example: ingest forget https://example.com/story   or   ingest forget example")
@click.argument("what", metavar="URL|ID|SOURCE", shell_complete=source_names)
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nothing is asked.")
@common_options
def forget(app: App, what: str, yes: bool) -> None:
    """Take down an article by its number or any of its addresses, or a whole source: text, raw pages, search entry.

    What stays is the refusal: it is never fetched or stored again. It cannot be undone; backups keep what they hold.
    """
    from ingest.clock import clock
    from ingest.crawl.recovery import recover
    from ingest.snapshots.erase import erase
    from ingest.store import Places, check_database
    from ingest.text.normalize import counted

    check_database(app.config.url_of_database)  # before anything is asked
    if not yes and sys.stdin.isatty():
        click.confirm(f"Take down {what} for good?", abort=True)

    def erase_raw(places: Places) -> None:
        erase(app.config.home, places, storage=app.config.raw_place)

    now = clock(app.config)()
    with app.hold_store() as store:
        recover(app.config.home, store)  # raw pages of a killed run are only known of after that
        if what.isdecimal():
            stored = store.articles.get(int(what)) if len(what) < MOST_DIGITS else None
            if stored is None:
                raise WrongUse(f"no article {what}; `ingest search WORDS` and `ingest export` give the numbers")
            what = stored.article.url
        if what.startswith(("http:", "https:")):
            gone = store.forget_url(what, now, erase_raw)
        else:
            gone = store.forget_source(what, now, erase_raw)
    click.echo(
        f"gone: {counted(gone.articles, 'article')}, {counted(gone.pages, 'address', 'addresses')}, "
        f"{counted(len(gone.places), 'raw page')}; never fetched again"
    )


COMMAND = forget
