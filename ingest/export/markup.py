"""Kept blocks as HTML that is also well-formed XML, for feeds and books."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from ingest.model import Block, BlockKind
from ingest.text.normalize import normalise

# characters that XML 1.0 does not allow, not even as references
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^\s()]*)\)")
_LINKED = ("http://", "https://", "mailto:")  # links of other schemes are text
_SIGNS = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)"), r"<em>\1</em>"),
    (re.compile(r"~~(.+?)~~"), r"<del>\1</del>"),
)
_TAG = re.compile(r"</?(?:a|code|strong|em|del)\b[^>]*>")
HIGHEST = 2  # h1 is the title's


def xml_text(text: str) -> str:
    """Return the text without characters that XML does not allow."""
    return _NO_XML.sub("", text)


def xml_escaped(text: str) -> str:
    """Return the text escaped for XML text and attributes."""
    return escape(xml_text(text))


def html_of(blocks: Iterable[Block]) -> str:
    """Return blocks in reading order as one piece of HTML, an element a line."""
    return "\n".join(_elements(blocks))


def _elements(blocks: Iterable[Block]) -> Iterator[str]:
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        if kind is BlockKind.ITEM:
            yield from _list(tuple(run))
        elif kind is BlockKind.ROW:
            yield f"<table><tbody>{''.join(map(_row, run))}</tbody></table>"
        elif kind is BlockKind.QUOTE:
            yield f"<blockquote>{''.join(f'<p>{inline(block)}</p>' for block in run)}</blockquote>"
        else:
            yield from map(_single, run)


def _single(block: Block) -> str:
    if block.kind is BlockKind.HEADING:
        level = min(6, max(HIGHEST, block.level or HIGHEST))
        return f"<h{level}>{inline(block)}</h{level}>"
    if block.kind is BlockKind.CODE:
        return f"<pre><code>{xml_escaped(block.text)}</code></pre>"
    if block.kind is BlockKind.CAPTION:
        return f'<p class="caption"><small>{inline(block)}</small></p>'
    return f"<p>{inline(block)}</p>"


def _list(items: tuple[Block, ...]) -> Iterator[str]:
    """Yield a list as HTML, deeper items inside the item before; numbered items say their number."""
    opened: list[str] = []  # the lists around the item, the outermost first
    parts: list[str] = []
    for item in items:
        level = max(1, min(item.level or 1, len(opened) + 1))
        tag = "ul" if item.number is None else "ol"
        while len(opened) > level or (len(opened) == level and opened[-1] != tag):
            parts.append(f"</li></{opened.pop()}>")
        if len(opened) == level:
            parts.append("</li>")
        else:
            parts.append(f"<{tag}>")
            opened.append(tag)
        parts.append(f"<li>{inline(item)}" if item.number is None else f'<li value="{item.number}">{inline(item)}')
    yield "".join(parts) + "".join(f"</li></{tag}>" for tag in reversed(opened))


def _row(block: Block) -> str:
    return "<tr>" + "".join(f"<td>{xml_escaped(cell)}</td>" for cell in block.text.split(" | ")) + "</tr>"


def _linked(found: re.Match[str]) -> str:
    text, href = found.groups()
    return f'<a href="{href}">{text}</a>' if href.lower().startswith(_LINKED) else text


def inline(block: Block) -> str:
    """Return one block's text with links and emphasis, or its plain text if the markup would change the text."""
    plain = xml_escaped(block.text)
    if block.markdown is None:
        return plain
    html = escape(xml_text(block.markdown), quote=True)
    html = _LINK.sub(_linked, html)
    parts = re.split(r"(<a [^>]*>|</a>)", html)  # no emphasis inside addresses
    for sign, tag in _SIGNS:
        parts = [part if at % 2 else sign.sub(tag, part) for at, part in enumerate(parts)]
    html = "".join(parts)
    return html if normalise(_TAG.sub("", html)) == normalise(plain) else plain
