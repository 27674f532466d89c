"""One huge block does not ruin a page: state in scripts, data in boxes, pictures as text."""

from __future__ import annotations

import pytest

from ingest import extract

PARAGRAPHS = [
    f"Sentence number {n} of the article says something plain about the harbour works, the council and the money "
    "that was set aside for them this year."
    for n in range(12)
]
FIRST, SECOND = ("".join(f"<p>{text}</p>" for text in half) for half in (PARAGRAPHS[:6], PARAGRAPHS[6:]))
STATE = "a=b<c;" * 200_000
WORDS = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod " * 6_000
HUGE = {
    "state in a script": f"<script>window.__STATE__='{STATE}'</script>",
    "state in an upper-case script": f"<SCRIPT type=module>{STATE}</SCRIPT >",
    "a style sheet": f"<style>{'a[x=y]>b{c:d}' * 100_000}</style>",
    "a comment": f"<!-- {STATE} -->",
    "data in a box": f"<div class='state'>{WORDS}</div>",
    "data in a hidden box": f"<div hidden>{WORDS}</div>",
    "preformatted data": f"<pre>{WORDS}</pre>",
    "JSON in a paragraph": "<p>" + '{"key": "value", "n": 1},' * 20_000 + "</p>",
    "a picture in base64": f"<p>{'QUJD' * 100_000}</p>",
    "a text behind an element": f"<div><br>{WORDS}</div>",
}


@pytest.mark.parametrize("place", ["before", "inside", "after"])
@pytest.mark.parametrize("name", HUGE)
def test_the_article_beside_a_huge_block_is_kept_whole(name: str, place: str) -> None:
    block = {"before": "", "inside": "", "after": ""} | {place: HUGE[name]}
    html = (
        f"<html><head><title>Harbour works</title></head><body><nav><a href=/>Home</a></nav>{block['before']}"
        f"<article><h1>Harbour works</h1>{FIRST}{block['inside']}{SECOND}</article>{block['after']}</body></html>"
    )
    body = extract(html).text
    assert [text for text in PARAGRAPHS if text not in body] == []
    assert len(body) < 3_000


def test_a_page_of_one_long_plain_text_is_kept() -> None:
    text = "\n\n".join(f"{n}. Section {n} of a long document without markup says something." for n in range(1500))
    html = f"<html><head><title>A long text</title></head><body><h1>A long text</h1><pre>{text}</pre></body></html>"
    assert "Section 1499 of a long document" in extract(html).text
