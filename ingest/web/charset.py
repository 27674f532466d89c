"""Charset: which encoding a document's bytes are in, and the bytes as UTF-8. The one reader for pages, seeds and texts.

Labels mean what the WHATWG Encoding standard says they mean. Order for a page: byte order mark, bytes that can only be
UTF-16, header, meta element, XML declaration; then the bytes themselves, by Firefox's detector (chardetng).
"""

from __future__ import annotations

import codecs
import re
from io import BytesIO

from chardetng_py import detect

PRESCAN_BYTES = 4096  # WHATWG says 1024; heads with inline scripts before the charset are common enough
DETECT_BYTES = 2**17  # of text without markup, which the detector reads; more does not change its mind
CHUNK_BYTES = 2**16
MULTI_BYTE_SEEN = 2  # valid multi-byte sequences in a page that claims a one-byte charset, to believe the bytes instead
# UTF-8 with bad bytes in it is believed against another claim when so many sequences are good for each that is bad;
# text in other charsets has more bad ones than good ones.
GOOD_PER_BAD_CLAIMED = 10
GOOD_PER_BAD = 2
NUL_SHARE = 0.2  # of the bytes at even or at odd places: markup in UTF-16

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a label means in browsers where Python means less by it, by Python's name of the codec.
MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    # Python's own; slow on pages
    **dict.fromkeys(("idna", "punycode", "unicode_escape", "raw_unicode_escape"), "utf-8"),
    "utf-7": "utf-8",  # never on the web: a way to smuggle markup
    # a declaration that could be read is not UTF-16, and what is was recognised before
    **dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"), "utf-8"),
}
# Labels of the standard that Python does not know, and what databases call UTF-8.
LABELS = {
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-x-big5": "big5hkscs",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "dos-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb3": "utf-8",
    "utf8mb4": "utf-8",
}
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']\s*([\w.:-]{1,40})", re.IGNORECASE)
_MULTI_BYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1|<[^>]*+>", re.DOTALL | re.IGNORECASE)
# first bytes of UTF-8 characters that stand alone where a text was cut inside a character; as letters they are rare
_CUT_LEADS = frozenset(b"\xc2\xc3\xc4\xc5\xd0\xd1\xe2\xe3\xf0")


def charset(body: bytes, content_type: str = "") -> str:
    """Return the Python name of a page's charset.

    Departures from browsers, all against mojibake: a page that claims another charset but is UTF-8 but for a few bytes
    is UTF-8; a page that claims UTF-8 wrongly is read by its next claim.
    """
    return _charset(body, content_type)[0]


def page_as_utf8(body: bytes, content_type: str = "") -> bytes:
    """Return a page's bytes as UTF-8 without byte order mark. Never raises."""
    name, is_sound = _charset(body, content_type)
    if is_sound:
        return body
    for mark, marked in BOMS:
        if marked == name and body.startswith(mark):
            body = body[len(mark) :]
            break
    return _recoded(body, name)


def xml_as_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """Return a feed or sitemap as UTF-8 without byte order mark. Never raises.

    The declaration goes before the header here: feed servers send one header for all their files.
    """
    for mark, name in BOMS:
        if body.startswith(mark):
            return _recoded(body[len(mark) :], name)
    wide = _wide(body)
    if wide:
        return _recoded(body, wide)
    claims: list[bytes | str] = [*_XML.findall(body[:400])[:1], *_HEADER.findall(content_type or "")[:1]]
    names = [known for claim in claims if (known := _python_name(claim))]
    return _recoded(body, _by_bytes(body, names[:1]))


def text_of(body: bytes) -> str:
    """Return a plain text, whose charset nobody says."""
    return page_as_utf8(body).decode("utf-8", "replace")


def is_utf8(body: bytes) -> bool:
    """Tell whether bytes are UTF-8, encoded surrogates not: libxml2 lets them pass, and lxml fails on them later."""
    if body.isascii():  # in a tenth of the time
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), CHUNK_BYTES):
            decoder.decode(body[start : start + CHUNK_BYTES], start + CHUNK_BYTES >= len(body))
    except UnicodeDecodeError:
        return False
    return True


def _charset(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the charset, and whether it is known that all the body is UTF-8 without byte order mark."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return name, False
    wide = _wide(body)
    if wide:
        return wide, False
    head = body[:PRESCAN_BYTES]
    claims: list[bytes | str] = _HEADER.findall(content_type)[:1]
    claims += _META.findall(head)[:1] + _XML.findall(head)[:1]
    names = [known for claim in claims if (known := _python_name(claim))]
    if is_utf8(body) and (not names or "utf-8" in names or _has_multi_byte(body)):
        return "utf-8", True
    return _by_bytes(body, names), False


def _by_bytes(body: bytes, names: list[str]) -> str:
    """Return the charset of bytes with these claims."""
    others = [name for name in names if name != "utf-8"]
    if is_utf8(body):
        return others[0] if others and not _has_multi_byte(body) else "utf-8"
    if _is_mostly_utf8(body, GOOD_PER_BAD_CLAIMED if others else GOOD_PER_BAD):
        return "utf-8"
    return others[0] if others else _detected(body)


def _detected(body: bytes) -> str:
    """Return what Firefox would take the text for; markup says nothing about a language."""
    text = _MARKUP.sub(b" ", body[: 8 * DETECT_BYTES])[:DETECT_BYTES]
    return _python_name(detect(text)) or "cp1252"


def _wide(body: bytes) -> str:
    """Return "utf-16-le" or "utf-16-be" for bytes that can only be that, else "": each sign of markup has a NUL."""
    head = body[:PRESCAN_BYTES]
    if b"\0" not in head:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    enough = NUL_SHARE * len(head) / 2
    if odd > enough and even * 10 < odd:
        return "utf-16-le"
    return "utf-16-be" if even > enough and odd * 10 < even else ""


def _python_name(claim: bytes | str) -> str | None:
    label = (claim.decode("ascii", "replace") if isinstance(claim, bytes) else claim).strip().lower()
    try:
        name = codecs.lookup(LABELS.get(label, label)).name
        b"a".decode(name)  # of no bytes even "zlib" makes a text
        codecs.getincrementaldecoder(name)("replace")
    except (LookupError, ValueError):
        return None
    return MEANT.get(name, name)


def _has_multi_byte(body: bytes) -> bool:
    return sum(1 for _, _ in zip(range(MULTI_BYTE_SEEN), _MULTI_BYTE.finditer(body), strict=False)) == MULTI_BYTE_SEEN


def _is_mostly_utf8(body: bytes, good_per_bad: int) -> bool:
    """Tell whether UTF-8 with a few broken characters is likelier than another charset."""
    good = len(_MULTI_BYTE.findall(body))
    return good >= MULTI_BYTE_SEEN and body.decode("utf-8", "replace").count("\ufffd") * good_per_bad <= good


def _recoded(body: bytes, name: str) -> bytes:
    """Decode and encode in chunks: a large UTF-16 document must not stand in memory three times."""
    if name == "utf-8" and is_utf8(body):
        return body
    out = BytesIO()
    decoder = codecs.getincrementaldecoder(name)(_STRAY if name == "utf-8" else "replace")
    for start in range(0, len(body), CHUNK_BYTES):
        text = decoder.decode(body[start : start + CHUNK_BYTES], start + CHUNK_BYTES >= len(body))
        out.write(text.encode("utf-8", "replace"))
    return out.getvalue()


def _stray_byte(error: UnicodeError) -> tuple[str, int]:
    """Read a lone byte in UTF-8 as Windows-1252, from where text is pasted; the rest of a cut character is lost."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    if len(bad) > 1 or bad[0] in _CUT_LEADS:
        return "\ufffd", error.end
    return bad.decode("cp1252", "replace"), error.end


_STRAY = "ingest.stray-byte"
codecs.register_error(_STRAY, _stray_byte)
