"""The command line: arguments in, exit code out.

Every command parses, calls one function and prints. Results go to stdout, logs and progress to stderr. Commands are
imported when they are asked for and import their heavy parts when they run, so that `ingest --help` is quick.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import sys
import warnings
from typing import Any

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import SIGNAL_BASE, IngestError

GC_THRESHOLD = 50_000  # objects between two searches for cycles: with Python's 700 they are a twelfth of a crawl's CPU

# command -> its line in `ingest --help`, in the order in which a new user needs them; ingest/cli/COMMAND.py holds it
COMMANDS = {
    "demo": "Crawl a small news site that ships with the program.",
    "init": "Make a project folder: sources.toml with comments, .env example.",
    "add": "Find a site's feeds, sitemaps and sections and write them to sources.toml.",
    "crawl": "Crawl the articles of one or more sites, without a sources file.",
    "run": "Crawl every due source of sources.toml; the command for cron.",
    "fetch": "Fetch single pages.",
    "clean": "Print the clean text of one page of the web, a file or text that was scraped before.",
    "import": "Import articles from WARC files, folders of HTML or text, or CDX listings; nothing is fetched.",
    "why": "Explain every decision about a page or article.",
    "show": "Read an article.",
    "changes": "List revised, corrected and removed articles with the words that changed.",
    "search": "Search the articles by words of their title and text.",
    "reextract": "Extract again from stored raw pages; nothing is fetched.",
    "forget": "Delete an article or a source with its raw pages; it is never fetched again.",
    "report": "Write one HTML page about runs, yield, outcomes, health and the newest articles.",
    "export": "Export articles: jsonl, json, csv, parquet, xlsx, sqlite, md, rss, atom, warc, epub.",
    "blocks": "List learned boilerplate blocks, overrule them, apply them to stored articles.",
    "rules": "Test the rules of sources.toml on stored pages, suggest rules, import rules.",
    "sources": "List and check the configured sources.",
    "status": "Show the last run of each source and its results.",
    "work": "Several machines: crawl queued sources until stopped.",
    "enqueue": "Several machines: queue the sources that are due.",
    "health": "List unhealthy sources and the likely cause.",
    "schedule": "Print cron lines or systemd units for `ingest run`.",
    "prune": "Delete old raw pages, revisions and logs.",
    "db": "Upgrade, check or back up the database.",
    "config": "Show every setting, its value and where it came from.",
}


class OutputClosedError(Exception):
    """The reader of the output has closed it, as `head` does; click would report a failure."""


class Commands(click.Group):
    """A group whose commands are imported when they are named."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments; --help and --version are printed here. Raises OutputClosedError as `invoke` does."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError as error:
            raise OutputClosedError from error

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command that was asked for. Raises OutputClosedError when the reader of its output has gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise OutputClosedError from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of a first day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that holds the command."""
        if cmd_name not in COMMANDS:
            return None
        file = "import_" if cmd_name == "import" else cmd_name  # `import` is a word of the language
        command: click.Command = importlib.import_module(f"ingest.cli.{file}").COMMAND
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when one is not there."""
        import difflib

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`ingest --help` lists them all"
            ctx.fail(f"no such command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


def _print_versions(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    """Print our version, Python's, and those of the installed dependencies, for a report of a fault."""
    if not wanted or ctx.resilient_parsing:
        return
    from ingest.cli.support.versions import versions

    for name, version in versions():
        click.echo(f"{name} {version}")
    ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="First try, without network: ingest demo. Then: ingest crawl https://example.com",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_versions, help="Versions, then exit."
)
@common_options
def cli(app: App) -> None:
    """Find, fetch, clean and keep the articles of news sites and blogs."""


def main(args: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(GC_THRESHOLD)
    sys.exit(_written(ended(cli, sys.argv[1:] if args is None else args)))


def _written(code: int) -> int:
    """Return the exit code when all that was printed has left the process."""
    if sys.stdout is None:  # closed before we began
        return code
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _nobody_reads()
    except OSError as error:
        click.echo(f"ingest: what was printed could not be written: {error.strerror}", err=True)
        _nobody_reads()
        return IngestError.exit_code
    return code


def _nobody_reads() -> int:
    """End as a tool does that SIGPIPE ends; what is still to be printed goes nowhere, without a word about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return SIGNAL_BASE + signal.SIGPIPE


def ended(called: click.Command, args: list[str]) -> int:
    """Call a command and return its exit code; an error is one line on stderr."""
    app = App()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # they are for those who work on the program: tests make them errors
    try:
        code = called.main(args, prog_name="ingest", standalone_mode=False, obj=app)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message())
        return 0
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "ingest"
        said = " ".join(error.format_message().split()).removesuffix(".")
        click.echo(f"{command}: {said} (see {command} --help)", err=True)
        return error.exit_code
    except click.Abort:
        return SIGNAL_BASE + signal.SIGINT
    except KeyboardInterrupt:
        return SIGNAL_BASE + signal.SIGINT
    except IngestError as error:
        click.echo(f"ingest: {error}", err=True)
        return error.exit_code
    except OutputClosedError:  # `ingest export | head`
        return _nobody_reads()
    except Exception as error:
        return _broke(error, app)


def _broke(error: Exception, app: App) -> int:
    """Print an internal error in one line; with -vv the trace too."""
    text = " ".join(str(error).split()) or "no message"
    hint = "" if app.verbose > 1 else "; run it again with -vv for the trace"
    click.echo(f"ingest: {type(error).__name__}: {text}{hint}", err=True)
    if app.verbose > 1:
        logging.getLogger("ingest").error("trace", exc_info=error)
    return IngestError.exit_code


__all__: list[Any] = ["main"]
