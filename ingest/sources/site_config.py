"""Reads rule files of the ftr-site-config kind: one text file a site, `directive: XPath` lines, `#` before remarks.

Many readers share such files. What has a counterpart in our rules is taken over, all else is told with its line. The
files are data: nothing in them is run, their XPaths are checked as if a person had written them into sources.toml.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace

from ingest.model import ExtractionRules
from ingest.sources.checks import selector_fault
from ingest.web.urls import host

ENDING = ".txt"
MAX_FILE_BYTES = 2**20  # the longest of the usual files have some kilobytes
LINE = re.compile(r"(?P<directive>[a-z_]+)\s*(?P<argument>\(.*?\))?\s*:\s*(?P<value>.*)", re.IGNORECASE)
# Directives whose XPaths mean what a rule of ours means.
SAME = {
    "title": "title",
    "body": "body",
    "strip": "strip",
    "next_page_link": "next_page",
    "single_page_link": "single_page",
}
NAMED = "strip_id_or_class"  # a part of an id or a class, not an XPath
REMARKS = frozenset(("test_url", "test_contains", "test_title", "test_body"))  # for those who keep the files
BEGINS_XPATH = ("/", "(", "./")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A line that says nothing to us."""

    line: int  # 1..
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """What one file says, in our rules, and what of it was not taken."""

    rules: ExtractionRules
    not_taken: tuple[NotTaken, ...] = ()


def read(text: str) -> SiteConfig:
    """Return the rules of a file. Anything can be read; what makes no sense is among what was not taken."""
    found: dict[str, list[str]] = {}
    not_taken: list[NotTaken] = []
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        taken = _taken(line)
        if isinstance(taken, str):
            not_taken.append(NotTaken(line=number, text=line[:200], why=taken))
        elif taken is not None:
            found.setdefault(taken[0], []).append(taken[1])
    rules = ExtractionRules(**{name: tuple(dict.fromkeys(written)) for name, written in found.items()})
    return SiteConfig(rules=rules, not_taken=tuple(not_taken))


def _taken(line: str) -> tuple[str, str] | str | None:
    """Return a rule's name and selector, or why the line is not taken, or None for a remark."""
    parts = LINE.fullmatch(line)
    if parts is None:
        return "no directive"
    directive, value = parts["directive"].lower(), parts["value"].strip()
    if directive in REMARKS:
        return None
    if directive == NAMED:
        name = value.strip("\"' ")
        return ("strip", _named(name)) if re.fullmatch(r"[^\s\"'\\]+", name) else "not a part of an id or a class"
    if directive not in SAME or parts["argument"]:
        return "no counterpart here"
    selector = value if value.startswith(BEGINS_XPATH) else f"({value})"
    fault = selector_fault(selector) if value else "empty"
    return fault or (SAME[directive], selector)


def _named(name: str) -> str:
    return f'[class*="{name}"], [id*="{name}"]'


def file_for(url: str, names: Collection[str]) -> str | None:
    """Return which of the files is for an address: that of its host, else the nearest one for all names below a domain.

    The latter begin with a dot: `.example.com.txt`.
    """
    return next((name for name in _names(host(url).removeprefix("www.")) if name in names), None)


def _names(name: str) -> Iterator[str]:
    yield f"{name}{ENDING}"
    yield f"www.{name}{ENDING}"
    while "." in name:
        yield f".{name}{ENDING}"
        name = name.partition(".")[2]


def host_of(file: str) -> str:
    """Return the host that a file is named for."""
    return file.removesuffix(ENDING).removeprefix(".").lower()


def added(own: ExtractionRules, others: ExtractionRules) -> tuple[ExtractionRules, tuple[str, ...]]:
    """Return what others' rules add to a person's own, and the names of those left out because the person has some."""
    names = [rule.name for rule in fields(ExtractionRules) if getattr(others, rule.name)]
    kept = tuple(name for name in names if getattr(own, name) and getattr(own, name) != getattr(others, name))
    same = [name for name in names if getattr(own, name)]
    return replace(others, **dict.fromkeys(same, ())), kept
