"""One file of HTML, text or PDF -> a capture.

Its address is the one that the saving program noted, else the page's own word for it, else its place in the folder; its
moment is the one noted, else that of the file.
"""

from __future__ import annotations

import html
import plistlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urljoin, urlsplit

from ingest.archives import pdf, texts
from ingest.archives.capture import (
    BAD_RECORD,
    NO_ADDRESS,
    NO_PAGE,
    TOO_LARGE,
    UNREADABLE,
    Archive,
    ArchiveKind,
    Capture,
)
from ingest.archives.streams import unpacked
from ingest.errors import UrlError, WrongUse, how_to_install
from ingest.model import Page
from ingest.web.urls import normalise

LOOK_BYTES = 1 << 16  # of a page, for what it says of its own address
# A page that was saved as one file holds its pictures and fonts as data: addresses; they are removed before the size
# of a page is checked.
SAVED_MAX_BYTES = 128 << 20
DATA_URL = re.compile(rb"data:[\w/+.;=-]{0,100};base64,[A-Za-z0-9+/=%\s]{256,}")
LINK = re.compile(rb"<(?:link|meta)\b[^>]{0,2000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"""\b(rel|href|property|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
SAVED_FROM = re.compile(rb"<!--\s*saved from url=(?:\(\d+\))?(https?://\S{1,2000})", re.IGNORECASE)
SINGLE_FILE = re.compile(
    rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S{1,8000})\s+(?:saved date:\s*([^\n]{1,100}))?", re.IGNORECASE
)
MIRRORED = re.compile(
    rb"<!--\s*Mirrored from (\S{1,2000}) by HTTrack [^,>]{0,100}?(?:, ([A-Z][a-z]{2}, [^>]{1,40}? GMT))?\s*-->"
)
SCRIPT_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d?) (\d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4})")
HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?:_\d{1,5}|:\d{1,5})?", re.IGNORECASE)  # as wget names folders
INDEX = re.compile(r"(?:^|/)index\.x?html?$", re.IGNORECASE)
SCHEMES = ("http", "https")


def capture(archive: Archive, *, base: str | None, most_bytes: int) -> Capture:
    """Return the page of a file. `base` is the address of its folder, None where nobody named one.

    Raises WrongUse for a PDF file without the extra.
    """
    try:
        body = unpacked(archive.path, most_bytes if archive.kind is ArchiveKind.TEXT else SAVED_MAX_BYTES)
        saved_at = datetime.fromtimestamp(archive.path.stat().st_mtime, UTC)
    except OSError:
        return Capture(reason=UNREADABLE)
    headers: tuple[tuple[str, str], ...] = ()
    noted: str | None = None
    if archive.kind is ArchiveKind.PDF:
        if not pdf.available():
            raise WrongUse(f"{archive.path}: PDF files need pdfminer.six; {how_to_install('pdf')}")
        made = pdf.as_page(body) if len(body) <= pdf.MAX_BYTES else None
        if made is None:
            return Capture(reason=NO_PAGE if len(body) <= pdf.MAX_BYTES else TOO_LARGE)
        body, headers = made, texts.HTML_HEADERS
    elif archive.kind is ArchiveKind.WEBARCHIVE:
        found = _main_resource(body)
        if found is None:
            return Capture(reason=BAD_RECORD)
        noted, body, headers = found
    if len(body) > most_bytes:
        body = DATA_URL.sub(b"", body)
    if len(body) > most_bytes:
        return Capture(reason=TOO_LARGE)
    if archive.kind is ArchiveKind.PAGE:
        saved_at = _noted_moment(body[:LOOK_BYTES]) or saved_at
    url = noted or address_of(archive, body, base)
    if url is None:
        return Capture(reason=NO_ADDRESS)
    if archive.kind is ArchiveKind.TEXT:
        body, headers = texts.as_page(body), texts.HTML_HEADERS
    page = Page(url=url, final_url=url, source="", status=200, headers=headers, body=body, fetched_at=saved_at)
    return Capture(page=page)


def address_of(archive: Archive, body: bytes, base: str | None) -> str | None:
    """Return a file's address: as noted or stated in the page, by a folder named after a host, else below the base.

    The scheme of a folder named after a host is that of the base, else http.
    """
    stated = _stated(body[:LOOK_BYTES], base) if archive.kind is ArchiveKind.PAGE else None
    if stated is not None:
        return stated
    path = archive.name
    for suffix in (".gz", ".zst"):
        path = path.removesuffix(suffix)
    path, _, query = INDEX.sub("/", path).partition("?")  # as wget writes an address with a query
    scheme = _scheme(base)
    host, _, rest = path.partition("/")
    if host in SCHEMES and rest:  # wget --protocol-directories
        scheme, (host, _, rest) = host, rest.partition("/")
    if (rest or path.endswith("/")) and HOST.fullmatch(host):
        rest = re.sub(r"(?:^|/)index\.x?html?$", "/", rest, flags=re.IGNORECASE) if query else rest
        asked = f"?{_unadjusted(query)}" if query else ""
        return _address(f"{scheme}://{host.replace('_', ':')}/{quote(rest.lstrip('/'))}{asked}")
    return None if base is None else _address(urljoin(base, quote(path.lstrip("/")) + (f"?{query}" if query else "")))


def _unadjusted(query: str) -> str:
    """Return a query without the .html that wget --adjust-extension puts behind it."""
    return re.sub(r"\.html$", "", query)


def _scheme(base: str | None) -> str:
    scheme = urlsplit(base).scheme.lower() if base else ""
    return scheme if scheme in SCHEMES else "http"


def _stated(head: bytes, base: str | None) -> str | None:
    """Return the address that the saving program noted, else rel=canonical, else og:url."""
    found: dict[bytes, bytes] = {}
    for tag in LINK.finditer(head):
        given = {name.lower(): a or b or c for name, a, b, c in ATTRIBUTE.findall(tag.group())}
        if given.get(b"rel", b"").lower() == b"canonical":
            found.setdefault(b"canonical", given.get(b"href", b""))
        elif given.get(b"property", b"").lower() == b"og:url":
            found.setdefault(b"og", given.get(b"content", b""))
    single, saved, mirrored = SINGLE_FILE.search(head), SAVED_FROM.search(head), MIRRORED.search(head)
    values = (
        single.group(1) if single else None,
        saved.group(1) if saved else None,
        f"{_scheme(base)}://".encode() + mirrored.group(1) if mirrored else None,
        found.get(b"canonical"),
        found.get(b"og"),
    )
    for value in values:
        url = html.unescape((value or b"").decode("utf-8", "replace")).strip()
        if url.startswith(("http://", "https://")) and (address := _address(url)) is not None:
            return address
    return None


def _noted_moment(head: bytes) -> datetime | None:
    """Return when a page was saved, as the saving program noted it."""
    single, mirrored = SINGLE_FILE.search(head), MIRRORED.search(head)
    try:
        if single and single.group(2):
            found = SCRIPT_DATE.search(single.group(2).decode("ascii", "replace"))
            if found:
                month, day, year, time, zone = found.groups()
                return datetime.strptime(f"{day} {month} {year} {time} {zone}", "%d %b %Y %H:%M:%S %z").astimezone(UTC)
        if mirrored and mirrored.group(2):
            return parsedate_to_datetime(mirrored.group(2).decode("ascii", "replace")).astimezone(UTC)
    except (ValueError, TypeError):
        return None
    return None


def _main_resource(data: bytes) -> tuple[str | None, bytes, tuple[tuple[str, str], ...]] | None:
    """Return address, document and headers of a page that Safari saved, None for what is none."""
    try:
        main = plistlib.loads(data)["WebMainResource"]
        body, url, media = main["WebResourceData"], main["WebResourceURL"], main["WebResourceMIMEType"]
        charset = main.get("WebResourceTextEncodingName")
    except Exception:  # plistlib raises many types for damaged files
        return None
    if not isinstance(body, bytes):
        return None
    headers = (("Content-Type", f"{media}; charset={charset}" if charset else str(media)),)
    return _address(str(url)), body, headers


def _address(url: str) -> str | None:
    try:
        return normalise(url)
    except UrlError:
        return None
