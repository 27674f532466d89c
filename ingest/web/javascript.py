"""Is a page empty until its scripts have run? By its form: no language plays a part but the name of JavaScript."""

from __future__ import annotations

from importlib.util import find_spec

from lxml import etree

from ingest.errors import how_to_install

NEEDS_RENDERING = "needs-rendering"  # reason of a page that is empty until its scripts have run
RENDERED = "X-Ingest-Rendered"  # header on a page whose scripts have run: these are not the server's own bytes
# Less text than this, outside menus, is none: "Loading ...", a logo's name, a copyright line. An article of 30 words,
# the fewest that are kept, has more.
FEW_CHARS = 150
UNREAD = frozenset(
    ("script", "style", "noscript", "template", "svg", "iframe", "head", "nav", "header", "footer", "form")
)
# where the common frameworks put what they build
MOUNTS = frozenset(
    """
    root app __next __nuxt ___gatsby app-root app-container react-root react-app vue-app svelte q-app main-app
    application application-root mount page-root app-mount __layout
    """.split()  # noqa: SIM905 - quotes and commas would hide the words
)
DATA_TYPES = ("json", "template", "text/x-", "text/html", "speculationrules", "importmap")  # of scripts that do not run


def can_render() -> bool:
    """Tell whether the extra is there; nothing of it is imported."""
    return find_spec("playwright") is not None


def how_to_render() -> str:
    """Say what to do about a source whose pages need it."""
    said = "set render = true in its table of sources.toml"
    return said if can_render() else f"{said}, and install the extra: {how_to_install('render')}"


def needs_scripts(tree: etree._Element) -> bool:
    """Tell whether a page has no text to speak of, but scripts that would build it.

    It says so in a noscript element, has an empty box of the kind that frameworks fill, or has nothing but scripts.
    """
    body = next(tree.iter("body"), None)
    if body is None or _has_text(body) or not any(_runs(script) for script in tree.iter("script")):
        return False
    if any("javascript" in _text(asked).lower() for asked in tree.iter("noscript")):
        return True
    return any(_is_mount(element) for element in body) or _has_only_scripts(body)


def _has_text(body: etree._Element) -> bool:
    chars = len((body.text or "").strip())
    walk = etree.iterwalk(body, events=("start",))
    for _, element in walk:
        if element is body:
            continue
        if element.tag in UNREAD:
            walk.skip_subtree()
        else:
            chars += len((element.text or "").strip())
        chars += len((element.tail or "").strip())
        if chars >= FEW_CHARS:
            return True
    return False


def _runs(script: etree._Element) -> bool:
    kind = (script.get("type") or "").lower()
    return not any(data in kind for data in DATA_TYPES)


def _is_mount(element: etree._Element) -> bool:
    """Tell whether a box right below the body waits to be filled; a custom element is one by its name."""
    if element.tag in UNREAD or not isinstance(element.tag, str):
        return False
    named = (element.get("id") or "").lower() in MOUNTS or "-" in element.tag
    return named and len(_text(element).strip()) < FEW_CHARS


def _has_only_scripts(body: etree._Element) -> bool:
    fetched = any(script.get("src") for script in body.iter("script"))
    return fetched and all(element.tag in UNREAD or not len(element) for element in body)


def _text(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())
