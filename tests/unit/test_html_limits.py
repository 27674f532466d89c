"""Markup made to keep a parser busy for hours is shortened in no time; all other markup stays as it is."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract.html.tree import parse_bytes
from ingest.text.normalize import fold, normalise
from ingest.web.html_limits import MAX_ATTRIBUTES, bounded

MANY = 100_000
FLOODS = {
    "values": b"<p " + b"".join(b"a%d=1 " % n for n in range(MANY)) + b">text</p>",
    "names": b"<p " + b"".join(b"a%d " % n for n in range(MANY)) + b">text</p>",
    "quoted ends": b"<p " + b"".join(b"a%d='>' " % n for n in range(MANY)) + b">text</p>",
    "quoted beginnings": b"<p " + b"".join(b'a%d="<p" ' % n for n in range(MANY)) + b">text</p>",
    "slashes": b"<p" + b"".join(b"/a%d" % n for n in range(MANY)),
    "beginnings": b"<a" * 500_000,
    "open quotes": b'<a b="' * 150_000,
    "both quotes": b"<a '\"" * 150_000,
    "spaces": b"<p" + b" " * 1_000_000,
    "long spaces": (b"<p" + b" " * 9_000) * 100,
    "equals": b"<p" + b"=" * 1_000_000,
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_attributes_takes_no_time(name: str) -> None:
    begun = time.process_time()
    parse_bytes(bounded(FLOODS[name]))
    assert time.process_time() - begun < 5  # minutes, without


def test_the_first_attributes_stay_and_what_follows_the_tag() -> None:
    many = MAX_ATTRIBUTES + 5
    page = b"<i>x</i><p " + b" ".join(b"a%04d='>'" % n for n in range(many)) + b">text</p><b>y</b>"
    tree = parse_bytes(bounded(page))
    (p,) = tree.iter("p")
    assert [len(p.attrib), p.text, "".join(tree.itertext())] == [MAX_ATTRIBUTES, "text", "xtexty"]


@given(st.lists(st.sampled_from([b"<p", b" a", b"=", b'"', b"'", b">", b"/", b"<", b"x ", b"<!--"])).map(b"".join))
def test_other_markup_stays_as_it_is(page: bytes) -> None:
    assert bounded(page * 3) == page * 3


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u0345\u0300\u05b0", "\u3099\u0f71"])
def test_a_run_of_combining_marks_takes_no_time(marks: str) -> None:
    begun = time.process_time()
    text = "a" + marks * 50_000
    normalise(text)
    fold(text)
    assert time.process_time() - begun < 5  # ten, in one piece


def test_long_texts_are_normalised_as_short_ones_are() -> None:
    for odd in ("Übergrößen, naïve façades; \uac00\uac01 ", "\u0928\u093c\u09cb", "\uac01\uac00"):
        text = unicodedata.normalize("NFD", odd) * 500
        assert normalise(text) == unicodedata.normalize("NFC", text).strip()
