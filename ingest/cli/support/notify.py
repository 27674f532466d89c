"""What `ingest run` tells when it is over: one line for each new finding, alerts, figures for Prometheus."""

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


def tell_findings(app: App, run: Run, *, strict: bool) -> bool:
    """Print what is new, with `strict` all that is ill, one line each on stderr; tell whether there was anything.

    With --log-format json each is an event, so that stderr stays one kind of thing.
    """
    from ingest.cli.support.summary import tell_failures
    from ingest.ops.alerts import about, line
    from ingest.ops.anomalies import ProblemKind

    if not run.looked:  # a dry run, or one that was cut off
        failed = run.failed_sources()
        tell_failures(run, failed)
        return bool(failed)
    told: Sequence[Finding] = [
        finding for looked in run.looked for finding in (looked.open if strict else looked.begun)
    ]
    for finding in told:
        if (app.log_format or app.config.log_format) == "json":
            event(log, logging.WARNING, "source ill", **about(finding))
        elif finding.kind == ProblemKind.FAILED:
            tell_failures(run, [finding.source])
        else:
            click.echo(f"ingest: {line(finding)}", err=True)
    return bool(told)


def send_alerts(app: App) -> None:
    """Tell those whom the settings name what began and what is over, and write the figures for Prometheus.

    A webhook or server that does not answer is logged and costs the run nothing: it is told again by the next one.
    Raises SettingsError for a channel that cannot be used, IngestError when the figures cannot be written.
    """
    from ingest.clock import clock
    from ingest.crawl.lock import in_turn
    from ingest.ops import alerts, prometheus
    from ingest.ops.fleet import state

    config = app.config
    with in_turn(config.url_of_database, "alerts") as ours, app.open_store() as store:
        if not ours:
            return
        now = clock(config)()
        alerts.tell(store, config, now)
        if config.prometheus_textfile:
            text = prometheus.figures(store, now) + state.text(config.url_of_database)
            prometheus.write(config.prometheus_textfile, text)
