"""The elements of a page by what their makers call them, and which of them are not the article's.

Class names are the oldest annotation of the web: `byline`, `post-date`, `tags` mean the same on thousands of sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import cast
from urllib.parse import urlsplit

from lxml import etree
from lxml.etree import XPath
from lxml.html import HtmlElement

MAX_HEADINGS = 40
MAX_TAG_LINKS = 60
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
AWAY = re.compile(
    r"(?:^|\s|(?<!article)(?<!post)(?<!entry)[_-])(?:comments?|kommentare?|related|recommend\w*|sidebar|footer|widget|"
    r"teasers?|most-?read|promo|newsletter|navigation|navbar|menu|breadcrumbs?|cookie|share|social|advert\w*|read-?more|"
    r"more-?from|outbrain|taboola)(?:$|[\s_-])",
    re.IGNORECASE,
)
_tag_links = XPath("//a[contains(concat(' ', @rel, ' '), ' tag ') and not(contains(@rel, 'category'))]")


class Places:
    """The elements of a page by their makers' words for them; the page is walked over when first asked."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree

    @cached_property
    def _called(self) -> dict[str, list[tuple[int, HtmlElement]]]:
        """Elements with their position in the page, by their words in lower case."""
        body = self._tree.find(".//body")
        by_wording: dict[str, list[tuple[int, HtmlElement]]] = {}
        for at, element in enumerate((self._tree if body is None else body).iter(etree.Element)):
            # written out, not `signs`: this loop is a quarter of what metadata costs, as a comprehension a third
            words = ""
            for name in element.keys():  # noqa: SIM118 - an element's own iterator gives its children
                if name in _NAMING and (value := element.get(name)):
                    words = f"{words} {value}" if words else value
            if words or element.tag == "time":
                by_wording.setdefault(words[:MAX_CALLED_CHARS] or "time", []).append((at, element))
        found: dict[str, list[tuple[int, HtmlElement]]] = {}
        for words, elements in by_wording.items():
            found.setdefault(words.lower().replace("\n", " "), []).extend(elements)
        return found

    @cached_property
    def _joined(self) -> str:
        return "\n".join(self._called)

    def matching(self, pattern: re.Pattern[str], stems: tuple[str, ...]) -> Iterator[tuple[HtmlElement, str]]:
        """Yield (element, words) in page order where the words hold one of the stems and match the pattern.

        The stems are there for speed: looking for plain text in all words at once costs next to nothing.
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
        found = [
            (at, element, words) for words in wordings if pattern.search(words) for at, element in self._called[words]
        ]
        found.sort(key=lambda entry: entry[0])
        for _, element, words in found:
            yield element, words


def signs(element: HtmlElement) -> str:
    """Return the words by which an element's makers call it, in lower case."""
    words = " ".join([value for name, value in element.items() if name in _NAMING])
    return words[:MAX_CALLED_CHARS].lower().replace("\n", " ") if words else words


@lru_cache(maxsize=4_096)  # a site's pages share their classes
def called_away(words: str) -> bool:
    """Tell whether an element's classes call it a part that is not the article's."""
    return AWAY.search(words) is not None


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


def tag_links(tree: HtmlElement) -> tuple[str, ...]:
    """Return the texts of links marked as tags of the article."""
    return tuple(
        " ".join(str(a.text_content()).split()) for a in cast("list[HtmlElement]", _tag_links(tree))[:MAX_TAG_LINKS]
    )


def headings(tree: HtmlElement, *tags: str) -> Iterator[str]:
    """Yield the texts of the first headings in page order, of h1 unless other tags are named."""
    for element in islice(tree.iter(*(tags or ("h1",))), MAX_HEADINGS):
        yield str(element.text_content())


def home_headings(tree: HtmlElement, url: str) -> tuple[str, ...]:
    """Return the headings that link to the site's home page: they say the site's name. None on the home page itself."""
    here = urlsplit(url)
    if here.path in ("", "/"):
        return ()
    found = []
    for element in islice(tree.iter("h1", "h2"), MAX_HEADINGS):
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
