"""Metadata of real pages of publishers the code knows nothing of, against pinned floors.

The corpus lies beside the project and is not part of it. Scores are per cent of the pages whose truth has the field.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus/metadata"
SCORER = SHARED / "tools/metabench/run.py"
FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text("utf-8"))["metadata"]

pytestmark = [
    pytest.mark.skipif(
        not (CORPUS / "truth.jsonl").is_file() or not SCORER.is_file(),
        reason="the metadata corpus is not there: it is expected in ../shared/corpus/metadata, beside the project",
    ),
    pytest.mark.timeout(600),  # 703 pages, 15 s of CPU; a laden machine takes longer
]


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("metabench_run", SCORER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the corpus's own scorer says, on all pages."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.chdir(Path(__file__).parents[2]):
        found: dict[str, Any] = scorer().main(
            ["--set", os.fspath(CORPUS), "--extractor", "benchmarks.adapters:metadata"]
        )
    return found


ROWS = [
    (source, field, measure, floor)
    for source, fields in FLOORS["at least"].items()
    for field, measures in fields.items()
    for measure, floor in measures.items()
]


@pytest.mark.parametrize(("source", "field", "measure", "floor"), ROWS)
def test_no_score_falls_below_its_floor(
    report: dict[str, Any], source: str, field: str, measure: str, floor: float
) -> None:
    assert report["sources"][source][field][measure] >= floor


@pytest.mark.parametrize(("field", "ceiling"), FLOORS["invented at most"].items())
def test_no_more_is_invented_than_before_on_pages_that_say_nothing(
    report: dict[str, Any], field: str, ceiling: float
) -> None:
    assert report["sources"]["traf"][field]["spur"] <= ceiling


def test_no_page_of_the_corpus_makes_it_raise(report: dict[str, Any]) -> None:
    assert report["errors"] == 0
