"""What a person wrote about one source's pages: selectors that keep or strip, patterns that strip text.

A person outranks the model: what `strip` or `strip_text` matches is cut, what `keep` matches is kept whoever else would
cut it; where both match, the innermost element decides, and `strip` when it is the same one. The first of the `body`
selectors that matches says where the body is: what is outside is cut, the paragraphs in it are kept, and of its short
lines, title, byline, buttons, the model decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from ingest.errors import SourceError
from ingest.model import Cut, CutBy, ExtractionRules
from ingest.text.normalize import normalise

SENTENCE_CHARS = 60  # two names and a date, the longest line above a text, have some fifty
_XPATH = re.compile(r"\s*(?:\(|/|\./|\.$|[a-z-]+::|[\w*]+\[@|id\()")

Selector = etree.XPath  # a CSSSelector is one too


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The elements of one page that rules speak about, each with the selector that matched it."""

    keep: Mapping[HtmlElement, str]
    strip: Mapping[HtmlElement, str]
    strip_text: tuple[re.Pattern[str], ...]
    body: frozenset[HtmlElement] = frozenset()
    outside: Cut | None = None  # of what is not in the body, where a rule says where that is

    def of(self, element: HtmlElement, text: str) -> Cut | bool | None:
        """Return a Cut, True for keep, or None if no rule speaks about a block in this element."""
        for pattern in self.strip_text:
            if pattern.search(text):
                return Cut(by=CutBy.RULE, reason=f"strip_text {pattern.pattern}")
        if not self.keep and not self.strip and not self.body:
            return None
        at: HtmlElement | None = element
        while at is not None:
            if (selector := self.strip.get(at)) is not None:
                return Cut(by=CutBy.RULE, reason=f"strip {selector}")
            if at in self.keep:
                return True
            if at in self.body:
                return True if len(text) >= SENTENCE_CHARS else None
            at = at.getparent()
        return self.outside


@lru_cache(maxsize=1024)
def selector(written: str) -> Selector:
    """Return a CSS or XPath selector ready to use. Raises SourceError naming it when it cannot be read."""
    try:
        if _is_xpath(written):
            return etree.XPath(written)
        return CSSSelector(written, translator="html")
    except (etree.XPathSyntaxError, SyntaxError, ValueError) as error:
        raise SourceError(f"selector {written!r} is neither CSS nor XPath: {error}") from error


@lru_cache(maxsize=1024)
def pattern(written: str) -> re.Pattern[str]:
    """Return a `strip_text` pattern. Raises SourceError naming it when it cannot be read."""
    try:
        return re.compile(written)
    except re.error as error:
        raise SourceError(f"strip_text {written!r} is not a regular expression: {error}") from error


def ruling(tree: HtmlElement, rules: ExtractionRules) -> Ruling | None:
    """Return what the rules say about one page, None without rules. Raises SourceError for an unreadable rule."""
    if not (rules.keep or rules.strip or rules.strip_text or rules.body):
        return None
    body = next(((written, found) for written in rules.body if (found := matches(tree, written))), None)
    keep = {element: written for written in rules.keep for element in matches(tree, written)}
    return Ruling(
        keep=keep,
        body=frozenset(body[1]) if body else frozenset(),
        outside=Cut(by=CutBy.RULE, reason=f"outside body {body[0]}") if body else None,
        strip={element: written for written in rules.strip for element in matches(tree, written)},
        strip_text=tuple(pattern(written) for written in rules.strip_text),
    )


def matches(tree: HtmlElement, written: str) -> tuple[HtmlElement, ...]:
    """Return the elements a selector matches; text and attribute results stand for their element."""
    found = selector(written)(tree)
    if not isinstance(found, list):
        return ()
    elements = (item if isinstance(item, HtmlElement) else _owner(item) for item in found)
    return tuple(element for element in elements if element is not None)


def addresses(tree: HtmlElement, written: str) -> tuple[str, ...]:
    """Return the addresses a selector gives: of the links it matches, or the attributes and texts themselves."""
    return tuple(value for item in _found(tree, written) if (value := _said(item, "href", "content").strip()))


def values(tree: HtmlElement, written: str) -> tuple[str, ...]:
    """Return the texts a selector gives: of elements what they show, of meta elements what they say."""
    return tuple(value for item in _found(tree, written) if (value := normalise(_said(item, "content"))))


def _found(tree: HtmlElement, written: str) -> list[object]:
    found = selector(written)(tree)
    return list(found) if isinstance(found, list) else [found] if isinstance(found, str) else []


def _said(item: object, *attributes: str) -> str:
    if not isinstance(item, HtmlElement):
        return str(item)
    given = next((value for name in attributes if (value := item.get(name))), None)
    return str(item.text_content()) if given is None else given


def _owner(item: object) -> HtmlElement | None:
    parent = getattr(item, "getparent", lambda: None)()
    return parent if isinstance(parent, HtmlElement) else None


def _is_xpath(written: str) -> bool:
    return bool(_XPATH.match(written))
