"""Markdown of a block shows its words and nothing else, whatever they look like."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from ingest.export.inline_markdown import address_of, inline
from ingest.export.markup import inline as html_inline
from ingest.model import Block

BASE = "https://a.example/x/"
CASES = {
    # written markdown, text, what is exported
    "emphasis": ("A **bold** and *soft* word", "A bold and soft word", "A **bold** and *soft* word"),
    "a tag in an emphasised paragraph": (
        "**Note** <script>alert(1)</script>",
        "Note <script>alert(1)</script>",
        r"**Note** \<script\>alert(1)\</script\>",
    ),
    "a tag in emphasis": ("**<b onclick=x>**", "<b onclick=x>", r"**\<b onclick=x\>**"),
    "a link": ("See [it](https://b.example/a_b)", "See it", "See [it](https://b.example/a_b)"),
    "a relative link": ("See [it](../y)", "See it", "See [it](https://a.example/y)"),
    "a link of another scheme": ("[it](javascript:alert%281%29) now", "it now", "it now"),
    "a link with a scheme in capitals": ("[it](JavaScript:x) now", "it now", "it now"),
    "a link to a file": ("[it](file:///etc/passwd) now", "it now", "it now"),
    "a mail address": ("[us](mailto:us@a.example)", "us", "[us](mailto:us@a.example)"),
    "a link that was text": ("[x](javascript:y) **b**", "[x](javascript:y) b", r"\[x\](javascript:y) b"),
    "stars that were text": ("5 * 3 * 2 and **b**", "5 * 3 * 2 and b", r"5 \* 3 \* 2 and **b**"),
    "code": ("Run `rm -rf *` <now>", "Run rm -rf * <now>", r"Run `rm -rf *` \<now\>"),
    "a list sign at the start": ("- **b**", "- b", r"\- **b**"),
    "a number at the start": ("1. **b**", "1. b", r"1\. **b**"),
    "emphasis in a link": ("[**b** <i>](https://b.example/)", "b <i>", r"[**b** \<i\>](https://b.example/)"),
    "an angle bracket in an address": ("[x](https://b.example/<a>)", "x", "[x](https://b.example/%3Ca%3E)"),
    "no markdown": (None, "# <b>*", r"\# \<b\>\*"),
}


@pytest.mark.parametrize("case", CASES)
def test_text_is_escaped_beside_signs(case: str) -> None:
    markdown, text, exported = CASES[case]
    written = inline(Block(text=text, markdown=markdown), BASE)
    assert written == exported
    shown = MarkdownIt("commonmark").enable("strikethrough").render(written)
    assert "<script" not in shown
    assert "javascript:" not in "".join(part for part in shown.split("href=")[1:])


@pytest.mark.parametrize(
    "href",
    [
        "javascript:x",
        "JAVASCRIPT:x",
        " javascript:x",
        "data:text/html,x",
        "vbscript:x",
        "java\nscript:x",
        "http://[bad",
    ],
)
def test_only_web_and_mail_addresses_are_links(href: str) -> None:
    address = address_of(href, BASE)
    assert address is None or address.startswith("https://a.example/")


def test_a_link_of_another_scheme_does_not_cost_the_others_in_html() -> None:
    block = Block(text="a b c", markdown="[a](ftp://x/) [b](https://b.example/) [c](mailto:c@x.example)")
    assert html_inline(block) == 'a <a href="https://b.example/">b</a> <a href="mailto:c@x.example">c</a>'
