"""One file of HTML or text -> a capture: its address from the page itself or its place in the folder, its date from
the file."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from urllib.parse import quote, urljoin

from ingest.archives.capture import NO_ADDRESS, TOO_LARGE, UNREADABLE, Archive, ArchiveKind, Capture
from ingest.archives.files import unpacked
from ingest.errors import UrlError
from ingest.model import Page
from ingest.web.urls import normalise

LOOK_BYTES = 1 << 16  # of a page, for what it says of its own address
LINK = re.compile(rb"<(?:link|meta)\b[^>]{0,2000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"""\b(rel|href|property|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
SAVED_FROM = re.compile(rb"<!--\s*saved from url=(?:\(\d+\))?(https?://\S{1,2000})", re.IGNORECASE)
HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?:_\d{1,5}|:\d{1,5})?", re.IGNORECASE)  # as wget names folders
INDEX = re.compile(r"(?:^|/)index\.x?html?$", re.IGNORECASE)
BOM = b"\xef\xbb\xbf"


def capture(archive: Archive, *, base: str | None, most_bytes: int) -> Capture:
    """Return the page of a file. `base` is the address of its folder, None where nobody named one."""
    try:
        body = unpacked(archive.path, most_bytes)
        saved_at = datetime.fromtimestamp(archive.path.stat().st_mtime, UTC)
    except OSError:
        return Capture(reason=UNREADABLE)
    if len(body) > most_bytes:
        return Capture(reason=TOO_LARGE)
    url = address_of(archive, body, base)
    if url is None:
        return Capture(reason=NO_ADDRESS)
    headers: tuple[tuple[str, str], ...] = ()
    if archive.kind is ArchiveKind.TEXT:
        body, headers = _as_page(body), (("Content-Type", "text/html; charset=utf-8"),)
    page = Page(url=url, final_url=url, source="", status=200, headers=headers, body=body, fetched_at=saved_at)
    return Capture(page=page)


def address_of(archive: Archive, body: bytes, base: str | None) -> str | None:
    """Return a file's address: as the page says, else by a folder named after a host, else below the base."""
    said = _said(body[:LOOK_BYTES]) if archive.kind is ArchiveKind.PAGE else None
    if said is not None:
        return said
    path = INDEX.sub("/", archive.name.removesuffix(".gz"))
    host, _, rest = path.partition("/")
    if (rest or path.endswith("/")) and HOST.fullmatch(host):
        return _address(f"http://{host.replace('_', ':')}/{quote(rest)}")
    return None if base is None else _address(urljoin(base, quote(path.lstrip("/"))))


def _said(head: bytes) -> str | None:
    """Return the address a page gives as its own: rel=canonical, og:url, or a browser's note when it saved it."""
    found: dict[bytes, bytes] = {}
    for tag in LINK.finditer(head):
        given = {name.lower(): a or b or c for name, a, b, c in ATTRIBUTE.findall(tag.group())}
        if given.get(b"rel", b"").lower() == b"canonical":
            found.setdefault(b"canonical", given.get(b"href", b""))
        elif given.get(b"property", b"").lower() == b"og:url":
            found.setdefault(b"og", given.get(b"content", b""))
    saved = SAVED_FROM.search(head)
    for value in (found.get(b"canonical"), saved.group(1) if saved else None, found.get(b"og")):
        url = html.unescape((value or b"").decode("utf-8", "replace")).strip()
        if url.startswith(("http://", "https://")) and (address := _address(url)) is not None:
            return address
    return None


def _address(url: str) -> str | None:
    try:
        return normalise(url)
    except UrlError:
        return None


def _as_page(text: bytes) -> bytes:
    """Return a text as a page: its first line is the title, an empty line parts paragraphs, or each line is one."""
    lines = text.removeprefix(BOM).decode("utf-8", "replace").splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    title, rest = (lines[0].strip().lstrip("# "), lines[1:]) if lines else ("", [])
    parts = re.split(r"\n\s*\n", "\n".join(rest)) if any(not line.strip() for line in rest[1:]) else rest
    paragraphs = "".join(f"<p>{html.escape(part.strip())}</p>\n" for part in parts if part.strip())
    head = f"<meta charset=utf-8><title>{html.escape(title)}</title>"
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><article><h1>{html.escape(title)}</h1>\n"
        f"{paragraphs}</article></body></html>"
    ).encode()
