"""Messages in the format of mail: pages that a browser saved as MHTML, and newsletters as .eml, Maildir or mbox.

A newsletter is an article of its sender. Its address is the one of its header Archived-At (RFC 5064); without one it is
made from the sender and the Message-ID, so that the same message has the same address in every mailbox.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import EmailPolicy
from email.utils import parseaddr, parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from lxml import etree
from lxml import html as lxml_html

from ingest.archives.capture import BAD_RECORD, NO_ADDRESS, NO_PAGE, TOO_LARGE, UNREADABLE, Capture
from ingest.archives.streams import ZstdError, opened, unpacked
from ingest.archives.texts import HTML_HEADERS, paragraphs
from ingest.errors import UrlError
from ingest.model import Page
from ingest.web.urls import normalise
from ingest.workers.limits import within

CPU_S = 20.0  # for one message; one of some megabytes takes 0.2 s
MAX_HEADER_CHARS = 8_000  # of one header that is looked at; the time of email's parser grows with their square
MAX_BYTES = 64 << 20  # of one message or saved page, with the pictures in it
HTML = ("text/html", "application/xhtml+xml")
HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,24}", re.IGNORECASE)
MBOX_LINE = re.compile(rb"From \S+.*\d\d:\d\d|From \S+\s*$")
QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)  # mboxrd
FLOWED = re.compile(r" \n(?!-- )")
_LAYOUT = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "center")
_CELL_BLOCKS = "table|p|div|h1|h2|h3|h4|ul|ol|blockquote|img"
_IN_CELL = " or ".join(f".//{name}" for name in _CELL_BLOCKS.split("|"))
_LAYOUT_TABLE = etree.XPath(
    f"//table[@role='presentation' or @role='none' or {_IN_CELL} or not(.//tr[count(td|th)>1])]"
)


class _Policy(EmailPolicy):
    """The standard policy with long headers cut; headers are not folded anew, which never ends for some."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return super().header_fetch_parse(name, value[:MAX_HEADER_CHARS])


POLICY = _Policy(refold_source="none")


def saved_page(path: Path, *, most_bytes: int) -> Capture:
    """Return the page of an MHTML file: its main document, at the address and moment that the browser noted."""
    message = _message_of(path)
    if isinstance(message, Capture):
        return message
    try:
        with within(CPU_S):
            return _saved_page(message, path, most_bytes)
    except Exception:  # email raises many types for malformed headers
        return Capture(reason=BAD_RECORD)


def _saved_page(message: Message, path: Path, most_bytes: int) -> Capture:
    part = _main_part(message)
    if part is None:
        return Capture(reason=NO_PAGE)
    body = part.get_payload(decode=True)
    stated = (message["Snapshot-Content-Location"], part["Content-Location"], message["Content-Location"])
    url = next((found for value in stated if value and (found := _address(str(value)))), None)
    moment = _moment(message) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    charset = part.get_content_charset()
    if url is None:
        return Capture(reason=NO_ADDRESS)
    if not isinstance(body, bytes) or len(body) > most_bytes:
        return Capture(reason=TOO_LARGE if isinstance(body, bytes) else BAD_RECORD)
    media = part.get_content_type() + (f"; charset={charset}" if charset else "")
    headers = (("Content-Type", media),)
    return Capture(
        page=Page(url=url, final_url=url, source="", status=200, headers=headers, body=body, fetched_at=moment)
    )


def _main_part(message: Message) -> Message | None:
    """Return the HTML part that the message as a whole shows: the named start, that of its location, else the first."""
    parts = [part for part in message.walk() if part.get_content_type() in HTML]
    start = message.get_param("start")
    location = message["Snapshot-Content-Location"]
    for part in parts:
        if (start and part["Content-ID"] == start) or (location and part["Content-Location"] == location):
            return part
    return parts[0] if parts else None


def mail(path: Path, *, base: str | None, most_bytes: int) -> Capture:
    """Return the newsletter of a file that holds one message."""
    message = _message_of(path)
    return message if isinstance(message, Capture) else newsletter(message, base=base, most_bytes=most_bytes)


def _message_of(path: Path) -> Message | Capture:
    try:
        data = unpacked(path, MAX_BYTES)
        if len(data) > MAX_BYTES:
            return Capture(reason=TOO_LARGE)
        with within(CPU_S):
            return _parsed(data)
    except OSError:
        return Capture(reason=UNREADABLE)
    except Exception:  # email raises many types for malformed headers
        return Capture(reason=BAD_RECORD)


def _parsed(data: bytes) -> Message:
    message: Message = message_from_bytes(data, policy=POLICY)
    return message


def mbox(path: Path, *, base: str | None, most_bytes: int) -> Iterator[Capture]:
    """Give the newsletters of a mailbox, one message in memory at a time."""
    try:
        for offset, data in _mbox_messages(path):
            if data is None:
                yield Capture(reason=TOO_LARGE, offset=offset)
                continue
            try:
                with within(CPU_S):
                    message = _parsed(data)
            except Exception:  # email raises many types for malformed headers
                yield Capture(reason=BAD_RECORD, offset=offset)
                continue
            yield newsletter(message, base=base, most_bytes=most_bytes, offset=offset)
    except (OSError, EOFError, zlib.error, ZstdError):
        yield Capture(reason=UNREADABLE)


def _mbox_messages(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Give each message with its offset; None in place of one that is too large."""
    with opened(path) as file:
        lines: list[bytes] = []
        begin = at = size = 0
        empty = True  # a From line stands at the start or behind an empty line
        while line := file.readline(MAX_BYTES):
            if empty and line.startswith(b"From ") and MBOX_LINE.match(line):
                if lines or size:
                    yield begin, _unquoted(lines, size)
                lines, size, begin = [], 0, at
            else:
                size += len(line)
                if size <= MAX_BYTES:
                    lines.append(line)
                else:
                    lines.clear()
            empty = not line.strip()
            at += len(line)
        if lines or size:
            yield begin, _unquoted(lines, size)


def _unquoted(lines: list[bytes], size: int) -> bytes | None:
    return QUOTED_FROM.sub(rb"\1", b"".join(lines)) if size <= MAX_BYTES else None


def newsletter(message: Message, *, base: str | None, most_bytes: int, offset: int = 0) -> Capture:
    """Return a message as a page of its sender."""
    try:
        with within(CPU_S):
            return _newsletter(message, base, most_bytes, offset)
    except Exception:  # email and lxml raise many types for what is malformed
        return Capture(reason=BAD_RECORD, offset=offset)


def _newsletter(message: Message, base: str | None, most_bytes: int, offset: int) -> Capture:
    name, sender = parseaddr(str(message["From"] or message["Sender"] or ""))
    local, _, domain = sender.lower().rpartition("@")
    part = _text_part(message)
    if part is None:
        return Capture(reason=NO_PAGE, offset=offset)
    url = _url_of(message, local, domain, base)
    moment = _moment(message)
    if url is None or moment is None:
        return Capture(reason=NO_ADDRESS if url is None else BAD_RECORD, offset=offset)
    text = _text(part)
    if len(text) > most_bytes:
        return Capture(reason=TOO_LARGE, offset=offset)
    subject = " ".join(str(message["Subject"] or "").split())
    content = _unlaid(text) if part.get_content_type() in HTML else _plain(part, text)
    head = _head(subject, name.strip() or local, _list_name(message) or name.strip(), message, moment)
    body = (
        f"<!DOCTYPE html><html><head><meta charset=utf-8>{head}</head><body><article>"
        f"<h1>{html.escape(subject)}</h1>\n{content}\n</article></body></html>"
    ).encode("utf-8", "replace")
    page = Page(url=url, final_url=url, source="", status=200, headers=HTML_HEADERS, body=body, fetched_at=moment)
    return Capture(page=page, offset=offset, sender=f"{local}@{domain}" if local and HOST.fullmatch(domain) else "")


def _text_part(message: Message) -> Message | None:
    """Return the part that holds the text: HTML before plain text, attachments left out."""
    if isinstance(message, EmailMessage):
        return message.get_body(preferencelist=("html", "plain"))
    return None


def _text(part: Message) -> str:
    data: Any = part.get_payload(decode=True)
    data = data if isinstance(data, bytes) else b""
    for charset in (part.get_content_charset(), "utf-8", "cp1252"):
        try:
            return str(data.decode(charset or "utf-8"))
        except (UnicodeDecodeError, LookupError):
            continue
    return str(data.decode("utf-8", "replace"))


def _plain(part: Message, text: str) -> str:
    text = text.replace("\r\n", "\n")
    if part.get_param("format") == "flowed":
        text = FLOWED.sub(" ", text)
    text = re.split(r"^-- $", text, maxsplit=1, flags=re.MULTILINE)[0]  # the signature
    return paragraphs(text.split("\n"))


def _head(subject: str, author: str, site: str, message: Message, moment: datetime) -> str:
    sent = parsedate_to_datetime(str(message["Date"])) if message["Date"] else moment
    facts = [
        ('name="citation_author"', author),  # the sender, whether the letter shows the name or not
        ('property="og:site_name"', site),
        ('property="og:type"', "article"),
        ('property="article:published_time"', (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).isoformat()),
    ]
    metas = "".join(f'<meta {key} content="{html.escape(value)}">' for key, value in facts if value)
    return f"<title>{html.escape(subject)}</title>{metas}"


def _list_name(message: Message) -> str:
    """Return the name of the list, as RFC 2919 has it before its id."""
    return " ".join(str(message["List-Id"] or "").partition("<")[0].strip(' "').split())


def _url_of(message: Message, local: str, domain: str, base: str | None) -> str | None:
    archived = re.search(r"<(https?://[^>\s]+)>", str(message["Archived-At"] or ""))
    if archived and (url := _address(archived[1])):
        return url
    number = "".join(str(message["Message-ID"] or "").strip().strip("<>").split())
    number = number or sha256(bytes(message)).hexdigest()[:32]
    if base is not None:
        return _address(urljoin(base, quote(number, safe="@")))
    if not HOST.fullmatch(domain):
        return None
    return _address(f"https://{domain}/mail/{quote(local)}/{quote(number, safe='@')}")


def _moment(message: Message) -> datetime | None:
    """Return when a message was sent, by its date, else by the last server that it passed."""
    received = str(message["Received"] or "").rpartition(";")[2].strip()
    for value in (str(message["Date"] or ""), received):
        try:
            moment = parsedate_to_datetime(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _address(url: str) -> str | None:
    try:
        return normalise(url.strip()) if url.strip().lower().startswith(("http://", "https://")) else None
    except UrlError:
        return None


def _unlaid(text: str) -> str:
    """Return the HTML of a mail whose layout tables are divisions: its cells hold paragraphs, no values."""
    tree = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=lxml_html.HTMLParser(encoding="utf-8"))
    tables: Any = _LAYOUT_TABLE(tree)
    for table in tables:
        for element in table.iter(*_LAYOUT):
            inner = next((above for above in element.iterancestors("table")), None)
            if element is table or inner is table:
                element.tag = "div"
    body = tree.find("body")
    if body is None:
        return ""
    body.tag = "div"
    for name in ("title", "style", "script"):
        etree.strip_elements(body, name, with_tail=False)
    return str(lxml_html.tostring(body, encoding="unicode"))
