"""`python -m ingest.cli.support.batch`: one crawl of a worker, started by `ingest work` only.

Standard input gives one line of JSON, {"names": [...], "by_hand": [...], "longest_s": 3600}, and stays open as long as
the worker wants the crawl; standard output gets one line, {"done": [...], "held": [...], "left": [...]}. All else is as
in `ingest run`.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options

if TYPE_CHECKING:
    from ingest.crawl.run import Run
    from ingest.model import Source
    from ingest.store import Store


@click.command("bundle", epilog="Started by: ingest work")
@common_options
def bundle(app: App) -> None:
    """Crawl the sources named on standard input."""
    from ingest.cli.support.crawl_process import crawl_to_end
    from ingest.cli.support.notify import print_findings, run_hooks, send_alerts
    from ingest.crawl.plan import Plan
    from ingest.sources import load_if_any

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # Ctrl-C at the worker: it sends the order itself
    order = json.loads(sys.stdin.buffer.readline() or b'{"names": []}')
    _take_file_wide(app, load_if_any(app.config.home).settings)
    with app.open_store() as store:
        sources = _wanted(app, store, order["names"], order.get("by_hand", ()))
    if not sources:
        _report(order["names"])
        return
    run = crawl_to_end(
        app,
        Plan(sources=sources, by_hand=True, command="work", worker=True, max_runtime_s=order.get("longest_s")),
        until=sys.stdin.fileno(),
    )
    names = {source.name for source in sources}
    done = set() if run.broken else {name for name in names if _is_done(run, name)}
    held = {name for name in names - done if run.results[name].held}
    left = names - done - held if run.cut_short and not run.broken else set()
    _report([name for name in order["names"] if name not in names or name in done], held, left)
    if run.broken is not None:
        raise run.broken
    if not run.signum:
        print_findings(app, run, strict=False)
        send_alerts(app, run)
        run_hooks(app, run)
    raise click.exceptions.Exit(run.exit_code)


def _wanted(app: App, store: Store, names: Iterable[str], by_hand: Iterable[str]) -> tuple[Source, ...]:
    """Return the sources that are still to be crawled."""
    from ingest.clock import SURELY_WRONG, clock

    now, asked = clock(app.config)(), frozenset(by_hand)
    states = [state for name in names if (state := store.sources.get(name)) is not None and state.retired_at is None]
    wrong = now + SURELY_WRONG
    due = (state for state in states if state.name in asked or not now < state.next_due_at <= wrong)
    return tuple(state.source for state in due)


def _is_done(run: Run, name: str) -> bool:
    result = run.results[name]
    return result.discovered and not (run.cut_short and result.left)


def _report(done: Iterable[str], held: Iterable[str] = (), left: Iterable[str] = ()) -> None:
    sys.stdout.write(json.dumps({"done": sorted(done), "held": sorted(held), "left": sorted(left)}) + "\n")
    sys.stdout.flush()


def _take_file_wide(app: App, settings: Mapping[str, object]) -> None:
    from ingest.config import setting_name

    app.file_wide = {setting_name(name): value for name, value in settings.items()}
    app.forget_config()


def command(app: App) -> tuple[str, ...]:
    """Return what starts this in a process of its own, with the same home and log."""
    how = ["--home", str(app.config.home), "--log-format", app.log_format or app.config.log_format]
    return (sys.executable, "-m", "ingest.cli.support.batch", *how, *(["-" + "v" * app.verbose] if app.verbose else []))


def main() -> None:
    """Run it and end the process with its exit code."""
    from ingest.cli import ended

    sys.exit(ended(bundle, sys.argv[1:]))


if __name__ == "__main__":
    main()
