"""What a page looks like as a whole: what it says it is, how much of it are teasers and links, what it asks for.

Language plays no part here; the screen weighs the signs together with the article's text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from ingest.extract.html.segments import TAG_BITS, Segment, segments
from ingest.model import Page, PageSignals
from ingest.text.normalize import normalise
from ingest.web.javascript import RENDERED, needs_scripts

MAX_KINDS = 30
MAX_TEASERS = 300
MAX_HEADINGS = 1_000
MAX_ANCESTORS = 60
MAX_CLIMB = 8  # from a heading up to the box that holds its teaser

OUTSIDE = TAG_BITS["nav"] | TAG_BITS["footer"] | TAG_BITS["form"]  # what stands in these is no part of a page's text
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Body classes in which site software says what it made.
MADE_AS = {
    "error404": "made:error",
    "archive": "made:listing",
    "search-results": "made:listing",
    "single-product": "made:product",
    "template-product": "made:product",
    "catalog-product-view": "made:product",
    "single-post": "made:article",
    "template-article": "made:article",
}
TYPE = re.compile(r'"@type"\s*:\s*(?:"([A-Za-z]{2,40})"|\[([^\]]{2,200})\])')
TYPE_NAME = re.compile(r"[A-Za-z]{2,40}")
CAPTCHA = re.compile(
    r"\b(?:g-recaptcha|h-captcha|hcaptcha|cf-turnstile|cf-challenge|challenge-form|captcha[-_]?(?:box|form|container)|px-captcha|geetest)\b",
    re.IGNORECASE,
)
CAPTCHA_WORDS = ("captcha", "cf-turnstile", "cf-challenge", "challenge-form", "geetest")  # one in each of them
REFRESH_NOW = re.compile(r"\s*[0-3](?:\.\d+)?\s*[;,]", re.ASCII)
CJK = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")

_ITEMS = etree.XPath("//@itemscope/parent::*[@itemtype]")  # in half the time of looking at every element
_TAGS = frozenset(("meta", "script", "body", "time", "input")) | HEADINGS

_Tagged = Mapping[str, Sequence[HtmlElement]]


def word_count(text: str) -> int:
    """Count words; in scripts without spaces two characters are one."""
    unspaced = 0 if text.isascii() else len(CJK.findall(text))
    return len(text.split()) + unspaced // 2


def read_signs(tree: HtmlElement, page: Page, read: Sequence[Segment] | None = None) -> PageSignals:
    """Return the signs of a page; `read` are its segments, where they are known. No bytes make it raise."""
    tagged = _tagged(tree)
    words, link_words = _words(segments(tree) if read is None else read)
    boxes = _box_names(tree)
    teasers, teaser_words = _teasers(tagged["headings"], page.final_url)
    return PageSignals(
        status=page.status,
        kinds=_kinds(tree, tagged),
        teasers=teasers,
        teaser_words=teaser_words,
        words=words,
        link_words=link_words,
        moments=len({value for element in tagged["time"] if (value := element.get("datetime"))}),
        password=any((field.get("type") or "").lower() == "password" for field in tagged["input"]),
        captcha=_has_captcha(boxes),
        refresh=_is_sent_on(tagged["meta"]),
        scripts=page.header(RENDERED) is None and needs_scripts(tree),
        consent=_has_consent_manager(boxes, tagged["script"]),
        noindex=_is_noindex(tagged["meta"], page),
    )


def _tagged(tree: HtmlElement) -> _Tagged:
    """Return the elements by which pages are classified, by tag and in page order, all headings as "headings"."""
    found: dict[str, list[HtmlElement]] = {name: [] for name in ("meta", "script", "body", "time", "input", "headings")}
    for element in tree.iter(*_TAGS):
        found[tag if (tag := str(element.tag)) in found else "headings"].append(element)
    return found


def _kinds(tree: HtmlElement, tagged: _Tagged) -> tuple[str, ...]:
    """Return what the page says it is, the most formal word first."""
    kinds: dict[str, None] = {}
    for meta in tagged["meta"]:
        if (meta.get("property") or meta.get("name") or "").lower() == "og:type":
            kinds.setdefault("og:" + normalise(meta.get("content") or "").lower()[:40])
        if (meta.get("property") or "").lower() == "article:published_time":
            kinds.setdefault("og:published")
    for script in tagged["script"]:
        if "ld+json" in (script.get("type") or "").lower():
            for one, several in TYPE.findall(script.text or ""):
                for name in TYPE_NAME.findall(one or several):
                    kinds.setdefault(name.lower())
    for body in tagged["body"]:
        kinds.update(
            (kind, None) for token in (body.get("class") or "").split() if (kind := MADE_AS.get(token.lower()))
        )
    for element in islice(_items(tree), MAX_KINDS):
        kinds.setdefault((element.get("itemtype") or "").rstrip("/").rpartition("/")[2].lower()[:40])
    return tuple(kinds)[:MAX_KINDS]


def _items(tree: HtmlElement) -> Iterator[HtmlElement]:
    found = _ITEMS(tree)
    return (item for item in found if isinstance(item, HtmlElement)) if isinstance(found, list) else iter(())


def _words(read: Sequence[Segment]) -> tuple[int, int]:
    """Count the words outside menus and the like, and those of them in links."""
    words = 0
    linked = 0.0
    for segment in read:
        if not segment.frame.tags & OUTSIDE:
            count = word_count(segment.text)
            words += count
            linked += count * segment.link_share if segment.linked else 0
    return words, round(linked)


def _teasers(every: Sequence[HtmlElement], url: str) -> tuple[int, int]:
    """Count headings that link elsewhere and the words of the boxes that hold just one of them."""
    found: dict[str, HtmlElement] = {}
    for heading in every[:MAX_HEADINGS]:
        href = _leads_to(heading).partition("#")[0]
        if not href or href in found or len(found) >= MAX_TEASERS or _is_same(href, url):
            continue
        if word_count(str(heading.text_content())) > 2:
            found[href] = heading
    headings = set(found.values())
    words = 0
    for heading in headings:
        words += word_count(str(_box(heading, headings).text_content()))
    return len(headings), words


def _is_same(href: str, url: str) -> bool:
    """Tell whether a link leads to the page it stands on, as headlines often do."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0].rstrip("/")
    return bool(path) and href.partition("?")[0].rstrip("/").endswith(path)


def _leads_to(heading: HtmlElement) -> str:
    """Return the address that a heading links to, inside or around it; "" in menus, side columns and footers."""
    around = None
    for above in islice(heading.iterancestors(), MAX_ANCESTORS):
        if above.tag in ("nav", "footer", "aside"):
            return ""
        if above.tag == "a" and around is None:
            around = above
    anchor = next(heading.iter("a"), around)
    return "" if anchor is None else anchor.get("href") or ""


def _box(heading: HtmlElement, headings: set[HtmlElement]) -> HtmlElement:
    """Climb to the largest element that holds no other teaser's heading."""
    box = heading
    for number, above in enumerate(heading.iterancestors()):
        if number >= MAX_CLIMB or above.tag in ("body", "html", "main"):
            break
        if any(other in headings and other is not heading for other in above.iter(*HEADINGS)):
            break
        box = above
    return box


def _box_names(tree: HtmlElement) -> str:
    """Return the classes and ids of all boxes, one box a line: looking for plain text in all at once costs little."""
    return "\n".join(
        f"{box.get('class') or ''} {box.get('id') or ''}"[:200]
        for box in tree.iter("div", "form", "iframe", "section", "dialog")
    )


def _has_captcha(boxes: str) -> bool:
    lower = boxes.lower()
    return any(word in lower for word in CAPTCHA_WORDS) and CAPTCHA.search(boxes) is not None


def _has_consent_manager(boxes: str, scripts: Iterable[HtmlElement]) -> bool:
    """Tell whether a vendor's consent dialog is part of the page, by its containers or its scripts."""
    containers, sources = consent_managers()
    return containers.search(boxes) is not None or any(sources.search(script.get("src") or "") for script in scripts)


@cache
def consent_managers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the names of containers, and parts of script addresses, of the consent managers in screen.toml."""
    raw = tomllib.loads(files("ingest.extract").joinpath("screen.toml").read_text("utf-8"))["consent-managers"]
    names = "|".join(map(re.escape, raw["containers"]))
    return (
        re.compile(rf"(?<![\w-])(?:{names})", re.IGNORECASE),
        re.compile("|".join(map(re.escape, raw["scripts"])), re.IGNORECASE),
    )


def _is_noindex(metas: Iterable[HtmlElement], page: Page) -> bool:
    said = [page.header("X-Robots-Tag") or ""]
    said += [meta.get("content") or "" for meta in metas if (meta.get("name") or "").lower() in ("robots", "googlebot")]
    return any(word in one.lower() for one in said for word in ("noindex", "none"))


def _is_sent_on(metas: Iterable[HtmlElement]) -> bool:
    return any(
        (meta.get("http-equiv") or "").lower() == "refresh" and REFRESH_NOW.match(meta.get("content") or "")
        for meta in metas
    )
