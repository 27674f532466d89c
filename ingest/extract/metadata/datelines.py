"""Dates a page shows its readers: beside the title, in elements called a date, behind words like "Published"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from ingest.extract.html.element_index import ElementIndex, is_away, signs
from ingest.extract.metadata.head import Chunk, Head, chunks_within
from ingest.model import Moment, Page
from ingest.text.dates import reader, relative
from ingest.text.dates.labels import MODIFIED, PUBLISHED, PUBLISHED_LABEL
from ingest.text.dates.reader import DateContext

MAX_DATELINE_CHARS = 100
MAX_ELEMENTS = 60
MAX_STATE_CHARS = 1_000_000
MAX_LABEL_CHARS = 50
MAX_RELATIVE = 12  # chunks beside the title that may say "3 hours ago"
MAX_DAYS = 3  # more different days in elements called a date are a list of teasers
MAX_LEAD_CHARS = 40  # before a date that begins a paragraph: a place, an agency
LEDE_CHARS = 400  # longest paragraph whose date at the very beginning is looked at
_PARAGRAPHS = frozenset({"p", "blockquote", "dd"})
_ANY_DIGITS = re.compile(r"\d")
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
    "update", "modif",
)  # fmt: skip  # a table
_STAMPS = ("data-timestamp", "data-datetime", "data-time", "data-date", "data-published", "data-unixtime", "data-utime")
_MODIFIED_CLASS = re.compile(
    r"(?:^|[\s_-])(?:last-?)?(?:updated?|modified|datemodified|lastmod)(?:$|[\s_-])", re.IGNORECASE
)
_PUBLISHED_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date-?)?(?:published|publish|pubdate|created)(?:$|[\s_-])", re.IGNORECASE
)
_DATE_FIRST = re.compile(r"\W*(?:[^\W\d_]+,\s*)?\d{1,2}\.\s?(?:\d{1,2}\.|[^\W\d_]{3,})\s?\d{4}")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/_-]?(\d\d)[/_-]?(\d\d)(?=[/_.-]|$)|[/_-]((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")


def shown(head: Head, places: ElementIndex | None, context: DateContext) -> Iterator[tuple[str, Moment, bool]]:
    """Yield (origin, moment, modified) for the dates shown, the surest first; "modified" is what the page calls so.

    Without `places` only the head is looked at.
    """
    after = _without_list(head.after)
    yield from _in_run(after, context)
    before = list(_in_run(head.before, context, parted=True))
    yield from reversed(before)  # the nearest to the title first
    if places:
        called = [found for chunks in _elements(places) for found in _in_run(chunks, context, origin="date-class")]
        if len({moment.on for _, moment, _ in called}) <= MAX_DAYS:
            yield from called


def ago(head: Head, places: ElementIndex, page: Page, zone: str | None) -> Iterator[Moment]:
    """Yield the moments that short texts beside the title, or in elements called a date, give relative to the fetch."""
    place = ZoneInfo(zone) if zone else None
    near = (*head.after[:MAX_RELATIVE], *head.before[-MAX_RELATIVE:])
    for chunk in (*near, *(chunk for chunks in _elements(places, dated=False) for chunk in chunks)):
        if len(chunk.text) > relative.MAX_CHARS or not (_ANY_DIGITS.search(chunk.text) or _called_date(chunk.element)):
            continue
        if moment := relative.read(chunk.text, now=page.fetched_at, zone=place):
            yield moment


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
    run: Sequence[Chunk], context: DateContext, *, origin: str = "dateline", parted: bool = False
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
        stamp = _stamp(chunk.element)
        if stamp and _in_running_text(chunk.element, text):
            continue
        if not stamp and not _ANY_DIGITS.search(text):
            label = text
            continue
        labelled_text = f"{label[-MAX_LABEL_CHARS:]} {text}" if label else text
        found = _in_chunk(labelled_text, stamp, context)
        if not found and len(text) <= 12:
            found = _in_pieces(run, at, context)
        if found and not (
            long >= 2 and not parted and not (PUBLISHED_LABEL.search(labelled_text) or _called_date(chunk.element))
        ):
            by_class = _called_modified(chunk.element)
            for moment, modified in found:
                yield origin, moment, bool(modified if modified is not None else by_class)
        label = "" if found else label


def _in_chunk(text: str, stamp: str | None, context: DateContext) -> list[tuple[Moment, bool | None]]:
    """Return the moments of one chunk, each with what its label says; a stamp for machines is more exact."""
    shown_dates = reader.find(text, context)
    # a stamp against the standard has the day first on most pages, whatever language their readers speak
    exact = reader.read(stamp, replace(context, month_first=False)) if stamp else None
    if exact is not None and len(shown_dates) <= 1:
        return [(exact, shown_dates[0].modified if shown_dates else reader.label(text))]
    if not shown_dates and (bare := reader.read(text, context)) is not None:
        return [(bare, None)]
    return [(one.moment, one.modified) for one in shown_dates]


def _in_pieces(run: Sequence[Chunk], at: int, context: DateContext) -> list[tuple[Moment, bool | None]]:
    """Return the moment of a date whose day, month and year stand in elements of their own."""
    for start in (at, at - 1):
        joined = " ".join(other.text for other in run[max(0, start) : start + 4] if len(other.text) <= 14)
        if found := reader.find(joined, context):
            return [(found[0].moment, found[0].modified)]
    return []


def _stamp(element: HtmlElement) -> str | None:
    """Return what an element says for machines about when."""
    if element.tag == "time" and (stamp := element.get("datetime")):
        return str(stamp)
    return next((str(value) for name in _STAMPS if (value := element.get(name))), None)


def _in_running_text(element: HtmlElement, text: str) -> bool:
    """Return whether a `<time>` is part of a sentence, and so about what the text tells: "on Monday evening".

    What begins a paragraph with a whole date, or stands in one that begins with "Published", is about the text.
    """
    if element.tag != "time":
        return False
    paragraph = next((one for one in islice(element.iterancestors(), 4) if one.tag in _PARAGRAPHS), None)
    if paragraph is None or _PUBLISHED_CLASS.search(signs(element)):
        return False
    whole = " ".join(str(paragraph.text_content()).split())
    if len(whole) - len(text) <= MAX_DATELINE_CHARS or _LABELLED.match(whole):
        return False
    return not (_YEAR.search(text) and 0 <= whole.find(text) <= MAX_LEAD_CHARS)


def _called_modified(element: HtmlElement) -> bool:
    """Return whether the classes of an element, or of the one around it, call its date the one of the last change."""
    parent = element.getparent()
    for one in (element, parent):
        words = signs(one) if one is not None else ""
        if _PUBLISHED_CLASS.search(words):
            return False
        if _MODIFIED_CLASS.search(words):
            return True
    return False


def _called_date(element: HtmlElement) -> bool:
    """Return whether an element, or the one around it, is a time or called a date."""
    parent = element.getparent()
    return any(one is not None and (one.tag == "time" or _DATE_CLASS.search(signs(one))) for one in (element, parent))


def _elements(places: ElementIndex, *, dated: bool = True) -> Iterator[list[Chunk]]:
    """Yield the chunks of elements that are called a date, outside comments and teasers, in page order.

    `dated`: only those with a figure in them.
    """
    met = 0
    for element, _ in places.matching(_DATE_CLASS, _DATE_STEMS):
        if met >= MAX_ELEMENTS:
            return
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "img", "input", "script", "style"):
            continue
        met += 1
        stamp = _stamp(element) or element.get("datetime") or element.get("content") or element.get("title")
        if not (stamp or not dated or _ANY_DIGITS.search(str(element.text_content()))) or is_away(element):
            continue
        chunks = chunks_within(element)
        if stamp and _ANY_DIGITS.search(stamp) and not any(_stamp(chunk.element) == stamp for chunk in chunks):
            chunks.insert(0, Chunk(text=stamp[:MAX_DATELINE_CHARS], element=element))
        if chunks and sum(len(chunk.text) for chunk in chunks) <= MAX_DATELINE_CHARS:
            yield chunks


def in_url(url: str, context: DateContext) -> Moment | None:
    """Return the day an address names: /2024/05/31/ or -2024-05-31."""
    for match in _URL_DAY.finditer(url):
        year, month, day = (part for part in match.groups() if part)
        if moment := reader.read(f"{year}-{month}-{day}", context):
            return moment
    return None


def in_state(tree: HtmlElement, context: DateContext) -> Moment | None:
    """Return the moment of publication in the state that a page's scripts start with (Next.js and its like)."""
    for script in tree.iter("script"):
        text = script.text or ""
        if len(text) > MAX_STATE_CHARS or "src" in script.attrib:
            continue
        for match in islice(_STATE_DATE.finditer(text), MAX_ELEMENTS):
            if moment := reader.read(match[1], context):
                return moment
    return None


def labelled(tree: HtmlElement, context: DateContext) -> Iterator[Moment]:
    """Yield the moments of short texts anywhere on the page that begin with saying when it was written or changed."""
    for text in tree.itertext("p", "div", "span", "li", "em", "small", "strong", "b", "i", "td", "time"):
        if len(text) > MAX_DATELINE_CHARS or not _YEAR.search(text) or not _LABELLED.match(text):
            continue
        if moment := reader.read(text, context):
            yield moment
