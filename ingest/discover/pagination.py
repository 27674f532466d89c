"""The next page of a listing: a link, button or form whose address differs from the listing's in one counter.

No wording is read. What counts is what the target is: the same listing with the next number, a larger offset, or a
cursor; where it stands, and whether its text is a page number, an arrow or a word rather than a headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from lxml import etree

from ingest.discover.html import Anchor
from ingest.discover.links import LinkFilter
from ingest.model import Page, Seed, SeedKind
from ingest.web.url_patterns import CURSOR_NAMES, OFFSET_NAMES, PAGE_NAMES, is_date_archive
from ingest.web.urls import key

MAX_DATA_VALUES = 2_000  # attributes looked at for the address of a "load more" button
MAX_ADDRESS_CHARS = 500
SHORT_TEXT = 32  # characters of a pager's text; longer ones are headlines
MANY_WORDED = 3  # numbered links with words in one list: articles, no pages
ARROWS = re.compile(r"[→»›>≫⟩▶►⏩⇒❯…«‹<≪⟨◀◄⇐❮←]|^\+$")
PAGER_WORDS = re.compile(
    r"(?:^|[^a-z])(?:next|older|more|load|pag(?:er|ing|ination|e)?|nav-previous|prev(?:ious)?-posts|weiter|siguiente"
    r"|suivant)",
    re.IGNORECASE,
)
BACK_WORDS = re.compile(r"(?:^|[^a-z])(?:newer|prev(?:ious)?(?!-posts|ious-posts))(?![a-z])", re.IGNORECASE)
# "page/2", "p2", "page-2.html", "2", "index2.html", "seite-2": a counter behind the address of a listing
COUNTER = re.compile(r"/?(?P<word>[^\W\d_]{0,12})[/._-]?(?P<number>\d{1,6})(?P<ending>\.[a-z]{3,5})?/?", re.IGNORECASE)
DIGITS = re.compile(r"\d+")
WHOLE_NUMBER = re.compile(r"\d{1,4}")
DATE_VALUE = re.compile(r"(?:19|20)\d\d-?\d\d-?\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterStep:
    """How an address differs from a listing's own: in which counter, and by how much."""

    name: str  # of the parameter or path word; "" for a bare number
    value: str
    before: str | None  # the listing's own value, None on its first page
    in_path: bool

    @property
    def is_named(self) -> bool:
        """Whether the counter's name says that it counts pages; "p" may be an entry's number as well."""
        return self.name != "p" and (self.name in PAGE_NAMES or self.name in OFFSET_NAMES)

    @property
    def is_next(self) -> bool:
        """Whether the counter is one further than the listing's own; the first page has none, 0 or 1."""
        if not self.value.isdigit():
            return False
        here = int(self.before) if self.before and self.before.isdigit() else None
        if self.name in OFFSET_NAMES:
            return int(self.value) > (here or 0)
        return int(self.value) == (here + 1 if here is not None else 2) or (here is None and self.value == "1")

    @property
    def is_cursor(self) -> bool:
        """Whether the value is a mark in a list rather than a number of a page."""
        if self.value.isdigit() and self.name not in CURSOR_NAMES:
            return False
        return self.name in CURSOR_NAMES or len(self.value) >= 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPageLink:
    """An address that may be the next page, with what speaks for it."""

    url: str
    step: CounterStep
    text: str
    marks: str  # classes, ids and relations of the element and those right above it
    is_last: bool  # stands behind the last article of the list


def next_pages(
    tree: etree._Element, found: list[Anchor], *, base: str, page: Page, seed: Seed, link_filter: LinkFilter
) -> tuple[Seed, ...]:
    """Return the next page of this listing, none when it has none: rel=next, else the best counter.

    Depth is the listing's own, but at least 1, so that it is never taken for a declared seed.
    """
    declared = [
        url
        for element in tree.iter("link", "a")
        if "next" in (element.get("rel") or "").lower().split()
        and (url := link_filter.seed(element.get("href") or "", base))
    ]
    own = key(page.final_url)
    fresh = [url for url in declared if key(url) != own and not is_date_archive(url)]
    if not fresh:
        candidates = _candidates(tree, found, base=base, here=page.final_url, link_filter=link_filter)
        best = max(candidates, key=_evidence, default=None)
        fresh = [best.url] if best is not None and _evidence(best) > 0 else []
    depth = max(seed.depth, 1)
    return tuple(Seed(url=url, kind=SeedKind.SECTION, depth=depth, follows=True) for url in fresh[:1])


def numbered_pages(found: Iterable[Anchor], here: str) -> frozenset[str]:
    """Return the addresses among the links that are further pages of this listing, whatever their number."""
    found = tuple(found)
    worded = _worded_lists(found, here)
    pages = set()
    for anchor in found:
        step = step_between(here, anchor.url) if anchor.signature not in worded else None
        if step is not None and (
            WHOLE_NUMBER.fullmatch(anchor.text) or (step.is_named and _is_pager_text(anchor.text))
        ):
            pages.add(anchor.url)
    return frozenset(pages)


def _candidates(
    tree: etree._Element, found: list[Anchor], *, base: str, here: str, link_filter: LinkFilter
) -> Iterator[NextPageLink]:
    worded = _worded_lists(found, here)
    headlines = [anchor.order for anchor in found if anchor.width > SHORT_TEXT]
    last = max(headlines, default=-1)
    for anchor in found:
        step = step_between(here, anchor.url)
        if step is None or is_date_archive(anchor.url) or anchor.signature in worded:
            continue
        yield NextPageLink(
            url=anchor.url,
            step=step,
            text=anchor.text,
            marks=f"{anchor.signature} {anchor.marks}",
            is_last=anchor.order > last,
        )
    for address, element in (*_data_addresses(tree), *_forms(tree)):
        url = link_filter.seed(address, base)
        step = step_between(here, url) if url else None
        if url and step is not None and not is_date_archive(url):
            marks = f"load more {element.get('class') or ''} {element.get('id') or ''}"
            yield NextPageLink(url=url, step=step, text="", marks=marks, is_last=True)


def _evidence(candidate: NextPageLink) -> float:
    """Return how much speaks for a candidate; more than 0 is enough."""
    step, text = candidate.step, candidate.text
    marked = bool(PAGER_WORDS.search(candidate.marks)) or bool(ARROWS.search(text))
    if WHOLE_NUMBER.fullmatch(text):
        plain = step.name not in OFFSET_NAMES
        if plain and not step.is_next:
            return -1.0
        return 4.0 if plain else (3.0 - int(text) / 1e4 if step.is_next else -1.0)
    if not _is_pager_text(text):
        return -1.0
    if step.is_next and step.is_named:
        return 3.0 + marked - (int(step.value) / 1e9 if step.value.isdigit() else 0)
    if step.is_next:
        return 2.0 if marked else 0.5 if candidate.is_last else -1.0
    if step.is_cursor and not _is_newer(step) and not _leads_back(candidate.marks):
        known = step.name in CURSOR_NAMES
        return 1.5 + marked if known else 1.0 if marked and candidate.is_last else -1.0
    return -1.0


def _leads_back(marks: str) -> bool:
    """Return whether classes say that an element leads to the page before; a number says so itself."""
    return bool(BACK_WORDS.search(marks)) and not re.search("older|next", marks, re.IGNORECASE)


def _is_newer(step: CounterStep) -> bool:
    """Return whether a dated cursor leads forward in time, back to what was read before."""
    dates = [DATE_VALUE.search(value or "") for value in (step.before, step.value)]
    return bool(dates[0] and dates[1] and dates[1].group() >= dates[0].group())


def _is_pager_text(text: str) -> bool:
    return len(text) <= SHORT_TEXT and len(text.split()) <= 4


def _worded_lists(found: Iterable[Anchor], here: str) -> frozenset[str]:
    """Return the signatures of lists whose links differ in a number and have different words: lists of articles."""
    texts: dict[str, list[str]] = {}
    for anchor in found:
        step = step_between(here, anchor.url)
        if step is not None and not step.is_named:
            texts.setdefault(anchor.signature, []).append(DIGITS.sub("", anchor.text).strip())
    return frozenset(signature for signature, said in texts.items() if _are_headlines(said))


def _are_headlines(texts: list[str]) -> bool:
    """Return whether most texts have words, each its own, and one is longer than a pager's "Next" or "Last page"."""
    worded = {text for text in texts if any(char.isalpha() for char in text)}
    return len(worded) >= max(MANY_WORDED, len(texts) / 2) and any(len(text.split()) > 2 for text in worded)


# ---------------------------------------------------------------- addresses


def step_between(here: str, other: str) -> CounterStep | None:
    """Return in which counter an address differs from a listing's; None when it is not the same listing.

    >>> step_between("https://a.example/news/", "https://a.example/news/page/2/").value
    '2'
    """
    mine, its = urlsplit(here), urlsplit(other)
    if mine.netloc.removeprefix("www.") != its.netloc.removeprefix("www."):
        return None
    if _bare(mine.path) == _bare(its.path):
        return _query_step(mine.query, its.query)
    if mine.query != its.query:
        # Blogger's second page stands at another path than its first
        return _query_step("", its.query, only=CURSOR_NAMES) if _bare(mine.path) == "/" and not mine.query else None
    return _path_step(unquote(mine.path), unquote(its.path))


def _query_step(mine: str, its: str, only: frozenset[str] | None = None) -> CounterStep | None:
    before, after = dict(parse_qsl(mine)), dict(parse_qsl(its))
    changed = [name for name, value in after.items() if before.get(name) != value]
    if before.keys() - after.keys() or not changed:
        return None
    # a cursor may bring its own page size along: "?updated-max=...&max-results=7"
    names = [name for name in changed if name.lower() in PAGE_NAMES | OFFSET_NAMES | CURSOR_NAMES] or changed
    if (len(names) != 1 and only is None) or (len(changed) > 1 and names == changed):
        names = [name for name in names if name.lower() in (only or CURSOR_NAMES)][:1]
    if only is not None:
        names = [name for name in names if name.lower() in only]
    if len(names) != 1:
        return None
    name = names[0]
    if not after[name]:
        return None
    return CounterStep(name=name.lower(), value=after[name], before=before.get(name), in_path=False)


def _path_step(mine: str, its: str) -> CounterStep | None:
    first, number = _first_page(mine)
    other, its_number = _first_page(its)
    if its_number is None or _bare(first) != _bare(other):
        return None
    word, value = its_number
    if number is not None and number[0] != word:
        return None
    return CounterStep(name=word, value=value, before=number[1] if number else None, in_path=True)


def _first_page(path: str) -> tuple[str, tuple[str, str] | None]:
    """Return a path without the counter at its end, and the counter's word and number; None without a counter."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return path, None
    last = parts[-1]
    if (found := COUNTER.fullmatch(last)) is None:
        return path, None
    word, kept = (found["word"] or "").lower(), parts[:-1]
    if not word and len(parts) > 1 and parts[-2].lower() in PAGE_NAMES | OFFSET_NAMES:
        word, kept = parts[-2].lower(), parts[:-2]
    if word and word not in PAGE_NAMES | OFFSET_NAMES | {"index", "blog", "default", "list"}:
        return path, None
    return "/" + "/".join(kept), (word, found["number"])


def _bare(path: str) -> str:
    """Return a path without its slash at the end and the name of a folder's page."""
    return re.sub(r"/(?:index|default)\.[a-z]{3,5}$", "", path.rstrip("/"), flags=re.IGNORECASE) or "/"


def _data_addresses(tree: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield what attributes of buttons hold: data-url, data-next-page, hx-get and their like."""
    looked = 0
    for element in tree.iter("button", "a", "div", "span", "nav", "section", "ul", "ol", "main"):
        for name, value in element.attrib.items():
            if not str(name).startswith(("data-", "hx-get", "ic-get")):
                continue
            looked += 1
            if looked > MAX_DATA_VALUES:
                return
            text = str(value).strip()
            if text.startswith(("/", "?", "http", "./")) and len(text) <= MAX_ADDRESS_CHARS:
                yield text, element


def _forms(tree: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield the addresses of forms that only have a button: every value is given."""
    for form in tree.iter("form"):
        fields = list(form.iter("input", "select", "textarea"))
        kinds = {(field.get("type") or "text").lower() if field.tag == "input" else field.tag for field in fields}
        if (form.get("method") or "get").lower() != "get" or kinds - {"hidden", "submit", "button", "image"}:
            continue
        values = [
            (field.get("name") or "", field.get("value") or "") for field in fields if field.get("type") == "hidden"
        ]
        if values:
            action = form.get("action") or ""
            yield f"{action.partition('?')[0]}?{urlencode([pair for pair in values if pair[0]])}", form
