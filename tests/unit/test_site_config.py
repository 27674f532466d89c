"""Rule files that others keep: what is taken over, what is reported, and that a person's own rules stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.model import ExtractionRules
from ingest.sources import load, write_rules
from ingest.sources.checks import selector_fault
from ingest.sources.site_config import NameMatch, NotTaken, added, file_for, read

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


def test_what_has_a_counterpart_is_taken_and_every_other_line_is_reported() -> None:
    config = read(FILE)
    assert config.rules == ExtractionRules(
        title=("//h1[@class='head']",),
        body=("//div[@id='text']", "(id('old'))"),
        strip=(
            "//p[contains(., 'Read (more)')]",
            '[class*="promo"], [id*="promo"]',
            '[class*="two words"], [id*="two words"]',
        ),
        next_page=("(concat('http://paper.example', //a[@rel='next']/@href))",),
        single_page=("//a[@class='print']",),
    )
    assert [(one.line, one.text) for one in config.not_taken] == [
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
        ("https://paper.example/", {".paper.example.txt"}, None),
        ("https://www.paper.example/", {".paper.example.txt"}, None),
        ("https://news.paper.example/", {"news.paper.example.txt", ".paper.example.txt"}, "news.paper.example.txt"),
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
        ("//p/following-sibling::text()", True),
        ("//div/descendant::node()[2]", True),
        ("//body/comment()", True),
        ("//a[matches(@href, 'x')]", False),
        ("//a[re:test(@href, 'x')]", False),
        ("//a[@href = $next]", False),
    ],
)
def test_an_xpath_that_would_fail_on_each_page_is_refused(selector: str, is_sound: bool) -> None:
    assert (selector_fault(selector) == "") is is_sound


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("strip: //main/text()", ExtractionRules()),
        ("strip: (//main/text())[1]", ExtractionRules()),
        ("strip: //main//@style", ExtractionRules()),
        ("strip: //p/attribute::class", ExtractionRules()),
        ("strip: //comment()", ExtractionRules()),
        ("strip: count(//p)", ExtractionRules()),
        ("strip: //p[text()='a | b']", ExtractionRules(strip=("//p[text()='a | b']",))),
        ("strip: //aside | //nav/@id", ExtractionRules()),
        ("strip: //div[@id='x']/node()", ExtractionRules(strip=("//div[@id='x']",))),
        ("strip: //h2/following-sibling::node()", ExtractionRules(strip=("//h2/following-sibling::*",))),
        ("body: //div[@class='t']/text()", ExtractionRules(body=("//div[@class='t']",))),
        ("body: //meta/@content", ExtractionRules()),
        ("body: //div[@a] | //div[@b]", ExtractionRules(body=("//div[@a] | //div[@b]",))),
        (
            "title: //meta[@property='og:title']/@content",
            ExtractionRules(title=("//meta[@property='og:title']/@content",)),
        ),
        ("title: substring-before(//title, '|')", ExtractionRules(title=("(substring-before(//title, '|'))",))),
        ("strip_id_or_class: 'toc fixed'", ExtractionRules(strip=('[class*="toc fixed"], [id*="toc fixed"]',))),
    ],
)
def test_a_rule_cuts_what_the_line_means_or_is_not_taken(line: str, rules: ExtractionRules) -> None:
    config = read(line)
    assert config.rules == rules
    assert bool(config.not_taken) is (rules == ExtractionRules())


CONDITIONS = {
    "after its link": (
        "single_page_link: //a\nif_page_contains: //div[@id='c']",
        ExtractionRules(single_page=("(//a)[boolean(//div[@id='c'])]",)),
        0,
    ),
    "of the last of two links": (
        "next_page_link: //a[1]\nsingle_page_link: //a[2]\nstrip: //aside\nif_page_contains: //b",
        ExtractionRules(next_page=("//a[1]",), single_page=("(//a[2])[boolean(//b)]",), strip=("//aside",)),
        0,
    ),
    "without a link": ("if_page_contains: //b", ExtractionRules(), 1),
    "that cannot be read": ("single_page_link: //a\nif_page_contains: //b[", ExtractionRules(), 2),
    "of a link that gives a text": ("single_page_link: concat('a', 'b')\nif_page_contains: //b", ExtractionRules(), 1),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_condition_belongs_to_the_link_before_it(case: str) -> None:
    text, rules, not_taken = CONDITIONS[case]
    config = read(text)
    assert config.rules == rules
    assert len(config.not_taken) == not_taken


def test_a_condition_decides_over_its_link() -> None:
    from lxml import html

    from ingest.extract.rules import addresses

    (rule,) = read("single_page_link: //a\nif_page_contains: //b").rules.single_page
    assert addresses(html.document_fromstring("<p><a href=/x>x</a>"), rule) == ()
    assert addresses(html.document_fromstring("<p><b>b</b><a href=/x>x</a>"), rule) == ("/x",)


def test_names_match_as_parts_or_as_whole_words() -> None:
    from lxml import html

    from ingest.extract.rules import matches

    tree = html.document_fromstring("<p class='badge'>1<p class='big ad'>2<p id=ad>3<p class='toc  fixed'>4")
    found = {
        (name, how): "".join(
            one.text for one in matches(tree, read(f"strip_id_or_class: {name}", names=how).rules.strip[0])
        )
        for name in ("ad", "toc fixed")
        for how in NameMatch
    }
    assert found == {
        ("ad", NameMatch.PART): "123",
        ("ad", NameMatch.WORD): "23",
        ("toc fixed", NameMatch.PART): "",
        ("toc fixed", NameMatch.WORD): "4",
    }
