"""The page's tree -> its text in segments, in reading order, with where each one stands.

A segment is what may become a block: the text between two block boundaries (an element that starts a line, or two line
breaks). Nothing is decided here: menus, comments and hidden boxes come out as well as the article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from ingest.extract.html.classwords import bits
from ingest.extract.html.inline_text import (
    formula,
    is_beside_line,
    is_heading_anchor,
    is_line_number,
    is_sign,
    lowered,
    note_mark,
    raised,
)
from ingest.extract.html.markdown import CODE, SIGNS, InlineMark, inline
from ingest.extract.html.visibility import unseen, unseen_by_class
from ingest.model import BlockKind
from ingest.text.normalize import normalise, normalise_lines

SEGMENTS_MAX = 6_000  # articles have 30 to 300, long live blogs 3,000; what comes after is not looked at
CELL_CHARS_MAX = 400  # a table with longer cells lays out the page instead of holding data
PATH_STEPS_MAX = 24  # the innermost steps; deeper nesting says nothing more
PATH_CLASSES_MAX = 3

_SKIP, _BLOCK, _LINK, _BREAK, _INLINE, _MARK, _BUTTON, _SCRIPT, _QUOTE, _MATH, _IMAGE = range(11)
_SKIPPED = """script style noscript template svg iframe object embed select textarea input canvas audio map head
    datalist progress meter frameset rt rp rtc"""
_BLOCKS = """html body p div section article main aside header footer nav form fieldset figure figcaption blockquote pre
    h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tfoot tr td th hr details summary address center
    legend menu dialog hgroup search optgroup option listing xmp"""
_MARKED = "b strong i em code kbd samp del s strike"
_ACTIONS: dict[object, int] = {
    **dict.fromkeys(_SKIPPED.split(), _SKIP),
    **dict.fromkeys(_BLOCKS.split(), _BLOCK),
    **dict.fromkeys(_MARKED.split(), _MARK),
    **dict.fromkeys(("sup", "sub"), _SCRIPT),
    **dict.fromkeys(("img", "picture", "video", "amp-img"), _IMAGE),
    "a": _LINK,
    "br": _BREAK,
    "button": _BUTTON,
    "math": _MATH,
    "q": _QUOTE,
}
_NAMING = ("class", "id", "itemprop")
_TELLING = """aside nav header footer form figure table article main section blockquote details ul ol li dl
    figcaption address dialog"""
TELLING_TAGS = tuple(_TELLING.split())
TAG_BITS = {tag: 1 << at for at, tag in enumerate(TELLING_TAGS)}
# What text directly in an element is, where its own tag decides and not the nearest telling ancestor.
_KINDS = {
    **{f"h{level}": (BlockKind.HEADING, level) for level in range(1, 7)},
    "blockquote": (BlockKind.QUOTE, 0),
    **dict.fromkeys(("pre", "listing", "xmp"), (BlockKind.CODE, 0)),
    **dict.fromkeys(("figcaption", "caption"), (BlockKind.CAPTION, 0)),
    **dict.fromkeys(("article", "section", "table", "ul", "ol", "figure"), (BlockKind.PARAGRAPH, 0)),
}
_ITEMS = frozenset({"li", "dd", "dt"})
_LISTS = frozenset({"ul", "ol", "dl"})
LIST_DEPTH_MAX = 6
_NOT_IN_DATA = ("table", "form", "article", "section", "h1", "h2", "pre", "blockquote")
_MENU_ROLES = frozenset({"navigation", "menu"})
_TALKING_BUTTONS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"})  # the heading of an accordion
_QUOTES = ("“", "”")
_CODE_TABLE = re.compile(
    r"(?<![a-z])(?:highlight(?:table)?|blob|code(?:table|block|hilite(?:table)?)?|crayon-table|syntaxhighlighter|rouge-table|"
    r"hljs-ln|js-file-line-container|lntable)(?![a-z])",
    re.IGNORECASE,
)
_CODE_ROWS = frozenset({"tr", "div", "li"})  # a line of code each
_NOT_IN_CODE = ("p", "h1", "h2", "h3", "article", "section", "form", "img")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
REFS_MAX = 200  # links to footnotes in one segment; more are a table of contents


class Frame:
    """One block element on the way down to a segment, with what was counted inside it."""

    __slots__ = (
        "_step",
        "above",
        "chars",
        "depth",
        "element",
        "hidden",
        "hider",
        "kind",
        "level",
        "linked",
        "lists",
        "names",
        "number",
        "parent",
        "segments",
        "sign",
        "tag",
        "tags",
        "unseen",
    )

    def __init__(self, element: HtmlElement, parent: Frame | None) -> None:
        self.element = element
        self.parent = parent
        self.tag: str = element.tag
        self.chars = 0  # of text inside, all descendants
        self.linked = 0  # of those inside links
        self.segments = 0
        self._step = ""
        self.number: int | None = None  # of a numbered list's item until its first text takes it; of the list, its last
        attributes = element.items()
        given, names = _attributes_of(attributes) if attributes else (None, "")
        self.names = bits(names) if names else 0
        if parent is None:
            self.depth = 0
            self.above = 0  # groups of names of all ancestors
            self.tags = TAG_BITS.get(self.tag, 0)  # telling tags from the root on
            self.lists = 0  # how many lists this one stands in, itself included
            self.hidden = False
            self.hider: Frame | None = None  # the outermost element that is out of sight, this one or one above
            self.unseen = ""  # why
            self.kind, self.level = _KINDS.get(self.tag, (BlockKind.PARAGRAPH, 0))
            outer = 0
        else:
            self.depth = parent.depth + 1
            self.above = parent.above | parent.names
            self.tags = parent.tags | TAG_BITS.get(self.tag, 0)
            self.lists = parent.lists
            self.hidden = parent.hidden
            self.hider, self.unseen = parent.hider, parent.unseen
            self.kind, self.level = _KINDS.get(self.tag) or (parent.kind, parent.level)
            outer = parent.sign
        if self.tag in _LISTS:
            self.lists += 1
            if self.tag == "ol":
                self.number = _before_first(element)
        elif self.tag in _ITEMS:
            if self.tag == "li" and parent is not None and parent.tag == "ol" and parent.number is not None:
                value = _whole(element.get("value"))
                step = 1 if parent.element.get("reversed") is None else -1
                self.number = parent.number = parent.number + step if value is None else value
            self.kind, self.level = BlockKind.ITEM, max(1, min(self.lists, LIST_DEPTH_MAX))
        self.sign: int = hash((outer, self.tag, names if self.tag != "p" else ""))
        if given and given.get("role") in _MENU_ROLES:
            self.tags |= TAG_BITS["nav"]
        if not self.hidden and (attributes or self.tag == "dialog"):
            by_class = bool(attributes) and attributes[0][0] == "class"
            if given or self.tag == "dialog":
                self.unseen = unseen(given or {}, self.tag)
            elif by_class:
                self.unseen = unseen_by_class(names)
            if self.unseen:
                self.hidden, self.hider = True, self

    @property
    def names_text(self) -> str:
        """Class and id names in one row, "" where there are none."""
        element = self.element
        named, name = element.get("class"), element.get("id")
        return f"{named or ''} {name or ''}" if named or name else ""

    def path(self) -> str:
        """Tags, ids and classes from the body's root down to here: "article#main/div.text/p"."""
        steps: list[str] = []
        frame: Frame | None = self
        while frame is not None and frame.tag not in ("body", "html") and len(steps) < PATH_STEPS_MAX:
            if not frame._step:  # written once, for most of a page's blocks share most of their elements
                frame._step = _step(frame.element)
            steps.append(frame._step)
            frame = frame.parent
        return "/".join(reversed(steps))


@dataclass(slots=True, eq=False)
class Segment:
    """The text between two block boundaries. Mutable while the page is being read, a value afterwards."""

    text: str  # one line, or lines for code; not yet normalised
    frame: Frame
    kind: BlockKind
    level: int
    linked: int  # characters inside links
    links: int  # how many links
    pieces: tuple[str, ...] = field(repr=False)
    marks: tuple[InlineMark, ...] = field(repr=False)
    inline: int = 0  # groups of class and id names of inline elements around the text
    pictured: bool = False  # a picture stands right before the text
    anchors: tuple[str, ...] = ()  # ids inside the text, by which links lead to it
    refs: tuple[str, ...] = ()  # ids of the notes that marks in the text lead to
    number: int | None = None  # of the item whose first text this is, in a numbered list

    @property
    def link_share(self) -> float:
        """Share of the text inside links, 0..1."""
        return min(1.0, self.linked / len(self.text)) if self.text else 0.0

    def plain(self) -> str:
        """The text as we keep it."""
        return normalise_lines(self.text) if self.kind is BlockKind.CODE else normalise(self.text)

    def markdown(self) -> str | None:
        """The text with its links and emphasis, or None if there are none."""
        if not self.marks or self.kind is BlockKind.CODE:
            return None
        return normalise(inline(self.pieces, self.marks))


def segments(tree: HtmlElement) -> list[Segment]:
    """Return the segments of a page in reading order; at most SEGMENTS_MAX."""
    body = tree.find("body") if tree.tag == "html" else None
    root = tree if body is None else body
    reader = _Reader(root)
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            reader.close(element)
            if len(reader.found) >= SEGMENTS_MAX:
                break
        elif reader.open(element):
            walk.skip_subtree()
    return reader.found


class _Reader:
    """What is open at one point of a walk over one tree."""

    def __init__(self, root: HtmlElement) -> None:
        self.found: list[Segment] = []
        self.root = root
        self.frame = Frame(root, None)
        self.row: HtmlElement | None = None  # the row of a data table, read as one segment
        self.code: HtmlElement | None = None
        self.lines_in_code = False  # the listing sets its lines in elements of their own
        self.pictured = False
        self.href = ""
        self.data_tables: set[HtmlElement] = set()
        self.link_depth = 0
        self.skipped: HtmlElement | None = None  # a link that is not read
        self.broken = False
        self._clear()

    def open(self, element: HtmlElement) -> bool:
        """Go into an element; True if there is nothing to read in it."""
        action = _ACTIONS.get(element.tag, _INLINE)
        if action == _SKIP:
            return True
        if action == _BUTTON and self.frame.tag not in _TALKING_BUTTONS and not _holds_page(element):
            return True
        if action == _BLOCK:
            if element is not self.root and self._open_block(element):
                return True
        elif action == _LINK:
            if self._open_link(element):
                return True
        elif action == _BREAK:
            self._break()
        elif action == _MARK:
            self._mark(element.tag, opens=True)
        elif action == _IMAGE:
            self.pictured = True
            return str(element.tag) == "video"
        elif action > _BUTTON:
            if self._open_script(element, action):
                return True
        elif element.attrib and self._open_inline(element):
            return True
        if text := element.text:
            self._text(text)
        return False

    def close(self, element: HtmlElement) -> None:
        """Come out of an element, skipped or read, and take the text behind it."""
        action = _ACTIONS.get(element.tag, _INLINE)
        if action == _BLOCK:
            self._close_block(element)
        elif action == _LINK:
            if self.skipped is element:
                self.skipped = None
            else:
                self.link_depth -= 1
                self.marks.append(InlineMark(len(self.pieces), "a", False))
        elif action == _MARK:
            self._mark(element.tag, opens=False)
        elif action == _QUOTE:
            self._text(_QUOTES[1])
        if (text := element.tail) and element is not self.root:
            self._text(text)

    def _open_link(self, element: HtmlElement) -> bool:
        """Begin a link; True for one that is no part of the line or a footnote's mark."""
        href = element.get("href") or ""
        if "#" in href or self.frame.kind is BlockKind.HEADING:
            if (mark := self._note(element, href)) is not None:
                self._text(mark)
                self.skipped = element
            elif is_sign(element) or (self.frame.kind is BlockKind.HEADING and is_heading_anchor(element)):
                self.skipped = element
            if self.skipped is element:
                return True
        if element.get("style") and self.pieces and is_beside_line(element):
            self.skipped = element
            return True
        if href.startswith("#") and self.frame.kind is BlockKind.HEADING:  # to itself: its words are no link elsewhere
            self.skipped = element
            return False
        self.href = href
        self.link_depth += 1
        self.links += 1
        self.marks.append(InlineMark(len(self.pieces), "a", True, href))
        return False

    def _note(self, element: HtmlElement, href: str) -> str | None:
        """Return the mark of a footnote that a link leads to, and remember where it leads."""
        if not href.startswith("#") or len(href) < 2 or not self.pieces or len(self.refs) >= REFS_MAX:
            return None
        before = self.pieces[-1][-1:]
        if before.isspace() or not before:
            return None
        within = element.find("sup") is not None
        mark = note_mark(str(element.text_content()), raised=within)
        if mark is not None:
            self.refs.append(href[1:])
            if name := element.get("id"):
                self.anchors.append(name)
        return mark

    def _open_script(self, element: HtmlElement, action: int) -> bool:
        """Begin a formula, a raised or lowered text or an inline quotation; True if that was all of it."""
        if action == _QUOTE:
            self._text(_QUOTES[0])
            return False
        if self.code is not None:
            return False
        if action == _MATH:
            self._text(formula(element))
            return True
        before = self.pieces[-1] if self.pieces else ""
        inner = str(element.text_content())
        link = next(element.iter("a"), None)
        if element.tag == "sup" and (link is not None or self.link_depth):
            href = self.href if link is None else link.get("href") or ""
            if "#" in href and before and (mark := note_mark(inner, raised=True)) is not None:
                self.refs.append(href.partition("#")[2])
                self.anchors += [name for one in (element, link) if one is not None and (name := one.get("id"))]
                self._text(mark)
                return True
        said = raised(inner, before) if element.tag == "sup" else lowered(inner, before)
        if said == inner:
            return False
        self._text(said)
        return True

    def _open_inline(self, element: HtmlElement) -> bool:
        """Take note of an inline element's names; True if it is no part of the line."""
        named, name = element.get("class") or "", element.get("id") or ""
        if self.code is not None and named and is_line_number(element):
            return True
        if (
            (named and unseen_by_class(named))
            or element.get("style") is not None
            or element.get("hidden") is not None
            or element.get("aria-hidden") is not None
        ) and is_beside_line(element):
            return True
        if self.frame.kind is BlockKind.HEADING and (named or name) and is_heading_anchor(element):
            return True
        if name:
            self.anchors.append(name)
        if not self.pieces:
            self.names.append(f"{named} {name}")
        return False

    def _open_block(self, element: HtmlElement) -> bool:
        """Go into a block; True if there is nothing to read in it."""
        if self.row is not None:
            self.pieces.append(" | " if element.tag in ("td", "th") and self.pieces else " ")
            return False
        if self.code is not None and self.lines_in_code:
            return bool(len(element.attrib)) and is_line_number(element)
        if self.pieces or self.marks or self.names:
            self._flush()
        tag = element.tag
        if tag in ("td", "div", "pre") and element.attrib and is_line_number(element) and _is_numbers(element):
            self.frame = Frame(element, self.frame)
            return True
        self.frame = Frame(element, self.frame)
        if tag == "table":
            if _is_code_table(element):
                self._open_code(element, lines=True)
            elif _is_data(element):
                self.data_tables.add(element)
        elif tag == "tr":
            if self.data_tables and next(element.iterancestors("table"), None) in self.data_tables:
                self.row = element
        elif tag in ("pre", "listing", "xmp") and self.code is None:
            self._open_code(element, lines=next(element.iterdescendants(*_NOT_IN_CODE), None) is None)
        return False

    def _open_code(self, element: HtmlElement, *, lines: bool) -> None:
        self.code, self.lines_in_code = element, lines
        self.frame.kind, self.frame.level = BlockKind.CODE, 0

    def _close_block(self, element: HtmlElement) -> None:
        if self.row is not None and self.row is not element:
            self.pieces.append(" ")
            return
        if self.code is not None and self.lines_in_code and self.code is not element:
            if element.tag in _CODE_ROWS and self.pieces and not self.pieces[-1].endswith("\n"):
                self.pieces.append("\n")
            return
        if self.pieces or self.marks or self.names:
            self._flush()
        self.row = None
        if self.code is element:
            self.code = None
        if self.frame.parent is not None:
            self.frame.parent.chars += self.frame.chars
            self.frame.parent.linked += self.frame.linked
            self.frame.parent.segments += self.frame.segments
            self.frame = self.frame.parent

    def _break(self) -> None:
        """One <br> is a space (a line end in code), two in a row end the segment."""
        if self.code is not None:
            self.pieces.append("\n")
        elif self.row is None and self.broken and self.pieces:
            self._flush()
        else:
            self.pieces.append(" ")
            self.broken = True

    def _mark(self, tag: str, *, opens: bool) -> None:
        if self.code is None:
            self.marks.append(InlineMark(len(self.pieces), SIGNS.get(tag, CODE), opens))

    def _text(self, text: str) -> None:
        if self.code is None:
            if text.isspace():
                if self.pieces:
                    self.pieces.append(" ")
                return
            self.broken = False
        self.pieces.append(text)
        if self.link_depth:
            self.linked += len(text.strip())

    def _clear(self) -> None:
        self.pieces: list[str] = []
        self.marks: list[InlineMark] = []
        self.names: list[str] = []
        self.anchors: list[str] = []
        self.refs: list[str] = []
        self.linked = self.links = 0
        self.broken = False

    def _flush(self) -> None:
        """End the segment being read, if it holds any text."""
        joined = "".join(self.pieces)
        text = joined if self.code is not None else " ".join(joined.split())
        if text and not text.isspace() and text != "|":
            frame = self.frame
            kind = BlockKind.ROW if self.row is not None else frame.kind
            frame.chars += len(text)
            frame.linked += min(self.linked, len(text))
            frame.segments += 1
            self.found.append(
                Segment(
                    text=text,
                    frame=frame,
                    kind=kind,
                    level=frame.level,
                    linked=self.linked,
                    links=self.links,
                    pieces=tuple(self.pieces),
                    marks=tuple(self.marks),
                    inline=bits(" ".join(self.names)) if self.names else 0,
                    pictured=self.pictured,
                    anchors=tuple(self.anchors),
                    refs=tuple(self.refs),
                    number=_take_number(frame) if kind is BlockKind.ITEM else None,
                )
            )
            self.pictured = False
        self._clear()


def _before_first(numbered: HtmlElement) -> int:
    """Return the number before that of a numbered list's first item."""
    start = _whole(numbered.get("start"))
    if numbered.get("reversed") is None:
        return (1 if start is None else start) - 1
    return (sum(child.tag == "li" for child in numbered) if start is None else start) + 1


def _whole(written: str | None) -> int | None:
    """Return an attribute's whole number, None for any other."""
    return int(written) if written is not None and _WHOLE.fullmatch(written) else None


def _take_number(frame: Frame) -> int | None:
    """Return the number of the list item that a text stands in, once: an item's later paragraphs have none."""
    at: Frame | None = frame
    while at is not None and at.tag not in _ITEMS:
        at = at.parent
    if at is None:
        return None
    number, at.number = at.number, None
    return number


def _attributes_of(attributes: Sequence[tuple[str, str]]) -> tuple[dict[str, str] | None, str]:
    """Return an element's attributes, None where there is only a name, and class, id and itemprop in one row."""
    if len(attributes) == 1 and attributes[0][0] in _NAMING:  # two in three elements
        return None, attributes[0][1]
    given = dict(attributes)
    return given, " ".join([given[name] for name in _NAMING if name in given])


def _holds_page(button: HtmlElement) -> bool:
    """Whether a button holds paragraphs: one that a stray tag left open, so that the rest of the page is inside it."""
    return next(button.iterdescendants("p", "h1", "article"), None) is not None


def _is_code_table(table: HtmlElement) -> bool:
    """Whether a table lays out a code listing line by line; one that holds a <pre> is read as such."""
    if not _CODE_TABLE.search(f"{table.get('class') or ''}") and table.find(".//td[@data-line-number]") is None:
        return False
    return next(table.iterdescendants("pre", "p", "h1", "h2", "h3", "ul", "form"), None) is None


def _is_numbers(element: HtmlElement) -> bool:
    return not any(char.isalpha() for char in str(element.text_content()))


def _is_data(table: HtmlElement) -> bool:
    """Whether a table holds data, not the layout of the page."""
    if next(table.iterdescendants(*_NOT_IN_DATA), None) is not None:
        return False
    return all(len("".join(cell.itertext())) <= CELL_CHARS_MAX for cell in table.iter("td", "th"))


def _step(element: HtmlElement) -> str:
    name = (element.get("id") or "").split(None, 1)[:1]
    classes = (element.get("class") or "").split()[:PATH_CLASSES_MAX]
    return ".".join(["#".join([element.tag, *name]), *classes])
