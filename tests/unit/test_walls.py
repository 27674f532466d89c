# ruff: noqa: E501 - markup of vendors reads better unbroken
"""Walls with status 200, and articles that speak of the same things: tests/data/screen/walls.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingest.extract.article import extract
from ingest.extract.screen import WALLS, screen
from tests.unit.seeds import page

DATA = Path(__file__).parents[1] / "data" / "screen" / "walls.toml"
MENU = '<header><a href="/">Front page</a><nav><a href="/news/">News</a> <a href="/sport/">Sport</a></nav></header>'
FOOT = '<footer><p>© 2026 The publisher</p><a href="/imprint">Imprint</a></footer>'
BUTTONS = "<button>OK</button> <button>...</button>"

# the containers that vendors' scripts make, as a page saved by a browser or rendered by the server has them
FRAMES = {
    "onetrust": '<div id="onetrust-consent-sdk"><div id="onetrust-banner-sdk" role="dialog"><div class="ot-sdk-container">'
    "<h2>{title}</h2>{text}{buttons}</div></div></div>",
    "sourcepoint": '<div id="sp_message_container_1041"><div class="message type-modal"><h1>{title}</h1>{text}{buttons}</div></div>',
    "didomi": '<div id="didomi-host"><div class="didomi-popup-container"><h1>{title}</h1>{text}{buttons}</div></div>',
    "iubenda": '<div id="iubenda-cs-banner"><div class="iubenda-cs-content"><h1>{title}</h1>{text}{buttons}</div></div>',
    "quantcast": '<div id="qc-cmp2-container"><div class="qc-cmp2-summary-section"><h2>{title}</h2>{text}{buttons}</div></div>',
    "usercentrics": '<main><section class="uc-banner-content"><h1>{title}</h1>{text}{buttons}</section></main>',
    "cookiewall": '<main><div class="cookiewall"><h1>{title}</h1>{text}{buttons}</div></main>',
    "plain": "<div><h1>{title}</h1>{text}</div>",
    "article": MENU + "<main><article><h1>{title}</h1>{text}</article></main>" + FOOT,
    "news": MENU + '<main><article><h1>{title}</h1><time datetime="2026-03-04T10:00:00+01:00">4 March 2026</time>{text}</article></main>'
    + FOOT,
}  # fmt: skip  # a table


@cache
def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(DATA.read_text("utf-8"))["case"]
    return found


def html(case: dict[str, Any]) -> str:
    text = "".join(f"<p>{line}</p>" for line in case["text"])
    body = FRAMES[case["frame"]].format(title=case["title"], text=text, buttons=BUTTONS)
    head = f'<meta charset="utf-8"><title>{case["title"]} – Brenn Courier</title>'
    return f'<!DOCTYPE html><html lang="{case["language"]}"><head>{head}</head><body>{body}</body></html>'


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_page(case: dict[str, Any]) -> None:
    url = "https://paper.example/news/two-divers-found-the-bell-of-the-halcyon"
    assert screen(extract(page(html(case).encode(), url)), min_words=30) == case.get("reason")


def test_thirty_walls_in_twelve_languages() -> None:
    walls = [case for case in cases() if "reason" in case]
    assert len(walls) >= 30
    assert len({case["language"] for case in walls}) >= 12
    assert {case["reason"] for case in walls} >= WALLS - {"captcha"}
