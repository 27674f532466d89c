"""What a reader of a page cannot see, and what of it a reader can open.

Only what the element itself says is known here: attributes, inline style, class names. Style sheets are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Class names by which style sheets leave text to screen readers alone. Case is ignored; CSS modules append a hash.
_SCREEN_READER = re.compile(
    r"(?<![a-z])(?:sr[-_]?only|visually[-_]?hidden|visibly[-_]?hidden|screen[-_]?reader(?:s|[-_]?(?:text|only))?|"
    r"off[-_]?screen|element[-_]invisible|a11y[-_]hidden|assistive[-_]text|hide[-_]?visually|hidden[-_]?visually|"
    r"hidden[-_]accessible|print[-_]?only|only[-_]?print|visible[-_]print|reader[-_]only)(?![a-z])",
    re.IGNORECASE,
)
# Utility classes that take an element out of the page ...
_HIDE_NAMES = """hidden hide d-none is-hidden u-hidden display-none displaynone dnone invisible visibility-hidden
    w-hidden uk-hidden slds-hide ng-hide uk-invisible is-invisible"""
_HIDE = frozenset(_HIDE_NAMES.split())
# ... unless another class shows it at some width: "hidden md:block", "d-none d-lg-flex".
_SHOWN_AGAIN = re.compile(
    r"(?:^|\s)(?:\S+:(?:block|flex|grid|inline\S*|table|visible)|d-\w+-(?:block|flex|grid|inline\S*|table)|"
    r"(?:is-)?(?:visible|show|shown|active|in|open|expanded)|visible-\S+)(?:\s|$)"
)
_STYLE_WORDS = ("none", "hidden", "collapse", "size", "opacity", "clip", "indent", "absolute", "fixed", "height")
_STYLES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?:^|;)display:none", "display:none"),
        (r"(?:^|;)visibility:(?:hidden|collapse)", "visibility:hidden"),
        (r"(?:^|;)font-size:0+(?:\.0+)?(?![.\d])", "font-size:0"),
        (r"(?:^|;)opacity:0+(?:\.0+)?(?![.\d])", "opacity:0"),
        (r"(?:^|;)clip:rect\((?:0|1px)[^)]*\)", "clipped"),
        (r"(?:^|;)clip-path:(?:inset\((?:50|100)%|circle\(0|polygon\(0(?:px)?0(?:px)?[,)])", "clipped"),
        (r"(?:^|;)text-indent:-\d{3,}", "off-screen"),
        (
            r"(?=.*position:(?:absolute|fixed))(?:.*;)?(?:left|top|right|bottom|inset-inline-start):-\d{3,}",
            "off-screen",
        ),
        (r"(?:^|;)transform:translate[xy]?\(-\d{4,}px", "off-screen"),
        (r"(?=.*overflow:(?:hidden|clip))(?:.*;)?(?:max-)?(?:height|width):[01](?:px|em|rem|%)?(?![.\d])", "no size"),
    )
)
# What names say of text that a reader can unfold: it is content although it is out of sight at first.
_OPENED = re.compile(
    r"(?<![a-z])(?:faqs?|accord[ie]on\w*|answers?|expand\w*|collaps\w*|toggl\w*|spoilers?|tabs?|tabbed|tabpanel|tab-?"
    r"(?:pane|content)|panels?|fold\w*|unfold\w*|reveal\w*|more|read-?more|show-?more|see-?more|full-?text|full|rest|"
    r"galler\w*|slides?|slideshow|carousel|remain\w*|truncat\w*|continu\w*|details?|disclosure|drop-?down-?text|transcript\w*|solution|hint)(?![a-z])",
    re.IGNORECASE,
)
_REMEMBERED = 20_000  # class rows; the web's designers use a few thousand, the rest is generated
_of_class: dict[str, str] = {}


def unseen_by_class(classes: str) -> str:
    """Return why the class names say that an element is out of sight, "" if they do not."""
    known = _of_class.get(classes)
    if known is None:
        known = _read_classes(classes)
        if len(_of_class) >= _REMEMBERED:
            _of_class.clear()
        _of_class[classes] = known
    return known


def unseen(attributes: Mapping[str, str], tag: str) -> str:
    """Return why an element is out of a reader's sight, "" if nothing says so."""
    hidden = attributes.get("hidden")
    if hidden is not None and hidden.strip().lower() not in ("until-found", "false"):
        return "hidden attribute"
    if tag == "dialog" and "open" not in attributes:
        return "closed dialog"
    if (style := attributes.get("style")) and (found := _read_style(style)):
        return found
    if attributes.get("aria-hidden") == "true":
        return "aria-hidden"
    classes = attributes.get("class")
    return unseen_by_class(classes) if classes else ""


def can_be_opened(attributes: Mapping[str, str], tag: str) -> bool:
    """Return whether an element is one that readers unfold: an answer, a tab, the rest behind "read more"."""
    if tag == "details" or attributes.get("role") == "tabpanel" or attributes.get("hidden") == "until-found":
        return True
    return _OPENED.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}") is not None


def _read_classes(classes: str) -> str:
    if found := _SCREEN_READER.search(classes):
        begins = classes[: found.start()].rpartition(" ")[2]
        if not begins.endswith(("not-", "focus:", "undo-")):
            return f"class {found[0]}"
    named = _HIDE.intersection(classes.split())
    if named and not _SHOWN_AGAIN.search(classes):
        return f"class {min(named)}"
    return ""


def _read_style(style: str) -> str:
    lower = style.lower()
    if not any(word in lower for word in _STYLE_WORDS):
        return ""
    squashed = "".join(lower.split())
    return next((name for pattern, name in _STYLES if pattern.search(squashed)), "")
