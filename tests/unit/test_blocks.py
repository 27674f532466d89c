"""How alignments and probabilities decide on segments, and the Markdown of one block."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.extract.body.alignment import align
from ingest.extract.body.appeals import appeals
from ingest.extract.body.authornotes import author_notes
from ingest.extract.body.blocks import ALONE, HEARD, SegmentEvidence, beyond_doubt, shipped, verdicts
from ingest.extract.body.gap_filling import headings
from ingest.extract.body.tree_ensemble import TreeEnsemble
from ingest.extract.html.markdown import InlineMark, inline
from ingest.extract.html.segments import segments
from ingest.extract.html.tree import parse_bytes
from ingest.model import BlockKind

LONG = "A paragraph long enough to stand in one place of the page only, as most of them are."
OTHER = "Another paragraph which says something else and is also of the length that paragraphs have."


def test_a_teaser_does_not_stand_for_the_paragraph_it_repeats() -> None:
    said = align([LONG, "Menu", "Heading", LONG, OTHER], ["Heading", LONG, OTHER]).said
    assert said == (0.0, 0.0, 1.0, 1.0, 1.0)


def test_an_entry_of_the_contents_does_not_stand_for_its_heading() -> None:
    said = align(["One", "Two", "Lead", "One", LONG, "Two", OTHER], ["Lead", "One", LONG, "Two", OTHER]).said
    assert said == (0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def test_white_space_list_signs_and_cell_borders_make_no_difference() -> None:
    assert align(["one  two", "a | b"], ["- one two", "| a | b |"]).said == (1.0, 1.0)


def test_a_line_that_no_segment_has_is_lost_with_its_place() -> None:
    assert align(["Lead", OTHER], ["Lead", LONG, OTHER]).lost == ((0, LONG),)


def test_a_segment_that_the_witness_has_in_part_is_heard_in_part() -> None:
    (share,) = align([LONG + " Photo: somebody"], [LONG]).said
    assert 0.5 < share < 1.0


@pytest.mark.parametrize(("texts", "lines"), [((), ()), ((), ("a",)), (("a",), ()), (("",), ("",))])
def test_nothing_to_hear_is_no_error(texts: tuple[str, ...], lines: tuple[str, ...]) -> None:
    assert len(align(texts, lines).said) == len(texts)


def judged(probability: float, *, said: bool, stated: bool = False, appeal: str | None = None) -> bool:
    (verdict,) = verdicts(
        SegmentEvidence(
            texts=[LONG],
            said=np.array([said]),
            stated=np.array([stated]),
            alone=np.array([probability]),
            heard=np.array([probability]),
            titles=[False],
            appeals=[appeal],
        )
    )
    return verdict.keep


def test_trafilatura_decides_between_the_margins() -> None:
    assert judged(0.45, said=True)
    assert not judged(0.45, said=False)


def test_the_model_overrules_trafilatura_only_when_sure() -> None:
    assert not judged(0.1, said=True)
    assert judged(0.9, said=False)


def test_the_article_body_keeps_what_the_model_only_half_wants() -> None:
    assert judged(0.2, said=False, stated=True)
    assert not judged(0.05, said=False, stated=True)


def test_a_copy_for_another_screen_is_cut() -> None:
    found = verdicts(
        SegmentEvidence(
            texts=[LONG, LONG],
            said=np.array([True, True]),
            stated=np.array([False, False]),
            alone=np.array([0.9, 0.9]),
            heard=np.array([0.9, 0.9]),
            titles=[False, False],
            appeals=[None, None],
        )
    )
    assert [verdict.keep for verdict in found] == [True, False]


P, H = BlockKind.PARAGRAPH, BlockKind.HEADING


@pytest.mark.parametrize(
    ("likely", "places", "back"),
    [
        ([0.9, 0.3, 0.9, 0.3, 0.9], [0, 1, 0, 1, 0], [1, 3]),
        ([0.9, 0.4, 0.9, 0.12, 0.9], [0, 1, 0, 1, 0], [1, 3]),  # one decision for a place
        ([0.9, 0.4, 0.9, 0.12, 0.9], [0, 1, 0, 2, 0], [1]),
        ([0.9, 0.4, 0.9, 0.05, 0.9], [0, 1, 0, 2, 0], [1]),
        ([0.9, 0.3, 0.9, 0.3, 0.2], [0, 1, 0, 1, 0], [1]),  # above what is cut
        ([0.2, 0.3, 0.9, 0.3, 0.9], [0, 1, 0, 1, 0], [3]),  # below nothing that is kept
    ],
)
def test_headings_inside_the_article_come_back_by_their_place(
    likely: list[float], places: list[int], back: list[int]
) -> None:
    kept = [share >= 0.5 for share in likely]
    assert headings(kept, np.array(likely), [False] * 5, [P, H, P, H, P], places) == back


def test_a_barred_heading_does_not_come_back() -> None:
    assert headings([True, False, True], np.array([0.9, 0.4, 0.9]), [False, True, False], [P, H, P], [0, 1, 0]) == []


def test_a_heading_right_above_the_article_is_kept_beside_it_however_unlikely() -> None:
    found = verdicts(
        SegmentEvidence(
            texts=["A heading", LONG, "Another"],
            said=np.array([False, True, False]),
            stated=np.zeros(3, dtype=bool),
            alone=np.array([0.01, 0.9, 0.01]),
            heard=np.array([0.01, 0.9, 0.01]),
            titles=[False] * 3,
            appeals=[None] * 3,
            kinds=[H, P, H],
        )
    )
    assert [(verdict.keep, verdict.doubted) for verdict in found] == [(False, True), (True, False), (False, False)]


@pytest.mark.parametrize(
    ("html", "noted"),
    [
        ("<div class=author-bio><p>Ida Marsh writes of rivers.</p></div>", True),
        ("<div class=author><div><p>Ida schreibt über Flüsse und Deiche.</p></div></div>", True),
        ("<div class=byline><p>Our own correspondent, Ida Marsh, lives by the sea.</p></div>", True),
        ("<div class=author-bio><p>Rivers are what she writes of.</p></div>", False),
        ("<div class=text><p>Ida Marsh, the mayor, wept.</p></div>", False),
        (f"<article class=author-ida><p>Ida fell asleep.</p><p>{LONG * 30}</p></article>", False),
        ("<p>Ida Marsh writes of rivers.</p>", False),
    ],
)
def test_a_note_on_the_author_names_one_in_a_box_for_authors(html: str, noted: bool) -> None:
    read = segments(parse_bytes(f"<body><div>{html}</div></body>".encode()))
    assert author_notes(read, ("Ida Marsh",))[0] == noted
    assert not author_notes(read, ()).any()
    assert not author_notes(read, ("", " ", "I. Rivers", "爱 玲")).any()


@pytest.mark.parametrize(
    ("html", "numbers"),
    [
        ("<ol><li>a<li>b<ol><li>c</ol><li>d</ol><ul><li>e</ul>", [1, 2, 1, 3, None]),
        ("<ol start=5><li><p>a<p>a too<li><div><b>b</b></div></ol>", [5, None, 6]),
        ("<ol reversed><li>a<li>b<li>c</ol>", [3, 2, 1]),
        ("<ol reversed start=9><li>a<li value=4>b<li>c</ol>", [9, 4, 3]),
        ("<ol start=x><li value=''>a<li value=0>b<li value=99999999999>c</ol>", [1, 0, 1]),
        ("<ol><p>no item</p><li><table><tr><td>a</table></ol><dl><dt>b<dd>c</dl>", [None, None, None, None]),
    ],
)
def test_items_of_a_numbered_list_know_their_numbers(html: str, numbers: list[int | None]) -> None:
    assert [one.number for one in segments(parse_bytes(f"<body>{html}</body>".encode()))] == numbers


def test_a_refrain_in_one_box_is_no_copy() -> None:
    found = verdicts(
        SegmentEvidence(
            texts=[LONG, OTHER, LONG, LONG],
            said=np.ones(4, dtype=bool),
            stated=np.zeros(4, dtype=bool),
            alone=np.full(4, 0.9),
            heard=np.full(4, 0.9),
            titles=[False] * 4,
            appeals=[None] * 4,
            boxes=[1, 1, 1, 2],
        )
    )
    assert [verdict.keep for verdict in found] == [True, True, True, False]


def test_an_opener_takes_the_reasons_up_to_the_asking_along() -> None:
    texts = [
        LONG,
        "Dear readers,",
        "We are a small newsroom in a small town.",
        "Please support us with a donation.",
        OTHER,
    ]
    assert [reason is not None for reason in appeals(texts)] == [False, True, True, True, False]


def test_a_correction_note_is_no_appeal() -> None:
    assert appeals([LONG, "Correction: an earlier version of this article gave a wrong year.", OTHER]) == [None] * 3


def test_probabilities_lie_between_nought_and_one_for_any_row() -> None:
    ensemble = shipped()
    for model in (ALONE, HEARD):
        features = ensemble.features[model]
        rows = np.vstack([np.zeros(features), np.full(features, 1e30), np.full(features, -1e30)])
        found = ensemble.probabilities(rows.astype(np.float32), model)
        assert found.shape == (3,)
        assert ((found > 0) & (found < 1)).all()


def test_trees_part_rows_at_their_thresholds_and_sum_up_their_leaves() -> None:
    stump = TreeEnsemble(
        feature=np.array([1, 0, 0]),
        threshold=np.array([2.0, np.inf, np.inf], dtype=np.float32),
        child=np.array([1, 1, 2]),
        value=np.array([0.0, -1.0, 1.0], dtype=np.float32),
        root=np.array([0]),
        model=np.array([0]),
        depth=1,
        features=np.array([2]),
    )
    found = stump.probabilities(np.array([[9, 2], [0, 2.5]], dtype=np.float32), 0)
    assert found == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)])


def told(alone: list[float], chars: int) -> bool:
    return beyond_doubt(np.array(alone), np.full(len(alone), float(chars)), [False] * len(alone))


def test_trafilatura_is_asked_only_about_pages_in_doubt() -> None:
    assert told([0.98, 0.99, 0.02, 0.01], 400)
    assert not told([0.98, 0.6, 0.4, 0.01], 400)


def test_a_page_that_shows_hardly_anything_is_in_doubt_however_sure_the_model() -> None:
    assert not told([0.01, 0.01, 0.01], 400)
    assert not told([0.99, 0.01, 0.01], 400)


def test_without_trafilatura_the_model_decides_by_the_likelier_side() -> None:
    for probability, kept in ((0.55, True), (0.45, False)):
        (verdict,) = verdicts(
            SegmentEvidence(
                texts=[LONG],
                said=None,
                stated=np.array([False]),
                alone=np.array([probability]),
                heard=np.array([probability]),
                titles=[False],
                appeals=[None],
            )
        )
        assert (verdict.keep, "trafilatura" in verdict.reason) == (kept, False)


def test_a_caption_stays_only_where_the_model_is_sure() -> None:
    for probability, kept in ((0.7, False), (0.9, True)):
        (verdict,) = verdicts(
            SegmentEvidence(
                texts=[LONG],
                said=np.array([True]),
                stated=np.array([False]),
                alone=np.array([probability]),
                heard=np.array([probability]),
                titles=[False],
                appeals=[None],
                kinds=[BlockKind.CAPTION],
            )
        )
        assert verdict.keep is kept


@pytest.mark.parametrize(
    ("pieces", "marks", "expected"),
    [
        (("a ", "b", " c"), (InlineMark(1, "**", True), InlineMark(2, "**", False)), "a **b** c"),
        (("a", " b ", "c"), (InlineMark(1, "*", True), InlineMark(2, "*", False)), "a *b* c"),
        (("a", " ", "c"), (InlineMark(1, "**", True), InlineMark(2, "**", False)), "a c"),
        (("a", "b"), (InlineMark(1, "**", True),), "a**b**"),
        (("a", "b"), (InlineMark(1, "**", False),), "ab"),
        (("see ", "here"), (InlineMark(1, "a", True, "/x (1)"), InlineMark(2, "a", False)), "see [here](/x%20%281%29)"),
        (("see ", "here"), (InlineMark(1, "a", True, "javascript:go()"), InlineMark(2, "a", False)), "see here"),
        (
            ("a", "b", "c"),
            (InlineMark(0, "a", True, "/x"), InlineMark(1, "**", True), InlineMark(3, "a", False)),
            "[a**bc**](/x)",
        ),
    ],
)
def test_every_sign_closes_and_holds_text(
    pieces: tuple[str, ...], marks: tuple[InlineMark, ...], expected: str
) -> None:
    assert inline(pieces, marks) == expected


def read(body: str) -> list[tuple[BlockKind, int, str]]:
    return [
        (found.kind, found.level, found.plain()) for found in segments(parse_bytes(f"<body>{body}</body>".encode()))
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>one<br>two<br><br>three</p>", [(BlockKind.PARAGRAPH, 0, "one two"), (BlockKind.PARAGRAPH, 0, "three")]),
        (
            "<div>loose <b>text</b><p>block</p>tail</div>",
            [(BlockKind.PARAGRAPH, 0, text) for text in ("loose text", "block", "tail")],
        ),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", [(BlockKind.ITEM, 1, "a"), (BlockKind.ITEM, 2, "b")]),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td><p>c</p></td><td>d</td></tr></table>",
            [(BlockKind.ROW, 0, "a | b"), (BlockKind.ROW, 0, "c | d")],
        ),
        ("<pre>if x:\n    y()\n</pre>", [(BlockKind.CODE, 0, "if x:\n    y()")]),
        ("<blockquote><p>said</p></blockquote>", [(BlockKind.QUOTE, 0, "said")]),
        ("<figure><img><figcaption>seen</figcaption></figure>", [(BlockKind.CAPTION, 0, "seen")]),
        ("<script>x</script><style>y</style><p>z</p>", [(BlockKind.PARAGRAPH, 0, "z")]),
        ("<button>Menu</button><h3><button>Question</button></h3>", [(BlockKind.HEADING, 3, "Question")]),
        (
            "<details><summary>More</summary>inside</details>",
            [(BlockKind.PARAGRAPH, 0, "More"), (BlockKind.PARAGRAPH, 0, "inside")],
        ),
    ],
)
def test_segments_are_parted_where_a_reader_sees_lines(body: str, expected: list[tuple[BlockKind, int, str]]) -> None:
    assert read(body) == expected
