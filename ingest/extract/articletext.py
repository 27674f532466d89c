"""The article's text as the page gives it to machines: JSON-LD articleBody. A witness beside what the page shows."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from ingest.extract import jsonld
from ingest.extract.jsonld import Json
from ingest.extract.segments import segments

TEXT_CHARS_MIN = 300  # shorter ones are teasers
DEPTH_MAX = 8

_KEYS = ("articleBody", "reviewBody")


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


def _bodies(value: Json, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _KEYS:
                yield from jsonld.strings(inner)
            elif depth < DEPTH_MAX and isinstance(inner, (dict, list)):
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
