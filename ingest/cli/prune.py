"""`ingest prune`: retention."""

from __future__ import annotations

from contextlib import ExitStack

import click

from ingest.cli.support.app import App, common_options
from ingest.text.normalize import counted


@click.command("prune", epilog="Example: ingest prune --dry-run   then   ingest prune")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@common_options
def prune(app: App, dry_run: bool, as_json: bool) -> None:
    """Delete raw pages, texts of old revisions and logs that are older than the settings say; articles stay.

    INGEST_RAW_DAYS, INGEST_REVISION_DAYS and INGEST_LOG_DAYS say how old. A raw file goes when all its pages may.
    """
    from ingest.cli.support.output import print_json
    from ingest.clock import clock
    from ingest.crawl.lock import held
    from ingest.ops.prune import limits_of
    from ingest.ops.prune import prune as take_away

    config = app.config
    with ExitStack() as stack:
        store = stack.enter_context(app.open_store())
        if not dry_run:  # a run may be about to point to a record that goes
            stack.enter_context(held(config.url_of_database))
        done = take_away(
            store,
            config.home,
            limits_of(config, clock(config)()),
            dry_run=dry_run,
            storage=config.raw_place,
            shared=config.url_of_database.startswith("postgres"),
        )
    rows = done.rows
    counts = {
        "raw_pages": rows.raw_pages,
        "raw_files": len(rows.files),
        "raw_bytes": done.file_bytes,
        "raw_files_elsewhere": done.files_elsewhere,
        "revisions": rows.revisions,
        "runs": rows.runs,
        "findings": rows.findings,
    }
    if as_json:
        print_json({"dry_run": dry_run, **counts})
        return
    verb = "would be deleted" if dry_run else "deleted"
    click.echo(
        f"{verb}: {counted(rows.raw_pages, 'raw page')}, {counted(len(rows.files), 'raw file')} of "
        f"{done.file_bytes:,} bytes, texts of {counted(rows.revisions, 'old revision')}, {counted(rows.runs, 'run')} "
        f"and {counted(rows.findings, 'finding')} of the log"
    )
    if done.files_elsewhere:
        click.echo(
            f"{done.files_elsewhere} old raw files are not in {config.home}: run ingest prune in their homes too"
        )


COMMAND = prune
