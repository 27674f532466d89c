"""What the tables of sources.toml may hold (pydantic, here and only here), and one-line messages when they do not."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from ingest.config import hook_words
from ingest.errors import SourceError, UrlError, WrongUse
from ingest.model import ExtractionRules, SavedSearch, Seed, SeedKind, Source
from ingest.text.search_terms import terms_of
from ingest.web.operator_patterns import PatternError, bounded_pattern
from ingest.web.urls import normalise

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as it is used
STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
CALLED = re.compile(r"([\w:.-]+)\s*\(")
FUNCTIONS = frozenset(
    """
    last position count id local-name namespace-uri name string concat starts-with contains substring-before
    substring-after substring string-length normalize-space translate boolean not true false lang number sum floor
    ceiling round text node comment processing-instruction and or div mod
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
NAME = re.compile(r"[^\W_][\w.-]{0,63}")
# Where a list of seeds lies in a source's table, and what its entries are read as.
SEED_KEYS = {
    "feeds": SeedKind.FEED,
    "sitemaps": SeedKind.SITEMAP,
    "sections": SeedKind.SECTION,
    "lists": SeedKind.LIST,
}


def _pattern(value: str) -> str:
    try:
        re.compile(value)
        bounded_pattern(value)
    except (re.error, PatternError) as cause:
        raise ValueError(f"{value!r} is not a regular expression: {cause}") from cause
    return value


def _selector(value: str) -> str:
    if fault := selector_fault(value):
        raise ValueError(f"{value!r} is {fault}")
    return value


def selector_fault(value: str) -> str:
    """Return what is wrong with a selector, "" for nothing; an XPath begins with / or ( or ./, all else is CSS.

    An XPath may use nothing but the functions of XPath 1.0: others would fail on each page, not here.
    """
    is_xpath = value.startswith(("/", "(", "./"))
    try:
        etree.XPath(value if is_xpath else HTMLTranslator().css_to_xpath(value))
    except (etree.XPathError, SelectorError, ValueError) as cause:
        return f"neither a CSS selector nor an XPath: {cause}"
    bare = STRING.sub("", value) if is_xpath else ""
    called = (name.rpartition("::")[2] for name in CALLED.findall(bare))  # without the axis before text(), node()
    unknown = next((name for name in called if name not in FUNCTIONS), None)
    if unknown or "$" in bare:
        return f"no XPath 1.0: it has no {f'function {unknown}()' if unknown else 'variables here'}"
    return ""


def _language(value: str) -> str:
    if not LANGUAGE.fullmatch(value):
        raise ValueError(f'{value!r} is not a language tag; use one such as "de" or "pt-BR"')
    return value


def _timezone(value: str) -> str:
    zones = _zones()
    if value not in zones:
        raise ValueError(f'{value!r} is not a time zone{_nearest(value, zones)}; use one such as "Europe/Berlin"')
    return value


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones; they are read from hundreds of files."""
    return frozenset(available_timezones())


def _address(value: str, info: ValidationInfo) -> str:
    try:
        return normalise(value, info.data.get("url"))
    except UrlError as cause:
        raise ValueError(str(cause)) from cause


def _list_address(value: str, info: ValidationInfo) -> str:
    """Take an address, or the path of a file of addresses, counted from the folder of sources.toml."""
    if "://" in value:
        return _address(value, info)
    return _beside(value, info).as_uri()


def _path(value: str, info: ValidationInfo) -> str:
    """Take the path of a file, counted from the folder of sources.toml. It is read when a crawl begins."""
    if not value.strip():
        raise ValueError("empty; use the path of a file that holds `Name: value` lines")
    return str(_beside(value, info))


def _beside(value: str, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path())
    try:
        return (Path(folder) / Path(value).expanduser()).absolute()
    except RuntimeError as cause:  # ~nobody
        raise ValueError(f"{value!r} begins with the home of a user there is not") from cause


def _query(value: str) -> str:
    try:
        terms_of(value)
    except WrongUse as cause:
        raise ValueError(str(cause)) from cause
    return value


def _hook(value: str) -> str:
    hook_words(value)
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("empty; leave the key out for any")
    return value.strip()


Pattern = Annotated[str, AfterValidator(_pattern)]
Selector = Annotated[str, AfterValidator(_selector)]
Address = Annotated[str, AfterValidator(_address)]
FilePath = Annotated[str, AfterValidator(_path)]
ListAddress = Annotated[str, AfterValidator(_list_address)]
Language = Annotated[str, AfterValidator(_language)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Query = Annotated[str, AfterValidator(_query)]
Hook = Annotated[str, AfterValidator(_hook)]
NotBlank = Annotated[str, AfterValidator(_not_blank)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class RulesTable(_Strict):
    """[sources.NAME.rules]."""

    keep: list[Selector] = []
    strip: list[Selector] = []
    strip_text: list[Pattern] = []
    title: list[Selector] = []
    body: list[Selector] = []
    next_page: list[Selector] = []
    single_page: list[Selector] = []


class SourceTable(_Strict):
    """[sources.NAME]; the order of the fields is the order they are written in."""

    url: Address
    feeds: list[Address] = []
    sitemaps: list[Address] = []
    sections: list[Address] = []
    lists: list[ListAddress] = []
    match: list[Pattern] = []
    exclude: list[Pattern] = []
    language: Language | None = None
    timezone: Timezone | None = None
    delay_s: float | None = Field(default=None, ge=0.001, le=3600)  # at 0 Scrapy does not hold its limit
    every_min: int | None = Field(default=None, ge=1)
    max_articles: int | None = Field(default=None, ge=1)
    max_requests: int | None = Field(default=None, ge=1)
    max_runtime_s: float | None = Field(default=None, gt=0)
    recheck_h: list[Annotated[float, Field(gt=0, le=24 * 365)]] | None = Field(default=None, max_length=20)
    verify_tls: bool = True
    headers_file: FilePath | None = None
    render: bool = False
    alert_changes: bool = False
    on_new: Hook | None = None
    rules: RulesTable = Field(default_factory=RulesTable)  # a shared default would be copied deeply each time

    def source(self, name: str) -> Source:
        """Return the checked table as the value that travels; repeated seeds are taken once."""
        seeds = dict.fromkeys(Seed(url=url, kind=kind) for key, kind in SEED_KEYS.items() for url in getattr(self, key))
        return Source(
            name=name,
            url=self.url,
            seeds=tuple(seeds),
            match=tuple(self.match),
            exclude=tuple(self.exclude),
            language=self.language,
            timezone=self.timezone,
            delay_s=self.delay_s,
            every_min=self.every_min,
            max_articles=self.max_articles,
            max_requests=self.max_requests,
            max_runtime_s=self.max_runtime_s,
            verify_tls=self.verify_tls,
            headers_file=self.headers_file,
            render=self.render,
            alert_changes=self.alert_changes,
            on_new=self.on_new,
            recheck_h=None if self.recheck_h is None else tuple(self.recheck_h),
            rules=ExtractionRules(**{name: tuple(getattr(self.rules, name)) for name in RulesTable.model_fields}),
        )


class SearchTable(_Strict):
    """[searches.NAME]."""

    query: Query
    source: NotBlank | None = None
    language: Language | None = None
    author: NotBlank | None = None


def search_of(name: str, table: Any, *, file: Path) -> SavedSearch:
    """Return the search that a table declares; raises SourceError naming file, search, key and what is allowed."""
    where = f'{file.name}, search "{name}"'
    check_name(name, where)
    if not isinstance(table, dict):
        raise SourceError(f"{where}: must be a table; write [searches.{name}] and below it query = ...")
    try:
        return SavedSearch(name=name, **SearchTable.model_validate(table).model_dump())
    except ValidationError as cause:
        raise SourceError(f"{where}: {_message(cause, SearchTable)}") from cause


def check_name(name: str, where: str) -> None:
    """Raise SourceError, which begins with `where`, for what sources.toml does not take as a name."""
    if not NAME.fullmatch(name):
        raise SourceError(f"{where}: not a name; use up to 64 letters, digits, dots, dashes and underscores")


def source_of(name: str, table: Any, *, file: Path) -> Source:
    """Return the Source that a table declares; raises SourceError naming file, source, key and what is allowed."""
    where = f'{file.name}, source "{name}"'
    check_name(name, where)
    if not isinstance(table, dict):
        raise SourceError(f"{where}: must be a table; write [sources.{name}] and below it url = ...")
    if "url" not in table and table and all(isinstance(value, dict) for value in table.values()):
        raise SourceError(f'{where}: no url; a name with dots is quoted: [sources."{name}.{next(iter(table))}"]')
    try:
        return SourceTable.model_validate(table, context={"folder": file.parent}).source(name)
    except ValidationError as cause:
        raise SourceError(f"{where}: {_message(cause)}") from cause


def _message(error: ValidationError, of: type[_Strict] = SourceTable) -> str:
    """Return the first complaint of pydantic in our words: the key, what is wrong, what is allowed."""
    first = error.errors(include_url=False)[0]
    steps = [step for step in first["loc"] if step != "function-after"]
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
    if first["type"] == "extra_forbidden":
        table = RulesTable if steps[0] == "rules" and len(steps) > 1 else of
        return unknown_key(key, str(steps[-1]), table.model_fields)
    if first["type"] == "missing":
        return f"no {key}; a {'source' if of is SourceTable else 'search'} needs at least {key}"
    if first["type"] == "value_error":
        return f"{key}: {first['ctx']['error']}"
    message = first["msg"].removeprefix("Input ")
    return f"{key} is {first['input']!r}; it {message}"


def unknown_key(shown: str, key: str, allowed: Any) -> str:
    """Return the complaint about a key that is not known, with the nearest one that is."""
    return f'unknown key "{shown}"{_nearest(key, allowed)} allowed: {", ".join(allowed)}'


def _nearest(word: str, allowed: Any) -> str:
    near = get_close_matches(word, list(allowed), n=1)
    return f'; did you mean "{near[0]}"?' if near else ";"
