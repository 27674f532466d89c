"""The article's text as the page gives it to machines: JSON-LD articleBody, or the data a script would draw it from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from ingest.extract.html import jsonld
from ingest.extract.html.jsonld import Json
from ingest.extract.html.segments import segments

TEXT_CHARS_MIN = 300  # shorter ones are teasers
DEPTH_MAX = 8
DATA_DEPTH_MAX = 24

SENTENCE_CHARS_MIN = 80  # shorter strings in a page's data are labels
_KEYS = ("articleBody", "reviewBody")
_SENTENCE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f\u061f\u06d4\u0964][\"\u201d\u2019\u00bb)\]]*(?:\s|$|<)")


def article_text(tree: HtmlElement) -> tuple[str, ...]:
    """Return the lines of the longest articleBody on the page, none if there is none worth the name."""
    longest = ""
    for script in tree.iter("script"):
        source = script.text
        if source and any(f'"{key}"' in source for key in _KEYS):
            longest = max([longest, *(body for value in jsonld.loads(source) for body in _bodies(value))], key=len)
    if len(longest) < TEXT_CHARS_MIN:
        return ()
    if "</" in longest or "&lt;" in longest or "<br" in longest:
        return _lines_of_markup(longest)
    return tuple(line for line in (part.strip() for part in longest.splitlines()) if line)


def data_text(tree: HtmlElement) -> tuple[str, ...]:
    """Return the lines of the longest text in the data that scripts draw the page from (__NEXT_DATA__ and its like).

    Strings at the same place in the data, list positions aside, belong together; other articles' teasers are short.
    For pages that show nothing themselves.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for script in tree.iter("script"):
        kind = (script.get("type") or "").lower()
        if script.text and kind.endswith("json") and not kind.endswith("ld+json"):
            for value in jsonld.loads(script.text):
                _gather(value, "", found)
    best = max(found.values(), key=lambda texts: sum(map(len, texts)), default=[])
    lines = tuple(
        line
        for text in dict.fromkeys(best)
        for line in (_lines_of_markup(text) if "</" in text else (text.strip(),))
        if line
    )
    return lines if sum(map(len, lines)) >= TEXT_CHARS_MIN else ()


def _gather(value: Json, place: str, found: dict[str, list[str]], depth: int = 0) -> None:
    if isinstance(value, str):
        if len(value) >= SENTENCE_CHARS_MIN and " " in value and _SENTENCE.search(value):
            found[place].append(value)
    elif isinstance(value, dict) and depth < DATA_DEPTH_MAX:
        for key, inner in value.items():
            _gather(inner, f"{place}/{key}", found, depth + 1)
    elif isinstance(value, list) and depth < DATA_DEPTH_MAX:
        for inner in value:
            _gather(inner, place, found, depth + 1)


def _bodies(value: Json, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict):
        if "liveBlogUpdate" in value:  # a live blog's text is that of its updates together
            yield "\n".join(body for body in _bodies(value["liveBlogUpdate"], depth + 1))
        for key, inner in value.items():
            if key in _KEYS:
                yield from jsonld.strings(inner)
            elif key != "liveBlogUpdate" and depth < DEPTH_MAX and isinstance(inner, (dict, list)):
                yield from _bodies(inner, depth + 1)
    elif isinstance(value, list) and depth < DEPTH_MAX:
        for inner in value:
            yield from _bodies(inner, depth + 1)


def _lines_of_markup(text: str) -> tuple[str, ...]:
    if "</" not in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    try:
        root = fragment_fromstring(text, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return ()
    return tuple(segment.text for segment in segments(root))
