"""`ingest report --articles`: a folder of pages that loads nothing from elsewhere, whatever the articles hold."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import WrongUse
from ingest.export.site import write_site
from ingest.export.site.search_index import SearchIndex, file_number, terms
from ingest.model import Block, BlockKind, Cut, CutBy, Moment, Precision
from ingest.store import StoredArticle
from tests.command import RunIngest
from tests.store.values import NOW, article

HOSTILE = "<script>alert(1)</script>\"><img src=x onerror=alert(2)> & 'quotes' \x1b[2J"
BLOCKS = (
    Block(text="<b>What</b> it says", kind=BlockKind.HEADING, level=2),
    Block(text="The harbour ferry was late.", markdown="The [harbour](https://a.example/h) ferry was late."),
    Block(text="evil link", markdown="[evil](javascript:alert(3)) link"),
    Block(text="Sign up <script>now", cut=Cut(by=CutBy.LEARNED, reason="recurs <i>")),
    Block(text='Give "generously"', cut=Cut(by=CutBy.MODEL, reason="model 0.10")),
    Block(text="東京都は日本の首都です"),
)


def stored(
    number: int, title: str, source: str = "a", day: int = 0, blocks: tuple[Block, ...] = BLOCKS
) -> StoredArticle:
    on = (NOW - timedelta(days=day)).date()
    told = replace(
        article(f"x{number}", source=source, title=title),
        blocks=blocks,
        published=Moment(on=on, precision=Precision.DAY),
    )
    return StoredArticle(
        article_id=number,
        revision_id=number,
        revision=1,
        article=told,
        body_digest="",
        first_seen_at=NOW,
        last_seen_at=NOW,
        revised_at=NOW,
        removed_at=None,
        cluster_id=None,
    )


class PageElements(HTMLParser):
    """The elements of a page, and every address in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.hrefs: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        for name, value in attrs:
            if name.startswith("on"):
                self.handlers.append(name)
            if name in ("src", "href", "action"):
                (self.hrefs if tag == "a" else self.loads).append(value or "")


def pages(folder: Path) -> Iterator[tuple[Path, PageElements]]:
    for file in folder.rglob("*.html"):
        yield file, PageElements(file.read_text("utf-8"))


def test_what_comes_from_outside_is_escaped_and_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    target = tmp_path / "site"
    count = write_site((stored(n, HOSTILE, source=HOSTILE[:20]) for n in range(1, 4)), target, NOW)
    assert count == 3
    seen = dict(pages(target))
    assert {file.relative_to(target).as_posix() for file in seen} >= {
        "index.html", "sources.html", "search.html", "a/0/1.html", "a/0/3.html",
    }  # fmt: skip  # a list of files
    for file, page in seen.items():
        assert page.handlers == [], file
        assert "img" not in page.names
        assert page.names.count("script") == (2 if file.name == "search.html" else 0)
        assert not [one for one in page.loads if ":" in one or one.startswith("//")]
        assert not [one for one in page.hrefs if one.lower().startswith("javascript")]
        inside = [one for one in page.hrefs if not one.startswith(("https://a.example/", "#"))]
        assert [one for one in inside if not (file.parent / one).exists()] == [], "every link leads to a page"
    shown = (target / "a/0/1.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in shown
    assert "\x1b" not in shown
    assert '<a href="https://a.example/h">harbour</a>' in shown
    assert "2 blocks cut: recurs &lt;i&gt;; model 0.10" in shown
    assert shown.count("<details>") == 1
    css = (target / "site.css").read_text()
    assert "url(" not in css
    assert "@import" not in css


def test_the_newest_come_first_and_lists_go_over_pages(tmp_path: Path) -> None:
    many = [stored(n, f"Number {n}", source="b" if n % 2 else "a", day=n) for n in range(1, 121)]
    write_site(reversed(many), tmp_path / "s", NOW)
    first = (tmp_path / "s/index.html").read_text()
    assert re.findall(r">Number (\d+)</a>", first) == [str(n) for n in range(1, 51)]
    assert 'href="index-3.html"' in first
    assert len(re.findall(r">Number (\d+)</a>", (tmp_path / "s/index-3.html").read_text())) == 20
    assert re.findall(r">Number (\d+)</a>", (tmp_path / "s/source-1-a-2.html").read_text())[-1] == "120"
    sources = (tmp_path / "s/sources.html").read_text()
    assert sources.count('<td class="n">60</td>') == 2


def test_a_folder_of_somebody_else_is_left_alone_and_ones_own_is_replaced(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "diary.txt").write_text("dear diary")
    with pytest.raises(WrongUse, match="holds other files"):
        write_site([stored(1, "x")], other, NOW)
    write_site([stored(1, "x"), stored(2, "y")], tmp_path / "s", NOW)
    write_site([stored(2, "y")], tmp_path / "s", NOW)
    assert not (tmp_path / "s/a/0/1.html").exists(), "what was taken down is gone"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["other", "s"]

    def broken() -> Iterator[StoredArticle]:
        yield stored(3, "z")
        raise OSError(28, "No space left on device")

    with pytest.raises(Exception, match="No space left"):
        write_site(broken(), tmp_path / "s", NOW)
    assert (tmp_path / "s/a/0/2.html").exists(), "the old one stays whole"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["other", "s"]


def test_words_are_indexed_as_they_are_looked_for() -> None:
    assert list(terms("Größe, ÉTÉ 2026!")) == ["große", "ete", "2026"]
    assert list(terms("東京都は")) == ["東京", "京都", "都は"]
    assert list(terms("SARS2東京 x")) == ["sars2", "東京", "x"]


def test_the_index_holds_places_by_rank(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path)
    index.add(0, "Ferry late", "The ferry was late")
    index.add(1, "Snow", "No ferry")
    index.write(tmp_path, [1, 0])
    text = (tmp_path / f"{file_number('ferry'):02x}.js").read_text()
    found = json.loads(text.partition(",")[2].rstrip(")\n"))
    assert found["ferry"] == "1;0"


def test_memory_does_not_grow_with_the_texts(tmp_path: Path) -> None:
    long = tuple(Block(text=f"word{at} " * 100) for at in range(50))  # 30 KB an article

    def some(count: int) -> Iterator[StoredArticle]:
        return (stored(n, f"Number {n}", blocks=long) for n in range(1, count + 1))

    peaks = []
    for count in (5, 35):
        tracemalloc.start()
        write_site(some(count), tmp_path / f"s{count}", NOW)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000, peaks


def test_the_command_writes_the_site_of_the_home(run_ingest: RunIngest, home: Path) -> None:
    assert run_ingest("report", "--articles").code == 2, "no database yet"
    assert run_ingest("db", "upgrade").code == 0
    done = run_ingest("report", "--articles")
    assert (done.code, done.stdout) == (0, f"0 articles in {home / 'site' / 'index.html'}\n")
    assert "No articles yet" in (home / "site/index.html").read_text()


# ---------------------------------------------------------------- in a browser


@pytest.mark.slow
def test_it_fits_every_screen_and_the_search_finds(chromium: Any, tmp_path: Path) -> None:
    table = (Block(text="Year | Rain | Sun | Wind | Snow", kind=BlockKind.ROW), Block(text="a" * 300))
    many = [stored(n, f"Harbour {n}", day=n) for n in range(1, 60)]
    write_site([*many, stored(60, HOSTILE, blocks=(*BLOCKS, *table))], tmp_path / "site", NOW)
    top = (tmp_path / "site").as_uri()
    faults: list[str] = []
    for width in (390, 1280, 1920):
        for scheme in ("light", "dark"):
            view = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            view.on("console", lambda message: faults.append(message.text))
            view.on("pageerror", lambda error: faults.append(str(error)))
            view.on("dialog", lambda dialog: faults.append("a dialog"))
            view.on("request", lambda request: None if request.url.startswith(top) else faults.append(request.url))
            for page in ("index.html", "a/0/60.html", "sources.html", "search.html?q=harbour", "index-2.html"):
                view.goto(f"{top}/{page}")
                assert view.evaluate("document.documentElement.scrollWidth") <= width, page
            assert faults == []
            view.close()
    view = chromium.new_page()
    view.goto(f"{top}/search.html?q=harb+1")
    view.wait_for_selector("#hits li")
    assert view.locator("#hits .title").first.text_content() == "Harbour 1"
    view.fill("input[name=q]", "京都")
    view.keyboard.press("Enter")
    view.wait_for_selector("#said:has-text('60 articles')")
    view.fill("input[name=q]", "harbour xylophone")
    view.keyboard.press("Enter")
    view.wait_for_selector("#said:has-text('Nothing found')")
    for text in ("Größe, ÉTÉ İstanbul 2026!", "東京都は日本", "Ελλάδα ΣΊΣΥΦΟΣ", "ภาษาไทย SARS2東京", "한국어 ﬁne ½ Đà"):
        assert view.evaluate("text => ingestTerms(text)", text) == list(terms(text)), text
    view.close()
