"""`ingest import`: articles out of archives; no request is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import Attention, WrongUse

if TYPE_CHECKING:
    from ingest.archives import Archive
    from ingest.crawl.run import Run
    from ingest.model import Source
    from ingest.ops.imports import ImportReport, Sorter

SHOWN_SOURCES = 20  # of a news crawl of the whole web there are thousands; --json has them all
OUTCOMES = ("stored", "revised", "unchanged", "duplicate", "screened", "refused", "failed")


@click.command(
    "import", epilog="Example: ingest import CC-NEWS-20260301.warc.gz   or   ingest import saved/ --source example"
)
@click.argument("paths", metavar="FILE|DIR...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--source",
    "name",
    shell_complete=source_names,
    help="The source all pages are of; else each page's host tells.",
)
@click.option("--url", help="Address that a folder's files lie below, where they do not tell their own.")
@click.option("--dry-run", is_flag=True, help="Tell whose pages are in the files; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON on stdout.")
@common_options
def import_(app: App, paths: Sequence[Path], name: str | None, url: str | None, dry_run: bool, as_json: bool) -> None:
    """Read WARC files, folders of HTML or text, and CDX listings, and store their articles dated as captured.

    The pages go through the same stages as crawled ones; nothing is fetched. What a CDX listing names is queued for the
    next run of its source. Typed again, it stores only what is new; a bad record costs itself, and exit code 3 tells.
    """
    from ingest.archives import archives
    from ingest.ops.imports import Sorter, survey

    found = tuple(archives(paths))
    most_bytes = app.config.page_max_bytes
    declared, known = _sources(app)
    named = None if name is None else _named(name, declared, known, url, found, most_bytes)
    sorter = Sorter(declared=declared, named=named)
    base = url or (named.url if named else None)
    counts = survey(found, sorter, base=base, most_bytes=most_bytes)
    if dry_run:
        _print_survey(counts, as_json=as_json)
        return
    if not sorter.found:
        raise WrongUse(f"{', '.join(map(str, paths))}: no page in it that tells its address; name one with --url")
    told, run = _import(app, found, sorter, base)
    _print(run, told, as_json=as_json)
    bad = sum(one.bad for one in told)
    if bad:
        reasons = sum((Counter({r: n for r, n in one.skipped.items() if r in _bad()}) for one in told), Counter[str]())
        raise Attention(f"{bad} records could not be read: {_counted(reasons)}; all others were")


def _bad() -> frozenset[str]:
    from ingest.archives import BAD

    return BAD


def _sources(app: App) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """Return the sources that are declared, and those the database knows."""
    from ingest import sources as registry

    declared = registry.load_if_any(app.config.home).sources
    app.config.home.mkdir(parents=True, exist_ok=True)
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


def _import(app: App, found: Sequence[Archive], sorter: Sorter, base: str | None) -> tuple[list[ImportReport], Run]:
    from ingest.cli.support.crawl_process import crawl
    from ingest.clock import clock
    from ingest.crawl.plan import Plan
    from ingest.ops.imports import Import
    from ingest.spiders.archive import ArchiveSpider

    reading = Import(found, sorter, base=base, most_bytes=app.config.page_max_bytes, now=clock(app.config)())
    with app.open_store() as store:
        gone = {state.name for state in store.sources.all() if state.forgotten_at is not None}
    sources = tuple(source for source in sorter.found.values() if source.name not in gone)
    plan = Plan(sources=sources, discover=False, by_hand=True, replay=True, foreign=True, command="import")
    run = crawl(app, plan, ArchiveSpider, pages=reading.pages)
    return reading.told, run


# ---------------------------------------------------------------- what is printed


def _print_survey(counts: dict[str, int], *, as_json: bool) -> None:
    from ingest.cli.support.output import print_json, print_rows

    rows = [{"source": name, "records": count} for name, count in sorted(counts.items(), key=lambda one: -one[1])]
    if as_json:
        print_json({"dry_run": True, "sources": rows})
    else:
        print_rows(rows, ("source", "records"), numbers=("records",))
        click.echo("dry run: nothing was stored")


def _print(run: Run, told: Sequence[ImportReport], *, as_json: bool) -> None:
    from ingest.cli.support.output import print_json, print_rows

    rows = []
    for name, result in run.results.items():
        counts = {outcome: getattr(result.counts, outcome) for outcome in OUTCOMES}
        rows.append({"source": name, **counts, "stripped": result.stripped, "left": result.left})
    rows.sort(key=lambda row: (-row["stored"], -row["revised"], row["source"]))
    if as_json:
        print_json(
            {"run": run.id, "sources": rows, "files": [_file_row(one) | {"skipped": dict(one.skipped)} for one in told]}
        )
        return
    columns = ("stored", "stripped", *(one for one in OUTCOMES[1:] if any(row[one] for row in rows)))
    shown = rows[:SHOWN_SOURCES]
    if len(rows) > 1:
        shown.append({"source": f"all {len(rows)}", **{name: sum(row[name] for row in rows) for name in columns}})
    print_rows(shown, ("source", *columns), numbers=columns)
    click.echo()
    files = [_file_row(one) for one in told]
    if len(files) > SHOWN_SOURCES:
        files = [_together(told)]
    numbers = ("pages", *(("queued",) if any(row["queued"] for row in files) else ()))
    print_rows(files, ("file", *numbers, "skipped"), numbers=numbers)
    if not any(row["stored"] or row["revised"] for row in rows) and not any(one.queued for one in told):
        click.echo("nothing new")
    if any(one.queued for one in told):
        click.echo(
            "what was queued is fetched by the next `ingest run` of its source; declare one with: ingest add URL"
        )


def _file_row(one: ImportReport) -> dict[str, Any]:
    return {
        "file": one.name,
        "pages": one.pages,
        "queued": one.queued,
        "skipped": _counted(one.skipped),
        "bad": one.bad,
    }


def _together(told: Sequence[ImportReport]) -> dict[str, Any]:
    skipped = sum((one.skipped for one in told), Counter[str]())
    pages, queued = sum(one.pages for one in told), sum(one.queued for one in told)
    return {"file": f"{len(told)} files", "pages": pages, "queued": queued, "skipped": _counted(skipped)}


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())


COMMAND = import_
