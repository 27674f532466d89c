"""The links of an HTML page, each with its text, its place and its signature, alike for links of one list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from lxml import etree

from ingest.discover.links import LinkFilter, plain_title
from ingest.errors import UrlError
from ingest.model import Page
from ingest.web.charset import page_as_utf8
from ingest.web.html_limits import bounded, without_raw_text
from ingest.web.urls import normalise

MAX_ANCHORS = 5_000
MAX_ANCESTORS = 40  # looked at above a link; deeper nesting says nothing more
SIGNATURE_STEPS = 6
TITLE_CHARS = 400
MAX_TAGS = 300_000  # read of a page, 200 bytes of tree each; the largest page of the corpora has 30,000
MAX_NAMES = 5_000  # of elements; libxml2 keeps every name it met for good
LOOK_BYTES = 2**16
TAG_NAME = re.compile(rb"<([A-Za-z][^\s/><]{0,500})")


class Region(StrEnum):
    """Where on a page a link stands."""

    NAVIGATION = "navigation"
    FOOTER = "footer"
    ASIDE = "aside"
    MAIN = "main"
    BODY = "body"  # nothing says where


REGIONS = {
    "nav": Region.NAVIGATION,
    "navigation": Region.NAVIGATION,
    "menu": Region.NAVIGATION,
    "menubar": Region.NAVIGATION,
    "header": Region.NAVIGATION,
    "banner": Region.NAVIGATION,
    "footer": Region.FOOTER,
    "contentinfo": Region.FOOTER,
    "aside": Region.ASIDE,
    "complementary": Region.ASIDE,
    "main": Region.MAIN,
    "article": Region.MAIN,
}
# Class and id words that stand for a landmark where the element does not; page builders of any language use them.
REGION_WORDS = re.compile(
    r"(?P<navigation>\b(?:nav|navi|navbar|navigation|menu|mainmenu|submenu|topbar|breadcrumbs?|masthead)\b)"
    r"|(?P<footer>\b(?:footer|colophon|bottombar)\b)|(?P<aside>\b(?:sidebar|aside|widget)\b)",
    re.IGNORECASE,
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
WORD_EDGE = re.compile(r"[_-]+|(?<=[a-z])(?=[A-Z])")
# Entries of a list, by the element that holds one; what stands in it beside the link describes the link.
ENTRIES = frozenset(("li", "article", "tr", "dd", "dt", "p", "figure"))
MAX_ENTRY_STEPS = 5
MAX_ENTRY_LINKS = 8  # a larger box holds several entries
MAX_ENTRY_CHARS = 3_000
DATE_TEXT = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})(?!\d)"
    r"|(?:19|20)\d\d\s?[年년]|(?<!\d)\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?(?:19|20)\d\d(?!\d)"
    r"|[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d(?!\d)"
)
CJK = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One link of a page."""

    url: str
    text: str  # "" for a picture without a word
    region: Region
    heading: bool  # in or around a heading
    signature: str  # tags and classes above it; alike for links of one list
    relations: frozenset[str]  # of rel=
    order: int
    marks: str = ""  # class, id and rel of the link and of what it stands in
    dated: bool = False  # its entry of the list gives a date
    beside: int = 0  # characters of text in its entry that are no link's

    @property
    def words(self) -> float:
        """Number of words of the text; two CJK characters count as one."""
        unspaced = len(CJK.findall(self.text))
        return unspaced / 2 if unspaced > 3 else len([word for word in self.text.split() if word[0].isalnum()])

    @property
    def width(self) -> float:
        """Length of the text in Latin characters; a CJK character says as much as two and a half."""
        return len(self.text) + 1.5 * len(CJK.findall(self.text))


def tree_of(page: Page) -> etree._Element | None:
    """Parse a page in its charset; None when there is nothing to parse. Never raises on any bytes."""
    data = page_as_utf8(page.body, page.header("Content-Type") or "").replace(b"\0", b"")
    if not data.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(_begin(bounded(data)), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _begin(data: bytes) -> bytes:
    """Return as much of a page as a tree may be made of: floods of tags or of names end it."""
    if data.count(b"<") <= MAX_NAMES:
        return data
    counted = without_raw_text(data)
    tags, names = 0, set[bytes]()
    for place in range(0, len(data), LOOK_BYTES):
        tags += counted.count(b"<", place, place + LOOK_BYTES)
        names.update(TAG_NAME.findall(counted, place, place + LOOK_BYTES))
        if tags > MAX_TAGS or len(names) > MAX_NAMES:
            return data[: place + LOOK_BYTES]
    return data


def base_of(tree: etree._Element, page: Page) -> str:
    """Return what the page's relative addresses are relative to."""
    for element in tree.iter("base"):
        if href := element.get("href"):
            try:
                return normalise(href.strip(), page.final_url)
            except UrlError:
                break
    return page.final_url


def anchors(tree: etree._Element, base: str, link_filter: LinkFilter) -> Iterator[Anchor]:
    """Give the page's links to pages of its own source, in order; at most MAX_ANCHORS."""
    for order, element in enumerate(tree.iter("a", "area")):
        if order >= MAX_ANCHORS:
            return
        href = (element.get("href") or "").strip()
        if not href or href[0] == "#" or href[:11].lower() == "javascript:":
            continue
        url = link_filter.page(href, base)
        if url is not None:
            yield _anchor(element, url, order)


def _anchor(element: etree._Element, url: str, order: int) -> Anchor:
    region, heading, steps = Region.BODY, False, []
    for number, above in enumerate(islice(element.iterancestors(), MAX_ANCESTORS)):
        tag = above.tag
        heading = heading or (tag in HEADINGS and number < 3)
        if number < SIGNATURE_STEPS:
            steps.append(_make(above, tag))
        if region is Region.BODY and tag not in ("html", "body"):
            region = _region(above, tag)
    heading = heading or any(below.tag in HEADINGS for below in element.iter())
    dated, beside = _entry(element)
    return Anchor(
        url=url,
        text=_text(element),
        region=region,
        heading=heading,
        signature="/".join(steps),
        relations=frozenset((element.get("rel") or "").lower().split()),
        order=order,
        marks=_marks(element),
        dated=dated,
        beside=beside,
    )


def _marks(element: etree._Element) -> str:
    """Return the classes, ids and relations of a link, what it holds, and the two elements that it stands in."""
    near = [element, *islice(element.iterchildren(), 3), *islice(element.iterancestors(), 2)]
    return " ".join(value for one in near for name in ("class", "id", "rel", "aria-label") if (value := one.get(name)))[
        :400
    ]


def _entry(element: etree._Element) -> tuple[bool, int]:
    """Return whether a link's entry of its list gives a date, and how many characters of text stand beside the link."""
    entry = None
    for step, box in enumerate(islice(element.iterancestors(), MAX_ENTRY_STEPS)):
        links = {one.get("href") for one in islice(box.iter("a"), MAX_ENTRY_LINKS + 1)}
        if box.tag in ("body", "main", "nav", "ul", "ol", "table", "tbody", "dl", "header", "footer", "aside"):
            break
        if len(links) > MAX_ENTRY_LINKS or (len(links) > 1 and not _is_first(box, element)):
            break
        entry = box
        if box.tag in ENTRIES and step:
            break
    if entry is None:
        return False, 0
    if entry.tag == "dd" and (term := entry.getprevious()) is not None and term.tag == "dt":
        dated = bool(DATE_TEXT.search(" ".join(map(str, term.itertext()))[:200]))
        return dated, 0
    text = _beside(entry)
    dated = next(entry.iter("time"), None) is not None or bool(DATE_TEXT.search(text))
    return dated, len(text)


def _is_first(box: etree._Element, element: etree._Element) -> bool:
    """Return whether a link is the first of its box, or repeats the first: author and tags follow the headline."""
    first = next(box.iter("a"), None)
    return first is not None and (first is element or first.get("href") == element.get("href"))


def _beside(entry: etree._Element) -> str:
    parts: list[str] = []
    size = 0
    walk = etree.iterwalk(entry, events=("start",))
    for _, element in walk:
        text = element.tail if element is not entry else None
        if element.tag in ("a", "script", "style"):
            walk.skip_subtree()
        elif element.text:
            parts.append(element.text.strip())
        if text:
            parts.append(text.strip())
        size += sum(map(len, parts[-2:]))
        if size > MAX_ENTRY_CHARS:
            break
    return " ".join(part for part in parts if part)


def _region(element: etree._Element, tag: str) -> Region:
    named = REGIONS.get((element.get("role") or "").lower()) or REGIONS.get(tag)
    # a header inside an article is the article's own
    if (
        named is Region.NAVIGATION
        and tag == "header"
        and any(above.tag == "article" for above in islice(element.iterancestors(), MAX_ANCESTORS))
    ):
        return Region.BODY
    if named is not None:
        return named
    words = WORD_EDGE.sub(" ", f"{element.get('class') or ''} {element.get('id') or ''}"[:200])
    found = REGION_WORDS.search(words)
    return Region(found.lastgroup) if found and found.lastgroup else Region.BODY


def _make(element: etree._Element, tag: str) -> str:
    """Return tag and first class without digits, so that the links of one list have one signature."""
    first = (element.get("class") or "").split()[:1]
    return f"{tag}.{re.sub(r'[0-9]+', '', first[0])[:40]}" if first else tag


def _text(element: etree._Element) -> str:
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(str(part))
        size += len(parts[-1])
        if size > TITLE_CHARS:
            break
    said = plain_title(" ".join(parts)) or plain_title(element.get("title")) or plain_title(element.get("aria-label"))
    if said:
        return said
    return next((alt for image in element.iter("img") if (alt := plain_title(image.get("alt")))), "")
