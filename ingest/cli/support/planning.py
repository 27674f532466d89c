"""What the commands that crawl share: their options, the sources they mean, their plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App
from ingest.cli.support.durations import DURATION

if TYPE_CHECKING:
    from ingest.crawl.plan import Plan
    from ingest.model import SavedSearch, Source
    from ingest.sources import SourcesFile

max_articles_option = click.option(
    "--max-articles", type=click.IntRange(min=1), help="At most so many new articles of each source."
)
max_runtime_option = click.option(
    "--max-runtime", type=DURATION, help="Stop after 25m, 2h ...; the rest is kept for the next run."
)
json_option = click.option("--json", "as_json", is_flag=True, help="The result as JSON on stdout.")


def plan_of(sources: tuple[Source, ...], **what: object) -> Plan:
    """Return a plan; `what` are fields of it."""
    from ingest.crawl.plan import Plan

    return Plan(sources=sources, **what)  # type: ignore[arg-type]  # the names are those of Plan


def sources_file(app: App) -> SourcesFile:
    """Read sources.toml; its file-wide part outranks settings.py and the environment."""
    from ingest import sources
    from ingest.config import setting_name

    file = sources.load(app.config.home)
    app.file_wide = {setting_name(name): value for name, value in file.settings.items()}
    app.searches = file.searches
    app.forget_config()
    return file


def saved_searches(app: App) -> tuple[SavedSearch, ...]:
    """Return the searches of sources.toml, none where there is no such file. Raises SourceError for a wrong one."""
    from ingest import sources

    if app.searches is None:
        app.searches = sources.load_if_any(app.config.home).searches
    return app.searches


def sources_if_any(app: App) -> tuple[Source, ...]:
    """Return the sources of sources.toml, none where there is no such file."""
    from ingest import sources

    return sources.load_if_any(app.config.home).sources
