"""`ingest export`: articles out of the database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE, UNTIL
from ingest.errors import WrongUse

if TYPE_CHECKING:
    from ingest.store import Store, StoredArticle

# as in ingest.export.FORMATS, which --help need not import; a test holds them together
FORMATS = ("jsonl", "csv", "json", "parquet", "xlsx", "sqlite", "md", "rss", "atom", "warc", "epub")
CHUNKED = ("jsonl", "parquet")
MOST_IDS = 1_000_000  # of one range
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
@click.option("--until", type=UNTIL, help="Only what was stored or revised until then, that day included.")
@click.option("--query", metavar="WORDS", help="Only what a search for these words finds.")
@click.option("--search", metavar="NAME", help="Only what this saved search of sources.toml matches.")
@click.option("--language", metavar="CODE", help="Only articles in this language: de.")
@click.option("--author", metavar="NAME", help="Only articles with this in an author's name.")
@click.option("--ids", metavar="LIST", help="Only these articles: 3,5,10-20.")
@click.option("--min-words", type=click.IntRange(min=1), help="Only articles of so many words and more.")
@click.option("--since-last", metavar="NAME", help="Only what no export of this name has held yet; the first has all.")
@click.option(
    "--chunks",
    "chunk_words",
    type=click.IntRange(min=20),
    metavar="WORDS",
    help="Chunks of so many words (jsonl, parquet).",
)
@click.option("--title", help="Title of a book or feed.")
@common_options
def export(
    app: App, form: str | None, output: Path | None, since_last: str | None, search: str | None, **given: Any
) -> None:
    """Write articles, the latest revision of each, in the order they were stored.

    A file whose name ends in .gz or .zst is compressed (jsonl, csv, json, rss, atom, warc). It appears under its name
    when it is whole. An article that is revised later is in the next export of a NAME again, as it is then.
    """
    from ingest.clock import clock
    from ingest.export import add_own, check_suffix, check_target, form_of
    from ingest.export import export as write
    from ingest.export.edition import Edition
    from ingest.store import file_of_database

    target = None if output in (None, Path("-")) else output
    add_own(app.config.exports)
    if form is None and target is not None:
        check_suffix(target)
    form = form or form_of(target) or "jsonl"
    source, title, chunk_words = given.pop("source"), given.pop("title"), given.pop("chunk_words")
    if chunk_words and form not in CHUNKED:
        raise WrongUse(f"--chunks goes with {' and '.join(CHUNKED)}, not with {form}")
    check_target(form, target, file_of_database(app.config.url_of_database))
    if since_last is not None and (others := [name for name, value in given.items() if value is not None]):
        wanted = ", ".join(f"--{name.replace('_', '-')}" for name in others)
        raise WrongUse(
            f"{wanted} and --since-last exclude each other: a named export goes on where its last one ended, of all "
            "articles, one --source or one --search"
        )
    selection = _Selection(app, search, source)
    with app.open_store() as store:
        found, link = _head(store, source)
        now = clock(app.config)()
        edition = Edition(
            title=title or search or found,
            link=link,
            made_at=now.replace(microsecond=0),
            home=app.config.home,
            storage=app.config.raw_place,
            named=title is not None,
            chunk_words=chunk_words or 0,
        )
        if since_last is None:
            count = write(selection.of(_chosen(store, source, **given)), form, target, edition)
        else:
            writing = partial(write, form=form, target=target, edition=edition)
            count = _named(store, app.config.home, _checked_name(since_last), selection, now, writing)
    if target is not None or app.verbose:
        what = "chunk" if chunk_words else "article"
        click.echo(f"{count} {what}{'' if count == 1 else 's'} in {target or 'standard output'}", err=True)
    if not count and (target is not None or sys.stderr.isatty()):
        click.echo(_way_on(app, since_last), err=True)


def _way_on(app: App, since_last: str | None) -> str:
    """Return what to do about an export that holds nothing."""
    with app.open_store() as store:
        if not store.overview.newest(1):
            return "no articles are stored yet; next: ingest crawl URL, or ingest run"
    if since_last is not None:
        return f'nothing new since the last export "{since_last}"; next: ingest run'
    return "no article fits what was asked for; ask for less, or see what is stored: ingest status"


class _Selection:
    """What a named export may be limited to: one source, or what a saved search matches. Raises SourceError."""

    def __init__(self, app: App, search: str | None, source: str | None) -> None:
        self.source, self.search = source, search
        self._matcher = None
        if search is not None:
            from ingest import sources
            from ingest.ops.saved_searches import SearchMatcher

            self._matcher = SearchMatcher(sources.load_if_any(app.config.home).search_named(search))

    def of(self, articles: Iterable[StoredArticle]) -> Iterator[StoredArticle]:
        """Give those of the articles that the saved search matches; all without one."""
        from ingest.text.search_terms import SearchedText

        matcher = self._matcher
        for stored in articles:
            one = stored.article
            if matcher is None or matcher.matches(
                one.source, one.language, one.authors, SearchedText(one.title, one.body)
            ):
                yield stored


def _chosen(
    store: Store,
    source: str | None,
    *,
    ids: str | None,
    query: str | None,
    since: datetime | None,
    **wanted: Any,
) -> Iterator[StoredArticle]:
    """Give the articles of a choice."""
    from ingest.store import SearchFilter

    chosen = None if ids is None else set(_numbers(ids))
    if query is not None:
        hits = set(store.search.ids(query, SearchFilter(source=source)))
        chosen = hits if chosen is None else chosen & hits
    if chosen is None:
        articles: Iterable[StoredArticle] = store.articles.each(since=since, source=source)
    else:
        each = (store.articles.get(number) for number in sorted(chosen))
        articles = (
            one
            for one in each
            if one is not None and source in (None, one.article.source) and (since is None or one.revised_at >= since)
        )
    return (one for one in articles if _is_wanted(one, **wanted))


def _is_wanted(
    stored: StoredArticle,
    *,
    until: datetime | None,
    language: str | None,
    author: str | None,
    min_words: int | None,
) -> bool:
    article = stored.article
    if until is not None and stored.revised_at >= until:
        return False
    if (
        language is not None
        and (article.language or "").lower().partition("-")[0] != language.lower().partition("-")[0]
    ):
        return False
    if author is not None and not any(author.casefold() in name.casefold() for name in article.authors):
        return False
    return min_words is None or (stored.words or 0) >= min_words


def _numbers(given: str) -> Iterator[int]:
    """Give the numbers of a list such as 3,5,10-20. Raises WrongUse."""
    for part in given.replace(" ", ",").split(","):
        first, dash, last = part.partition("-")
        if not part:
            continue
        if not first.isdigit() or (dash and not last.isdigit()) or (dash and int(last) - int(first) > MOST_IDS):
            raise WrongUse(f"--ids {part!r}: use numbers and ranges such as 3,5,10-20")
        yield from range(int(first), int(last or first) + 1)


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


def _named(store: Store, home: Path, name: str, selection: _Selection, now: datetime, write: Callable[..., int]) -> int:
    """Write what no export of that name has held yet; return how many articles."""
    from ingest.export.journal import Step, journal
    from ingest.store.exports import Window

    def undo(step: Step) -> bool:
        window = Window(
            name=name,
            source=selection.source,
            search=selection.search,
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
        window = store.exports.window(name, selection.source, selection.search)
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
            selection.of(store.exports.articles(window)),
            settle=lambda count: store.exports.settle(window, now, count),
            journal=noted,
        )


COMMAND = export
