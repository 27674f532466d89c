"""The readers of files that a person imports, each as a function of any bytes: archives, mail, PDF, listings, rules."""

from __future__ import annotations

import gzip
import io
import plistlib
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ingest.archives import addresses, archives, captures, listed
from ingest.archives.pdf import LEAST_CPU_S, read_here
from ingest.errors import PageLost, WrongUse
from ingest.model import ExtractionRules
from ingest.sources import site_config
from ingest.sources.checks import selector_fault
from ingest.web.urls import normalise
from ingest.workers.limits import within
from tests.site.archives import page
from tests.site.foreign import letter, response

BASE = "https://base.example/in/"
MOST = 100_000  # bytes of a body
REASON = re.compile(r"[a-z0-9-]+")
FOLDER = tempfile.TemporaryDirectory(prefix="ingest-fuzz-")
URL = "https://paper.example/a"


def read_file(name: str, data: bytes) -> None:
    """Read a file of that name, its pages and its addresses, as an import would."""
    path = Path(FOLDER.name) / name
    path.write_bytes(data)
    with suppress(WrongUse):
        for archive in archives([path]):
            for one in captures(archive, base=BASE, most_bytes=MOST):
                assert (one.page is None) != (one.reason == ""), one
                assert not one.reason or REASON.fullmatch(one.reason), one.reason
                if one.page is not None:
                    assert len(one.page.body) <= 3 * MOST, "a body is larger than was allowed"
                    assert normalise(one.page.url)
                    assert normalise(one.page.final_url)
                    assert one.page.fetched_at.utcoffset() is not None
            for url, _ in addresses(archive, base=BASE, most_bytes=MOST):
                assert normalise(url)
            for _ in listed(archive):
                pass


def file_target(*names: str) -> Callable[[bytes], None]:
    """Return a target that reads its bytes as a file; the first byte chooses among the names."""

    def read(data: bytes) -> None:
        if data:
            read_file(names[data[0] % len(names)], data[1:])

    return read


def warc(data: bytes) -> None:
    """The first byte chooses how the records are packed, so that mutations reach what is within."""
    if data:
        packed = (bytes, gzip.compress, bytes)[data[0] % 3](data[1:])
        read_file("a.warc" if data[0] % 3 else "a.warc.gz", packed)


def wacz(data: bytes) -> None:
    """The first byte chooses: a ZIP file as it is, or one around these records."""
    if data and data[0] % 2:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as made:
            made.writestr("archive/a.warc.gz" if data[0] % 4 == 1 else "archive/a.warc", data[1:])
        read_file("a.wacz", whole.getvalue())
    elif data:
        read_file("a.wacz" if data[0] % 4 else "a.zip", data[1:])


def pdf(data: bytes) -> None:
    """A document; in one whose first byte is odd what stands between the marks of a stream is compressed first."""
    if data and data[0] % 2:
        head, _, rest = data[1:].partition(b"stream\n")
        content, end, tail = rest.partition(b"\nendstream")
        data = b"\0" + head + b"stream\n" + zlib.compress(content) + end + tail
    with suppress(PageLost), within(LEAST_CPU_S):
        read_here(data[1:])


def site_rules(data: bytes) -> None:
    """A file of rules: whatever comes out can be used as a rule."""
    read = site_config.read(data.decode("utf-8", "replace"))
    for name in ExtractionRules.__dataclass_fields__:
        value = getattr(read.rules, name)
        for selector in value if isinstance(value, tuple) else ():
            assert not selector_fault(selector), selector
    assert all(one.why for one in read.not_taken)


ARC = (
    b"filedesc://a.arc 0.0.0.0 20240506070809 text/plain 70\n1 0 somebody\nURL IP-address Archive-date Content-type "
    b"Archive-length\n\n\nhttp://paper.example/a 192.0.2.1 20240506070809 text/html 66\nHTTP/1.1 200 OK\r\n"
    b"Content-Type: text/html\r\n\r\n<p>A text of an article\n"
)
MHTML = b"""From: <Saved by Blink>
Snapshot-Content-Location: https://paper.example/a
Date: Mon, 2 Mar 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="b0"; start="<f@x>"

--b0
Content-Type: text/html; charset="utf-8"
Content-ID: <f@x>
Content-Transfer-Encoding: quoted-printable
Content-Location: https://paper.example/a

<p class=3D"x">A =C3=A9
--b0
Content-Type: text/css

p {}
--b0--
"""
PDF = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>> endobj
4 0 obj <</Length 60>>
stream
BT /F 12 Tf 20 250 Td (The mill by the river) Tj 0 -30 Td (It ground.) Tj ET
endstream endobj
5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj
6 0 obj <</Title(The mill by the river)/Author(Berta Moor)/CreationDate(D:20240506070809+02'00')>> endobj
trailer <</Root 1 0 R/Info 6 0 R>>
%%EOF
"""
CDX = (
    b""" CDX N b a m s k r M S V g
example,paper)/a 20240506070809 https://paper.example/a text/html 200 AAAA - - 9 8 a.warc
""",
    b"""[["urlkey","timestamp","original","mimetype","statuscode"],
["example,paper)/a","20240506070809","https://paper.example/a","text/html","200"],
[],
["example%2Cpaper%29%2Fa"]]""",
    b"""example,paper)/a 20240506070809 {"url":"https://paper.example/a","mime":"text/html","languages":"eng,deu"}
!meta 0 {"a":1}
urn:text:x 20240506 {}
""",
)
RULES = b"""# remarks
title: //h1[@class='t'] | substring-before(//title, ' - ')
body: //div[contains(@class, "text")]/node()
strip: (//div/text())[1]
strip: //aside | //p[starts-with(., 'Ad')]
strip_id_or_class: 'promo'
next_page_link: //a[@rel='next']/@href
if_page_contains: //div[@id="pages"]
single_page_link(x): concat('/print', //link/@href)
find_string: <x
test_url: https://paper.example/a
"""
MAIL = bytes(letter(1))
PLAIN_MAIL = bytes(letter(2, form="plain"))
LIST_MAIL = b"""From: =?utf-8?q?=C3=A9?= <a@b.example>
Date: Mon, 2 Mar 2026 10:00:00 -0000
Received: by x; Tue, 3 Mar 2026
Archived-At: <https://paper.example/a>
List-Id: A list <a.example>
Subject: b
Content-Type: text/plain; format=flowed; charset=koi8-r
Content-Transfer-Encoding: base64

YSBiIApjIGQ=
"""


def _zip(name: str, data: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, data)
    return whole.getvalue()


RECORD = response(URL, page(1))
CHUNKED = response(URL, b"5\r\n<p>ab\r\n0\r\n\r\n", (("Transfer-Encoding", "chunked"), ("Content-Encoding", "br")))
WEBARCHIVE = plistlib.dumps(
    {"WebMainResource": {"WebResourceData": b"<p>a", "WebResourceURL": URL, "WebResourceMIMEType": "text/html"}}
)
TARGETS: dict[str, Callable[[bytes], None]] = {
    "warc": warc,
    "wacz": wacz,
    "saved-page": file_target("a.mhtml", "a.webarchive", "a.html", "paper.example_80.htm", "a.txt"),
    "mail": file_target("a.mbox", "a.eml", "a.mbox.gz"),
    "pdf": pdf,
    "cdx": file_target("a.cdx", "a.cdxj", "a.txt", "a.cdx.zst"),
    "site-rules": site_rules,
}
SEEDS: dict[str, tuple[bytes, ...]] = {
    "warc": (
        b"\0" + RECORD,
        b"\2" + RECORD + CHUNKED,
        b"\1" + RECORD,
        b"\2" + ARC,
        b"\1" + ARC,
        b"\2" + gzip.compress(ARC),
    ),
    "wacz": (
        b"\1" + gzip.compress(RECORD),
        b"\3" + RECORD,
        b"\2" + _zip("a.warc", CHUNKED),
        b"\0" + _zip("a/b.wacz", _zip("a.warc", RECORD)),
        b"\3" + ARC,
    ),
    "saved-page": (
        b"\0" + MHTML,
        b"\1" + WEBARCHIVE,
        b"""\2<!-- Page saved with SingleFile
 url: https://paper.example/a
 saved date: Mon Mar 02 2026 10:00:00 GMT+0100 --><link rel=canonical href='/x'><p>a""",
        b"\3<!-- saved from url=(0023)https://paper.example/a --><meta property=og:url content=//a.example/>",
        b"\2<!-- Mirrored from paper.example/a by HTTrack Website Copier/3.x, Mon, 02 Mar 2026 10:00:00 GMT --><p>a",
        b"\4A title\n\nA paragraph\nof two lines.\n",
    ),
    "mail": (
        b"\1" + MAIL,
        b"\0From a@b.example Mon Mar  2 10:00:00 2026\n" + PLAIN_MAIL + b"\n\nFrom x 10:00\n" + MAIL,
        b"\1" + LIST_MAIL,
    ),
    "pdf": (b"\0" + PDF, b"\1" + PDF.replace(b"/Length 60", b"/Length 60/Filter/FlateDecode")),
    "cdx": tuple(bytes((n,)) + one for n, one in enumerate(CDX)),
    "site-rules": (RULES,),
}
