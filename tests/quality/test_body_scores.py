"""Bodies of real pages whose domain, or whose whole set, the block model has not seen, against pinned floors.

The corpus lies beside the project and is not part of it. The quick test reads every n-th page of two sets, the slow one
all of all four.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.adapters import CORPUS
from benchmarks.blockset import truths
from benchmarks.extraction import SCORER, compare

FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text("utf-8"))["body"]

pytestmark = [
    pytest.mark.skipif(
        not (CORPUS / "snap" / "gt.jsonl").is_file() or not (SCORER / "run.py").is_file(),
        reason="the extraction corpus is not there: it is expected in ../shared/corpus/extraction, beside the project",
    ),
    pytest.mark.timeout(3600),  # all pages of the largest set take 4 minutes of CPU; a laden machine takes longer
]


@pytest.mark.parametrize("name", sorted(FLOORS["some pages"]))
def test_some_pages_are_as_clean_as_pinned(name: str) -> None:
    floor = FLOORS["some pages"][name]
    scores = compare(name, truths(name)[:: floor["every"]], None)["all"]
    assert scores["folds"] >= floor["folds"]
    assert scores["left out"] >= floor["left out"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FLOORS["all pages"]))
def test_all_pages_are_as_clean_as_pinned_and_no_language_or_type_is_below_trafilatura(name: str) -> None:
    floor = FLOORS["all pages"][name]
    parts = compare(name, truths(name), None)
    assert parts["all"]["folds"] >= floor["folds"]
    assert parts["all"]["left out"] >= floor["left out"]
    assert {part: scores for part, scores in parts.items() if scores["folds"] < scores.get("trafilatura", 0)} == {}
