"""The inline Markdown of one block: emphasis, code and links as the page set them, each sign closed and around text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SIGNS = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~", "strike": "~~"}
CODE = "`"
HREF_CHARS_MAX = 2000  # longer ones are data, not addresses


class InlineMark(NamedTuple):
    """A sign that stands before piece `at`; for a link `sign` is "a" and `href` its address."""

    at: int
    sign: str
    opens: bool
    href: str = ""


def inline(pieces: Sequence[str], marks: Sequence[InlineMark]) -> str:
    """Return the pieces with their signs; signs around nothing are dropped, spaces inside them moved out."""
    open_marks: list[tuple[InlineMark, list[str]]] = []
    text: list[str] = []
    following = iter(marks)
    mark = next(following, None)
    for at in range(len(pieces) + 1):
        while mark is not None and mark.at <= at:
            if mark.opens:
                open_marks.append((mark, text))
                text = []
            elif any(opened.sign == mark.sign for opened, _ in open_marks):
                closed = False
                while not closed:  # what was opened inside and never closed ends here too
                    opened, outer = open_marks.pop()
                    closed = opened.sign == mark.sign
                    outer.append(_signed(opened, "".join(text)))
                    text = outer
            mark = next(following, None)
        if at < len(pieces):
            text.append(pieces[at])
    while open_marks:
        opened, outer = open_marks.pop()
        outer.append(_signed(opened, "".join(text)))
        text = outer
    return "".join(text)


def _signed(mark: InlineMark, text: str) -> str:
    inner = text.strip()
    if not inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if mark.sign != "a":
        return (
            text
            if inner.startswith(mark.sign) and inner.endswith(mark.sign)
            else f"{before}{mark.sign}{inner}{mark.sign}{after}"
        )
    href = mark.href.strip()
    if not href or href.startswith("#") or len(href) > HREF_CHARS_MAX or href.partition(":")[0].lower() in _NO_ADDRESS:
        return text
    href = href.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"{before}[{inner}]({href}){after}"


_NO_ADDRESS = frozenset({"javascript", "data", "vbscript", "blob", "about"})
