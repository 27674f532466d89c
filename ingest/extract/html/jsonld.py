"""JSON-LD as pages write it: read whatever is in the script elements, repair what is broken, never fail.

Knows the syntax only: objects, lists, @graph, @id references. What a headline or an author is, others know.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import orjson

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Node: TypeAlias = "dict[str, Json]"

MAX_SCRIPT_CHARS = 2_000_000  # a page's own bound is 10 MiB; live blogs with full text reach 400 KB
MAX_REPAIR_CHARS = 500_000  # the bolder repairs are for small blocks
MAX_DEPTH = 40  # deepest nesting that is followed; real pages stay under 12
MAX_NODES = 5_000  # objects followed per page

_BYTE_ORDER_MARK = "\ufeff \t\r\n"  # left by an included file; JSON allows no mark, and str.strip() keeps it
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_CLOSES_STRING = re.compile(r"\s*(?:[:}\]]|,\s*[\"{\[\d\-tfn}\]]|$)")
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/', re.DOTALL)


def loads(text: str) -> list[Json]:
    """Return the values a script element holds: usually one, none if even repair does not help."""
    text = text[:MAX_SCRIPT_CHARS].strip(_BYTE_ORDER_MARK)
    if not text.strip():
        return []
    try:
        return [orjson.loads(text)]
    except (ValueError, RecursionError):
        pass
    for repaired in _repairs(text):
        if values := _read_all(repaired):
            return values
    return []


def _repairs(text: str) -> Iterator[str]:
    """Yield ever bolder repairs of the text."""
    text = _WRAPPING.sub("", _WRAPPING.sub("", text)).strip().rstrip(";")
    yield text
    tidy = _STRING_OR_COMMA.sub(lambda m: m[0] if m[0] != "," else "", text)
    tidy = _BAD_ESCAPE.sub(lambda m: m[0] if m[1] else "\\\\", tidy)
    yield tidy
    if "&quot;" in text and text.count('"') < text.count("&quot;"):
        yield html.unescape(text)
    if len(text) > MAX_REPAIR_CHARS:
        return
    end = tidy.rfind("*/") + 2  # behind the last end of a comment no start is looked for: it would cost a scan each
    yield _COMMENT.sub(lambda m: m[0] if m[0].startswith('"') else "", tidy[:end]) + tidy[end:]
    requoted = _escape_inner_quotes(tidy)
    yield requoted
    yield _close(requoted)


def _escape_inner_quotes(text: str) -> str:
    """Escape quotes that do not end a string: one ends it only before `:`, `,` and a value, a bracket or the end."""
    out: list[str] = []
    inside = False
    position = 0
    for match in re.finditer(r'\\.|"', text, re.DOTALL):
        out.append(text[position : match.start()])
        position = match.end()
        if match[0] != '"':
            out.append(match[0])
        elif not inside:
            inside = True
            out.append('"')
        elif _CLOSES_STRING.match(text, match.end()):
            inside = False
            out.append('"')
        else:
            out.append('\\"')
    out.append(text[position:])
    return "".join(out)


def _close(text: str) -> str:
    """Close what a cut text leaves open, and drop a half-written last member."""
    open_brackets: list[str] = []
    safe: tuple[int, tuple[str, ...]] = (0, ())  # longest prefix that ends at a whole member
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\],]', text, re.DOTALL):
        mark = match[0]
        if mark in "{[":
            open_brackets.append("}" if mark == "{" else "]")
            safe = (match.end(), tuple(open_brackets))
        elif mark in "}]":
            if not open_brackets or open_brackets.pop() != mark:
                break
            safe = (match.end(), tuple(open_brackets))
        elif mark == ",":
            safe = (match.start(), tuple(open_brackets))
        if len(open_brackets) > MAX_DEPTH:
            break
    return text[: safe[0]] + "".join(reversed(safe[1]))


def _read_all(text: str) -> list[Json]:
    """Read one or several values written after one another; control characters inside strings are let through."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Json] = []
    position = 0
    while position < len(text) and len(values) < MAX_NODES:
        if text[position] in " \t\r\n,;":
            position += 1
            continue
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return values if values and isinstance(values[0], (dict, list)) else []
        values.append(value)
    return values if any(isinstance(value, (dict, list)) for value in values) else []


# ---------------------------------------------------------------- objects

# members that hold other things' objects: a headline in there is not this page's
_ELSEWHERE = frozenset(
    [
        "itemListElement",
        "isPartOf",
        "hasPart",
        "citation",
        "comment",
        "review",
        "relatedLink",
        "mentions",
        "about",
        "liveBlogUpdate",
        "significantLink",
        "suggestedAnswer",
        "acceptedAnswer",
        "publisher",
        "author",
        "creator",
        "image",
        "logo",
        "video",
    ]
)


def nodes(values: Iterable[Json]) -> Iterator[Node]:
    """Yield the objects that describe the page itself, in page order: top level, lists, @graph, mainEntity."""
    waiting: list[tuple[Json, int]] = [(value, 0) for value in values]
    waiting.reverse()
    met = 0
    while waiting and met < MAX_NODES:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, list):
            waiting.extend((part, depth + 1) for part in reversed(value))
        elif isinstance(value, dict):
            met += 1
            yield value
            for key, part in reversed(value.items()):
                if key not in _ELSEWHERE and isinstance(part, (dict, list)):
                    waiting.append((part, depth + 1))


def by_id(values: Iterable[Json]) -> Mapping[str, Node]:
    """Return the fullest object for each @id anywhere in the values."""
    found: dict[str, Node] = {}
    waiting: list[tuple[Json, int]] = [(value, 0) for value in values]
    met = 0
    while waiting and met < MAX_NODES:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, list):
            waiting.extend((part, depth + 1) for part in value)
        elif isinstance(value, dict):
            met += 1
            name = value.get("@id")
            if isinstance(name, str) and len(value) > len(found.get(name, ())):
                found[name] = value
            waiting.extend((part, depth + 1) for part in value.values() if isinstance(part, (dict, list)))
    return found


def types(node: Node) -> tuple[str, ...]:
    """Return the object's types without their vocabulary: "NewsArticle", not "http://schema.org/NewsArticle"."""
    value = node.get("@type")
    parts = value if isinstance(value, list) else [value]
    return tuple(re.split(r"[/:#]", part)[-1] for part in parts if isinstance(part, str))


def strings(value: Json, *, depth: int = 0) -> tuple[str, ...]:
    """Return the texts of a value: a string, a number, a list of them, {"@value": ...}, or an object's name."""
    if depth > 4:
        return ()
    if isinstance(value, str):
        return (html.unescape(value),) if value.strip() else ()
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, (int, float)):
        return (str(value),)
    if isinstance(value, list):
        return tuple(text for part in value[:500] for text in strings(part, depth=depth + 1))
    if isinstance(value, dict):
        for key in ("@value", "name", "headline", "url", "@id"):
            if found := strings(value.get(key), depth=depth + 1):
                return found
    return ()


def text(value: Json) -> str | None:
    """Return the first text of a value."""
    return next(iter(strings(value)), None)
