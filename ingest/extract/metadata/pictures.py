"""The pictures of an article with caption and credit, and what addresses say of them: a logo, the same picture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from ingest.extract.html.element_index import is_away
from ingest.extract.metadata.addresses import absolute
from ingest.extract.metadata.head import LONG_CHARS
from ingest.extract.metadata.names import is_person
from ingest.model import Image, Page
from ingest.text.normalize import fold, normalise

MAX_IMAGES = 60
MAX_CAPTION_CHARS = 2_000
MAX_CREDIT_CHARS = 200
MAX_LOOKED_AT = 400
MIN_SIDE_PX = 100  # smaller pictures are icons, portraits of authors and counting pixels
MIN_LEAD_SIDE_PX = 200
MIN_NAME_CHARS = 8  # of a file name that two addresses of one picture share
_ORNAMENT = re.compile(
    r"(?:^|[/_.\-])(?:logos?|site-?logo|icons?|favicon|apple-touch-icon|avatars?|gravatar|sprites?|pixel|spacer|blank|transparent|"
    r"placeholders?|no-?image|no-?photo|default-?(?:image|img|share|og|thumb(?:nail)?|social)|fallback|dummy|lazy-?load|"
    r"loading|loader|spinner|1x1|emojis?|badges?|buttons?|banner-?ads?|share-?(?:image|default)|og-?(?:default|image-default)|"
    r"social-?(?:share|default|card-default))(?=[/_.\-?]|\d|$)",
    re.IGNORECASE,
)
_SIDES = re.compile(r"(?<!\d)(\d{2,4})[x,](\d{2,4})(?!\d)")
_PORTRAIT = re.compile(r"profile|avatar|author|byline|headshot|portrait-?small", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{12,}|\d{6,})(?![0-9a-f])")
_SIZE = re.compile(
    r"(?:[-_@](?:\d{2,4}x\d{2,4}|\d{2,4}[wh]|w\d{2,4}|\dx|scaled|large|small|medium|thumb(?:nail)?|cropped|master))+(?=\.[a-z]{3,4}$|$)",
    re.IGNORECASE,
)
# What a script puts into src later comes first: src holds a placeholder then
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src", "data-srcset", "srcset", "data-lazy-srcset")
_CREDIT_CLASS = re.compile(
    r"credit|copyright|photographer|fotograf|bildnachweis|quelle|attribution|source|rights|agency"
)
_CREDIT = re.compile(
    r"(?:[(\[]?\s*(?:(?:photo(?:graph)?s?|image|picture|illustration|graphic|video|bild(?:nachweis|quelle)?|fotos?|grafik|"
    r"crédit(?:s)?(?: photo)?|credits?|foto di|imagen|imagem|zdjęcie|fot\.|kuva|фото|写真|사진|图|圖)"
    r"(?:\s+(?:by|credit|courtesy of|von))?"
    r"\s*[:：/|]\s*|(?:photo(?:graph)? by|foto von|©|\(c\)|copyright)\s*)(.{2,120}?)\s*[)\]]?)$",
    re.IGNORECASE,
)


def is_ornament(url: str) -> bool:
    """Return whether an address names a logo, a placeholder or another picture that is none of the article's."""
    name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return bool(_ORNAMENT.search(f"/{name}")) or url.endswith((".svg", ".ico"))


def same_picture(url: str) -> str:
    """Return what addresses of one picture at several sizes share: the file's name without size, else the address."""
    parts = urlsplit(url)
    name = _SIZE.sub("", unquote(parts.path).rstrip("/").rpartition("/")[2]).rsplit(".", 1)[0].lower()
    telling = len(name) >= MIN_NAME_CHARS and any(char.isdigit() or char in "-_" for char in name)
    return name if telling else f"{parts.netloc}{parts.path}"


def article_images(tree: HtmlElement, page: Page, lead: Image | None) -> tuple[Image, ...]:
    """Return the article's pictures, the lead image first, each once, with caption and credit."""
    found: dict[str, Image] = {}
    if lead is not None:
        found[same_picture(lead.url)] = lead
    for image in _shown(_text_of(tree), page):
        key = same_picture(image.url)
        known = found.get(key)
        if known is None and len(found) < MAX_IMAGES:
            found[key] = image
        elif known is not None and not known.caption and (image.caption or image.credit):
            found[key] = Image(
                url=known.url,
                width=known.width,
                alt=known.alt or image.alt,
                caption=image.caption,
                credit=known.credit or image.credit,
            )
    return tuple(found.values())


def lead_picture(tree: HtmlElement, page: Page, declared: Sequence[str]) -> str | None:
    """Return the address of the picture above the article's text: a declared one, else that of the first figure there.

    None where the page shows none there. A share picture that stands further down, or nowhere, is another one.
    """
    root = _text_of(tree)
    started = root is not tree
    lead: str | None = None
    for element in islice(root.iter("h1", "figure", "img", "p"), MAX_LOOKED_AT):
        if element.tag == "h1":
            started, lead = True, lead if root is not tree else None
        elif element.tag == "p" and started and len(str(element.text_content())) >= LONG_CHARS:
            break
        elif element.tag != "p" and started:
            for image in _shown_at(element, page):
                if told := next((url for url in declared if is_same(url, image.url)), None):
                    return told
                if lead is None and element.tag == "figure" and not (_is_portrait(image) or _is_small(image.url)):
                    lead = image.url
    return lead


def _is_small(url: str) -> bool:
    """Return whether an address names a thumbnail."""
    return "thumb" in url.lower() or any(
        min(int(width), int(height)) < MIN_LEAD_SIDE_PX for width, height in _SIDES.findall(unquote(url))
    )


def _is_portrait(image: Image) -> bool:
    """Return whether a picture is an author's: its address says so, or its text is nothing but a name."""
    return bool(_PORTRAIT.search(image.url)) or (not image.caption and is_person(image.alt or ""))


def is_same(one: str, other: str) -> bool:
    """Return whether two addresses look like those of one picture at several sizes or crops."""
    return same_picture(one) == same_picture(other) or not _numbers(one).isdisjoint(_numbers(other))


def _numbers(url: str) -> set[str]:
    """Return the long numbers and hashes in an address, by which content systems know a picture."""
    return set(_NUMBER.findall(unquote(url).lower()))


def _text_of(tree: HtmlElement) -> HtmlElement:
    """Return the element that holds the article: the one around the first h1 that is called so, else the page."""
    title = next(tree.iter("h1"), None)
    if title is not None:
        for parent in title.iterancestors("article", "main"):
            return parent
    articles = list(tree.iter("article"))
    return articles[0] if len(articles) == 1 else tree


def _shown(root: HtmlElement, page: Page) -> Iterator[Image]:
    for element in root.iter("figure", "img"):
        yield from _shown_at(element, page)


def _shown_at(element: HtmlElement, page: Page) -> Iterator[Image]:
    """Yield the pictures of a figure that is the article's, or of an `<img>` outside of any."""
    if element.tag == "img":
        if next(element.iterancestors("figure", "header", "aside", "button"), None) is None and not _leads_away(
            element
        ):
            yield from _picture(element, page, caption=None, credit=None)
        return
    if next(element.iterancestors("figure"), None) is not None or is_away(element) or _leads_away(element):
        return
    pictures = list(element.iter("img"))
    caption, credit = _caption(element)
    for picture in pictures:
        yield from _picture(picture, page, caption=caption, credit=credit)


def _leads_away(element: HtmlElement) -> bool:
    """Return whether a picture is a link to another page, or stands beside the article: a teaser's, an author's."""
    link = next(element.iterancestors("a"), None)
    href = (link.get("href") or "") if link is not None else ""
    if href and not re.search(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|\?)|^#", href, re.IGNORECASE):
        return True
    return element.tag == "img" and is_away(element)


def _picture(element: HtmlElement, page: Page, *, caption: str | None, credit: str | None) -> Iterator[Image]:
    sizes = [element.get("width") or "", element.get("height") or ""]
    if any(size.isdigit() and int(size) < MIN_SIDE_PX for size in sizes) or _ORNAMENT.search(
        element.get("class") or ""
    ):
        return
    for name in _SOURCES:
        value = (element.get(name) or "").strip()
        if "srcset" in name and value:
            value = value.split(",")[-1].split()[0] if value.split(",")[-1].split() else ""
        if not value or value.startswith("data:"):
            continue
        url = absolute(value, page)
        if url and not is_ornament(url):
            alt = normalise(element.get("alt") or "")
            yield Image(
                url=url,
                width=int(sizes[0]) if sizes[0].isdigit() and len(sizes[0]) < 6 else None,
                alt=alt[:MAX_CAPTION_CHARS] or None,
                caption=caption,
                credit=credit,
            )
            return


def _caption(figure: HtmlElement) -> tuple[str | None, str | None]:
    """Return caption and credit of a figure; the credit is no part of the caption."""
    texts = [normalise(str(one.text_content())) for one in figure.iter("figcaption")]
    caption = texts[0][:MAX_CAPTION_CHARS] if texts else ""
    credit = ""
    for one in figure.iter("span", "p", "div", "small", "cite", "em", "i", "a"):
        if _CREDIT_CLASS.search(" ".join((one.get("class") or "", one.get("itemprop") or "")).lower()):
            credit = normalise(str(one.text_content()))[:MAX_CREDIT_CHARS]
            break
    if credit and fold(credit) != fold(caption):
        caption = caption.replace(credit, "").strip(" |·•-–—/()")
    elif match := _CREDIT.search(caption):
        credit, caption = (
            match[1].strip(" ()[]"),
            caption[: match.start()].strip(" |·•-–—/(.[") if match.start() else "",
        )
    if bare := _CREDIT.fullmatch(credit):
        credit = bare[1]
    return caption or None, credit or None
