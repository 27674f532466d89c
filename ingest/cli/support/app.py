"""App: what the options common to all commands say, and the Config that comes of it."""

from __future__ import annotations

import functools
import importlib
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ingest.errors import SettingsError

if TYPE_CHECKING:
    from ingest.config import Config
    from ingest.model import SavedSearch
    from ingest.store import Store

R = TypeVar("R")

OURS = ("ingest", "pipelines")  # the loggers of this program
ROOT = Path(__file__).resolve().parents[3]  # where settings.py and pipelines/ stand beside ingest/


@dataclass
class App:
    """The state of one command: filled by the options, asked by the commands."""

    home: Path | None = None
    verbose: int = 0
    log_format: str | None = None
    searches: tuple[SavedSearch, ...] | None = None  # of sources.toml, once it was read
    file_wide: dict[str, Any] = field(default_factory=dict)  # INGEST_ names out of sources.toml
    overrides: dict[str, Any] = field(default_factory=dict)  # INGEST_ names given as flags

    @functools.cached_property
    def settings(self) -> dict[str, Any]:
        """The upper-case names of settings.py. A settings.py in the working directory is not ours and not taken."""
        if sys.path[0] != str(ROOT):
            sys.path.insert(0, str(ROOT))
        try:
            module = importlib.import_module("settings")
        except OSError as error:
            raise SettingsError(f"a setting named *_FILE cannot be read: {error}") from error
        return {name: getattr(module, name) for name in dir(module) if name.isupper()}

    @functools.cached_property
    def config(self) -> Config:
        """The settings, checked, with the home found and logging set up."""
        from ingest import config as configuration

        config = configuration.load({**self.settings, **self.file_wide, **self.overrides}, home=self.home)
        self.set_up_logging(self.log_format or config.log_format, config.log_level)
        return config

    def forget_config(self) -> None:
        """Have the config made again: file_wide or overrides have changed."""
        self.__dict__.pop("config", None)

    def set_up_logging(self, log_format: str, log_level: str) -> None:
        """Send events to stderr: ours from the level asked for, those of libraries with -vvv only."""
        from ingest.events import JsonFormatter, TextFormatter

        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
        if self.verbose <= 2:
            handler.addFilter(lambda record: record.name.partition(".")[0] in OURS)
        logging.getLogger().handlers[:] = [handler]
        level = logging.DEBUG if self.verbose > 2 else logging.INFO if self.verbose > 1 else log_level
        for name in OURS:
            logging.getLogger(name).setLevel(level)

    def open_store(self, *, create: bool = False) -> Store:
        """Open the store of the config; with `create`, create home and database where they are missing."""
        from ingest.store import open_store

        if create:
            self.config.make_home()
        return open_store(self.config.url_of_database, create=create)

    @contextmanager
    def hold_store(self) -> Iterator[Store]:
        """Hold the run lock of a database that is there, and its store. Raises NoDatabase before a lock is made."""
        from ingest.crawl.lock import held
        from ingest.store import check_database

        check_database(self.config.url_of_database)
        with held(self.config.url_of_database), self.open_store() as store:
            yield store


def common_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command --home, --log-format and -v, and the App as its first argument.

    The options stand before or after the command's name; the last one given counts.
    """

    @click.option(
        "--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of sources.toml and ingest.db."
    )
    @click.option("--log-format", type=click.Choice(["text", "json"]), help="How events are written to stderr.")
    @click.option("-v", "--verbose", count=True, help="-v: one line at the end; -vv: each event; -vvv: libraries too.")
    @click.pass_context
    @functools.wraps(command)
    def wrapped(
        ctx: click.Context,
        /,
        *args: Any,
        home: Path | None,
        log_format: str | None,
        verbose: int,
        **kwargs: Any,
    ) -> R:
        app: App = ctx.obj
        app.home = home or app.home
        app.log_format = log_format or app.log_format
        app.verbose = verbose or app.verbose
        return command(app, *args, **kwargs)

    return wrapped
