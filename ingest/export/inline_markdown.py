"""One block's text with links and emphasis as Markdown that shows nothing but that: all other text is escaped.

Extraction gives a block's Markdown with its words as they are. They may look like tags, links or emphasis; here each
sign is kept apart from text, and the result shows the same words as the plain text or is the plain text, escaped.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from ingest.model import Block
from ingest.text.normalize import normalise

SCHEMES = frozenset({"http", "https", "mailto"})
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~])")
_LINE_START = re.compile(r"^(?=(?:[#+=>-]|\d+[.)]))")
_DOTTED = re.compile(r"^(\d+)([.)])")
_MARK = re.compile(
    r"\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<href>[^\s()]*)\)|`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*(?!\*)"
    r"|(?<!\*)\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*(?!\*)|~~(?P<del>.+?)~~"
)
_SIGNS = {"strong": "**", "em": "*", "del": "~~"}
_HREF = str.maketrans({"<": "%3C", ">": "%3E", "\\": "%5C", '"': "%22", "`": "%60"})


def escaped(text: str) -> str:
    """Return plain text with all Markdown syntax escaped."""
    special = _SPECIAL.sub(r"\\\1", text)
    return _DOTTED.sub(r"\1\\\2", special) if special[:1].isdigit() else _LINE_START.sub(r"\\", special)


def inline(block: Block, base: str) -> str:
    """Return a block's text as one line of Markdown; `base` is the address that relative links are counted from."""
    if block.markdown is None:
        return escaped(block.text)
    marked, shown = _marked(block.markdown, base)
    if normalise(shown) != normalise(block.text):  # a sign that was text
        return escaped(block.text)
    return _line_start(marked, block.markdown)


def _line_start(marked: str, written: str) -> str:
    """Escape what would make the line a heading, list or quote, unless it is a sign of ours."""
    if _MARK.match(written):
        return marked
    return _DOTTED.sub(r"\1\\\2", marked) if marked[:1].isdigit() else _LINE_START.sub(r"\\", marked)


def _marked(written: str, base: str) -> tuple[str, str]:
    """Return the text with its signs, all else escaped, and the words that it shows."""
    marked: list[str] = []
    shown: list[str] = []
    at = 0
    for found in _MARK.finditer(written):
        before = written[at : found.start()]
        marked.append(_SPECIAL.sub(r"\\\1", before))
        at = found.end()
        if found["code"] is not None:
            one, words = found.group(), found["code"]
        elif found["text"] is not None:
            one, words = _link(found["text"], found["href"], base)
        else:
            name = next(name for name in _SIGNS if found[name] is not None)
            inner, words = _marked(found[name], base)
            one = f"{_SIGNS[name]}{inner}{_SIGNS[name]}"
        marked.append(one)
        shown += [before, words]
    marked.append(_SPECIAL.sub(r"\\\1", written[at:]))
    return "".join(marked), "".join([*shown, written[at:]])


def _link(text: str, href: str, base: str) -> tuple[str, str]:
    """Return a link, or its text alone where its address is of another scheme."""
    inner, words = _marked(text, base)
    address = address_of(href, base)
    return (f"[{inner}]({address})" if address else inner), words


def address_of(href: str, base: str) -> str | None:
    """Return the address that a link leads to, None for one of another scheme than http, https and mailto."""
    try:
        address = urljoin(base, href.strip())
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return None
    return address.translate(_HREF) if scheme in SCHEMES else None
