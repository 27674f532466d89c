"""Where a page sends its reader on by itself: meta refresh, a script's location, a frameset. Pure, bytes in.

Only a page with next to no text of its own leads on; an article that reloads itself, or one with an advertisement's
script, does not.
"""

from __future__ import annotations

import html
import re

MAX_BYTES = 65_536  # a page that only leads on is small
MAX_TEXT_CHARS = 300  # "You are being redirected. Click here if nothing happens."
MAX_SCRIPT_CHARS = 4_000  # a script that does more than lead on is longer
MAX_DELAY_S = 30.0
META = re.compile(r"<meta\b[^>]{0,1000}>", re.IGNORECASE)
REFRESH = re.compile(r"http-equiv\s*=\s*[\"']?\s*refresh\b", re.IGNORECASE)
CONTENT = re.compile(r"content\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
DELAY_AND_URL = re.compile(
    r"\s*(?P<delay>\d{1,4}(?:\.\d+)?)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?(?P<url>[^\"']*)", re.IGNORECASE
)
SCRIPT = re.compile(r"<script\b(?P<head>[^>]{0,1000})>(?P<text>.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
LOCATION = re.compile(
    r"(?<![\w$.])(?:(?:window|document|self|top|parent|globalThis)\s*\.\s*){0,2}location"
    r"(?:\s*\.\s*href)?\s*(?:=(?!=)\s*|\.\s*(?:replace|assign)\s*\(\s*)(?P<quote>[\"'])(?P<url>[^\"'\s]{1,2000})(?P=quote)"
)
MENTIONS_LOCATION = re.compile(rb"location(?:\s*\.\s*href)?\s*(?:=|\.\s*(?:replace|assign)\s*\()")
OPENINGS = (b"<script", b"<style", b"<head", b"<title", b"<!--")  # each may be looked for to the end of the page
MAX_OPENINGS = 100
UNSEEN = re.compile(r"<(script|style|head|title)\b.*?</\1\s*>|<!--.*?-->|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL)
FRAMESET = re.compile(r"<frameset\b", re.IGNORECASE)
FRAME = re.compile(r"<frame\b[^>]{0,1000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"\b(src|name|id)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
CONTENT_FRAME = re.compile(r"main|content|body|text|article|inhalt|contenu|contenido|haupt|center", re.IGNORECASE)


def leads_to(body: bytes) -> str | None:
    """Return the address that a page leads on to, as it is written there; None for a page to be read."""
    if len(body) > MAX_BYTES or not _may_lead(body.lower()):
        return None
    text = body.decode("utf-8", "replace")
    if FRAMESET.search(text):
        return _content_frame(text)
    visible = " ".join(UNSEEN.sub(" ", text).split())
    if len(visible) > MAX_TEXT_CHARS:
        return None
    return _refreshed(text) or _by_script(text)


def frames(body: bytes) -> tuple[str, ...]:
    """Return the addresses of a frameset's frames, in order; () for a page without a frameset."""
    if len(body) > MAX_BYTES or b"<frameset" not in body.lower():
        return ()
    return tuple(about["src"] for about in _frames(body.decode("utf-8", "replace")) if about.get("src"))


def _may_lead(lower: bytes) -> bool:
    if sum(lower.count(opening) for opening in OPENINGS) > MAX_OPENINGS:
        return False
    return b"refresh" in lower or b"<frameset" in lower or MENTIONS_LOCATION.search(lower) is not None


def _refreshed(text: str) -> str | None:
    for meta in META.findall(text):
        content = CONTENT.search(meta)
        if not REFRESH.search(meta) or content is None:
            continue
        said = html.unescape(next(value for value in content.groups("") if value) if any(content.groups()) else "")
        found = DELAY_AND_URL.match(said)
        if found and found["url"].strip() and float(found["delay"] or 0) <= MAX_DELAY_S:
            return found["url"].strip()
    return None


def _by_script(text: str) -> str | None:
    scripts = [script["text"] for script in SCRIPT.finditer(text) if "src=" not in script["head"].lower()]
    if sum(map(len, scripts)) > MAX_SCRIPT_CHARS:
        return None
    found = next((found for script in scripts if (found := LOCATION.search(script))), None)
    return found["url"].replace("\\/", "/") if found else None


def _content_frame(text: str) -> str | None:
    """Return the frame with the text: by its name, else the last one, for menus stand above and to the left."""
    with_source = [about for about in _frames(text) if about.get("src")]
    named = [about for about in with_source if CONTENT_FRAME.search(f"{about.get('name', '')} {about.get('id', '')}")]
    chosen = (named or with_source)[-1:]
    return chosen[0]["src"] if chosen else None


def _frames(text: str) -> list[dict[str, str]]:
    return [
        {
            found[0].lower(): html.unescape(next((value for value in found[1:] if value), ""))
            for found in ATTRIBUTE.findall(frame)
        }
        for frame in FRAME.findall(text)
    ]
