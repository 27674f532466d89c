"""Plain text as a page: its first line is the title, an empty line separates paragraphs, else each line is one."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

HTML_HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
BOM = b"\xef\xbb\xbf"


def as_page(text: bytes) -> bytes:
    """Return a text file as HTML."""
    lines = text.removeprefix(BOM).decode("utf-8", "replace").splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    title, rest = (lines[0].strip().lstrip("# "), lines[1:]) if lines else ("", [])
    head = f"<meta charset=utf-8><title>{html.escape(title)}</title>"
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><article><h1>{html.escape(title)}</h1>\n"
        f"{paragraphs(rest)}</article></body></html>"
    ).encode()


def paragraphs(lines: Sequence[str]) -> str:
    """Return lines as paragraphs of HTML."""
    parted = any(not line.strip() for line in lines[1:])
    parts = re.split(r"\n\s*\n", "\n".join(lines)) if parted else lines
    return "".join(f"<p>{html.escape(part.strip())}</p>\n" for part in parts if part.strip())
