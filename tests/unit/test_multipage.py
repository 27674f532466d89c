"""Articles over several pages: which page comes next, and what is left of what every page repeats."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from ingest.extract.article import extract
from ingest.extract.multipage import pagenumbers
from ingest.extract.multipage.joining import joined
from ingest.extract.multipage.pagenumbers import first_page, next_page, single_page
from ingest.model import Article, Block, BlockKind, ExtractionRules, FetchedPart, Page, Source, Validators

HOST = "https://paper.example"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).parents[1].joinpath("data/pages.toml").read_text())["case"]


def page(url: str, html: str, status: int = 200) -> Page:
    return Page(
        url=url,
        final_url=url,
        source="paper",
        status=status,
        headers=(("Content-Type", "text/html; charset=utf-8"), ("ETag", '"1"')),
        body=f"<!DOCTYPE html><html><head><title>t</title></head><body>{html}</body></html>".encode(),
        fetched_at=NOW,
    )


def absolute(path: str | None) -> str | None:
    return urljoin(HOST, path) if path else None


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_page_that_comes_next_and_the_one_that_came_first(case: dict[str, Any]) -> None:
    rules = ExtractionRules(**{name: tuple(written) for name, written in case.get("rules", {}).items()})
    here = page(HOST + case["url"], case["html"])
    first = HOST + case.get("begin", case["url"])
    assert next_page(here, first, case.get("at", 1), rules) == absolute(case["next"])
    assert first_page(here) == absolute(case.get("first"))
    assert single_page(here, rules) == absolute(case.get("single"))


def test_a_page_without_links_to_numbers_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_page: Page) -> None:
        raise AssertionError("parsing costs milliseconds in the process of the crawl")

    monkeypatch.setattr(pagenumbers, "parse", parse)
    url = f"{HOST}/2026/03/02/a-long-story-from-town"
    here = page(url, '<a rel="next" href="/2026/03/03/another-story">Next</a><a href="/about">2</a>')
    assert next_page(here, url, 1, ExtractionRules()) is None
    assert first_page(here) is None


# ---------------------------------------------------------------- joining

STANDFIRST = "What the river took from the town in one night in March, and who paid for it."
ONE = "The water came after midnight, when the town was asleep and nobody looked."
TWO = "In the morning the mayor stood on the bridge and counted the houses."
THREE = "The insurance people came in the second week, with forms of nine pages."
FOUR = "A year later nobody speaks of it, and the wall is as low as before."
BIO = "Anna Berg has written about rivers for this paper since the great flood."


def article(*texts: str | Block, **more: Any) -> Article:
    blocks = tuple(Block(text=text) if isinstance(text, str) else text for text in texts)
    return Article(source="paper", url=f"{HOST}/story", fetched_at=NOW, blocks=blocks, **more)


def part(number: int, **more: Any) -> FetchedPart:
    url = f"{HOST}/story?page={number}"
    return FetchedPart(**({"url": url, "page": page(url, "")} | more))


def texts(of: Article) -> list[str]:
    return [block.text for block in of.kept]


def test_what_every_page_repeats_stands_once() -> None:
    first = article(STANDFIRST, ONE, "Page 1 of 3", BIO)
    second = article(STANDFIRST, ONE, TWO, "Page 2 of 3", BIO)
    third = article(STANDFIRST, TWO, THREE, FOUR, "Page 3 of 3", BIO)
    whole = joined(first, [(part(2), second), (part(3), third)])
    assert texts(whole) == [STANDFIRST, ONE, TWO, THREE, FOUR, BIO]
    assert len(whole.blocks) == 15, "what is cut is kept, with the reason"
    assert [one.note for one in whole.parts] == ["", ""]


def test_short_lines_of_their_own_may_come_again() -> None:
    pros = Block(text="Pros", kind=BlockKind.HEADING, level=3)
    first = article(ONE, pros, "Light.", TWO)
    second = article(THREE, pros, "Light.", FOUR)
    assert texts(joined(first, [(part(2), second)])) == [ONE, "Pros", "Light.", TWO, THREE, "Pros", "Light.", FOUR]


def test_numbered_chapters_keep_their_headings() -> None:
    pages = [
        article(Block(text=f"Chapter {n}", kind=BlockKind.HEADING, level=2), text) for n, text in ((1, ONE), (2, TWO))
    ]
    assert texts(joined(pages[0], [(part(2), pages[1])])) == ["Chapter 1", ONE, "Chapter 2", TWO]


def test_all_but_the_text_is_the_first_page_s() -> None:
    first = article(ONE, title="The river", authors=("Anna Berg",), validators=Validators(etag='"1"'))
    second = article("The river", TWO, title="The river (page 2)", authors=("Nobody",))
    whole = joined(first, [(part(2), second)])
    assert (whole.title, whole.authors, texts(whole)) == ("The river", ("Anna Berg",), [ONE, TWO])
    assert whole.validators == first.validators


def test_a_page_that_came_to_nothing_leaves_the_rest_and_the_next_look_is_a_whole_one() -> None:
    first = article(ONE, validators=Validators(etag='"1"'))
    wall = extract(
        page(f"{HOST}/story?page=3", "<h1>Access denied</h1><p>Please log in. Subscribe to read on.</p>", 403)
    )
    whole = joined(first, [(part(2), article(TWO)), (part(3), wall), (part(4, page=None, note="http-404"), None)])
    assert texts(whole) == [ONE, TWO]
    assert [one.note for one in whole.parts] == ["", "error-page", "http-404"]
    assert whole.validators == Validators()


def test_the_whole_on_one_page_takes_the_place_of_the_first() -> None:
    single = part(1, whole=True)
    whole = joined(article(STANDFIRST, ONE), [(single, article(STANDFIRST, ONE, TWO, THREE))])
    assert texts(whole) == [STANDFIRST, ONE, TWO, THREE]
    shorter = joined(article(STANDFIRST, ONE), [(single, article(ONE))])
    assert (texts(shorter), shorter.parts[0].note) == ([STANDFIRST, ONE], "shorter")


def test_pages_that_failed_to_come_as_one_are_joined_one_by_one() -> None:
    failed = part(1, whole=True, page=None, note="http-404")
    assert texts(joined(article(ONE), [(failed, None), (part(2), article(TWO))])) == [ONE, TWO]


# ---------------------------------------------------------------- rules

HTML = f"""<h1>Site news</h1>
<div class="story"><h2 class="head">The river took the town</h2><p>By Anna Berg</p>
<p>{ONE} {TWO}</p><p>{THREE}</p></div>
<div class="also"><p>{FOUR} {BIO}</p></div>"""


@pytest.mark.parametrize(("body", "inside", "outside"), [("div.story", THREE, FOUR), ("//div[2]", FOUR, THREE)])
def test_rules_for_title_and_body_outrank_what_the_page_looks_like(body: str, inside: str, outside: str) -> None:
    rules = ExtractionRules(title=("h2.head",), body=("div.nowhere", body))
    read = extract(page(f"{HOST}/story", HTML), Source(name="paper", url=HOST, rules=rules))
    assert read.title == "The river took the town"
    assert next(claim.origin for claim in read.claims if claim.won) == "rule"
    assert inside in read.body
    assert outside not in read.body
    assert read.title not in texts(read)
