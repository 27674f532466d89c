"""What a page shows its readers about an article: headings, bylines, dates, tag links, by place and class names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

MAX_BYLINE_CHARS = 220
MAX_CANDIDATES = 60

_SIGNS = (
    "uthor",
    "yline",
    "utor",
    "edact",
    "edakt",
    "riter",
    "enulis",
    "erfasser",
    "eporter",
    "ournalist",
    "UTHOR",
    "YLINE",
)
_bylines = XPath(
    "//body//*[@rel='author' or "
    + " or ".join(f"contains(@class,'{sign}')" for sign in _SIGNS)
    + "".join(f" or contains({at},'{sign}')" for at in ("@data-testid", "@id") for sign in ("uthor", "yline"))
    + "]"
)
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:\w*(?:author|byline|autor|auteur|autore|redacteur|redakteur|writer|penulis|verfasser|reporter|journalist)"
    r"(?:s|en|e|es|in)?)(?:$|[\s_-]|name|link|info)|(?:author|byline|autor)",
    re.IGNORECASE,
)
_NOT_BYLINE_CLASS = re.compile(
    r"comment|avatar|image|img|photo|picture|bio\b|biograph|desc|about|social|share|follow|related|recommend|more|count|"
    r"date|time|role|position|jobtitle|job-title|twitter|email|icon|card-list|sidebar|widget|footer",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"comment|related|recommend|sidebar|footer|widget|teaser|most-read|promo|newsletter|navigation|menu", re.IGNORECASE
)


def headings(tree: HtmlElement) -> tuple[str, ...]:
    """Return the h1 texts in page order."""
    return tuple(str(element.text_content()) for element in list(tree.iter("h1"))[:20])


def bylines(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield (origin, text) of what looks like a byline, the surest first: rel=author, then by class names."""
    found: list[tuple[int, str, str]] = []
    # an XPath may give other things than elements; this one does not
    for element in cast("list[HtmlElement]", _bylines(tree))[: MAX_CANDIDATES * 4]:
        by_rel = (element.get("rel") or "") == "author"
        classes = " ".join(filter(None, (element.get("class"), element.get("id"), element.get("data-testid"))))
        if not by_rel and (not _BYLINE_CLASS.search(classes) or _NOT_BYLINE_CLASS.search(classes)):
            continue
        if element.tag in ("script", "style", "img", "svg", "input", "form", "meta", "link", "body", "nav", "footer"):
            continue
        if _is_away(element):
            continue
        text = _shown(element)
        if 2 < len(text) <= MAX_BYLINE_CHARS:
            found.append((0 if by_rel else 1, "rel-author" if by_rel else "byline", text))
    for _, origin, text in sorted(found, key=lambda entry: entry[0])[:MAX_CANDIDATES]:
        yield origin, text


def _is_away(element: HtmlElement) -> bool:
    """Tell whether an element lies in comments, teasers or another part that is not the article's head."""
    for depth, parent in enumerate(element.iterancestors()):
        if parent.tag in ("aside", "footer", "nav"):
            return True
        if depth < 6 and parent.tag not in ("body", "html") and _AWAY.search(parent.get("class") or ""):
            return True
    return False


def _shown(element: HtmlElement) -> str:
    """Return an element's text with a mark between its parts."""
    parts = (
        [text.strip() for text in element.itertext("*") if isinstance(text, str)]
        if len(element)
        else [element.text or ""]
    )
    return " · ".join(part for part in parts if part.strip())


def times(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield ("time", text) of the time elements outside comments and teasers, in page order."""
    for element in list(tree.iter("time"))[:MAX_CANDIDATES]:
        if not _is_away(element):
            for text in (element.get("datetime"), str(element.text_content())):
                if text and text.strip():
                    yield "time", text.strip()


def tag_links(tree: HtmlElement) -> tuple[str, ...]:
    """Return the texts of links marked as tags of the article."""
    return tuple(
        " ".join(str(a.text_content()).split()) for a in tree.xpath("//a[contains(concat(' ',@rel,' '),' tag ')]")[:60]
    )
