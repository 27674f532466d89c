"""`ingest export`: articles out of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE
from ingest.errors import WrongUse

if TYPE_CHECKING:
    from ingest.store import Store

# as in ingest.export.FORMATS, which --help need not import; a test holds them together
FORMATS = ("jsonl", "csv", "parquet", "md", "rss", "atom", "warc", "epub")
NAME_CHARS = 100  # of a named export


class FormatName(click.Choice[str]):
    """A built-in format, or one that INGEST_EXPORTS names."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name. Fails as click.Choice does, with the nearest one."""
        app = ctx.find_object(App) if ctx else None
        if app is not None and value not in self.choices and value in app.config.exports:
            from ingest.export import FORMATS, add_own

            add_own(app.config.exports)
            if value in FORMATS:
                return value
        return super().convert(value, param, ctx)


@click.command("export", epilog="Example: ingest export --since-last weekly -o articles-$(date +%F).csv.gz")
@click.option("-f", "--format", "form", type=FormatName(FORMATS), help="Format; else as the file's name says, jsonl.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File, for md a folder; without it stdout.")
@click.option("--source", shell_complete=source_names, help="Only this source.")
@click.option("--since", type=SINCE, help="Only what was stored or revised since: 7d, 12h, 2026-03-01.")
@click.option("--since-last", metavar="NAME", help="Only what no export of this name has held yet; the first has all.")
@common_options
def export(
    app: App, form: str | None, output: Path | None, source: str | None, since: datetime | None, since_last: str | None
) -> None:
    """Write articles, the latest revision of each, in the order they were stored.

    A file whose name ends in .gz or .zst is compressed (jsonl, csv, rss, atom, warc). It appears under its name when
    it is whole. An article that is revised later is in the next export of a NAME again, as it is then.
    """
    from ingest.clock import clock
    from ingest.export import add_own, check_target, form_of
    from ingest.export import export as write
    from ingest.export.edition import Edition
    from ingest.store import file_of_database

    target = None if output in (None, Path("-")) else output
    add_own(app.config.exports)
    form = form or form_of(target) or "jsonl"
    check_target(form, target, file_of_database(app.config.url_of_database))
    if since is not None and since_last is not None:
        raise WrongUse("--since and --since-last exclude each other: a named export goes on where its last one ended")
    with app.open_store() as store:
        title, link = _head(store, source)
        now = clock(app.config)()
        made_at = now.replace(microsecond=0)
        home, storage = app.config.home, app.config.raw_place
        edition = Edition(title=title, link=link, made_at=made_at, home=home, storage=storage)
        if since_last is None:
            count = write(store.articles.each(since=since, source=source), form, target, edition)
        else:
            count = _named(
                store,
                home,
                _checked_name(since_last),
                source,
                now,
                partial(write, form=form, target=target, edition=edition),
            )
    if target is not None or app.verbose:
        click.echo(f"{count} article{'' if count == 1 else 's'} in {target or 'standard output'}", err=True)


def _head(store: Store, source: str | None) -> tuple[str, str]:
    """Return title and address of an export. Raises SourceError for a source that is not there."""
    if source is not None:
        store.articles.count(source)  # raises for an unknown name; an empty file would hide it
    states = [state for state in store.sources.all() if source in (None, state.name)]
    title = source or (states[0].name if len(states) == 1 else "Articles")
    return title, states[0].source.url if states else "http://localhost/"


def _checked_name(given: str) -> str:
    name = given.strip()
    if not name or len(name) > NAME_CHARS or not name.isprintable():
        raise WrongUse(f"--since-last {given!r}: use a name of up to {NAME_CHARS} letters")
    return name


def _named(store: Store, home: Path, name: str, source: str | None, now: datetime, write: Callable[..., int]) -> int:
    """Write what no export of that name has held yet; return how many articles."""
    from ingest.export.journal import Step, journal
    from ingest.store.exports import Window

    def undo(step: Step) -> bool:
        window = Window(
            name=name,
            source=source,
            after=step.after,
            upto=step.upto,
            exported_at=step.exported_at,
            articles=step.articles,
        )
        return store.exports.undo(window, step.made_at)

    with journal(home, name) as noted:
        if (lost := noted.settle_last(undo)) is not None:
            click.echo(
                f'the last export "{name}" was cut off before {lost} had its name: its articles are in this one',
                err=True,
            )
        window = store.exports.window(name, source)
        if window.is_first:
            click.echo(f'the first export "{name}": everything that is stored', err=True)
        noted.step = Step(
            after=window.after,
            upto=window.upto,
            exported_at=window.exported_at,
            articles=window.articles,
            made_at=now,
        )
        return write(
            store.exports.articles(window),
            settle=lambda count: store.exports.settle(window, now, count),
            journal=noted,
        )


COMMAND = export
