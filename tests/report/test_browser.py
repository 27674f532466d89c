"""The report as a browser shows it: a real headless Chromium, driven by keys, in three shapes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.archive import NOW, fill
from ingest.model import SavedSearch
from ingest.report.numbers import gather
from ingest.report.overview import page
from ingest.store import open_store
from tests.report.test_report import SMALL

WORD = "a*"
pytestmark = pytest.mark.slow  # starts a browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    with open_store(f"sqlite:///{folder / 'ingest.db'}", create=True) as store:
        fill(store, SMALL)
        (folder / "report.html").write_text(
            page(
                gather(
                    store, NOW, 30, [SavedSearch(name="a word", query=WORD), SavedSearch(name="none", query="xyzzy")]
                )
            ),
            encoding="utf-8",
        )
    return (folder / "report.html").as_uri()


SHAPES = ((1280, 900, "light"), (1280, 900, "dark"), (360, 740, "light"), (360, 740, "dark"))


@pytest.mark.parametrize(("width", "height", "scheme"), SHAPES)
def test_it_fits_asks_for_nothing_and_has_no_fault(
    chromium: Any, report: str, width: int, height: int, scheme: str, tmp_path: Path
) -> None:
    asked: list[str] = []
    faults: list[str] = []
    view = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    view.on("request", lambda request: asked.append(request.url))
    view.on("console", lambda message: faults.append(message.text))
    view.on("pageerror", lambda error: faults.append(str(error)))
    view.goto(report)
    assert asked == [report]
    assert faults == []
    assert view.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scrolling of the page"
    assert view.locator("figure svg").count() == 7
    small = view.evaluate(
        "Math.min(...[...document.querySelectorAll('figure svg text')].map(t => t.getBoundingClientRect().height))"
    )
    assert small >= 8.5, "letters in the plots that can be read"
    paper, ink = view.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    brightness = [sum(map(int, colour.strip("rgb()").split(","))) / 3 for colour in (paper, ink)]
    assert (brightness[0] > brightness[1]) is (scheme == "light")
    assert abs(brightness[0] - brightness[1]) > 150
    view.screenshot(path=tmp_path / "report.png", full_page=True)
    view.close()


def test_keys_are_enough(chromium: Any, report: str) -> None:
    view = chromium.new_page(viewport={"width": 1280, "height": 900})
    view.goto(report)
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(80):
        view.keyboard.press("Tab")
        reached.add(view.evaluate("document.activeElement.tagName + ' ' + (document.activeElement.ariaLabel || '')"))
    assert "DIV Sources" in reached
    assert "SUMMARY " in reached
    article = view.locator("#newest ~ details").first
    article.locator("summary").focus()
    assert not article.locator("del").first.is_visible()
    view.keyboard.press("Enter")
    assert article.locator("del").first.is_visible()
    assert "line-through" in article.locator("del").first.evaluate("e => getComputedStyle(e).textDecorationLine")
    view.close()
