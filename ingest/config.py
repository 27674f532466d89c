"""Config: the INGEST_* settings, typed and checked once; and where the home is.

settings.py is the only reader of the environment; it hands over names and values, this file says what they may be.
Each field's metadata holds its unit and effect: `ingest config`, the README's table and the docs are made from it.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NoReturn, Self, Union, get_args, get_origin, get_type_hints
from urllib.parse import unquote, urlsplit

import platformdirs

from ingest.errors import IngestError, SettingsError

PREFIX = "INGEST_"
SOURCES_FILE = "sources.toml"
DATABASE_FILE = "ingest.db"
APP_NAME = "ingest"
UNSET_HOME = Path()

# file systems of fsspec that lose what is written when the process ends, and those that take nothing
FORGETFUL = frozenset({"memory", "memoryfs"})
READ_ONLY = frozenset({"data", "http", "https", "github", "git", "reference"})

Network = IPv4Network | IPv6Network

HOOK_PLACES = ("id", "url", "source")  # in a command for new articles; no page can make an option of them
HOOK_PLACE = re.compile(r"\{(\w+)\}")


def _setting(
    default: Any, doc: str, *, low: float | None = None, high: float | None = None, secret: bool = False
) -> Any:
    return field(default=default, metadata={"doc": doc, "low": low, "high": high, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting with its default; values from outside are converted to the field's type and checked for range."""

    # where things are
    home: Path = _setting(UNSET_HOME, "folder of sources.toml, ingest.db and raw/; empty: found upwards from here")
    database_url: str = _setting("", "SQLAlchemy URL; empty: ingest.db in the home")
    # who we are
    contact: str = _setting("", "address or URL in the User-Agent, so that sites can reach you")
    proxy: str = _setting("", "URL of a proxy for every request")
    # politeness
    delay_s: float = _setting(1.0, "seconds between two requests to one polite unit", low=0.001, high=3600)
    max_delay_s: float = _setting(60.0, "most seconds of delay that latency or Crawl-delay may ask for", low=0.001)
    hosts_at_once: int = _setting(64, "polite units crawled side by side", low=1, high=1000)
    retries: int = _setting(2, "repeats of a failed request in one run", low=0, high=10)
    max_retry_after_s: float = _setting(86400.0, "longest Retry-After that is believed, seconds", low=0)
    allow_networks: tuple[Network, ...] = _setting((), "CIDR list of non-public networks that may be fetched from")
    # bounds of one request
    connect_timeout_s: float = _setting(10.0, "seconds to connect", low=0.1)
    request_timeout_s: float = _setting(20.0, "seconds for a whole request", low=0.1)
    page_max_bytes: int = _setting(10 * 2**20, "decoded bytes of a page", low=1024)
    feed_max_bytes: int = _setting(20 * 2**20, "decoded bytes of a feed", low=1024)
    sitemap_max_bytes: int = _setting(50 * 2**20, "decoded bytes of a sitemap", low=1024)
    robots_max_bytes: int = _setting(512 * 2**10, "decoded bytes of a robots.txt; what follows is not read", low=1024)
    max_redirects: int = _setting(10, "redirects followed for one request", low=0, high=50)
    # bounds of one source in one run
    max_articles: int = _setting(200, "new articles of one source in one run", low=1)
    max_requests: int = _setting(500, "requests to one source in one run", low=1)
    max_source_s: float = _setting(900.0, "seconds for one source in one run", low=1)
    max_depth: int = _setting(3, "listings followed from a source's seeds; pagination does not count", low=0)
    no_news_pages: int = _setting(50, "pages without a new article that end a source's run", low=1)
    every_min: int = _setting(60, "minutes after which a source is due again", low=1)
    # what an article is
    min_words: int = _setting(30, "fewer words of body are no article; CJK characters count half", low=0)
    # raw pages
    private_files: bool = _setting(
        True, "create the database, raw pages and folders for your user only (0600, 0700); false: as the umask says"
    )
    keep_raw: bool = _setting(True, "keep raw pages in WARC files, for re-extraction")
    raw_days: int = _setting(365, "days that raw pages are kept", low=1)
    raw_place: str = _setting(
        "",
        "folder (a relative one lies in the home) or fsspec URL that finished raw files are moved to; empty: they stay",
    )
    # what is kept of the past; `ingest prune` takes the rest away
    revision_days: int = _setting(0, "days that revisions are kept which are not the latest; 0: for ever", low=0)
    log_days: int = _setting(400, "days that the log of runs is kept; health needs 56", low=56)
    # notifications
    webhook: str = _setting("", "URL that gets a JSON object for each finding, and when it is over", secret=True)
    ping_url: str = _setting("", "heartbeat: pinged at URL/start, then at URL or URL/CODE", secret=True)
    mail_to: str = _setting("", "addresses that findings are mailed to, separated by commas")
    mail_from: str = _setting("", "address that mails come from; empty: the first of those they go to")
    smtp_url: str = _setting("smtp://localhost", "mail server; smtps://USER:PASSWORD@HOST:465", secret=True)
    apprise: str = _setting("", "addresses for apprise, separated by spaces; needs the extra alerts", secret=True)
    on_new: str = _setting(
        "", "command or URL for each new article: notify {id}, or https://...; see docs/health.md", secret=True
    )
    prometheus_textfile: str = _setting("", "file that run, health and status figures are written to after each run")
    # your own code, by import path
    stages: str = _setting("", "own stages with their place: package.module.Class:450, separated by spaces")
    seed_readers: str = _setting("", "own seed readers: package.module.function, separated by spaces")
    exports: str = _setting("", "own export formats: NAME=package.module.function, separated by spaces")
    # the program
    browser: str = _setting("", "Chromium for sources with render = true; empty: one on the PATH")
    workers: int | None = _setting(
        None, "processes that extract; empty: one a core; 0: none, and no bound on memory", low=0, high=256
    )
    log_level: str = _setting("WARNING", "DEBUG, INFO, WARNING or ERROR")
    log_format: str = _setting("text", "text or json, one event a line")
    clock: str = _setting("", "for tests only: the moment at which a command believes to start, ISO 8601")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Take the INGEST_* names of a mapping; others are left alone.

        Raises SettingsError for an unknown INGEST_ name and for a value its setting cannot have.
        """
        values: dict[str, Any] = {}
        types_ = get_type_hints(cls)
        known = {setting_name(item.name): item for item in fields(cls)}
        for name in settings:
            if not name.startswith(PREFIX) or name in NOT_SETTINGS:
                continue
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise SettingsError(f"unknown setting {name}{hint or ';'} `ingest config --show` lists them all")
            item = known[name]
            values[item.name] = _convert(name, settings[name], types_[item.name])
            _check_range(name, values[item.name], item.metadata)
        return cls(**values)._checked()

    def _checked(self) -> Self:
        if self.log_level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise SettingsError(f"INGEST_LOG_LEVEL is {self.log_level!r}; use DEBUG, INFO, WARNING or ERROR")
        if self.log_format not in ("text", "json"):
            raise SettingsError(f"INGEST_LOG_FORMAT is {self.log_format!r}; use text or json")
        if self.clock and not _is_moment(self.clock):
            raise SettingsError(f"INGEST_CLOCK is {self.clock!r}; use a moment like 2026-03-01T06:00:00+00:00")
        for name in ("webhook", "ping_url"):
            if (url := getattr(self, name)) and not url.startswith(("http://", "https://")):
                raise SettingsError(f"{setting_name(name)} is no address of the web; it must begin with https://")
        try:
            hook_words(self.on_new)
        except ValueError as cause:
            raise SettingsError(f"INGEST_ON_NEW {cause}") from None
        proxy = _proxy_url(self.proxy) if self.proxy else ""
        if "\n" in self.contact or "\r" in self.contact:
            raise SettingsError("INGEST_CONTACT holds a line break; it is sent in a header, use one line")
        return replace(self, log_level=self.log_level.upper(), proxy=proxy)

    @property
    def url_of_database(self) -> str:
        """The SQLAlchemy URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / DATABASE_FILE}"

    def make_home(self) -> None:
        """Create the home. What this process creates from now on is for its user only, unless private_files is off.

        Raises IngestError when the folder cannot be created.
        """
        if self.private_files:
            os.umask(os.umask(0o077) | 0o077)
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IngestError(f"{self.home}: cannot be created: {error.strerror}; choose another --home") from error

    def as_settings(self) -> dict[str, Any]:
        """Every field under its INGEST_ name, as from_settings takes them."""
        return {setting_name(item.name): getattr(self, item.name) for item in fields(self)}


NOT_SETTINGS = ("INGEST_ORIGINS",)  # written by settings.py: which file or variable gave a value


def setting_name(field_name: str) -> str:
    """`delay_s` -> `INGEST_DELAY_S`."""
    return PREFIX + field_name.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDoc:
    """One row of the table of settings."""

    name: str
    default: str
    doc: str
    secret: bool  # a value that is not to be shown


def setting_docs() -> tuple[SettingDoc, ...]:
    """Every setting with default and effect, in the order of Config."""
    rows = []
    for item in fields(Config):
        default = "" if item.default is MISSING else item.default
        shown = "" if default in ((), UNSET_HOME, None) else str(default)
        about = {"doc": item.metadata["doc"], "secret": item.metadata["secret"]}
        rows.append(SettingDoc(name=setting_name(item.name), default=shown, **about))
    return tuple(rows)


KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "Path": "a path"}


def _convert(name: str, value: Any, wanted: Any) -> Any:
    if get_origin(wanted) is tuple:
        return _networks(name, value)
    if get_origin(wanted) in (Union, types.UnionType):
        if value in (None, ""):
            return None
        wanted = get_args(wanted)[0]
    try:
        if wanted is bool:
            return _boolean(value)
        if wanted is Path:
            return Path(str(value)).expanduser().absolute() if value and value != UNSET_HOME else UNSET_HOME
        if wanted is int and isinstance(value, str):
            return int(value.replace("_", ""))
        return wanted(value)
    except (TypeError, ValueError, RuntimeError):  # the last for the home of a user there is not: ~nobody
        raise SettingsError(f"{name} is {value!r}; it must be {KINDS.get(wanted.__name__, 'text')}") from None


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(word)


def _proxy_url(value: str) -> str:
    """Return the URL of a proxy with its scheme. Raises SettingsError, without the value: it may hold a password."""
    url = value.strip() if "://" in value else f"http://{value.strip()}"
    try:
        parts = urlsplit(url)
        readable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        readable = False
    if not readable or any(char.isspace() for char in url):
        raise SettingsError("INGEST_PROXY cannot be read; use http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")
    return url


def hook_words(written: str) -> tuple[str, ...]:
    """Return the words of a command for new articles, one word for an address of the web, none for nothing.

    Raises ValueError, whose text goes on behind the name of the setting and does not quote it.
    """
    if written.strip().startswith(("http://", "https://")):
        if any(char.isspace() for char in written.strip()):
            raise ValueError("is an address with a space in it")
        return (written.strip(),)
    try:
        words = tuple(shlex.split(written))
    except ValueError as cause:
        raise ValueError(f"cannot be read as a command: {str(cause).lower()}") from None
    if words and not words[0].strip():
        raise ValueError("names no command")
    for before, word in zip(("", *words), words, strict=False):
        for name in HOOK_PLACE.findall(word):
            if name not in HOOK_PLACES:
                known = ", ".join(f"{{{one}}}" for one in HOOK_PLACES)
                raise ValueError(f"has {{{name}}}; it may have {known}, and gets the record as JSON on standard input")
            if name == "url" and (before == "-c" or len(word.split()) > 1):  # an address may hold $(...) and quotes
                raise ValueError("has {url} inside the text of a script; write sh -c 'notify \"$1\"' sh {url}")
    return words


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def _networks(name: str, value: Any) -> tuple[Network, ...]:
    parts: Iterable[Any] = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
    try:
        return tuple(ip_network(str(part)) for part in parts if str(part))
    except ValueError as error:
        raise SettingsError(f"{name}: {error}; use networks like 127.2.0.0/15, separated by commas") from None


def _check_range(name: str, value: Any, metadata: Mapping[str, Any]) -> None:
    low, high = metadata["low"], metadata["high"]
    if value is None:
        return
    if low is not None and not value >= low:
        raise SettingsError(f"{name} is {value}; the smallest allowed is {low}")
    if high is not None and value > high:
        raise SettingsError(f"{name} is {value}; the largest allowed is {high}")


def load(settings: Mapping[str, Any], *, home: Path | None = None) -> Config:
    """Return the checked Config of a settings mapping, with its home found.

    The home is `home`, else INGEST_HOME, else the nearest folder upwards from the working directory that holds a
    sources.toml or an ingest.db, else the platform's folder for user data (which need not exist yet).
    """
    config = Config.from_settings(settings)
    if home is None and config.home == UNSET_HOME:
        home = find_home(Path.cwd()) or Path(platformdirs.user_data_dir(APP_NAME))
    if home is not None:
        config = replace(config, home=home.expanduser().absolute())
    return replace(config, raw_place=raw_place_of(config.raw_place, config.home))


def raw_place_of(place: str, home: Path) -> str:
    """Return where raw files are moved to: an absolute path, or the URL of an object store as it is written.

    A relative path is one of the home; file: URLs are paths. Raises SettingsError for a place that keeps nothing.
    """
    place = place.strip()
    scheme, colon, rest = place.partition(":")
    if colon and scheme.lower() in ("file", "local"):
        if rest.startswith("//") and not rest.startswith(("///", "//~", "//localhost/")):
            host, _, path = rest[2:].partition("/")
            raise SettingsError(
                f"INGEST_RAW_PLACE names the host {host!r}; write file:///{path or host}, or a path without file://"
            )
        path = unquote(rest.removeprefix("//").removeprefix("localhost"))
        return str(_in_home(path, home)) if path.strip("/") else _refuse_place(f"{scheme}: without a folder")
    if "://" not in place:
        return str(_in_home(place, home)) if place else ""
    for part in place.split("::"):
        protocol = part.partition("://")[0].lower()
        if protocol in FORGETFUL:
            _refuse_place(f"{protocol}:// keeps nothing after the run")
        if protocol in READ_ONLY:
            _refuse_place(f"nothing can be written to {protocol}://")
    return place


def _in_home(path: str, home: Path) -> Path:
    try:
        return home / Path(path).expanduser()
    except RuntimeError:
        return _refuse_place(f"{path.split('/')[0]} is the home of a user there is not")


def _refuse_place(why: str) -> NoReturn:
    raise SettingsError(f"INGEST_RAW_PLACE: {why}; use a folder or a URL such as s3://bucket/raw, or leave it empty")


def find_home(start: Path) -> Path | None:
    """Return the nearest folder from `start` upwards that holds a sources.toml or an ingest.db."""
    for folder in (start, *start.parents):
        if (folder / SOURCES_FILE).is_file() or (folder / DATABASE_FILE).is_file():
            return folder
    return None
