"""The elements of a page by what their makers call them, and which of them are not the article's.

Class names are the oldest annotation of the web: `byline`, `post-date`, `tags` mean the same on thousands of sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

MAX_HEADING_DEPTH = 30
MAX_HEADINGS = 40
MAX_TAG_LINKS = 60
MAX_LINKS = 1_000
MAX_CALLED_CHARS = 500  # of an element's classes that are looked at; bounds what is remembered of them
NEAR = 6  # ancestors whose names are looked at to tell teasers and comments

# What stands on a page and is no running text; bylines in figures are the photographer's.
UNSHOWN = frozenset(
    {
        "figure",
        "figcaption",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "form",
        "button",
        "select",
        "nav",
    }
)
_NAMING = frozenset({"class", "id", "itemprop", "property", "rel", "data-testid", "data-qa", "data-component"})
# Asked of words in lower case, like the patterns `matching` is given: in any case a search takes 3 to 10 times as long.
_AWAY = re.compile(
    r"(?<![^\s_-])(?<!article[_-])(?<!post[_-])(?<!entry[_-])(?<!elementor[_-])(?:comments?|kommentare?|related|recommend\w*|sidebar|"
    r"footer|widget|teasers?|most-?read|promo|newsletter|navigation|navbar|menu|breadcrumbs?|cookie|share|social|"
    r"advert\w*|read-?more|more-?from|outbrain|taboola)(?:$|[\s_-])"
)
_TAGS = frozenset({"meta", "link", "script", "title", "h1", "h2", "h3", "h4", "h5"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walked:
    """What one walk over a page finds, in page order."""

    elements: list[HtmlElement]
    inside: int  # so many of them are the page's; the others stand behind its end
    called: dict[str, list[int]] = field(default_factory=dict)  # by words in lower case: places in `elements`
    with_itemprop: list[HtmlElement] = field(default_factory=list)
    with_rel: list[HtmlElement] = field(default_factory=list)


class ElementIndex:
    """The elements of a page by tag and by their makers' words for them.

    The page is walked over once: each question of its own to the tree would cost a tenth of that again.
    """

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree

    @cached_property
    def _by_tag(self) -> list[tuple[str, HtmlElement]]:
        walked = self._walked
        return [(element.tag, element) for element in islice(walked.elements, walked.inside) if element.tag in _TAGS]

    def tagged(self, *tags: str) -> Iterator[HtmlElement]:
        """Yield the elements of these tags in page order; of headings and those that speak for machines only."""
        assert _TAGS.issuperset(tags), tags
        return (element for tag, element in self._by_tag if tag in tags)

    def text(self) -> str:
        """Return all text of the page, scripts and title too."""
        return str(self._tree.text_content())

    def paragraphs(self) -> Iterator[HtmlElement]:
        """Yield the paragraphs of the page, in page order."""
        return (one for one in self._tree.iter("p"))

    @property
    def with_itemprop(self) -> list[HtmlElement]:
        """The elements that are properties of microdata, in page order."""
        return self._walked.with_itemprop

    def links(self, rel: str) -> Iterator[HtmlElement]:
        """Yield the links in whose relation a word occurs, in page order."""
        return (element for element in self._walked.with_rel if rel in element.get("rel", "") and element.tag == "a")

    def links_below_title(self) -> Iterator[HtmlElement]:
        """Yield the links behind the first h1, in page order; none on a page without one."""
        begun = False
        for element in islice(self._tree.iter("h1", "a"), MAX_LINKS):
            if element.tag == "h1":
                begun = True
            elif begun:
                yield element

    @cached_property
    def _walked(self) -> _Walked:
        elements = list(self._tree.iter(etree.Element))
        walked = _Walked(elements=elements, inside=len(elements))
        for beside in self._tree.itersiblings("*"):  # libxml2 puts there what follows the end of some pages
            walked.elements.extend(beside.iter(etree.Element))
        body = next(self._tree.iter("body"), None)
        begin, end = _span(self._tree if body is None else body, walked.elements)
        by_wording: dict[str, list[int]] = {}
        for at, element in enumerate(walked.elements):
            words = ""  # written out, not `signs`: this loop is a fifth of what metadata costs
            for name in element.keys():  # noqa: SIM118 - an element's own iterator gives its children
                if name in _NAMING:
                    value = element.get(name)
                    words = words + " " + value if words and value else words or value
                    if name == "itemprop":
                        walked.with_itemprop.append(element)
                    elif name == "rel":
                        walked.with_rel.append(element)
            if words or element.tag == "time":
                if words in by_wording:
                    by_wording[words].append(at)
                else:
                    by_wording[words] = [at]
        # all at once: one by one takes three times as long; no page has a NUL (and no wording at all splits into one)
        lower = "\0".join([words[:MAX_CALLED_CHARS] for words in by_wording]).lower().replace("\n", " ").split("\0")
        for words, places in zip(lower, by_wording.values(), strict=False):
            if places[0] < begin or places[-1] >= end:
                places = [at for at in places if begin <= at < end]
            if places:
                walked.called.setdefault(words or "time", []).extend(places)
        return walked

    @cached_property
    def _joined(self) -> str:
        return "\n".join(self._walked.called)

    def matching(self, pattern: re.Pattern[str], stems: tuple[str, ...]) -> Iterator[tuple[HtmlElement, str]]:
        """Yield (element, words) in page order where the words hold one of the stems and match the pattern.

        Both speak of lower case. The stems are there for speed: looking for plain text in all words at once costs
        next to nothing.
        """
        wordings: dict[str, None] = {}
        joined = self._joined
        for stem in stems:
            at = joined.find(stem)
            while at >= 0:
                start, end = joined.rfind("\n", 0, at) + 1, joined.find("\n", at)
                end = len(joined) if end < 0 else end
                wordings[joined[start:end]] = None
                at = joined.find(stem, end)
        walked = self._walked
        found = [(at, words) for words in wordings if pattern.search(words) for at in walked.called[words]]
        found.sort()
        for at, words in found:
            yield walked.elements[at], words


def _span(whole: HtmlElement, elements: list[HtmlElement]) -> tuple[int, int]:
    """Return where in the page's elements those of one of them begin and end."""
    above: HtmlElement | None = whole
    while above is not None:
        if (behind := above.getnext()) is not None:
            return elements.index(whole), elements.index(behind)
        above = above.getparent()
    return elements.index(whole), len(elements)


def signs(element: HtmlElement) -> str:
    """Return the words by which an element's makers call it, in lower case."""
    words = " ".join([value for name, value in element.items() if name in _NAMING])
    return words[:MAX_CALLED_CHARS].lower().replace("\n", " ") if words else words


@lru_cache(maxsize=4_096)  # a site's pages share their classes
def called_away(words: str) -> bool:
    """Tell whether an element's classes call it a part that is not the article's."""
    return _AWAY.search(words.lower()) is not None


def is_away(element: HtmlElement) -> bool:
    """Tell whether an element lies in comments, teasers or another part that is not the article's."""
    beside = False  # in a sidebar, which is the page's, unless it lies in the article
    for depth, parent in enumerate(element.iterancestors()):
        if parent.tag in ("footer", "nav"):
            return True
        if parent.tag in ("article", "main"):
            beside = False
        if depth < NEAR and parent.tag not in ("body", "html"):
            called = (parent.get("class") or "")[:MAX_CALLED_CHARS]
            if "sidebar" in called.lower():
                beside = True
            elif called and called_away(called):
                return True
    return beside


def tag_links(places: ElementIndex) -> tuple[str, ...]:
    """Return the texts of links marked as tags of the article."""
    marked = [a for a in places.links("tag") if " tag " in f" {a.get('rel')} " and "category" not in a.get("rel", "")]
    return tuple(" ".join(str(a.text_content()).split()) for a in marked[:MAX_TAG_LINKS])


def headings(places: ElementIndex, *tags: str) -> Iterator[str]:
    """Yield the texts of the first headings in page order, of h1 unless other tags are named."""
    for element in islice(places.tagged(*(tags or ("h1",))), MAX_HEADINGS):
        yield shown_text(element)


_BREAKS = frozenset({"br", "div", "p", "hr", "li", "tr", "wbr"} - {"wbr"})
_NO_WORDS = frozenset(
    {
        "svg",
        "style",
        "script",
        "noscript",
        "template",
        "button",
        "select",
        "input",
        "textarea",
        "iframe",
        "img",
        "picture",
    }
)
_ANCHOR_SIGNS = re.compile(r"[#¶§🔗∞⚓\ue000-\uf8ff\s]*")
_FOOTNOTE = re.compile(r"[\[(]?(?:\d{1,2}|[*†‡]+|[a-z])[\])]?")
_UNSAID = re.compile(
    r"(?:^|[\s_-])(?:sr-only|visually-?hidden|screen-reader(?:-text)?|anchor(?:js)?(?:-link)?|headerlink|permalink)(?:$|[\s_-])"
)


def shown_text(heading: HtmlElement) -> str:
    """Return the words of a heading as readers see them.

    A line break parts two words. Icons, buttons, scripts and styles, the sign of a permalink and of a footnote are no
    words of it.
    """
    if not len(heading):
        return heading.text or ""
    texts: list[str] = []
    _gather(heading, texts, depth=0)
    return "".join(texts)


def _gather(element: HtmlElement, texts: list[str], *, depth: int) -> None:
    texts.append(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            breaks = child.tag in _BREAKS
            texts.append(" " if breaks else "")
            if not _wordless(child) and depth < MAX_HEADING_DEPTH:
                _gather(child, texts, depth=depth + 1)
            texts.append(" " if breaks else "")
        texts.append(child.tail or "")


def _wordless(element: HtmlElement) -> bool:
    """Return whether an element inside a heading adds no words to it."""
    tag = str(element.tag)
    if tag in _NO_WORDS or element.get("aria-hidden") == "true" or element.get("hidden") is not None:
        return True
    if tag == "sup" and _FOOTNOTE.fullmatch(str(element.text_content()).strip()):
        return True
    if tag == "a":
        inner = str(element.text_content())
        href = element.get("href") or ""
        return bool(_ANCHOR_SIGNS.fullmatch(inner)) or (
            href.startswith("#") and bool(_FOOTNOTE.fullmatch(inner.strip()))
        )
    return tag == "span" and bool(_UNSAID.search(element.get("class") or ""))


def home_headings(places: ElementIndex, url: str) -> tuple[str, ...]:
    """Return the headings that link to the site's home page: they say the site's name. None on the home page itself."""
    here = urlsplit(url)
    if here.path in ("", "/"):
        return ()
    found = []
    for element in islice(places.tagged("h1", "h2"), MAX_HEADINGS):
        links = [element.getparent(), *element.iter("a")]
        for link in links:
            if link is not None and link.tag == "a" and _leads_home(link.get("href") or "", here.netloc):
                found.append(str(element.text_content()))
                break
    return tuple(found)


def _leads_home(href: str, host: str) -> bool:
    if href in ("/", "./", "../", "index.html", "/index.html", "index.php", "/index.php"):
        return True
    try:
        there = urlsplit(href)
    except ValueError:
        return False
    return (
        bool(there.netloc)
        and there.path in ("", "/")
        and there.netloc.removeprefix("www.") == host.removeprefix("www.")
    )
