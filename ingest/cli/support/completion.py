"""What the shell offers for the name of a source: what sources.toml declares and what the database has met.

Completion runs at each press of a key: it reads names only, checks nothing and never complains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click

    from ingest.cli.support.app import App

MOST = 500  # a longer list is not read; more letters make it shorter


def source_names(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the sources whose name begins like that, each with its address; none when anything is in the way."""
    try:
        known = _known(_app(ctx))
    except Exception:  # the command itself reports a broken file or database
        return []
    given = {name for value in ctx.params.values() if isinstance(value, tuple) for name in value}
    fitting = sorted(name for name in known if name.startswith(incomplete) and name not in given)
    return [CompletionItem(name, help=known[name] or None) for name in fitting[:MOST]]


def _app(ctx: click.Context) -> App:
    """Return the app with the home that was typed so far: options of the group and the command are not yet its own."""
    from ingest.cli.support.app import App

    app = ctx.find_object(App) or App()
    context: Any = ctx
    while context is not None and app.home is None:
        app.home = context.params.get("home")
        context = context.parent
    return app


def _known(app: App) -> dict[str, str]:
    from ingest.errors import IngestError
    from ingest.sources.names import declared

    home = app.config.home
    known: dict[str, str] = {}  # name -> address, where a file has it
    try:
        with app.open_store() as store:
            known = {state.name: "" for state in store.sources.all()}
    except IngestError:
        pass  # nothing was crawled yet
    return known | declared(home)
