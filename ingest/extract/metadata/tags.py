"""What an article is about: keywords and tags as declared, without the publisher's internal codes, else as shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from urllib.parse import unquote

from lxml.html import HtmlElement

from ingest.extract.html import jsonld
from ingest.extract.html.element_index import ElementIndex, is_away, tag_links
from ingest.extract.metadata.bylines import is_author_link
from ingest.extract.metadata.claims import record
from ingest.extract.metadata.structured import ARTICLE_TYPES, Structured
from ingest.model import Claim, Field
from ingest.text.normalize import fold, normalise

P_CATEGORY = re.compile(r"(?:^|\s)p-category(?:$|\s)")
MAX_TAGS = 60
MAX_TAG_CHARS = 80
MAX_TAG_WORDS = 9
MAX_TOPIC_CHARS = 50  # of a linked topic; headlines of other articles are longer
MAX_SHOWN = 16  # more links in one box are a menu of topics, not an article's tags
BOX_SHARE = 0.7  # of a box's letters in links to topics
CODE_SHARE = 0.6  # of a list being codes, from which all of it is a machine's
_MARKS = re.compile(r"[,;|،、，]")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|^[0-9a-f]{12,}$|^\d+$|^[a-z]{20,}$|^\w+[:=]\w+:", re.IGNORECASE)
_CODE = re.compile(r"[A-Z0-9:_-]{2,12}$")
_LABELLED = re.compile(r"^[A-Za-z][\w ]{1,24}:\s+\S")  # "Category: Travel", "Word count: 800"
_PATH = re.compile(r"^[a-z-]+/(?=[^/]+$)")  # "topic/elections"
_ADDRESS = re.compile(
    r"^(?:https?:|www\.|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|de|fr|it|es|uk|nl|eu|ca|au|at|ch|pl|se|no|dk|br|mx|jp)$)"
)
_TAG_PLACE = re.compile(
    r"(?:^|[\s_-])(?:\w*(?:tags?|topics?|keywords?|themen|schlagw(?:o|ö)rte?r?|stichw(?:o|ö)rte?r?|etiquetas|etiket(?:ler)?|tagi|temas?|temat(?:y)?|"
    r"sujets|mots-?cl(?:e|é)s|emneord|emner|trefwoorden|labels|argomenti|stitky|teme|subjects))"
    r"(?:$|[\s_-]|list|links?|box|cloud|wrapper|container)",
)
_STEMS = (
    "tag", "topic", "keyword", "themen", "schlagw", "stichw", "etiquet", "etiket", "tema", "sujets", "mots", "emne",
    "trefw", "label", "argoment", "stitky", "teme", "subject",
)  # fmt: skip  # a table
_TOPIC_PATH = re.compile(
    r"/(?:tags?|topics?|themen?|themes?|temas?|tema|keywords?|subjects?|sujets?|argomenti|etiquetas?|stichwort|schlagwort)/",
    re.IGNORECASE,
)
# Pages that every site has beside its articles
SITE_PAGES = frozenset(
    {
        "impressum", "datenschutz", "kontakt", "nutzungsbedingungen", "agb", "imprint", "privacy", "privacy policy",
        "contact",
        "about", "about us", "terms", "terms of use", "cookies", "advertise", "newsletter",
        "mentions legales", "contacto",
        "aviso legal", "privacidad", "contatti", "privacidade", "contato",
    }
)  # fmt: skip  # a table
_LEADING = re.compile(
    r"^(?:tags?|topics?|themen|schlagworte|etiquetas|more on|mehr zu|related)\s*:?\s*$|^#", re.IGNORECASE
)


def resolve_tags(
    structured: Structured,
    places: ElementIndex,
    site_names: Collection[str],
    authors: Collection[str],
    claims: list[Claim],
) -> tuple[str, ...]:
    """Return the tags of the first claim that has several, and record the claims.

    A claim with one tag gives way to a later one with several: many sites put a section into article:tag.
    """
    own = {fold(name) for name in site_names}
    keywords = list(structured.members("keywords", kinds=ARTICLE_TYPES))
    groups: list[tuple[str, tuple[str, ...]]] = [
        ("json-ld", _listed([text for value in keywords for text in jsonld.strings(value)], own)),
        ("opengraph", _listed(structured.all("article:tag"), own)),
        ("meta", _listed(structured.all("news_keywords"), own)),
        ("meta", _listed(structured.all("keywords"), own)),
        ("meta", _listed(structured.all("parsely-tags"), own)),
        ("microdata", _listed(structured.items.get("keywords", ()), own)),
    ]
    if not any(len(found) > 1 for _, found in groups):
        groups.append(("tag-links", _listed(shown(places, authors), own, parted=True)))
        named = [
            text for value in structured.members("mentions", "about", kinds=ARTICLE_TYPES) for text in _things(value)
        ]
        groups.append(("json-ld", _listed(named, own, parted=True)))
        groups += [
            ("meta", _listed(structured.all(name), own)) for name in ("sailthru.tags", "dc.subject", "dcterms.subject")
        ]
    groups = [(origin, found) for origin, found in groups if found]
    winner = next((at for at, (_, found) in enumerate(groups) if len(found) > 1), 0 if groups else -1)
    record(Field.TAGS, groups, winner, claims)
    return groups[winner][1] if groups else ()


def _things(value: jsonld.Json) -> tuple[str, ...]:
    """Return the names of the things an article is said to be about; addresses are none."""
    parts = value if isinstance(value, list) else [value]
    return tuple(text for part in parts for text in jsonld.strings(part)[:1] if not text.startswith(("http", "/")))


def _listed(texts: Sequence[str], own: Collection[str], *, parted: bool = False) -> tuple[str, ...]:
    """Return keywords without codes; a single text is a list joined by commas, several texts are whole (`parted`)."""
    if not parted and len(texts) <= 2:
        texts = [part for text in texts for part in _MARKS.split(text)]
    found: dict[str, str] = {}
    for text in texts:
        tidy = _PATH.sub("", normalise(text).strip("#\"' "))
        folded = fold(tidy)
        if folded and folded not in own and len(tidy) <= MAX_TAG_CHARS and len(tidy.split()) <= MAX_TAG_WORDS:
            found.setdefault(folded, tidy)
    return _without_codes(found.values())


def _without_codes(tags: Collection[str]) -> tuple[str, ...]:
    """Drop what a publisher's software put there: identifiers, labelled values, addresses; a list of codes whole."""
    codes = sum(1 for tag in tags if _CODE.match(tag) and any(char.isupper() for char in tag))
    if len(tags) >= 6 and codes >= CODE_SHARE * len(tags):
        return ()
    kept = [tag for tag in tags if not (_ID.search(tag) or _LABELLED.match(tag) or _ADDRESS.match(tag))]
    return tuple(kept[:MAX_TAGS])


def shown(places: ElementIndex, authors: Collection[str] = ()) -> tuple[str, ...]:
    """Return the texts of the links marked rel=tag, of a box of topics below the title or of one called so.

    `authors` are no topics: they are linked in the same way.
    """
    if marked := tag_links(places) or _categories(places):
        return marked
    best: tuple[str, ...] = ()
    for element, _ in places.matching(_TAG_PLACE, _STEMS):
        if element.tag in ("a", "body", "script", "meta") or is_away(element):
            continue
        texts = tuple(_link_texts(element))
        if 0 < len(texts) <= MAX_SHOWN and len(texts) > len(best):
            best = texts
    boxed = _topic_box(places, authors)
    return best if not boxed or set(boxed) < set(best) else boxed


def _categories(places: ElementIndex) -> tuple[str, ...]:
    """Return the categories of an h-entry, which are its tags by the definition of microformats2."""
    found = (element for element, _ in places.matching(P_CATEGORY, ("p-category",)) if not is_away(element))
    return tuple(dict.fromkeys(" ".join(str(element.text_content()).split()) for element in islice(found, MAX_TAGS)))


def _topic_box(places: ElementIndex, authors: Collection[str]) -> tuple[str, ...]:
    """Return the texts of the last box below the title that holds nothing but links to pages named after their texts.

    `/politics/ferry-board/` behind "Ferry Board": a topic of the article, or of a menu, which stands above the title.
    """
    people = {fold(name) for name in authors}
    boxes: dict[HtmlElement, list[str]] = {}
    for link in places.links_below_title():
        parent = link.getparent()
        box = parent.getparent() if parent is not None and parent.tag in ("li", "span") else parent
        if box is None or box.tag in ("p", "body", "nav") or not (slug := _slug(link.get("href") or "")):
            continue
        text = " ".join(str(link.text_content()).split())
        if len(text) <= MAX_TOPIC_CHARS and _spells(slug, text) and not is_author_link(link):
            boxes.setdefault(box, []).append(text)
    for box, texts in boxes.items():
        bare = len("".join(str(box.text_content()).split()))
        alone = sum(len("".join(text.split())) for text in texts)
        topics = [text for text in texts if fold(text) not in people]
        if any(fold(text) in SITE_PAGES for text in texts) or not (_in_article(box) or _lead_to_topics(box)):
            continue
        if (
            1 < len(topics) <= MAX_SHOWN
            and len(topics) == len(texts)
            and alone >= BOX_SHARE * max(bare, 1)
            and not is_away(box)
        ):
            return tuple(texts)
    return ()


def _in_article(box: HtmlElement) -> bool:
    return any(parent.tag in ("article", "main") for parent in box.iterancestors())


def _lead_to_topics(box: HtmlElement) -> bool:
    """Return whether all links of a box have a word for topics in their addresses."""
    return all(_TOPIC_PATH.search(link.get("href") or "") for link in box.iter("a"))


def _slug(href: str) -> str:
    """Return the last part of an address's path, empty for one without a path of its own."""
    path = href.partition("#")[0].partition("?")[0].rstrip("/")
    before, _, slug = path.rpartition("/")
    return slug if before.strip("/:htps") else ""


def _spells(slug: str, text: str) -> bool:
    """Return whether a slug ends with the text, in whatever spelling of umlauts: most differ in their last letter."""
    if not text or not slug:
        return False
    last = text[-1]
    if "%" not in slug and last.isascii() and last.isalnum() and last.lower() != slug[-1].lower():
        return False
    key = _bare(text)
    return bool(key) and _bare(unquote(slug)).endswith(key)


def _bare(text: str) -> str:
    """Return the folded letters and digits of a text, umlauts written as one letter."""
    spelled = fold(text).replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return "".join(char for char in spelled if char.isalnum())


def _link_texts(element: HtmlElement) -> Iterable[str]:
    for link in list(element.iter("a"))[: MAX_SHOWN + 1]:
        text = " ".join(str(link.text_content()).split())
        if text and not _LEADING.match(text):
            yield text
