"""Pages that are broken or made to break readers: an answer within bounds, and the article where there is one."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.cli.clean import MAX_BYTES
from ingest.cli.clean import _read as read_file
from ingest.errors import WrongUse
from ingest.extract.article import extract
from ingest.model import Article, Page

PARAGRAPHS = (
    "The ferry across the strait was cancelled on Tuesday morning because of a storm that nobody had forecast.",
    "Some two hundred passengers spent the night in the waiting room, where the harbour master served them soup.",
    "The next boat is to leave at noon, the company said, if the wind turns to the west as it usually does.",
)
ARTICLE = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
HEAD = "<html><head><title>Ferry cancelled</title></head><body>"
MIB = 1 << 20
PEAK_MB = 400

# The whole article must come out of these.
WHOLE = {
    "300 boxes": HEAD + "<div>" * 300 + ARTICLE + "</div>" * 300,
    "2,000 boxes": HEAD + "<div>" * 2_000 + ARTICLE,
    "5,000 boxes": HEAD + "<div>" * 5_000 + ARTICLE + "</div>" * 5_000,
    "5,000 boxes behind": HEAD + ARTICLE + "<div>" * 5_000,
    "5,000 boxes between": HEAD + ARTICLE.replace("</p><p>", "</p>" + "<section class=a>" * 2_500 + "<p>"),
    "5,000 inline": HEAD + "<span>" * 5_000 + ARTICLE,
    "5,000 unknown": HEAD + "<x-box>" * 5_000 + ARTICLE,
    "5,000 lists": HEAD + "<ul><li>" * 5_000 + "</li></ul>" * 5_000 + ARTICLE,
    "100,000 boxes": HEAD + "<div>" * 100_000 + ARTICLE,
    "no body": "<title>Ferry cancelled</title>" + ARTICLE,
    "null references": HEAD + ARTICLE.replace(" ", "&#0; "),
    "null bytes": HEAD + ARTICLE.replace(" ", "\x00 "),
}
COSTLY = ("100,000 boxes",)
# An answer is enough of these: twenty megabytes of one thing behind the article, made in the process that is measured.
LARGE = {
    "paragraphs": "'<p>Filler text of no interest to anybody.</p>'",
    "words": "'word '",
    "empty elements": "'<i></i>'",
    "attributes": "'<p a=1 b=2 c=3>x'",
    "script": "'<script>var x = 1;</script>'",
    "data": '\'<script type="application/json">["A sentence of some length. And another one."]</script>\'',
    "links": "'<a href=/x>word</a> '",
    "entities": "'&amp;&lt;&#228;'",
    "boxes": "'<div>'",
    "rows": "'<table><tr><td>1<td>2</tr></table>'",
    "accents": "'äöü '",
}
MEASURED = """
from pathlib import Path
from tests.unit.test_hostile_pages import HEAD, ARTICLE, MIB, read
one = {one}
article = read(HEAD + ARTICLE + one * (20 * MIB // len(one.encode())))
status = Path("/proc/self/status").read_text()  # not ru_maxrss: it outlives exec and is that of who started us
print(article.title, int(status.partition("VmHWM:")[2].split()[0]) // 1024, sep="|")
"""


def read(html: str) -> Article:
    return extract(
        Page(
            url="https://paper.example/2026/one",
            final_url="https://paper.example/2026/one",
            source="paper",
            status=200,
            headers=(),
            body=html.encode(),
            fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
        )
    )


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.slow) if case in COSTLY else case for case in WHOLE]
)
def test_the_article_comes_out_whole(case: str) -> None:
    article = read(WHOLE[case])
    assert article.title == "Ferry cancelled"
    assert tuple(block.text for block in article.kept) == PARAGRAPHS


def test_a_file_larger_than_any_page_is_refused_by_name(tmp_path: Path) -> None:
    large = tmp_path / "archive.html"
    large.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(WrongUse, match=r"archive\.html: larger than 10 MiB"):
        read_file(str(large))


@pytest.mark.slow
@pytest.mark.timeout(120)  # a second or two of CPU each; a laden machine takes longer
@pytest.mark.parametrize("case", LARGE)
def test_twenty_megabytes_are_answered_in_bounded_memory(case: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", MEASURED.format(one=LARGE[case])],
        check=True,
        capture_output=True,
        text=True,
        timeout=110,
    )
    title, peak_mb = told.stdout.strip().split("|")
    assert title == "Ferry cancelled"
    assert int(peak_mb) < PEAK_MB
