"""Any bytes become a tree, in the charset they were written in."""

from __future__ import annotations

import pytest

from ingest.extract.html.tree import BYTES_MAX, parse_bytes
from ingest.web.charset import charset

CYRILLIC = "Правительство обсудило бюджет на следующий год"


def html(text: str, meta: str = "") -> str:
    return f"<html><head>{meta}<title>t</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        (b"\xef\xbb\xbf<p>caf\xc3\xa9</p>", "text/html; charset=iso-8859-1", "utf-8"),
        ("<p>café</p>".encode("utf-16"), "", "utf-16-le"),
        ("<p>café</p>".encode("cp1252"), "", "cp1252"),
        ("<p>café</p>".encode("cp1252"), "text/html; charset=ISO-8859-1", "cp1252"),
        (html(CYRILLIC, "<meta charset=utf-8>").encode("cp1251"), "text/html; charset=windows-1251", "cp1251"),
        (
            html(CYRILLIC, '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">').encode("koi8-r"),
            "",
            "koi8-r",
        ),
        (html(CYRILLIC, "<meta charset=windows-1251>").encode("cp1251"), "text/html; charset=utf-8", "cp1251"),
        (html(CYRILLIC).encode("utf-8"), "text/html; charset=latin-1", "utf-8"),
        (html("北京", '<meta charset="gb2312">').encode("gbk"), "", "gb18030"),
        (html("日本語の記事です", '<meta charset="Shift_JIS">').encode("cp932"), "", "cp932"),
        (b'<?xml version="1.0" encoding="iso-8859-2"?><html><body>\xb1</body></html>', "", "iso8859-2"),
        (b"<p>plain</p>", "text/html; charset=no-such-charset", "utf-8"),
        (b"", "", "utf-8"),
    ],
)
def test_the_charset_is_found_in_the_order_of_browsers(body: bytes, header: str, expected: str) -> None:
    assert charset(body, header) == expected


@pytest.mark.parametrize("name", ["utf-8", "cp1251", "koi8-r", "utf-16"])
def test_no_letter_is_lost_in_any_charset(name: str) -> None:
    tree = parse_bytes(html(CYRILLIC).encode(name), content_type=f"text/html; charset={name}")
    assert tree.findtext(".//p") == CYRILLIC


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"\x00\x00",
        b"<!-- -->",
        b"<!doctype html>",
        b"\xff\xfe",
        b"\xff" * 100,
        b"{}",
        b"<",
        b"</p>",
        b"%PDF-1.7",
        b"<?xml?>",
    ],
)
def test_bytes_that_are_no_page_give_a_tree_without_text(body: bytes) -> None:
    assert parse_bytes(body).tag == "html"


def test_control_characters_and_references_to_them_go() -> None:
    tree = parse_bytes(b"<p>a\x00b\x0bc&#0;d&#x00;e&#8;f&#x1F;g&#10;h&#031;i&#130;j&#80;</p>")
    assert tree.findtext(".//p") == "abcdefg\nhi‚jP"


def test_three_hundred_nested_elements_keep_their_text() -> None:
    tree = parse_bytes(b"<div>" * 300 + b"deep" + b"</div>" * 300)
    assert "".join(tree.itertext()) == "deep"


def test_joiners_inside_emoji_stay_whole() -> None:
    assert parse_bytes("<p>👩‍🚒</p>".encode()).findtext(".//p") == "👩‍🚒"


def test_a_page_beyond_all_bounds_is_cut_not_refused() -> None:
    tree = parse_bytes(b"<p>word</p>" * (BYTES_MAX // 11 + 1000))
    assert tree.findtext(".//p") == "word"
