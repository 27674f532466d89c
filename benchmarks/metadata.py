"""Metadata side by side with trafilatura: scores of the corpus's own scorer, and CPU beside a shared parse.

    python -m benchmarks.metadata [--limit N]

Expects ../shared/corpus/metadata and ../shared/tools/metabench beside the project.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.adapters import page_of
from ingest.extract.html.tree import parse
from ingest.extract.metadata.metadata import read_metadata

SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "corpus/metadata"
SCORER = SHARED / "tools/metabench/run.py"
COLUMNS = ("ok", "ok_day", "instant", "F1", "spur")
ROUNDS = 3


def scores(extractor: str, limit: int | None) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the scorer's rates per corpus and field."""
    spec = importlib.util.spec_from_file_location("metabench_run", SCORER)
    assert spec, SCORER
    assert spec.loader, SCORER
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    arguments = ["--set", str(CORPUS), "--extractor", extractor, *(["--limit", str(limit)] if limit else [])]
    with contextlib.redirect_stdout(io.StringIO()):
        report = scorer.main(arguments)
    sources: dict[str, dict[str, dict[str, Any]]] = report["sources"]
    return sources


def table(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Return a Markdown table, one row per corpus, field and measure: ours, trafilatura's."""
    lines = ["| corpus | field | measure | ours | trafilatura |", "|---|---|---|--:|--:|"]
    for source, fields in ours.items():
        for field, rates in fields.items():
            lines += [
                f"| {source} | {field} | {measure} | {rates[measure]} | {theirs[source][field].get(measure)} |"
                for measure in COLUMNS
                if measure in rates and field != "body"
            ]
    return "\n".join(lines)


def costs(limit: int | None) -> str:
    """Return the CPU a page of our metadata, of trafilatura's and of the parse both stand on, in milliseconds."""
    from trafilatura import extract_metadata

    rows = [json.loads(line) for line in (CORPUS / "truth.jsonl").read_text("utf-8").splitlines()][:limit]
    pages = [page_of(gzip.decompress((CORPUS / row["html"]).read_bytes()), row["url"]) for row in rows]
    steps: dict[str, Callable[[int], object]] = {}
    trees = [parse(page) for page in pages]
    steps["parse"] = lambda at: parse(pages[at])
    steps["metadata"] = lambda at: read_metadata(trees[at], pages[at])
    steps["trafilatura extract_metadata"] = lambda at: extract_metadata(trees[at], default_url=pages[at].final_url)
    lines = ["| step | mean ms | median ms |", "|---|--:|--:|"]
    for name, step in steps.items():
        step(0)
        rounds: list[list[float]] = []
        for _ in range(ROUNDS):
            times = []
            for at in range(len(pages)):
                start = time.process_time()
                step(at)
                times.append(1000 * (time.process_time() - start))
            rounds.append(times)
        best = [min(times) for times in zip(*rounds, strict=True)]
        lines.append(f"| {name} | {sum(best) / len(best):.2f} | {median(best):.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--limit", type=int, help="only the first N pages")
    chosen = options.parse_args()
    if not (CORPUS / "truth.jsonl").is_file():
        sys.exit(f"no corpus in {CORPUS}: lay it beside the project")
    sys.path.insert(0, str(SCORER.parent))  # the scorer's own adapters to peers
    print(
        table(scores("benchmarks.adapters:metadata", chosen.limit), scores("baselines:trafilatura_meta", chosen.limit))
    )
    print()
    print(costs(chosen.limit))


if __name__ == "__main__":
    main()
