"""What the page's structure decides before the model is asked: text out of sight, comments, consent boxes, credits.

Each rule has a name that `clean --explain` shows. No rule knows a site; class names are those that software and
designers share. A rule cuts only where the rest of the page holds the article: a page that is hidden until its script
runs, or that is nothing but comments, is left to the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from lxml import etree
from lxml.html import HtmlElement

from ingest.extract.html.segments import Frame, Segment
from ingest.extract.html.visibility import can_be_opened
from ingest.model import BlockKind

OPENER_STEPS = 4  # elements above a hidden one that may say it can be opened
BODY_SHARE = 0.4  # of the page's plain text: a box with more is not beside the article
LINK_LINE_SHARE = 0.95  # of a line's characters in its one link; arrows and brackets around it are not
_LINK_LINES = frozenset((BlockKind.PARAGRAPH, BlockKind.QUOTE))
URL_CHARS_MAX = 400
CREDIT_CHARS_MAX = 140  # a line that is nothing but a credit
CAPTION_CHARS_MAX = 320  # a caption with its credit
CREDIT_TAIL_CHARS = 110  # of a caption, its credit's longest
CAPTION_BOX_PIECES = 3
CAPTIONS_SHARE = 0.3  # of the page's plain text: captions with more are the text of a picture story
COMMENTS_BESIDE_CHARS = 300  # of running text outside comments, for them to be beside an article
LEGAL_SHARE = 0.3  # the same for terms: a page with more is about them
RUNNING_CHARS = 80  # of a paragraph that shows where the article begins

_COMMENTS = re.compile(
    r"(?<![a-z])(?<!no-)(?<!has-)(?<!open-)(?<!forum-)(?:comments?|comment-?(?:list|body|text|content|area|section|wrap\w*|thread|item|"
    r"box|holder|block|container|respond|form|meta|author|entry|main)s?|commentaires?|commentlist|disqus\w*|dsq-\w+|"
    r"kommentare?n?|kommentarer|kommentarfeld|coment[aá]rios?|commenti|commento|komentarz\w*|komentar\w*|reacties|"
    r"reader-?(?:comments?|responses)|user-?comments?|livefyre|hypercomments|cackle|fb-comments|respond|talkback\w*|"
    r"pinglun|liuyan|yorumlar)(?![a-z])",
)
_NO_COMMENTS = re.compile(
    r"live|match|ticker|comments?-(?:open|closed|off|on|count|link|number|icon)|kommentar-?(?:zahl|link)"
)
_CONSENT = re.compile(
    r"(?<![a-z])(?:cookies?(?:-?(?:banner|bar|box|consent|law|info|notice|message|modal|popup|wall|overlay|dialog))?|gdpr|dsgvo|"
    r"consent\w*|onetrust\w*|ot-sdk\w*|didomi\w*|usercentrics\w*|cookiebot\w*|cybotcookiebot\w*|cmplz\w*|cky-\w+|qc-cmp\w*|"
    r"sp_message\w*|truste\w*|borlabs\w*|iubenda\w*|fc-consent\w*|privacy-?(?:banner|popup|notice|modal|overlay|manager))(?![a-z])",
)
_CAPTIONS = re.compile(
    r"(?<![a-z])(?:(?:wp-|image-?|img-?|photo-?|picture-?|media-?|figure-?|gallery-?|slide-?)?(?:caption|credits?|cutline)s?"
    r"(?:-?(?:text|body|content|line|wrap\w*))?|photo-?(?:by|grapher|copyright|info|legend|desc\w*)|image-?(?:copyright|source|"
    r"legend|desc\w*|info)|bild-?(?:unterschrift|text|nachweis|quelle|zeile)|fotocredit|bu-?text|didascalia|pie-?(?:de-?)?foto|"
    r"legende-?(?:photo|image)|podpis\w*)(?![a-z])",
)
_LEGAL = re.compile(
    r"(?<![a-z])(?:copyrights?(?:-?(?:text|notice|box|info|line))?|licen[cs]e-?(?:text|notice)|disclaimer\w*|imprint|"
    r"impressum|terms-?(?:of-?use|of-?service|text)|legal-?(?:text|notice|info|note)s?|rights-?reserved)(?![a-z])"
)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_IS_COMMENTS, _IS_CONSENT, _IS_LEGAL, _IS_CAPTION = 1, 2, 4, 8
_PHOTO = (
    r"(?:photos?|photograph(?:s|y|er|ed)?|photo\s?credits?|picture|pictures|pic|images?|image\s?(?:credits?|source)|credits?|"
    r"illustration|screenshot|foto|fotos|fotografie|fotografía|fotografia|bild|bilder|bildquelle|bildnachweis|bildrechte|"
    r"quelle\s?foto|grafik|crédits?|crédit\s?photo|photographie|imagen|imágenes|crédito|créditos|imagem|immagine|immagini|"
    r"beeld|afbeelding|kuva|fotó|kép|zdjęcie|zdjęcia|fot\.?|фото|снимок|снимка|світлина|иллюстрация|φωτογραφία|φωτό|φωτο|"
    r"fotoğraf|görsel|صورة|الصورة|تصوير|عکس|צילום|תמונה|写真|撮影|提供|画像|图|圖|图片|圖片|图片来源|圖片來源|摄影|攝影|摄|사진|ảnh)"
)
_AGENCY = (
    r"(?:getty(?:\s?images)?|reuters|afp|ap(?:\s?photo|\s?images)?|associated press|epa(?:-efe)?|efe|dpa|"
    r"pa(?:\s?wire|\s?media|\s?images)?|shutterstock|alamy(?:\s?stock photo)?|istock(?:photo)?|unsplash|pexels|"
    r"pixabay|flickr|wikimedia(?:\s?commons)?|"
    r"picture[ -]alliance|imago(?:\s?images)?|bloomberg|xinhua|anadolu|ansa|belga|lusa|keystone|apa|ntb|scanpix|tt|"
    r"ritzau|rex(?:\s?features)?|zuma(?:\s?press)?|depositphotos|adobe\s?stock|dreamstime|corbis|imaginechina|тасс|"
    r"риа новости|新华社|新華社|共同社|中新社|視覺中國|视觉中国)"
)
_CREDIT_FIRST = re.compile(
    rf"^[\W_]*{_PHOTO}\s*(?:by\b|von\b|par\b|de\b|di\b|door\b|[:：©/|｜–-])\s*\S.{{0,100}}$", re.IGNORECASE
)
_CREDIT_LAST = re.compile(
    rf"(?:^|[\s.|(\[–—。！])\(?{_PHOTO}(?:\s*[:：©|/]|\s+(?:by|von|par)\b)\s*[^.!?。]{{2,70}}[.)\]]?$", re.IGNORECASE
)
_AGENCY_LINE = re.compile(
    rf"^[\W_]*(?:[^.!?:,]{{0,60}}\s*(?:[/|,–—©]|\bvia\b|\bfor\b)\s*)?{_AGENCY}(?:\s*[/|,–—]\s*[^.!?]{{1,40}})?[\W_]*$",
    re.IGNORECASE,
)
_PARTING = str.maketrans(dict.fromkeys("/|,–—©().-:;", " "))
_AGENCY_WORDS = frozenset((
    "getty", "reuters", "afp", "ap", "associated", "epa", "efe", "dpa", "pa", "shutterstock", "alamy", "istock",
    "istockphoto", "unsplash", "pexels", "pixabay", "flickr", "wikimedia", "alliance", "imago", "bloomberg", "xinhua",
    "anadolu", "ansa", "belga", "lusa", "keystone", "apa", "ntb", "scanpix", "tt", "ritzau", "rex", "zuma",
    "depositphotos", "adobe", "dreamstime", "corbis", "imaginechina", "тасс", "новости",
))  # fmt: skip  # the words of _AGENCY
_AGENCIES_HAN = ("新华社", "新華社", "共同社", "中新社", "視覺中國", "视觉中国")
_CREDIT_SIGNS = (":", "：", "©", "|", "/", " by ", " von ", " par ")  # one in each ending that _CREDIT_LAST finds
_ADDRESS_BEGINS = ("http", "www.", "HTTP", "WWW.", "(", "[", "<", "-", "–", "•", "→", "»", ">", "*", "_")
_COPYRIGHT_SIGN = re.compile(r"^\W*(?:©|\(c\))\s*\S.{0,80}$", re.IGNORECASE)
_URL = re.compile(r"^[\W_]*(?:https?://|www\.)[^\s]{3,}[\W_]*$", re.IGNORECASE)
_FORUM = (b"DiscussionForumPosting", b"QAPage", b"schema.org/Question", b"schema.org/Answer")
_CONTROLS = etree.XPath(
    "//@aria-controls | //@data-target | //@data-bs-target | //*[@data-toggle or @aria-expanded]/@href"
)
_OPENER_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "button", "dt", "div"))
_STREAMED = re.compile(r"[SBP]:[0-9a-f]+")  # parts that React sends hidden and a script puts in their place
_COMMENT_BOX = "reader comments"
_CAPTION_BOX = "caption by its box"
_CELLS = frozenset(("td", "th", "li", "dd", "dt"))
_NOT_CONTENT_ROLES = frozenset(("dialog", "alertdialog", "menu", "listbox", "tooltip", "navigation", "search", "alert"))


def is_forum(body: bytes) -> bool:
    """Return whether a page says that it is a discussion, where what readers wrote is the content."""
    return any(map(body.__contains__, _FORUM))


def structural_cuts(read: Sequence[Segment], tree: HtmlElement, *, forum: bool = False) -> tuple[str | None, ...]:
    """Return for each segment why the structure cuts it, None where it leaves the decision to the model."""
    frames = _FrameRules(read, tree, forum=forum)
    found = [frames.reason(segment.frame) or _line_rule(segment) for segment in read]
    rest = sum(len(one.text) for one, reason in zip(read, found, strict=True) if not reason and _is_running_text(one))
    if rest < COMMENTS_BESIDE_CHARS:  # the page is what its readers wrote
        found = [None if reason == _COMMENT_BOX else reason for reason in found]
    captions = sum(len(one.text) for one, reason in zip(read, found, strict=True) if reason == _CAPTION_BOX)
    if captions > CAPTIONS_SHARE * frames.plain:
        found = [None if reason == _CAPTION_BOX else reason for reason in found]
    return tuple(found)


def _article_frames(read: Sequence[Segment]) -> set[Frame]:
    """Return the elements around the headline, and around the first paragraph in sight that follows it."""
    found: set[Frame] = set()
    headline = next((at for at, one in enumerate(read) if one.kind is BlockKind.HEADING and one.level == 1), -1)
    first = next((one for one in read[headline + 1 :] if _is_running_text(one)), None)
    for segment in (*(read[headline : headline + 1] if headline >= 0 else ()), *(() if first is None else (first,))):
        frame: Frame | None = segment.frame
        while frame is not None and frame not in found:
            found.add(frame)
            frame = frame.parent
    return found


def _is_running_text(segment: Segment) -> bool:
    return len(segment.text) >= RUNNING_CHARS and segment.link_share < 0.3 and segment.frame.hider is None


@lru_cache(maxsize=20_000)  # a site's pages share their names
def _said(names: str) -> int:
    """Return what class and id names say of an element, in bits."""
    spelled = _HUMPS.sub("-", names).lower()
    said = _IS_CONSENT if _CONSENT.search(spelled) else 0
    if _COMMENTS.search(spelled) and not _NO_COMMENTS.search(spelled):
        said |= _IS_COMMENTS
    if _LEGAL.search(spelled):
        said |= _IS_LEGAL
    return said | (_IS_CAPTION if _CAPTIONS.search(spelled) else 0)


class _FrameRules:
    """The rules on elements; each element is looked at once."""

    def __init__(self, read: Sequence[Segment], tree: HtmlElement, *, forum: bool) -> None:
        self._tree = tree
        self._forum = forum
        self.plain = max(1, sum(len(segment.text) - min(segment.linked, len(segment.text)) for segment in read))
        self._article = _article_frames(read)
        self._known: dict[Frame, str | None] = {}
        self._controlled = cache(self._read_controlled)
        self._opened: dict[Frame, bool] = {}

    def reason(self, frame: Frame) -> str | None:
        """Return why an element is cut: its own rule, or that of one above."""
        chain: list[Frame] = []
        at: Frame | None = frame
        while at is not None and at not in self._known:
            chain.append(at)
            at = at.parent
        found = self._known[at] if at is not None else None
        for step in reversed(chain):
            if found is None:
                found = self._own(step)
            self._known[step] = found
        return found

    def _own(self, frame: Frame) -> str | None:
        if frame.hider is frame and not self.is_opened(frame) and not self._is_main(frame):
            return f"out of sight: {frame.unseen}"
        names = frame.names_text
        if not names or frame.tag in ("html", "body", "main"):
            return None
        said = _said(names)
        if said & _IS_COMMENTS and not self._forum and frame not in self._article:
            return _COMMENT_BOX
        if said & _IS_CONSENT and frame not in self._article and frame.tag != "article":
            return "consent box"
        if said & _IS_LEGAL and frame not in self._article and frame.chars <= LEGAL_SHARE * self.plain:
            return "terms and copyright"
        return None

    def is_opened(self, frame: Frame) -> bool:
        """Return whether a reader can open what is hidden by this element."""
        known = self._opened.get(frame)
        if known is None:
            known = self._opened[frame] = self._read_opened(frame)
        return known

    def _read_opened(self, frame: Frame) -> bool:
        attributes = dict(frame.element.items())
        if attributes.get("role") in _NOT_CONTENT_ROLES or attributes.get("aria-modal") == "true":
            return False
        if frame.unseen.startswith(("aria-hidden", "closed", "off-screen")) and "role" not in attributes:
            return False
        at: Frame | None = frame
        for _ in range(OPENER_STEPS):
            if at is None or at.tag in ("body", "main", "article"):
                break
            if can_be_opened(dict(at.element.items()), at.tag):
                return True
            at = at.parent
        name = attributes.get("id")
        if name is not None and (_STREAMED.fullmatch(name) or name in self._controlled()):
            return True
        before = frame.element.getprevious()
        if before is None and (above := frame.element.getparent()) is not None:
            before = above.getprevious()
        return before is not None and _is_opener(before)

    def _read_controlled(self) -> frozenset[str]:
        """Return the ids that buttons of the page open."""
        found = _CONTROLS(self._tree)
        assert isinstance(found, list)
        return frozenset(name for value in found for name in str(value).replace("#", " ").split())

    def _is_main(self, frame: Frame) -> bool:
        """Whether an element holds the article: its headline or first paragraph, or most of the page's text."""
        return frame in self._article or frame.chars - frame.linked > BODY_SHARE * self.plain


def _is_opener(element: HtmlElement) -> bool:
    """Whether an element is a button that opens what follows it, or a heading that holds one."""
    if element.tag == "summary" or element.get("aria-expanded") is not None:
        return True
    return element.tag in _OPENER_TAGS and element.find(".//*[@aria-expanded]") is not None


def _line_rule(segment: Segment) -> str | None:
    """The rules on single lines."""
    text = segment.text
    if segment.kind is BlockKind.CODE:
        return None
    if text.startswith(_ADDRESS_BEGINS) and len(text) <= URL_CHARS_MAX and _URL.match(text):
        return "nothing but an address"
    if segment.kind is BlockKind.HEADING:
        return None
    if segment.links == 1 and segment.kind in _LINK_LINES and segment.link_share >= LINK_LINE_SHARE:
        return None if segment.refs or _is_in_cell(segment.frame) else "nothing but a link"
    if len(text) > CAPTION_CHARS_MAX or segment.linked > len(text) / 2:
        return None
    if _in_caption_box(segment.frame):
        return _CAPTION_BOX
    return _credit_rule(text, pictured=segment.pictured)


def _credit_rule(text: str, *, pictured: bool) -> str | None:
    """The rules on captions and credits by their words; the patterns are costly, so that signs are looked for first."""
    if len(text) <= CREDIT_CHARS_MAX:
        if _CREDIT_FIRST.match(text):
            return "credit line"
        if _names_agency(text) and _AGENCY_LINE.match(text):
            return "credit line"
        if pictured and _COPYRIGHT_SIGN.match(text):
            return "credit line"
    tail = text[-CREDIT_TAIL_CHARS:]
    if any(map(tail.__contains__, _CREDIT_SIGNS)) and _CREDIT_LAST.search(tail):
        return "caption with a credit"
    return None


def _names_agency(text: str) -> bool:
    words = text.lower().translate(_PARTING).split()
    return not _AGENCY_WORDS.isdisjoint(words) or (not text.isascii() and any(map(text.__contains__, _AGENCIES_HAN)))


def _is_in_cell(frame: Frame) -> bool:
    at: Frame | None = frame
    for _ in range(3):
        if at is None:
            return False
        if at.tag in _CELLS:
            return True
        at = at.parent
    return False


def _in_caption_box(frame: Frame) -> bool:
    at: Frame | None = frame
    for _ in range(2):
        if at is None or at.segments > CAPTION_BOX_PIECES or at.chars > CAPTION_CHARS_MAX:
            return False
        if (names := at.names_text) and _said(names) & _IS_CAPTION:
            return True
        at = at.parent
    return False
