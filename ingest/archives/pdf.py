"""PDF articles as pages, with the extra `pdf`: paragraphs by layout, title, author and date from the metadata.

Each document is read in a process of its own with limits: a stream of a megabyte may unpack to gigabytes, and the
library unpacks it as a whole.
"""

from __future__ import annotations

import html
import re
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from importlib.util import find_spec
from io import BytesIO
from typing import Any

MEDIA_TYPE = "application/pdf"
HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
MAX_BYTES = 64 << 20  # pictures and fonts included
MAX_PAGES = 200  # of an article; a longer document is a book
CPU_S = 30  # for one file of 200 KB and more; a page of a newspaper takes 0.2 s
LEAST_CPU_S = 5  # for a small one, that of the library's import with it
BYTES_A_S = 8_000  # so much more time than that has a file by its size
WALL_S = 300.0  # for what sleeps; laden machines are slow too
MEMORY_BYTES = 1 << 30  # of address space
CODE = "import sys; sys.path[:] = sys.argv[1:]; from ingest.archives import pdf; pdf.read_stdin()"
MARGIN_SHARE = 0.08  # of the height, above and below, where running heads and page numbers stand
RUNNING_PAGES = 3  # a line on so many pages at one margin is a running head
TITLE_CHARS = (8, 250)
HEADING_SIZE = 1.15  # times the size of the text
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:Z|([+-])(\d\d)'?(\d\d)?'?)?")
_NO_TITLE = re.compile(
    r"untitled|microsoft|\.(?:docx?|indd|qxp|pdf|tex|pages|odt|pptx?)\b|^\W*$|^\(?anonymous", re.IGNORECASE
)
_NO_AUTHOR = re.compile(r"\b(?:admin|administrator|user|owner|unknown|anonymous|microsoft|scan)\b|@", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:;…。！？”\"»)]\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A paragraph as the layout shows it. `y` is the share of the page's height below it."""

    text: str
    size: float  # of its letters, in points
    y: float
    page: int


def available() -> bool:
    """Tell whether the library of the extra is there."""
    return find_spec("pdfminer") is not None


def as_page(data: bytes) -> bytes | None:
    """Return a document as HTML, None for one without readable text or that takes too much time or memory."""
    try:
        done = subprocess.run(  # noqa: S603 - this module with our own interpreter, no shell
            [sys.executable, "-P", "-c", CODE, *(str(path) for path in sys.path)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the library's warnings of damage
            timeout=WALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout or None if done.returncode == 0 else None


def read_stdin() -> None:
    """Read a document from stdin, write it as HTML to stdout, nothing for one without readable text."""
    data = sys.stdin.buffer.read()
    cpu_s = min(CPU_S, LEAST_CPU_S + len(data) // BYTES_A_S)
    for limit, most in ((resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    sys.stdout.buffer.write(read_here(data) or b"")


def read_here(data: bytes) -> bytes | None:
    """Return a document as HTML, None for one without readable text; without limits, in this process."""
    try:
        facts, boxes = _read(data)
    except Exception:  # the library raises many types for damaged files, RecursionError and MemoryError among them
        return None
    boxes = _without_margins(boxes)
    return _html(facts, boxes) if boxes else None


def _read(data: bytes) -> tuple[dict[str, str], list[Box]]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTTextBox
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfparser import PDFParser
    from pdfminer.utils import decode_text

    document = PDFDocument(PDFParser(BytesIO(data)))
    facts: dict[str, str] = {}
    for info in document.info:
        for name, value in info.items():
            if isinstance(value, bytes):
                facts.setdefault(str(name), " ".join(decode_text(value).replace("\0", "").split()))
    boxes = []
    for number, page in enumerate(extract_pages(BytesIO(data), maxpages=MAX_PAGES, laparams=LAParams()), start=1):
        height = max(float(page.height), 1.0)
        for box in page:
            if isinstance(box, LTTextBox):
                text = _joined(box.get_text().splitlines())
                if text:
                    boxes.append(Box(text=text, size=_size(box), y=float(box.y0) / height, page=number))
    return facts, boxes


def _size(box: Any) -> float:
    """Return the height of most of a box's letters."""
    sizes = Counter(round(float(getattr(letter, "size", 0)), 1) for line in box for letter in _letters(line))
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _letters(line: Any) -> Iterator[Any]:
    return (letter for letter in line if hasattr(letter, "size")) if hasattr(line, "__iter__") else iter(())


def _joined(lines: Sequence[str]) -> str:
    """Return the lines of a paragraph as one, words that are parted at a line's end joined."""
    text = ""
    for line in (" ".join(line.replace("\0", "").split()) for line in lines):
        parted = text.endswith("-") and len(text) > 1 and text[-2].islower() and line[:1].islower()
        text = text[:-1] + line if parted or text.endswith("\u00ad") else f"{text} {line}".strip()
    return text


def _without_margins(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes without running heads and page numbers."""
    at_margin = [box for box in boxes if not MARGIN_SHARE < box.y < 1 - MARGIN_SHARE]
    seen = Counter(re.sub(r"\d+", "#", box.text) for box in at_margin)
    return [
        box
        for box in boxes
        if box not in at_margin
        or not (re.fullmatch(r"\W*\d*\W*", box.text) or seen[re.sub(r"\d+", "#", box.text)] >= RUNNING_PAGES)
    ]


def _html(facts: dict[str, str], boxes: list[Box]) -> bytes:
    usual = Counter(box.size for box in boxes for _ in range(len(box.text))).most_common(1)[0][0]
    title = _title(facts.get("Title", ""), boxes, usual)
    author = facts.get("Author", "")
    head = [f"<title>{html.escape(title)}</title>"]
    if author and not _NO_AUTHOR.search(author):
        head.append(f'<meta name="citation_author" content="{html.escape(author)}">')
    for name, key in (("article:published_time", "CreationDate"), ("article:modified_time", "ModDate")):
        if moment := iso_of(facts.get(key, "")):
            head.append(f'<meta property="{name}" content="{moment}">')
    parts: list[str] = []
    last = ""
    for box in boxes:
        if box.text == title and not last:
            continue
        if box.size >= HEADING_SIZE * usual and not _SENTENCE_END.search(box.text):
            parts.append(f"<h2>{html.escape(box.text)}</h2>")
            last = ""
        elif last and not _SENTENCE_END.search(last) and box.text[:1].islower():  # goes on in the next column or page
            joined = _joined([last, box.text])
            parts[-1] = f"<p>{html.escape(joined)}</p>"
            last = joined
        else:
            parts.append(f"<p>{html.escape(box.text)}</p>")
            last = box.text
    body = "\n".join(parts)
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8>{''.join(head)}</head><body><article>"
        f"<h1>{html.escape(title)}</h1>\n{body}\n</article></body></html>"
    ).encode("utf-8", "replace")


def _title(stated: str, boxes: Sequence[Box], usual: float) -> str:
    """Return the title of the metadata, unless it is a file name; else the largest text on the first page."""
    low, high = TITLE_CHARS
    if low <= len(stated) <= high and not _NO_TITLE.search(stated):
        return stated
    first = [box for box in boxes if box.page == boxes[0].page and low <= len(box.text) <= high and box.size > usual]
    largest = max(first, key=lambda box: box.size, default=None)
    return largest.text if largest is not None else stated


def iso_of(value: str) -> str | None:
    """Return a date of PDF metadata (D:20240506070809+02'00') as ISO 8601, as exactly as it is stated."""
    found = _DATE.fullmatch(value.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = found.groups()
    try:
        if hour is None:
            return datetime(int(year), int(month), int(day), tzinfo=UTC).date().isoformat() if day else None
        naive = datetime(int(year), int(month or 1), int(day or 1), int(hour), int(minute or 0), int(second or 0))  # noqa: DTZ001 - the zone follows
        if sign is None:
            return naive.replace(tzinfo=UTC).isoformat() if value.strip().endswith("Z") else naive.isoformat()
        shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return naive.replace(tzinfo=timezone(shift if sign == "+" else -shift)).isoformat()
    except (ValueError, TypeError):
        return None
