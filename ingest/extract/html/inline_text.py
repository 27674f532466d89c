"""The text of inline elements where their plain characters would say something else: 10<sup>9</sup> is not 109."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

from ingest.extract.html.visibility import can_be_opened, unseen

_SUPERSCRIPTS = str.maketrans("0123456789+-\u2212=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPTS = str.maketrans("0123456789+-\u2212=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_POWER = re.compile(r"[+\-\u2212]?[0-9n][0-9+\-\u2212=()ni]*")  # each sign has a superscript form
_NUMERIC = re.compile(r"[+\-\u2212]?[0-9][0-9.,/+\-\u2212a-z]{0,12}")
_NOTE_MARK = re.compile(r"\[?\(?(?:[0-9]{1,3}|[a-zivx]{1,4}|[*†‡§]{1,3})\)?\]?", re.IGNORECASE)
_NUMBER_MARK = re.compile(r"\[?[0-9]{1,3}\]?")
# Links within the page that are signs beside the text, not words of it: heading anchors, ways back from a note.
_SHOWN_SIGNS = "# ¶ § ↩ ↑ ^ ⤴ ⬆ ⇧ ↵ ⏎ 🔗 ∞ ⁋ # ⌗ ⚓ [#] [¶] [^] (#)"
SIGNS = frozenset(_SHOWN_SIGNS.split())
_ANCHOR_NAMES = re.compile(
    r"(?<![a-z])(?:header-?link|heading-?(?:anchor|link)|header-?anchor|perma-?link|anchor(?:-?(?:link|js-link|icon))?|"
    r"hash-?link|section-?link|edit-?section|mw-editsection|deep-?link|copy-?link|headline-?link)(?![a-z])",
    re.IGNORECASE,
)
_LINE_NUMBERS = re.compile(
    r"(?<![a-z])(?:line-?nos?|line-?num(?:ber)?s?|linenumbers?|linenodiv|gutter|blob-num|ln-numbers|rouge-gutter|"
    r"crayon-nums?|lnt?|hljs-ln-n)(?![a-z])",
    re.IGNORECASE,
)
_DEPTH_MAX = 60
_TEX_CHARS_MAX = 300  # a longer formula is read from its elements, or is none


def names_of(element: HtmlElement) -> str:
    """Return class and id names in one row."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def is_line_number(element: HtmlElement) -> bool:
    """Return whether an element holds the line numbers beside a code listing."""
    return _names_line_numbers(names_of(element)) or element.get("data-line-number") is not None


@lru_cache(maxsize=20_000)  # a site's pages share their names
def _names_line_numbers(names: str) -> bool:
    return _LINE_NUMBERS.search(names) is not None


def is_sign(element: HtmlElement) -> bool:
    """Return whether a link within the page shows a mere sign: a heading's anchor, the way back from a footnote."""
    href = element.get("href")
    if href is None or "#" not in href:
        return False
    return "".join(str(element.text_content()).split()).rstrip("\ufe0e\ufe0f") in SIGNS


def is_heading_anchor(element: HtmlElement) -> bool:
    """Return whether an element inside a heading is a tool beside its text: permalink, "[edit]"."""
    if not _ANCHOR_NAMES.search(names_of(element)):
        return False
    above = element.getparent()
    whole = "" if above is None else "".join(str(above.text_content()).split())
    own = "".join(str(element.text_content()).split())
    return len(own) < len(whole)  # a heading that is one link to itself keeps its text


def note_mark(text: str, *, raised: bool) -> str | None:
    """Return a footnote's mark as it stands in a line, "[1]", or None where a link's text is no mark."""
    said = text.strip()
    if not (_NOTE_MARK if raised else _NUMBER_MARK).fullmatch(said):
        return None
    bare = said.strip("[]()")
    return f"[{bare}]"


def raised(text: str, before: str) -> str:
    """Return superscript text as it stands behind `before`: figures as ⁹ (or ^9.5), words as they are."""
    said = text.strip()
    if not said or not before or before[-1].isspace():
        return text
    if _POWER.fullmatch(said):
        return said.translate(_SUPERSCRIPTS)
    if _NUMERIC.fullmatch(said) and before[-1].isalnum() and not said[-1].isalpha():
        return f"^{said}"
    return text


def lowered(text: str, before: str) -> str:
    """Return subscript text as it stands behind `before`: figures behind a figure as ₉; "CO2" stays as typed."""
    said = text.strip()
    if said and before and before[-1].isdigit() and said.translate(_SUBSCRIPTS) != said and said[:1].isdigit():
        return said.translate(_SUBSCRIPTS)
    return text


def formula(element: HtmlElement) -> str:
    """Return a <math> element in one line: its TeX source where the page gives it, else its signs."""
    for note in element.iter("annotation"):
        if "tex" in (note.get("encoding") or "").lower() and note.text and len(note.text) <= _TEX_CHARS_MAX:
            return " ".join(note.text.split())
    if alt := element.get("alttext"):
        return " ".join(alt.split())[:_TEX_CHARS_MAX]
    return " ".join(_signs(element).split())


def _signs(element: HtmlElement, depth: int = 0) -> str:
    if element.tag in ("annotation", "annotation-xml") or depth > _DEPTH_MAX:
        return ""
    parts = [_signs(child, depth + 1) for child in element]
    if element.tag in ("mi", "mn", "mo", "mtext", "ms") or not parts:
        return (element.text or "").strip() + "".join(parts)
    if element.tag == "msup" and len(parts) == 2:
        return f"{parts[0]}{_script(parts[1], '^', _SUPERSCRIPTS)}"
    if element.tag == "msub" and len(parts) == 2:
        return f"{parts[0]}{_script(parts[1], '_', _SUBSCRIPTS)}"
    if element.tag == "msubsup" and len(parts) == 3:
        lower = _script(parts[1], "_", _SUBSCRIPTS)
        return f"{parts[0]}{lower}{_script(parts[2], '^', _SUPERSCRIPTS)}"
    if element.tag == "mfrac" and len(parts) == 2:
        return "/".join(part if len(part) == 1 or part.isalnum() else f"({part})" for part in parts)
    if element.tag == "msqrt":
        return f"√({''.join(parts)})"
    return (element.text or "").strip() + "".join(parts)


def _script(text: str, sign: str, table: dict[int, int]) -> str:
    changed = text.translate(table)
    if text and all(before != after for before, after in zip(text, changed, strict=True)):
        return changed
    return f"{sign}{text}" if len(text) <= 1 else f"{sign}({text})"


def is_beside_line(element: HtmlElement) -> bool:
    """Return whether an element inside a line is no part of it: a sign, a tool, or out of sight and never opened."""
    if not element.attrib:
        return False
    if element.tag == "a" and is_sign(element):
        return True
    attributes = dict(element.items())
    hidden = unseen(attributes, str(element.tag))
    if hidden and not can_be_opened(attributes, str(element.tag)):
        return not _is_initial(element, hidden)
    return is_heading_anchor(element)


def _is_initial(element: HtmlElement, hidden: str) -> bool:
    """Whether what screen readers skip is a letter or word of the line: an initial set large."""
    return hidden == "aria-hidden" and any(char.isalpha() for char in str(element.text_content()))
