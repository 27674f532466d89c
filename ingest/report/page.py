"""The frame of a page: light and dark, readable on a phone, everything from outside escaped."""

from __future__ import annotations

from html import escape
from pathlib import Path

from ingest.errors import IngestError
from ingest.text.normalize import normalise

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: light-dark(#5f5f5f, #aaa); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
article { border-top: 1px solid var(--line); padding: .8rem 0; }
p { margin: .3rem 0; overflow-wrap: anywhere; } small { color: var(--soft); }
del { text-decoration: line-through; color: var(--soft); } ins { text-decoration: none; }
.keep { border-left: .3rem solid #2a2; } .cut { border-left: .3rem solid #c33; }
.keep, .cut { padding-left: .7rem; }
"""


def text(value: object) -> str:
    """Escape what comes from outside."""
    return escape(normalise(str(value)))


def write(file: Path, title: str, body: str) -> None:
    """Write a whole page. Raises IngestError when the file cannot be written."""
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{text(title)}</h1>{body}</body></html>\n"
    )
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise IngestError(f"{file}: cannot be written: {error.strerror}") from error
