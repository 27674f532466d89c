"""Boilerplate of generated sites and of a corpus' domains, learned and cut, against pinned floors.

The sites and the corpus lie beside the project and are not part of it.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.boilerplate import ARTICLES, DAYS, MINIWEB, crawl, score

SHARED = Path(__file__).parents[3] / "shared"
RUNNER = SHARED / "tools/extractbench/run.py"
FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text("utf-8"))["boilerplate"]


@pytest.mark.skipif(not MINIWEB.is_dir(), reason="the generated sites are not there: expected in ../shared/miniweb")
@pytest.mark.timeout(600)  # up to 180 pages to extract; a laden machine takes longer
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    "articles", [ARTICLES[0], *(pytest.param(more, marks=pytest.mark.slow) for more in ARTICLES[1:])]
)
def test_few_articles_are_enough_to_clean_a_site(articles: int, day: int) -> None:
    made = score(list(crawl(articles, day)), articles, day)
    assert made.leaked <= FLOORS["leaked at most"]
    assert made.worst <= FLOORS["leaked at most on one site"]
    assert made.lost <= FLOORS["lost at most"]
    assert made.notes_kept == 1.0


@pytest.mark.skipif(not RUNNER.is_file(), reason="the extraction corpus is not there: expected in ../shared/corpus")
@pytest.mark.timeout(600)
@pytest.mark.slow
def test_the_other_pages_of_a_domain_make_each_page_cleaner() -> None:
    assert importlib.util.find_spec("benchmarks.adapters")
    f1, exact = {}, {}
    for extractor in ("body", "bodies"):
        told = subprocess.run(
            [sys.executable, RUNNER, "--set", "fundus", "--json", "--extractor", f"benchmarks.adapters:{extractor}"]
            + (["--by-domain"] if extractor == "bodies" else []),
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        said = json.loads(told.stdout)
        f1[extractor], exact[extractor] = said["f1"], said["exact"]
    assert f1["bodies"] >= f1["body"] + FLOORS["fundus"]["f1 gained at least"]
    assert f1["bodies"] >= FLOORS["fundus"]["f1 at least"]
    assert exact["bodies"] >= FLOORS["fundus"]["exact at least"]
