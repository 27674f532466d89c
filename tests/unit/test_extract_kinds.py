"""Kinds of markup inside one invented article: what of it stays in the body, and in which form.

A case is a piece of HTML that stands between the article's paragraphs; `keep` and `cut` are looked for in the body,
`lines` must be whole lines of it, `once` must occur exactly once.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.extract.article import explain, extract
from ingest.model import Page

KINDS = Path(__file__).parents[1] / "data" / "extract_kinds"
BEFORE = (
    "The lock was closed on Tuesday after a barge hit the lower gate, and nobody could say when it would open again.",
    "Forty boats are waiting on both sides, some of them with fruit that will not keep until the end of the week.",
    "The lock was built in 1911, and its gates were last replaced in the year when the old bridge was taken down.",
)
AFTER = (
    "A diver went down in the afternoon and came up with a piece of oak as long as his arm; the keeper has it now.",
    "The county wants to lift the gate with a crane from the port, if one can be brought up the river in time.",
)


def page(html: str) -> Page:
    text = "".join(f"<p>{line}</p>" for line in BEFORE) + html + "".join(f"<p>{line}</p>" for line in AFTER)
    menu = '<header><nav><a href="/news/">News</a> <a href="/sport/">Sport</a></nav></header>'
    foot = '<footer><a href="/imprint">Imprint</a></footer>'
    body = (
        f"<html><head><meta charset=utf-8><title>Barge closes lock at Oster</title></head><body>{menu}<main><article>"
        f"<h1>Barge closes lock at Oster</h1>{text}</article></main>{foot}</body></html>"
    )
    url, at = "https://ledger.example/2026/lock", datetime(2026, 11, 22, tzinfo=UTC)
    return Page(url=url, final_url=url, source="ledger", status=200, headers=(), body=body.encode(), fetched_at=at)


def cases() -> list[Any]:
    found = []
    for file in sorted(KINDS.glob("*.toml")):
        read = tomllib.loads(file.read_text(encoding="utf-8"))["case"]
        found += [pytest.param(case, id=f"{file.stem}: {case['name']}") for case in read]
    return found


@pytest.mark.parametrize("case", cases())
def test_markup_inside_an_article_comes_out_as_its_case_says(case: dict[str, Any]) -> None:
    body = extract(page(case["html"])).body
    assert [line for line in (*BEFORE, *AFTER) if line not in body] == []
    assert [text for text in case.get("keep", ()) if text not in body] == []
    assert [text for text in case.get("cut", ()) if text in body] == []
    assert [line for line in case.get("lines", ()) if line not in body.split("\n")] == []
    assert [text for text in case.get("once", ()) if body.count(text) != 1] == []


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ('<div style="display:none"><p>Nobody sees this line of text at all.</p></div>', "out of sight: display:none"),
        ('<div id="comments"><p>I saw it too, said a reader of the paper.</p></div>', "reader comments"),
        ('<p class="caption">The lock in the snow of last winter</p>', "caption by its box"),
        ("<p>https://ledger.example/elsewhere</p>", "nothing but an address"),
    ],
)
def test_explain_names_the_rule_that_cut_a_block(html: str, rule: str) -> None:
    assert rule in [item.reason for item in explain(page(html)) if not item.kept]
