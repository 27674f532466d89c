"""Dates a page shows its readers: beside the title, in elements called a date, behind words like "Published"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from ingest.extract.html.element_index import ElementIndex, is_away, signs
from ingest.extract.metadata import dates
from ingest.extract.metadata.head import Chunk, Head, chunks_within
from ingest.extract.metadata.words import MODIFIED, PUBLISHED
from ingest.model import Moment, Page

MAX_DATELINE_CHARS = 100
MAX_ELEMENTS = 60
MAX_STATE_CHARS = 1_000_000
MAX_DAYS = 3  # more different days in elements called a date are a list of teasers
LEDE_CHARS = 400  # longest paragraph whose date at the very beginning is looked at
_ANY_DIGITS = re.compile(r"\d")
_MODIFIED = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(MODIFIED)})(?![^\W\d_])", re.IGNORECASE)
_PUBLISHED = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(PUBLISHED)})(?![^\W\d_])", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d|\.\d\d\b")
_LABELLED = re.compile(
    r"\W*(?:page |article |seite |artikel |this page was )?"
    rf"(?:{'|'.join((*MODIFIED, *(word for word in PUBLISHED if len(word) > 5)))})(?![^\W\d_])",
    re.IGNORECASE,
)
_STATE_DATE = re.compile(
    r"[\"'](?:first|date|article|content)?_?(?:publish(?:ed)?|publication|pub|posted|deploy(?:ed)?|released?|issued?)_?"
    r"(?:date|at|on|time|dt|timestamp|datetime|date_?time)?\\?[\"']\s*:\s*\\?[\"']?"
    r"(\d{4}[-./]\d\d[-./]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?|1[3-9]\d{8}(?:\d{3})?(?!\d))",
    re.IGNORECASE,
)
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:time$|\w*date(?:s|time|line|published|created)?|\w*published|datum|datetime|published|pubdate|publish(?:ed)?-?(?:date|on|time)?|"
    r"posted(?:-?on)?|time-?stamp|entry-meta|post-meta|meta-?date|fecha|data|tanggal|tarih|dato|created|dateline|"
    r"(?:article|post|news)-?(?:time|date|info|meta))(?:$|[\s_-])",
)
_DATE_STEMS = (
    "date", "publish", "datum", "posted", "time", "meta", "fecha", "data", "tanggal", "tarih", "dato", "created",
    "info",
)  # fmt: skip  # a table
_DATE_FIRST = re.compile(r"\W*(?:[^\W\d_]+,\s*)?\d{1,2}\.\s?(?:\d{1,2}\.|[^\W\d_]{3,})\s?\d{4}")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/_-]?(\d\d)[/_-]?(\d\d)(?=[/_.-]|$)|[/_-]((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")


def shown(
    head: Head, places: ElementIndex | None, *, now: datetime, month_first: bool
) -> Iterator[tuple[str, Moment, bool]]:
    """Yield (origin, moment, modified) for the dates shown, the surest first; "modified" is what the page calls so.

    Without `places` only the head is looked at.
    """
    after = _without_list(head.after)
    yield from _in_run(after, now=now, month_first=month_first)
    before = list(_in_run(head.before, now=now, month_first=month_first, parted=True))
    yield from reversed(before)  # the nearest to the title first
    if places:
        called = [
            found
            for chunks in _elements(places)
            for found in _in_run(chunks, now=now, month_first=month_first, origin="date-class")
        ]
        if len({moment.on for _, moment, _ in called}) <= MAX_DAYS:
            yield from called


def _without_list(run: Sequence[Chunk]) -> Sequence[Chunk]:
    """Return a run without its list items when many of them are dated: they are teasers of other articles."""
    items = [chunk for chunk in run if any(parent.tag == "li" for parent in islice(_around(chunk.element), 3))]
    if sum(1 for chunk in items if _YEAR.search(chunk.text)) <= MAX_DAYS:
        return run
    return [chunk for chunk in run if chunk not in items]


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from element.iterancestors()


def _in_run(
    run: Sequence[Chunk], *, now: datetime, month_first: bool, origin: str = "dateline", parted: bool = False
) -> Iterator[tuple[str, Moment, bool]]:
    """Yield the dates in a run of chunks.

    Behind two paragraphs a date needs a word or a place that calls it one, unless the run is `parted` anyhow.
    """
    label = ""
    long = 0
    for at, chunk in enumerate(run):
        text = chunk.text
        if len(text) > MAX_DATELINE_CHARS:
            label = ""
            long += 1
            if not (_DATE_FIRST.match(text) and len(text) <= LEDE_CHARS):
                continue
            text = text[:40]
            long = 0
        if not _ANY_DIGITS.search(text):
            label = text
            continue
        stamp = chunk.element.get("datetime") if chunk.element.tag == "time" else None
        moment = dates.parse(stamp, now=now, declared=False) if stamp else None
        if moment is None:
            moment = dates.parse(text, now=now, month_first=month_first, declared=False)
        if moment is None and len(text) <= 12:
            for start in (at, at - 1):
                joined = " ".join(other.text for other in run[max(0, start) : start + 4] if len(other.text) <= 14)
                moment = moment or dates.parse(joined, now=now, month_first=month_first, declared=False)
        if moment is not None:
            labelled_text = f"{label} {text}"
            if long >= 2 and not parted and not (_PUBLISHED.search(labelled_text) or _called_date(chunk.element)):
                continue
            yield origin, moment, bool(_MODIFIED.search(labelled_text)) and not _PUBLISHED.search(labelled_text)
        label = "" if moment else label


def _called_date(element: HtmlElement) -> bool:
    """Return whether an element, or the one around it, is a time or called a date."""
    parent = element.getparent()
    return any(one is not None and (one.tag == "time" or _DATE_CLASS.search(signs(one))) for one in (element, parent))


def _elements(places: ElementIndex) -> Iterator[list[Chunk]]:
    """Yield the chunks of elements that are called a date, outside comments and teasers, in page order."""
    met = 0
    for element, _ in places.matching(_DATE_CLASS, _DATE_STEMS):
        if met >= MAX_ELEMENTS:
            return
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "img", "input", "script", "style"):
            continue
        met += 1
        stamp = element.get("datetime") or element.get("content") or element.get("title")
        if not (stamp or _ANY_DIGITS.search(str(element.text_content()))) or is_away(element):
            continue
        chunks = chunks_within(element)
        if stamp:
            chunks.insert(0, Chunk(text=stamp[:MAX_DATELINE_CHARS], element=element))
        if chunks and sum(len(chunk.text) for chunk in chunks) <= MAX_DATELINE_CHARS:
            yield chunks


def in_url(url: str, *, now: datetime) -> Moment | None:
    """Return the day an address names: /2024/05/31/ or -2024-05-31."""
    for match in _URL_DAY.finditer(url):
        year, month, day = (part for part in match.groups() if part)
        if moment := dates.parse(f"{year}-{month}-{day}", now=now, declared=False):
            return moment
    return None


def in_state(tree: HtmlElement, *, now: datetime) -> Moment | None:
    """Return the moment of publication in the state that a page's scripts start with (Next.js and its like)."""
    for script in tree.iter("script"):
        text = script.text or ""
        if len(text) > MAX_STATE_CHARS or "src" in script.attrib:
            continue
        for match in islice(_STATE_DATE.finditer(text), MAX_ELEMENTS):
            if moment := dates.parse(match[1], now=now, declared=False):
                return moment
    return None


def guessed(tree: HtmlElement, page: Page) -> Moment | None:
    """Return htmldate's guess from whatever looks like a date on the page: right on half of such pages, no more."""
    from htmldate import find_date

    try:
        day = find_date(tree, extensive_search=False, url=page.final_url, max_date=page.fetched_at)
    except Exception:
        return None
    return dates.parse(day, now=page.fetched_at, declared=False) if day else None


def labelled(tree: HtmlElement, *, now: datetime, month_first: bool) -> Iterator[Moment]:
    """Yield the moments of short texts anywhere on the page that begin with saying when it was written or changed."""
    for text in tree.itertext("p", "div", "span", "li", "em", "small", "strong", "b", "i", "td", "time"):
        if len(text) > MAX_DATELINE_CHARS or not _YEAR.search(text) or not _LABELLED.match(text):
            continue
        if moment := dates.parse(text, now=now, month_first=month_first, declared=False):
            yield moment
