"""Reads, checks and writes sources.toml and sources.d/*.toml.

Reading is strict: a key or value that is not understood is refused, never skipped, with file, source, key and what is
allowed. Writing keeps a person's comments, order and blank lines.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import tomlkit
from tomlkit.exceptions import TOMLKitError

from ingest.config import SOURCES_FILE, Config, setting_name
from ingest.errors import SettingsError, SourceError
from ingest.model import ExtractionRules, SavedSearch, Source
from ingest.sources.checks import SEED_KEYS, search_of, source_of, unknown_key
from ingest.sources.comments import Lead, put_back, take_out

MAX_FILE_BYTES = 64 * 2**20  # 100,000 sources are some 10 MB
FOLDER = "sources.d"
TEMPLATE_HEAD_CHARS = 30  # by which the comment that `ingest init` writes is known
# A sources file may say what holds for all sources; where things are and secrets stay with the environment.
FILE_WIDE = tuple(
    item.name
    for item in fields(Config)
    if item.name not in ("home", "database_url", "proxy", "raw_place", "browser")
    and (item.name == "on_new" or not item.metadata["secret"])
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesFile:
    """All sources and searches in the order of the files, and the file-wide settings under their names in Config."""

    sources: tuple[Source, ...] = ()
    searches: tuple[SavedSearch, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def named(self, name: str) -> Source:
        """Return one source; raises SourceError that names the nearest one there is."""
        for source in self.sources:
            if source.name == name:
                return source
        near = get_close_matches(name, [source.name for source in self.sources], n=1)
        hint = f'; did you mean "{near[0]}"?' if near else "; `ingest sources list` shows what there is"
        raise SourceError(f'no source "{name}" in {SOURCES_FILE}{hint}')

    def search_named(self, name: str) -> SavedSearch:
        """Return one saved search; raises SourceError that names the nearest one there is."""
        for search in self.searches:
            if search.name == name:
                return search
        near = get_close_matches(name, [search.name for search in self.searches], n=1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; write a table [searches.{name}] with query = ..."
        raise SourceError(f'no search "{name}" in {SOURCES_FILE}{hint}')


def load(place: Path) -> SourcesFile:
    """Return what a home (a folder with sources.toml, sources.d/*.toml or both) or one file declares.

    File-wide settings of a later file win. Raises SourceError for a file that is missing, unreadable or wrong, and
    for a name that two files declare.
    """
    files = _files(place)
    if not files:
        raise SourceError(f"no {SOURCES_FILE} in {place}; write one with: ingest init, or: ingest add URL")
    sources: dict[str, Source] = {}
    declared_in: dict[str, Path] = {}
    searches: dict[str, tuple[SavedSearch, Path]] = {}
    settings: dict[str, Any] = {}
    for file in files:
        document = _read(file)
        tables = document.pop("sources", {})
        if not isinstance(tables, dict):
            raise SourceError(f'{file.name}: "sources" must hold tables; write [sources.NAME] and below it url = ...')
        _add_searches(searches, document.pop("searches", {}), file)
        settings |= _settings(document, file)
        for name, table in tables.items():
            if name in sources:
                raise SourceError(f'{file.name}, source "{name}": declared in {declared_in[name].name} already')
            sources[name] = source_of(name, table, file=file)
            declared_in[name] = file
    for search, file in searches.values():
        if search.source is not None and search.source not in sources:
            near = get_close_matches(search.source, sources, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else "; it must be one of [sources.NAME]"
            raise SourceError(f'{file.name}, search "{search.name}": source: there is no "{search.source}"{hint}')
    return SourcesFile(
        sources=tuple(sources.values()), searches=tuple(search for search, _ in searches.values()), settings=settings
    )


def _add_searches(searches: dict[str, tuple[SavedSearch, Path]], tables: Any, file: Path) -> None:
    """Add the searches that a file declares to those of the files before it."""
    if not isinstance(tables, dict):
        raise SourceError(f'{file.name}: "searches" must hold tables; write [searches.NAME] and below it query = ...')
    for name, table in tables.items():
        if name in searches:
            raise SourceError(f'{file.name}, search "{name}": declared in {searches[name][1].name} already')
        searches[name] = search_of(name, table, file=file), file


def load_if_any(place: Path) -> SourcesFile:
    """Return what a home declares, nothing when it has no sources file. Raises SourceError for a wrong one."""
    return load(place) if _files(place) else SourcesFile()


def changed_at(home: Path) -> datetime | None:
    """Return when the files that declare the sources were last changed, moved in or taken away; None without any."""
    files = _files(home)
    if not files:
        return None
    moments = [file.stat().st_ctime for file in files]  # its own time goes with a file that is moved here
    if (folder := home / FOLDER).is_dir():
        moments.append(folder.stat().st_mtime)
    return datetime.fromtimestamp(max(moments), UTC)


def write(place: Path, source: Source) -> Path:
    """Add a source to a home or file, or bring its table up to date; return the file written.

    Everything else, comments included, stays as it is. Written beside and moved into place, so that a crash leaves
    the old file. Raises SourceError when the file is wrong or cannot be written.
    """
    file = _file_of(place, source.name)
    document, leads = _document(file)
    tables = document.setdefault("sources", tomlkit.table(is_super_table=True))
    table = tables.get(source.name)
    if table is None:
        tables[source.name] = table = tomlkit.table()
    _fill(table, _values(source, file.parent))
    _replace(file, put_back(tomlkit.dumps(document), leads))
    return file


def write_all(place: Path, sources: Iterable[Source]) -> Path:
    """Add sources that no file declares yet to a home's sources.toml, at once; return the file. Raises SourceError."""
    file = place / SOURCES_FILE
    document, leads = _document(file)
    tables = document.setdefault("sources", tomlkit.table(is_super_table=True))
    for source in sources:
        tables[source.name] = table = tomlkit.table()
        _fill(table, _values(source, file.parent))
    _replace(file, put_back(tomlkit.dumps(document), leads))
    return file


def write_rules(place: Path, name: str, rules: ExtractionRules) -> Path:
    """Put rules into a declared source's table; of a kind that is not named there, what is there stays as it is."""
    file = _file_of(place, name)
    document, leads = _document(file)
    table = document["sources"][name].setdefault("rules", tomlkit.table())
    for kind, written in _rules(rules).items():
        table[kind] = _array(written)
    _replace(file, put_back(tomlkit.dumps(document), leads))
    return file


def fragment(source: Source) -> str:
    """Return a source's table as it would be written."""
    document = tomlkit.document()
    tables = document.setdefault("sources", tomlkit.table(is_super_table=True))
    tables[source.name] = table = tomlkit.table()
    _fill(table, _values(source, Path()))
    return tomlkit.dumps(document)


def remove(place: Path, name: str) -> Path:
    """Take a source out of a home or file; return the file written. Raises SourceError when it is not there."""
    file = _file_of(place, name)
    document, leads = _document(file)
    if name not in document.get("sources", {}):
        raise SourceError(f'{file.name}: no source "{name}"; see: ingest sources list')
    del document["sources"][name]
    _replace(file, put_back(tomlkit.dumps(document), leads))
    return file


def template() -> str:
    """Return a sources.toml for a new home, its examples as comments."""
    return TEMPLATE


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place] if place.exists() else []
    main = place / SOURCES_FILE
    return ([main] if main.exists() else []) + sorted((place / FOLDER).glob("*.toml"))


def _file_of(place: Path, name: str) -> Path:
    """Return the file that declares a source, or the one a new source goes to."""
    if place.is_file() or place.suffix == ".toml":
        return place
    for file in _files(place):
        tables = _read(file).get("sources", {})
        if isinstance(tables, dict) and name in tables:
            return file
    return place / SOURCES_FILE


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as cause:
        raise SourceError(f"{file}: not TOML: {cause}") from cause


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise SourceError(f"{file}: larger than {MAX_FILE_BYTES // 2**20} MiB; part it into {FOLDER}/*.toml")
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise SourceError(f"{file}: not UTF-8 text; TOML files are") from cause
    except OSError as cause:
        raise SourceError(f"{file}: cannot be read: {cause.strerror}") from cause


def _settings(document: dict[str, Any], file: Path) -> dict[str, Any]:
    """Check the file-wide part: names and values as INGEST_* settings have them, without the prefix."""
    for key, value in document.items():
        if key not in FILE_WIDE:
            tables = ("sources", "searches", *FILE_WIDE)
            raise SourceError(f"{file.name}: {unknown_key(key, key, tables)}")
        try:
            Config.from_settings({setting_name(key): value})
        except SettingsError as cause:
            raise SourceError(f"{file.name}: {str(cause).replace(setting_name(key), key)}") from cause
    return document


def _document(file: Path) -> tuple[tomlkit.TOMLDocument, tuple[Lead, ...]]:
    """Return a file to edit, and the comments above its tables, which are no part of the document."""
    if not file.exists():
        return tomlkit.parse(TEMPLATE), ()
    try:
        text = _text(file)
        tomlkit.parse(text)
        rest, leads = take_out(text, kept_head=TEMPLATE[:TEMPLATE_HEAD_CHARS])
        return tomlkit.parse(rest), leads
    except TOMLKitError as cause:
        raise SourceError(f"{file}: not TOML: {cause}") from cause


def _values(source: Source, folder: Path) -> dict[str, Any]:
    """Return the keys a source needs in its table, in writing order; what is not set is left out."""
    values: dict[str, Any] = {"url": source.url}
    for key, kind in SEED_KEYS.items():
        values[key] = [_shown(seed.url, folder) for seed in source.seeds if seed.kind is kind and seed.depth == 0]
    values |= {"match": list(source.match), "exclude": list(source.exclude)}
    for key in ("language", "timezone", "delay_s", "every_min", "max_articles", "max_requests", "max_runtime_s"):
        values[key] = getattr(source, key)
    if source.recheck_h != ():  # an empty plan means never; it would be dropped as an empty list is
        values["recheck_h"] = list(source.recheck_h or ())
    values["verify_tls"] = None if source.verify_tls else False
    values["headers_file"] = source.headers_file and _relative(Path(source.headers_file), folder)
    values["render"] = True if source.render else None
    values["alert_changes"] = True if source.alert_changes else None
    values["on_new"] = source.on_new
    values["rules"] = _rules(source.rules)
    return values


def _rules(rules: ExtractionRules) -> dict[str, list[str]]:
    return {rule.name: list(written) for rule in fields(rules) if (written := getattr(rules, rule.name))}


def _shown(url: str, folder: Path) -> str:
    """Write a local list as a path from the file's folder where it lies there."""
    if not url.startswith("file:"):
        return url
    return _relative(Path(unquote(urlsplit(url).path)), folder)


def _relative(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder.absolute())) if path.is_relative_to(folder.absolute()) else str(path)


def _fill(table: Any, values: dict[str, Any]) -> None:
    """Set what is wanted, drop what is not, and touch no value that stays the same."""
    for key, value in values.items():
        if value in (None, [], {}):
            table.pop(key, None)
        elif isinstance(value, dict):
            inner = table.setdefault(key, tomlkit.table())
            _fill(inner, {name: value.get(name) for name in (*inner.keys(), *value)})
        elif key not in table or table[key] != value:
            table[key] = _array(value) if isinstance(value, list) else value


def _array(values: list[str]) -> Any:
    array = tomlkit.array()
    array.extend(values)
    return array.multiline(len(values) > 1)


def _replace(file: Path, text: str) -> None:
    """Put a new text in place of a file's, all or nothing, its permissions kept."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        target = file.resolve()
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as beside:
            beside.write(text)
            beside.flush()
            os.fsync(beside.fileno())
        Path(beside.name).chmod(mode)
        Path(beside.name).replace(target)
    except OSError as cause:
        raise SourceError(f"{file}: cannot be written: {cause.strerror}") from cause


TEMPLATE = """\
# The sites to ingest, one table each. Only url is needed: feeds, sitemaps and sections are then found by themselves.
# `ingest add URL` looks at a site and writes its table here. Settings for all sources stand above the tables:
# delay_s = 1.0          # seconds between two requests to one site
# max_articles = 200     # new articles of one source in one run
#
# [sources.example]
# url = "https://www.example.com/"
# feeds = ["https://www.example.com/feed.xml"]
# sitemaps = ["https://www.example.com/sitemap.xml"]
# sections = ["https://www.example.com/world/"]
# lists = ["urls.txt"]              # addresses one a line: a file beside this one, or an address
# match = ['/\\d{4}/']              # regular expressions; an address must match one of them
# exclude = ['/sponsored/']         # and none of these
# language = "en"
# timezone = "Europe/London"        # of times that pages give without one
# delay_s = 2.0
# every_min = 60
# max_articles = 100
# max_requests = 300
# max_runtime_s = 600
# recheck_h = [1, 6, 24, 168]       # hours after an article was first seen at which it is looked at again; [] for never
# headers_file = "example.secret"   # `Cookie: name=value` lines, sent to the host of url only; keep it out of git
# verify_tls = false                # take any certificate of this site; every report says so
# render = true                     # its pages are built by JavaScript: have Chromium run it (extra render)
# on_new = "notify {id}"            # command or URL for each new article, in place of the one for all sources
# alert_changes = true              # report revised and removed articles to the services of alerts
# [sources.example.rules]           # CSS selectors or XPaths
# keep = ["div.story"]
# strip = [".newsletter"]
# strip_text = ['^Sign up for']     # blocks whose text matches
# title = ["h1.headline"]           # the first that matches
# body = ["div.story-text"]         # nothing outside is part of the body
# next_page = ["a.next"]            # link to an article's second, third ... page, where it is not found by itself
# single_page = ["a.print"]         # link to the whole article on one page
#
# [searches.harbour]                # new articles that match are reported to the services of alerts
# query = 'harbour* "city council" -football'
# source = "example"                # one source, language or author only
# language = "en"
# author = "Okafor"
"""
