"""`ingest reextract`: extract again from stored raw pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE
from ingest.errors import Attention

if TYPE_CHECKING:
    from ingest.model import Page, Source
    from ingest.ops.reextract import Raw, Reread
    from ingest.store import Store


@click.command("reextract", epilog="Example: ingest reextract --source example --dry-run --diff")
@click.option("--source", shell_complete=source_names, help="Only the pages of this source.")
@click.option("--since", type=SINCE, help="Only articles stored and pages fetched since: 7d, 2026-03-01.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--diff", is_flag=True, help="Print the lines that would change.")
@click.option("--force", is_flag=True, help="Write even when many articles would lose much of their text.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
@common_options
def reextract(
    app: App, source: str | None, since: datetime | None, dry_run: bool, diff: bool, force: bool, as_json: bool
) -> None:
    """Extract again from stored raw pages, with today's program, rules and learned boilerplate. Nothing is fetched.

    Changed words make a revision, changed metadata do not. When more than 5 % of the articles would lose more than
    30 % of their words, nothing is written and the exit code is 3.
    """
    from ingest.cli.support.output import print_json, print_rows
    from ingest.ops import reextract as ops
    from ingest.workers import cores

    counts: Counter[str] = Counter()
    articles = shrunk = 0
    to_write: list[Raw] = []
    with ExitStack() as stack:
        store = stack.enter_context(closing(app.open_store()))
        sources = _sources(app, store, source)
        workers = cores() if app.config.workers is None else app.config.workers
        rereading = stack.enter_context(
            ops.Rereading(
                store,
                app.config.home,
                sources.__getitem__,
                min_words=app.config.min_words,
                workers=workers,
                storage=app.config.raw_place,
            )
        )
        for one in rereading.each(source=source, since=since):
            counts[one.change] += 1
            articles += one.raw.stored is not None
            shrunk += one.shrunk
            if one.writes:
                to_write.append(_light(one.raw))
            if diff:
                _print_diff(one)
    numbers = {"pages": counts.total(), "articles": articles, **{c.value: counts[c] for c in ops.Change}}
    numbers["shrunk"] = shrunk
    print_json(numbers) if as_json else print_rows([numbers], tuple(numbers), numbers=tuple(numbers))
    if ops.trips(shrunk, articles) and not force and not dry_run:
        raise Attention(
            f"nothing written: {shrunk} of {articles} articles would lose more than 30 % of their words; look with"
            " --dry-run --diff, write all the same with --force"
        )
    if to_write and not dry_run:
        _write(app, tuple(sources[name] for name in sorted({raw.source for raw in to_write})), to_write)


def _sources(app: App, store: Store, source: str | None) -> dict[str, Source]:
    """Return the sources by name, as declared today where they are; an unknown one is refused."""
    from ingest import sources as registry
    from ingest.errors import SourceError

    known = {state.name: state.source for state in store.sources.all()}
    if source is not None and source not in known:
        raise SourceError(f'no source "{source}" in the database; `ingest status` lists those there are')
    declared = {one.name: one for one in registry.load_if_any(app.config.home).sources}
    return known | {name: one for name, one in declared.items() if name in known}


def _light(raw: Raw) -> Raw:
    """Forget the stored article: an archive's would not fit into memory."""
    from dataclasses import replace

    return replace(raw, stored=None)


def _write(app: App, sources: tuple[Source, ...], to_write: list[Raw]) -> None:
    from ingest.cli.support.crawl_process import crawl
    from ingest.crawl.plan import Plan
    from ingest.ops.reextract import page_of
    from ingest.spiders.archive import ArchiveSpider

    def pages(store: Store) -> Iterator[Page]:
        return (page_of(store, app.config.home, raw, storage=app.config.raw_place) for raw in to_write)

    plan = Plan(sources=sources, discover=False, by_hand=True, replay=True, command="reextract")
    crawl(app, plan, ArchiveSpider, pages=pages)


def _print_diff(one: Reread) -> None:
    import difflib

    from ingest.cli.support.output import print_line
    from ingest.ops.reextract import Change

    if one.change in (Change.SAME, Change.SCREENED):
        return
    print_line(f"# {one.change} {one.raw.url} {one.detail}".rstrip())
    if one.article is None or one.change is Change.METADATA:
        return
    before = _lines(one.raw.stored.article) if one.raw.stored else []
    after = [] if one.change is Change.REFUSED else _lines(one.article)
    for line in difflib.unified_diff(before, after, "stored", "today", lineterm="", n=0):
        print_line(line)


def _lines(article: object) -> list[str]:
    from ingest.model import Article

    assert isinstance(article, Article)
    return [article.title or "", *(block.text for block in article.kept)]


COMMAND = reextract
