"""Why a block is held to be boilerplate, in one line for people."""

from __future__ import annotations

from ingest.boilerplate.block_index import place_of
from ingest.boilerplate.decide import RECURS
from ingest.boilerplate.pattern import shape
from ingest.boilerplate.promotes import speaks
from ingest.model import BlockVerdict, KnownBlock
from ingest.text.phrases import mark

PLACE_STEPS = 2  # the end of a path names the box


def why_learned(block: KnownBlock, articles: int) -> str:
    """Return why a block has its verdict; `articles`: those of the source."""
    articles = max(articles, block.articles)  # some of those it was seen in may have been taken down since
    if block.verdict in (BlockVerdict.KEEP, BlockVerdict.CUT):
        return "a person's verdict"
    if block.verdict is None:
        return f"counted on {block.articles} of {articles} articles"
    if block.reason != RECURS:
        return f"{block.reason}, on {block.articles} of {articles} articles"
    reasons = [f"{RECURS} on {block.articles} of {articles} articles"]
    found = mark(block.text)
    if found is not None:
        reasons.append(f"asks: {found.kind}")
    elif speaks(shape(block.text)):
        reasons.append("speaks for the site or to its reader")
    if block.path:
        reasons.append("in " + "/".join(place_of(block.path).split("/")[-PLACE_STEPS:]))
    return "; ".join(reasons)
