"""Marking known boilerplate and taking it back: properties over any article and any knowledge."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate import strip, unstrip, why_cut
from ingest.boilerplate.pattern import ANYTHING, GAP, fits, merge, shape
from ingest.model import Article, Block, BlockKind, BlockVerdict, Cut, CutBy, KnownBlock, Learned

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SAID = (
    "Support our newsroom now",
    "The bridge is closed.",
    "Read also: tides",
    "Correction: it is 7 metres.",
    "OK",
    "—",
    "",
)
TEXTS = st.sampled_from(SAID) | st.text(max_size=40)
PATHS = st.sampled_from(("", "article/p", "article/div.box-17/p", "article/div.box-18/p"))
CUTS = st.none() | st.builds(
    Cut, by=st.sampled_from((CutBy.MODEL, CutBy.RULE)), reason=st.sampled_from(("model 0.04", "div.ad"))
)
BLOCKS = st.builds(
    Block, text=TEXTS, path=PATHS, cut=CUTS, kind=st.sampled_from(BlockKind), link_share=st.sampled_from((0.0, 0.9))
)
PATTERNS = TEXTS.map(shape) | st.just(ANYTHING) | TEXTS.map(lambda text: (*shape(text)[:2], GAP))
KNOWN = st.builds(
    KnownBlock,
    pattern=PATTERNS,
    text=TEXTS,
    path=PATHS,
    articles=st.just(5),
    first_on=st.just(DAY),
    last_on=st.just(DAY),
    verdict=st.sampled_from(BlockVerdict),
    reason=st.just("recurs"),
)
LEARNED = st.lists(KNOWN, max_size=5).map(lambda blocks: Learned(source="s", blocks=tuple(blocks)))


def _article(blocks: list[Block]) -> Article:
    return Article(source="s", url="https://s.example/1", fetched_at=NOW, blocks=tuple(blocks))


ARTICLES = st.lists(BLOCKS, max_size=8).map(_article)


@given(ARTICLES, LEARNED)
def test_strip_then_unstrip_restores_the_blocks(article: Article, learned: Learned) -> None:
    assert unstrip(strip(article, learned)) == article


@given(ARTICLES, LEARNED)
def test_stripping_twice_changes_nothing(article: Article, learned: Learned) -> None:
    once = strip(article, learned)
    assert strip(once, learned) == once


@given(ARTICLES, LEARNED, LEARNED)
def test_what_was_known_before_leaves_no_trace(article: Article, before: Learned, now: Learned) -> None:
    assert strip(strip(article, before), now) == strip(article, now)


@given(ARTICLES, LEARNED)
def test_texts_and_their_order_never_change(article: Article, learned: Learned) -> None:
    assert [block.text for block in strip(article, learned).blocks] == [block.text for block in article.blocks]


@given(ARTICLES, LEARNED)
def test_knowledge_that_travelled_strips_alike(article: Article, learned: Learned) -> None:
    assert strip(article, pickle.loads(pickle.dumps(learned))) == strip(article, learned)


@given(TEXTS, TEXTS)
def test_a_merged_pattern_fits_or_says_too_little(one: str, other: str) -> None:
    pattern = merge(shape(one), shape(other))
    if pattern == shape(one):
        assert fits(pattern, shape(one))
    assert len(pattern) <= 2 * max(len(shape(one)), len(shape(other))) + 1


def _known(text: str, verdict: BlockVerdict, **more: object) -> KnownBlock:
    block = KnownBlock(
        pattern=shape(text), text=text, articles=9, first_on=DAY, last_on=DAY, verdict=verdict, reason="recurs"
    )
    return replace(block, **more)  # type: ignore[arg-type]  # fields come from the calls below


APPEAL = "Give to the Valley Post what you can spare."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (APPEAL, False),
        ("GIVE TO THE VALLEY POST — what you can spare!", False),
        ("Give to the Valley Post what you can spare today.", False),
        ("The village gave to the church what it could spare.", True),
        (
            "Give to the Valley Post what you can spare, the mayor told a crowd of farmers on the square that morning.",
            True,
        ),
    ],
)
def test_a_known_block_is_met_in_other_dress_but_not_in_other_words(text: str, kept: bool) -> None:
    learned = Learned(source="s", blocks=(_known(APPEAL, BlockVerdict.LEARNED),))
    (block,) = strip(_article([Block(text=text)]), learned).blocks
    assert (block.cut is None) is kept
    if block.cut:
        assert (block.cut.by, block.cut.reason) == (CutBy.LEARNED, "recurs")


def test_a_persons_keep_takes_back_what_extraction_cut_but_not_a_rule() -> None:
    learned = Learned(source="s", blocks=(_known(APPEAL, BlockVerdict.KEEP),))
    by_model = Block(text=APPEAL, cut=Cut(by=CutBy.MODEL, reason="model 0.04"))
    by_rule = Block(text=APPEAL, cut=Cut(by=CutBy.RULE, reason="div.ad"))
    spared, ruled = strip(_article([by_model, by_rule]), learned).blocks
    assert (spared.cut, spared.spared) == (None, by_model.cut)
    assert ruled == by_rule


def test_a_correction_is_kept_whatever_was_learned_unless_a_person_cuts_it() -> None:
    note = "Correction: the dam is 70 metres high, not 90 metres."
    for verdict, by in ((BlockVerdict.LEARNED, None), (BlockVerdict.CUT, CutBy.PERSON)):
        (block,) = strip(_article([Block(text=note)]), Learned(source="s", blocks=(_known(note, verdict),))).blocks
        assert (block.cut and block.cut.by) == by


def test_a_persons_verdict_outranks_what_was_learned_of_the_same_words() -> None:
    blocks = (_known(APPEAL, BlockVerdict.LEARNED), _known(APPEAL, BlockVerdict.KEEP))
    (block,) = strip(_article([Block(text=APPEAL)]), Learned(source="s", blocks=blocks)).blocks
    assert block.cut is None


def test_a_learned_place_cuts_a_text_never_seen() -> None:
    place = _known("", BlockVerdict.LEARNED, pattern=ANYTHING, path="article/div.box-17/p", reason="a box of the site")
    learned = Learned(source="s", blocks=(place,))
    there, elsewhere = (
        Block(text="Something new.", path="article/div.box-99/p"),
        Block(text="Something new.", path="article/p"),
    )
    assert [block.cut is None for block in strip(_article([there, elsewhere]), learned).blocks] == [False, True]


def test_why_a_block_is_cut_is_reported_with_the_count_of_today() -> None:
    learned = Learned(source="s", articles=12, blocks=(_known(APPEAL, BlockVerdict.LEARNED),))
    cut, kept = strip(_article([Block(text=APPEAL), Block(text="The mill stood empty.")]), learned).blocks
    assert why_cut(cut, learned) == "recurs on 9 of 12 articles"
    assert why_cut(cut, Learned(source="s")) == "recurs"
    assert why_cut(kept, learned) == ""
