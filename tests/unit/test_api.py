"""`from ingest import extract`: one HTML string in, one typed article out, and nothing heavy loaded for it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from ingest import extract
from ingest.errors import UrlError

PAGE = """<!doctype html><html lang="en"><head><meta charset="iso-8859-1"><title>Ferry returns - The Quay</title>
<meta property="article:published_time" content="{when}"><meta name="author" content="Ada Quill"></head><body><article>
<h1>Ferry returns</h1><p>The ferry José Ortega sailed again on Monday after nine weeks in the yard, the harbour office
said, and it will keep its old timetable until the autumn.</p><p>Its captain said that the new engine needs a third less
fuel and that nobody on the island will miss the old one.</p></article></body></html>"""


def test_a_str_gives_a_typed_article() -> None:
    page = extract(PAGE.format(when="2026-03-02T08:30:00+01:00"), url="https://quay.example/ferry-returns")
    assert (page.title, page.authors, page.language) == ("Ferry returns", ("Ada Quill",), "en")
    assert page.published == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert page.text.startswith("The ferry José Ortega sailed")  # a str is text already, whatever its meta says
    assert [block.text for block in page.blocks if block.cut is None] == page.text.split("\n")
    assert (page.refusal, page.url) == (None, "https://quay.example/ferry-returns")


def test_a_day_stays_a_day() -> None:
    assert extract(PAGE.format(when="2026-03-02")).published == date(2026, 3, 2)


def test_bytes_are_decoded_as_the_page_declares() -> None:
    assert "José Ortega" in extract(PAGE.format(when="").encode("iso-8859-1")).text


def test_to_dict_is_json() -> None:
    told = extract(PAGE.format(when="2026-03-02T08:30:00+01:00")).to_dict()
    assert json.loads(json.dumps(told))["published"] == "2026-03-02T08:30:00+01:00"


def test_an_empty_page_has_no_text() -> None:
    assert extract("").text == ""


def test_wrong_input_is_named() -> None:
    with pytest.raises(TypeError, match="str or bytes of HTML, not NoneType"):
        extract(None)  # type: ignore[arg-type]  # what the test is about
    with pytest.raises(UrlError):
        extract("<p>text</p>", url="not an address")


def test_the_name_stays_the_function_when_the_package_is_used() -> None:
    import ingest.extract.body.body

    assert ingest.extract is extract


def test_importing_it_loads_neither_scrapy_nor_a_database() -> None:
    code = (
        "import sys; from ingest import extract; extract('<p>Some words.</p>');"
        "print([name for name in ('scrapy', 'twisted', 'sqlalchemy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
