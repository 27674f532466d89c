"""What `ingest run` reports at its end: one line for each new finding, alerts, figures for Prometheus."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from ingest.events import event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.cli.support.app import App
    from ingest.crawl.run import Run
    from ingest.store import Finding


log = logging.getLogger(__name__)


def print_findings(app: App, run: Run, *, strict: bool) -> bool:
    """Print new findings, with `strict` all, one line each on stderr; return whether there were any.

    With --log-format json each is an event, so that stderr stays one kind of thing.
    """
    from ingest.cli.support.summary import print_failures
    from ingest.ops.alerts import about, line
    from ingest.ops.anomalies import ProblemKind

    if not run.looked:  # a dry run, or one that was cut off
        failed = run.failed_sources()
        print_failures(run, failed)
        return bool(failed)
    reported: Sequence[Finding] = [
        finding for looked in run.looked for finding in (looked.open if strict else looked.begun)
    ]
    for finding in reported:
        if (app.log_format or app.config.log_format) == "json":
            event(log, logging.WARNING, "source unhealthy", **about(finding))
        elif finding.kind == ProblemKind.FAILED:
            print_failures(run, [finding.source])
        else:
            click.echo(f"ingest: {line(finding)}", err=True)
    return bool(reported)


def run_hooks(app: App, run: Run) -> None:
    """Hand the new articles to the hooks of the settings and sources; what goes wrong is logged and fails nothing."""
    from ingest.clock import clock
    from ingest.crawl.lock import in_turn
    from ingest.errors import IngestError
    from ingest.export.rows import row
    from ingest.ops import hooks

    config = app.config
    try:
        with in_turn(config.url_of_database, "hooks", most_s=1.0) as ours, app.open_store() as store:
            if ours:  # else another run is at it, and the next one goes on
                hooks.run_hooks(store, config, run.id, clock(config)(), row)
    except (IngestError, OSError) as error:
        event(log, logging.WARNING, "hooks not run", reason=str(error))


def send_alerts(app: App, run: Run) -> None:
    """Send new findings, recoveries and matches of saved searches to the services, write the figures for Prometheus.

    A webhook or server that does not answer is logged and costs the run nothing; the next run sends it again.
    Raises SettingsError for a channel that cannot be used, IngestError when the figures cannot be written.
    """
    from ingest.cli.support.planning import saved_searches
    from ingest.clock import clock
    from ingest.crawl.lock import in_turn
    from ingest.ops import alerts, prometheus
    from ingest.ops.article_changes import report_changes
    from ingest.ops.fleet import state
    from ingest.ops.saved_searches import report_matches

    config, searches = app.config, saved_searches(app)
    with in_turn(config.url_of_database, "alerts") as ours, app.open_store() as store:
        if not ours:
            return
        now = clock(config)()
        alerts.send_alerts(store, config, now)
        report_matches(store, config, searches, run.id, now)
        report_changes(store, config, run.id, now)
        if config.prometheus_textfile:
            text = prometheus.figures(store, now) + state.text(config.url_of_database)
            prometheus.write(config.prometheus_textfile, text)
