"""`ingest import`: articles out of archives; no request is made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.durations import SINCE, UNTIL
from ingest.errors import Attention, WrongUse

if TYPE_CHECKING:
    from ingest.archives import Archive, Selection
    from ingest.crawl.run import Run
    from ingest.model import Source
    from ingest.ops.imports import ImportReport, ReadingOptions, Sorter

SHOWN_SOURCES = 20  # a news crawl of the whole web has thousands; --json lists them all
OUTCOMES = ("stored", "revised", "unchanged", "duplicate", "screened", "refused", "failed")


@click.command(
    "import", epilog="Example: ingest import CC-NEWS-20260301.warc.gz   or   ingest import saved/ --source example"
)
@click.argument("paths", metavar="FILE|DIR...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--source",
    "name",
    shell_complete=source_names,
    help="The source of all pages; else the host of each page decides, for mail its sender.",
)
@click.option("--url", help="Address that the files of a folder lie below, where they do not state their own.")
@click.option("--since", type=SINCE, help="Only pages captured since: 7d, 2026-03-01.")
@click.option("--until", type=UNTIL, help="Only pages captured until then, that day included.")
@click.option("--url-matches", metavar="REGEX", multiple=True, help="Only pages whose address matches one of these.")
@click.option(
    "--language", "languages", metavar="CODE", multiple=True, help="Only pages in one of these languages: de."
)
@click.option("--dry-run", is_flag=True, help="Count what would be imported, by source and file; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON on stdout.")
@common_options
def import_(
    app: App,
    paths: Sequence[Path],
    name: str | None,
    url: str | None,
    since: datetime | None,
    until: datetime | None,
    url_matches: Sequence[str],
    languages: Sequence[str],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read archives and store their articles, dated as captured.

    Read are WARC, ARC and WACZ files; folders of HTML, text and PDF; pages saved as MHTML, SingleFile or webarchive;
    newsletters as .eml, Maildir or mbox; CDX listings. The pages go through the same stages as crawled ones; nothing
    is fetched. The addresses of a CDX listing are queued for the next run of their source. Run again, it stores only
    what is new, also after a kill; a bad record costs itself, and exit code 3 reports it.
    """
    from ingest.archives import archives
    from ingest.ops.imports import ReadingOptions, Sorter, survey

    selection = _selection(since, until, url_matches, languages)
    found = tuple(archives(paths))
    most_bytes = app.config.page_max_bytes
    declared, known = _sources(app)
    named = None if name is None else _named(name, declared, known, url, found, most_bytes)
    sorter = Sorter(declared=declared, named=named)
    options = ReadingOptions(base=url or (named.url if named else None), most_bytes=most_bytes, selection=selection)
    counts = survey(found, sorter, options)
    if dry_run:
        _dry_run(app, found, sorter, options, counts, as_json=as_json)
        return
    if not sorter.found:
        _nothing(paths, found, sorter, options)
        return
    with _workers(app, sum(counts.values())):
        reports, run = _import(app, found, sorter, options)
    _print(run, reports, as_json=as_json)
    _check(reports)


def _selection(
    since: datetime | None, until: datetime | None, url_matches: Sequence[str], languages: Sequence[str]
) -> Selection:
    from ingest.archives import Selection
    from ingest.extract.metadata.languages import primary

    try:
        patterns = tuple(re.compile(pattern) for pattern in url_matches)
    except re.error as error:
        raise WrongUse(f"--url-matches: {error.pattern!r} is no regular expression: {error}") from error
    codes = {code: primary(code) for code in languages}
    for code, known in codes.items():
        if known is None:
            raise WrongUse(f'--language {code!r} is no language code; use one such as "de"')
    chosen = frozenset(code for code in codes.values() if code)
    return Selection(since=since, until=until, url_matches=patterns, languages=chosen)


def _nothing(paths: Sequence[Path], found: Sequence[Archive], sorter: Sorter, options: ReadingOptions) -> None:
    """Say why an archive gave no page at all. Raises WrongUse, Attention."""
    from ingest.archives import EVERYTHING
    from ingest.archives.capture import NO_ADDRESS
    from ingest.ops.imports import Import

    reading = Import(found, sorter, options, now=datetime.now().astimezone())
    reading.dry_run(None)
    skipped = _all_skipped(reading.reports)
    named = ", ".join(map(str, paths))
    if skipped[NO_ADDRESS]:
        raise WrongUse(f"{named}: no page in it that states its address; name one with --url")
    _check(reading.reports)
    if options.selection == EVERYTHING and not skipped:
        raise WrongUse(f"{named}: no page in it")
    click.echo(f"nothing to import: {_counted(skipped)}")


def _check(reports: Sequence[ImportReport]) -> None:
    """Raise Attention when records could not be read."""
    bad = sum(one.bad for one in reports)
    if bad:
        reasons = Counter({reason: count for reason, count in _all_skipped(reports).items() if reason in _bad()})
        raise Attention(f"{bad} records could not be read: {_counted(reasons)}; all others were")


def _all_skipped(reports: Iterable[ImportReport]) -> Counter[str]:
    return sum((one.skipped for one in reports), Counter[str]())


def _bad() -> frozenset[str]:
    from ingest.archives import BAD

    return BAD


def _sources(app: App) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """Return the sources that are declared, and those the database knows."""
    from ingest import sources as registry

    declared = registry.load_if_any(app.config.home).sources
    app.config.make_home()
    with app.open_store(create=True) as store:
        return declared, tuple(state.source for state in store.sources.all() if state.forgotten_at is None)


def _named(
    name: str,
    declared: Iterable[Source],
    known: Iterable[Source],
    url: str | None,
    found: Sequence[Archive],
    most_bytes: int,
) -> Source:
    from ingest.ops.imports import first_address, named_source

    source = named_source(name, declared, known, url)
    if source is None:
        source = named_source(name, (), (), first_address(found, most_bytes=most_bytes))
    assert source is not None, "with an address there is always one"
    return source


def _workers(app: App, records: int) -> AbstractContextManager[None]:
    """Have workers load what they need while Scrapy is loaded, where the archives hold pages enough to be worth it."""
    from ingest import workers

    if records < workers.MANY or app.config.workers == 0:
        return nullcontext()
    from ingest.steps import WARM, WORK

    return workers.begun(WORK, WARM)


def _import(
    app: App, found: Sequence[Archive], sorter: Sorter, options: ReadingOptions
) -> tuple[list[ImportReport], Run]:
    from ingest.cli.support.crawl_process import crawl
    from ingest.clock import clock
    from ingest.crawl.plan import Plan
    from ingest.ops.imports import Import
    from ingest.spiders.archive import ArchiveSpider

    reading = Import(found, sorter, options, now=clock(app.config)())
    with app.open_store() as store:
        gone = {state.name for state in store.sources.all() if state.forgotten_at is not None}
    sources = tuple(source for source in sorter.found.values() if source.name not in gone)
    plan = Plan(sources=sources, discover=False, by_hand=True, replay=True, foreign=True, command="import")
    run = crawl(app, plan, ArchiveSpider, pages=reading.pages, progress=reading.progress)
    return reading.reports, run


# ---------------------------------------------------------------- what is printed


def _dry_run(
    app: App,
    found: Sequence[Archive],
    sorter: Sorter,
    options: ReadingOptions,
    counts: dict[str, int],
    *,
    as_json: bool,
) -> None:
    from ingest.cli.support.output import print_json, print_rows
    from ingest.clock import clock
    from ingest.ops.imports import Import

    reading = Import(found, sorter, options, now=clock(app.config)())
    with app.open_store() as store:
        reading.dry_run(store)
    rows = [{"source": name, "records": count} for name, count in sorted(counts.items(), key=lambda one: -one[1])]
    if as_json:
        files = [_file_row(one) | {"skipped": dict(one.skipped)} for one in reading.reports]
        print_json({"dry_run": True, "sources": rows, "files": files})
    else:
        print_rows(rows, ("source", "records"), numbers=("records",))
        click.echo()
        _print_files(reading.reports)
        click.echo("dry run: nothing was stored")
    _check(reading.reports)


def _print(run: Run, reports: Sequence[ImportReport], *, as_json: bool) -> None:
    from ingest.cli.support.output import print_json, print_rows

    rows = []
    for name, result in run.results.items():
        counts = {outcome: getattr(result.counts, outcome) for outcome in OUTCOMES}
        rows.append({"source": name, **counts, "stripped": result.stripped, "left": result.left})
    rows.sort(key=lambda row: (-row["stored"], -row["revised"], row["source"]))
    if as_json:
        print_json(
            {
                "run": run.id,
                "sources": rows,
                "files": [_file_row(one) | {"skipped": dict(one.skipped)} for one in reports],
            }
        )
        return
    columns = ("stored", "stripped", *(one for one in OUTCOMES[1:] if any(row[one] for row in rows)))
    shown = rows[:SHOWN_SOURCES]
    if len(rows) > 1:
        shown.append({"source": f"all {len(rows)}", **{name: sum(row[name] for row in rows) for name in columns}})
    print_rows(shown, ("source", *columns), numbers=columns)
    click.echo()
    _print_files(reports)
    if not any(row["stored"] or row["revised"] for row in rows) and not any(one.queued for one in reports):
        click.echo("nothing new")
    if any(one.queued for one in reports):
        click.echo(
            "what was queued is fetched by the next `ingest run` of its source; declare one with: ingest add URL"
        )


def _print_files(reports: Sequence[ImportReport]) -> None:
    from ingest.cli.support.output import print_rows

    files = [_file_row(one) for one in reports]
    if len(files) > SHOWN_SOURCES:
        files = [_together(reports)]
    numbers = ("pages", *(("queued",) if any(row["queued"] for row in files) else ()))
    print_rows(files, ("file", *numbers, "skipped"), numbers=numbers)


def _file_row(one: ImportReport) -> dict[str, Any]:
    return {
        "file": one.name,
        "pages": one.pages,
        "queued": one.queued,
        "skipped": _counted(one.skipped),
        "bad": one.bad,
    }


def _together(reports: Sequence[ImportReport]) -> dict[str, Any]:
    skipped = _all_skipped(reports)
    pages, queued = sum(one.pages for one in reports), sum(one.queued for one in reports)
    return {"file": f"{len(reports)} files", "pages": pages, "queued": queued, "skipped": _counted(skipped)}


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())


COMMAND = import_
