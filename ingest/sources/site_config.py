"""Reads rule files of the ftr-site-config kind: one text file a site, `directive: XPath` lines, `#` before remarks.

Many readers share such files. The semantics are those of the format's README and of graby: of several `body` or `title`
lines the first that matches counts, all `strip` lines apply, `if_page_contains` is the condition of the link directive
before it, `.example.com.txt` is for sub-domains only. A line that has no counterpart is reported with its reason. The
files are data: nothing in them is run, their XPaths are checked as if a person had written them into sources.toml.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from lxml import etree

from ingest.model import ExtractionRules
from ingest.sources.checks import selector_fault
from ingest.web.urls import host

ENDING = ".txt"
MAX_FILE_BYTES = 2**20  # the longest of the usual files have some kilobytes
MAX_LINES = 5_000
MAX_VALUE_CHARS = 10_000
LINE = re.compile(r"(?P<directive>[a-z_]+)\s*(?P<argument>\(.*?\))?\s*:\s*(?P<value>.*)", re.IGNORECASE)
# Directives whose XPaths mean what a rule of ours means.
SAME = {
    "title": "title",
    "body": "body",
    "strip": "strip",
    "next_page_link": "next_page",
    "single_page_link": "single_page",
}
LINKS = ("next_page_link", "single_page_link")
CONDITION = "if_page_contains"
NAMED = "strip_id_or_class"  # an id or a class, not an XPath
REMARKS = frozenset(("test_url", "test_contains", "test_title", "test_body"))  # for those who keep the files
OTHER_EXTRACTOR = "a setting of another extractor, not needed here"
NO_WORDS = "changes no words of the text"
ON_THE_WIRE = "requests are not changed by rules; a source's headers_file does that"
WHY = {
    **dict.fromkeys(
        ("tidy", "prune", "parser", "autodetect_on_failure", "autodetect_next_page", "skip_json_ld", "strip_comments"),
        OTHER_EXTRACTOR,
    ),
    **dict.fromkeys(
        ("strip_attr", "post_strip_attr", "strip_image_src", "src_lazy_load_attr", "insert_detected_image", "wrap_in",
         "dissolve", "footnotes", "move_into", "convert_double_br_tags"), NO_WORDS
    ),
    **dict.fromkeys(("http_header", "user_agent"), ON_THE_WIRE),
    **dict.fromkeys(
        ("requires_login", "login_uri", "login_username_field", "login_password_field", "login_extra_fields",
         "not_logged_in_xpath"), "logins are not made; use a source's headers_file with a cookie"
    ),
    **dict.fromkeys(("find_string", "replace_string"), "the page's source is not rewritten"),
    **dict.fromkeys(("author", "date"), "no rule of ours: authors and dates are read from the metadata"),
    "native_ad_clue": "advertisements are not marked",
    "single_page_link_in_feed": "links of feed entries are not replaced",
}  # fmt: skip  # a table
BEGINS_XPATH = ("/", "(", "./")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_LAST_STEP = re.compile(r"(?:^|/)\s*(?:(?P<axis>[\w-]+)::|(?P<at>@))?(?P<test>[\w.*:-]+\s*(?:\(\s*\))?|\.\.?)\s*$")
_NO_ELEMENTS = re.compile(r"(?:comment|processing-instruction)\s*\(\s*\)")
_TEXT = re.compile(r"text\s*\(\s*\)")
_NODE = re.compile(r"node\s*\(\s*\)")
_EMPTY_PAGE = etree.fromstring("<html><body/></html>")


class NameMatch(StrEnum):
    """How `strip_id_or_class` is read."""

    PART = "part"  # of the attribute, as Full-Text RSS has it and the format's help says
    WORD = "word"  # of it: a whole class, as graby has it


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A line that gave no rule."""

    line: int  # 1..
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """What one file says, in our rules, and what of it was not taken."""

    rules: ExtractionRules
    not_taken: tuple[NotTaken, ...] = ()
    lines: int = 0  # with a directive, those for who keeps the files left out


@dataclass(slots=True)
class _Line:
    number: int
    text: str
    directive: str
    value: str
    selector: str = ""
    why: str = ""
    conditions: list[str] = field(default_factory=list)


def read(text: str, *, names: NameMatch = NameMatch.PART) -> SiteConfig:
    """Return the rules of a file. Anything can be read; what makes no sense is among what was not taken."""
    lines = list(_lines(text))
    link: _Line | None = None
    for line in lines:
        if line.why:
            continue
        if line.directive == CONDITION:
            _add_condition(line, link)
            continue
        line.selector, line.why = _selector(line, names)
        if line.directive in LINKS:
            link = line
    for line in lines:
        if line.conditions and not line.why:
            line.selector = f"({line.selector})" + "".join(f"[boolean({one})]" for one in line.conditions)
            line.why = selector_fault(line.selector) or _result_fault(line.selector, "next_page_link")
    found: dict[str, list[str]] = {}
    for line in lines:
        if not line.why and line.directive != CONDITION:
            found.setdefault(SAME.get(line.directive, "strip"), []).append(line.selector)
    not_taken = tuple(NotTaken(line=line.number, text=line.text[:200], why=line.why) for line in lines if line.why)
    rules = ExtractionRules(**{name: tuple(dict.fromkeys(written)) for name, written in found.items()})
    return SiteConfig(rules=rules, not_taken=not_taken, lines=len(lines))


def _lines(text: str) -> Iterator[_Line]:
    """Give each line with a directive; `why` says what is wrong with others. Remarks are left out."""
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines()[:MAX_LINES], start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        parts = LINE.fullmatch(line) if len(line) <= MAX_VALUE_CHARS else None
        if parts is None:
            why = "no directive" if len(line) <= MAX_VALUE_CHARS else "too long"
            yield _Line(number, line, "", "", why=why)
            continue
        directive, value = parts["directive"].lower(), parts["value"].strip()
        if directive not in REMARKS:
            yield _Line(
                number, line, directive, value, why=_refusal(directive, value, argument=bool(parts["argument"]))
            )


def _refusal(directive: str, value: str, *, argument: bool) -> str:
    """Return why a directive is not taken, whatever its value."""
    if directive in WHY:
        return WHY[directive]
    if argument or directive not in (*SAME, NAMED, CONDITION):
        return "unknown directive"
    return "" if value else "empty"


def _add_condition(line: _Line, link: _Line | None) -> None:
    """Put a condition on the link directive before it. A condition that cannot be read takes its link with it."""
    if link is None:
        line.why = "belongs to no link directive before it"
    elif fault := selector_fault(_xpath(line.value)):
        line.why = fault
        link.why = link.why or f"its condition in line {line.number} cannot be read"
    else:
        link.conditions.append(line.value)
        if link.why:
            line.why = f"its link directive in line {link.number} was not taken"


def _selector(line: _Line, names: NameMatch) -> tuple[str, str]:
    """Return the selector that a line means, and why it is not taken, one of them empty."""
    if line.directive == NAMED:
        name = " ".join(line.value.replace('"', "").replace("'", "").split())
        selector = _named(name, names) if name else ""
        fault = selector_fault(selector) if name else "not an id or a class"
        return ("", fault) if fault else (selector, "")
    selector = _xpath(line.value)
    if fault := selector_fault(selector):
        return "", fault
    if line.directive in ("strip", "body"):
        return _of_elements(selector, line.directive)
    fault = _result_fault(selector, line.directive)
    return ("", fault) if fault else (selector, "")


def _xpath(value: str) -> str:
    return value if value.startswith(BEGINS_XPATH) else f"({value})"


def _of_elements(selector: str, directive: str) -> tuple[str, str]:
    """Return a selector of elements that cuts or keeps the same text, or why there is none."""
    branches = []
    for branch in _branches(selector):
        made, why = _branch_of_elements(branch, directive)
        if why:
            return "", why
        branches.append(made)
    selector = " | ".join(branches)
    fault = selector_fault(selector) or _result_fault(selector, directive)
    return ("", fault) if fault else (selector, "")


def _branch_of_elements(branch: str, directive: str) -> tuple[str, str]:
    """Translate the last step where it selects no elements."""
    blank = _without_predicates(branch)
    step = _LAST_STEP.search(blank)
    if step is None:
        return _grouped(branch, directive)
    test, axis = step["test"], step["axis"] or "child"
    if step["at"] or axis == "attribute":
        return "", "selects attributes, which are no text"
    if _NO_ELEMENTS.fullmatch(test):
        return "", "selects comments, which are no text"
    plain = len(blank.rstrip()) == len(branch.rstrip()) and blank[step.start() : step.start() + 1] == "/"
    parent = branch[: step.start()].rstrip() if plain else ""
    if _TEXT.fullmatch(test):
        if directive == "strip":
            return "", "selects texts beside elements; the whole element would be cut"
        return (parent, "") if parent and not parent.endswith("/") else ("", "selects texts, not elements")
    if _NODE.fullmatch(test):
        if axis == "child" and parent and not parent.endswith("/"):
            return parent, ""  # all that is in an element is its text
        return branch[: step.start("test")] + "*" + branch[step.end("test") :], ""
    return branch, ""


def _grouped(branch: str, directive: str) -> tuple[str, str]:
    """Look into a path in brackets, such as (//div/text())[1]; what would have to be translated there is refused."""
    inner = branch.lstrip()
    if not inner.startswith("("):
        return branch, ""
    depth = end = 0
    for sign in _STRING.sub(lambda found: "_" * len(found.group()), inner):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            break
        end += 1
    for one in _branches(inner[1:end]):
        made, why = _branch_of_elements(one, directive)
        if why or made != one:
            return "", why or "selects texts, not elements"
    return branch, ""


def _branches(selector: str) -> Iterator[str]:
    """Give the parts of a union."""
    depth = begin = 0
    quote = ""
    for at, sign in enumerate(selector):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "|" and depth == 0:
            yield selector[begin:at].strip()
            begin = at + 1
    yield selector[begin:].strip()


def _without_predicates(branch: str) -> str:
    """Return a path with its predicates and strings blanked, as long as it was, without blanks at its end."""
    text = _STRING.sub(lambda found: "_" * len(found.group()), branch)
    out = []
    depth = 0
    for sign in text:
        depth += sign == "["
        out.append(" " if depth else sign)
        depth -= sign == "]"
    return "".join(out).rstrip()


def _result_fault(selector: str, directive: str) -> str:
    """Return what is wrong with what an XPath gives, "" for nothing: nodes, or a text where that is of use."""
    try:
        found = etree.XPath(selector)(_EMPTY_PAGE)
    except etree.XPathError as error:
        return f"cannot be evaluated: {error}"
    if isinstance(found, list) or (isinstance(found, str) and directive not in ("strip", "body")):
        return ""
    return "selects no elements"


def _named(name: str, names: NameMatch) -> str:
    if names is NameMatch.WORD:
        has = [f"contains(concat(' ', normalize-space(@{key}), ' '), ' {name} ')" for key in ("class", "id")]
        return f"//*[{' or '.join(has)}]"
    if "\\" in name:  # an escape in CSS
        return f"//*[contains(@class, '{name}') or contains(@id, '{name}')]"
    return f'[class*="{name}"], [id*="{name}"]'


def file_for(url: str, names: Collection[str]) -> str | None:
    """Return which of the files is for an address: that of its host, else the nearest one for sub-domains.

    The latter begin with a dot: `.example.com.txt` is for news.example.com, not for example.com or www.example.com.
    """
    return next((name for name in _names(host(url).removeprefix("www.")) if name in names), None)


def _names(name: str) -> Iterator[str]:
    yield f"{name}{ENDING}"
    yield f"www.{name}{ENDING}"
    while "." in name:
        name = name.partition(".")[2]
        yield f".{name}{ENDING}"


def host_of(file: str) -> str | None:
    """Return the host that a file is for, None for one that is for all sub-domains of a host."""
    return None if file.startswith(".") else file.removesuffix(ENDING).lower()


def added(own: ExtractionRules, others: ExtractionRules) -> tuple[ExtractionRules, tuple[str, ...]]:
    """Return what others' rules add to a person's own, and the names of those left out because the person has some."""
    names = [rule.name for rule in fields(ExtractionRules) if getattr(others, rule.name)]
    kept = tuple(name for name in names if getattr(own, name) and getattr(own, name) != getattr(others, name))
    same = [name for name in names if getattr(own, name)]
    return replace(others, **dict.fromkeys(same, ())), kept
