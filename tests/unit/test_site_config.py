"""Rule files that others keep: what is taken over, what is told, and that a person's own rules stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.model import ExtractionRules
from ingest.sources import load, write_rules
from ingest.sources.checks import selector_fault
from ingest.sources.site_config import NotTaken, added, file_for, read

FILE = """\ufeff# how this site writes its pages
title: //h1[@class='head']
body: //div[@id='text']
body: id('old')
strip: //p[contains(., 'Read (more)')]
strip_id_or_class: "promo"
strip_id_or_class: two words
next_page_link: concat('http://paper.example', //a[@rel='next']/@href)
single_page_link: //a[@class='print']
test_url: http://paper.example/story

tidy: no
replace_string(<i>): <em>
strip: //div[
strip: //div[lower-case(@class)='x']
author:
just words
"""


def test_what_has_a_counterpart_is_taken_and_every_other_line_is_told() -> None:
    config = read(FILE)
    assert config.rules == ExtractionRules(
        title=("//h1[@class='head']",),
        body=("//div[@id='text']", "(id('old'))"),
        strip=("//p[contains(., 'Read (more)')]", '[class*="promo"], [id*="promo"]'),
        next_page=("(concat('http://paper.example', //a[@rel='next']/@href))",),
        single_page=("//a[@class='print']",),
    )
    assert [(one.line, one.text) for one in config.not_taken] == [
        (7, "strip_id_or_class: two words"),
        (12, "tidy: no"),
        (13, "replace_string(<i>): <em>"),
        (14, "strip: //div["),
        (15, "strip: //div[lower-case(@class)='x']"),
        (16, "author:"),
        (17, "just words"),
    ]


@pytest.mark.parametrize(
    "text", ["", "\0\x01:\n:::\n", "strip:" * 10_000, "body: " + "(" * 5_000, "strip: /" + "/a" * 9_000]
)
def test_any_bytes_can_be_read(text: str) -> None:
    config = read(text)
    assert all(isinstance(one, NotTaken) for one in config.not_taken)
    for selectors in (config.rules.strip, config.rules.body):
        assert not any(selector_fault(selector) for selector in selectors)


@pytest.mark.parametrize(
    ("url", "files", "expected"),
    [
        ("https://www.paper.example/", {"paper.example.txt", ".paper.example.txt"}, "paper.example.txt"),
        ("https://news.paper.example/", {"paper.example.txt", ".paper.example.txt"}, ".paper.example.txt"),
        ("https://paper.example/", {".paper.example.txt"}, ".paper.example.txt"),
        ("https://a.b.paper.example/", {".paper.example.txt", ".b.paper.example.txt"}, ".b.paper.example.txt"),
        ("https://news.paper.example/", {"paper.example.txt"}, None),
        ("https://otherpaper.example/", {".paper.example.txt"}, None),
    ],
)
def test_a_file_is_for_its_host_or_for_all_below_a_domain(url: str, files: set[str], expected: str | None) -> None:
    assert file_for(url, files) == expected


def test_a_person_s_rules_of_a_kind_stay() -> None:
    own = ExtractionRules(strip=(".own",), title=("h1",))
    others = ExtractionRules(strip=(".theirs",), title=("h1",), body=("main",))
    assert added(own, others) == (ExtractionRules(body=("main",)), ("strip",))


def test_rules_are_written_beside_what_a_person_wrote(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    mine = '# mine\n[sources.paper]\nurl = "https://paper.example"  # as I wrote it\n'
    file.write_text(f'{mine}[sources.paper.rules]\nstrip = [".own"]\n')
    assert write_rules(tmp_path, "paper", ExtractionRules(body=('//div[@id="text"]',))) == file
    assert file.read_text().startswith(mine)
    assert load(tmp_path).named("paper").rules == ExtractionRules(strip=(".own",), body=('//div[@id="text"]',))


@pytest.mark.parametrize(
    ("selector", "is_sound"),
    [
        ("//div[contains(concat(' ', @class, ' '), ' x ')]", True),
        ("//p[not(@id) and (position() > 1 or last())]", True),
        ("//a[contains(text(), 'lower-case(x)')]", True),
        ('a[href$=".pdf"]', True),
        ("p:not(.lead)", True),
        ("//a[matches(@href, 'x')]", False),
        ("//a[re:test(@href, 'x')]", False),
        ("//a[@href = $next]", False),
    ],
)
def test_an_xpath_that_would_fail_on_each_page_is_refused(selector: str, is_sound: bool) -> None:
    assert (selector_fault(selector) == "") is is_sound
