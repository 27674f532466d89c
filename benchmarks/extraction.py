"""How clean is the body? Side by side with trafilatura, on pages whose domain the model has not seen.

    python -m benchmarks.extraction [--sets snap fundus] [--step 6] [--save DIR]

Each page is extracted twice: with the model of its fold (domains kept apart) and with the model trained without its
set. Scores are those of ../shared/tools/extractbench; "pages collapsed" are over 0.3 below trafilatura. `--save`
writes predictions for that runner's `--predictions`; CPU is measured on the same pages at once: parse, metadata
and body against trafilatura's default. In-sample scores of the shipped model are not printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.adapters import CORPUS, FOLDS_DIR, fold_of, page_of
from benchmarks.adapters import body as shipped_body
from benchmarks.blockset import SETS, raw, truths
from ingest.extract.body.body import conclude
from ingest.extract.body.features import PageHints
from ingest.extract.body.page_view import look
from ingest.extract.body.tree_ensemble import TreeEnsemble
from ingest.extract.html.page_signals import read_signs
from ingest.extract.html.tree import parse
from ingest.extract.metadata.metadata import read_metadata, settle_language
from ingest.model import ExtractionRules

SCORER = CORPUS.parents[1] / "tools" / "extractbench"
PART_PAGES_MIN = 25  # fewer pages of a language or a type say nothing
COLLAPSE = 0.3  # of F1 below trafilatura's: a page on which the model lost the article
# What pages say they are (schema.org), the more telling first; the corpus itself knows one type, "article".
TYPES = {
    "live": ("liveblogposting",),
    "NewsArticle": ("newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle"),
    "BlogPosting": ("blogposting",),
    "questions, steps": ("faqpage", "howto", "recipe", "qapage"),
    "Article": ("article", "techarticle", "medicalwebpage", "scholarlyarticle"),
    "og:article": ("og:article", "og:published", "made:article"),
}


@cache
def scorer() -> ModuleType:
    """Return the corpus runner as a module."""
    sys.path.insert(0, str(SCORER))
    spec = importlib.util.spec_from_file_location("extractbench_run", SCORER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with (
        warnings.catch_warnings()
    ):  # the runner's own, which it is compiled with where nothing can be written beside it
        warnings.simplefilter("ignore", DeprecationWarning)
        spec.loader.exec_module(module)
    return module


@cache
def ensemble(name: str) -> TreeEnsemble:
    """Return an ensemble that leaves something out: "fold-3", "without-snap"."""
    return TreeEnsemble.load(name + ".npz", folder=FOLDS_DIR)


def unseen(set_name: str, truth: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of one page by the forests that have not seen its domain or its set; its language and type."""
    page = page_of(raw(set_name, truth), truth["url"])
    tree = parse(page)
    metadata = read_metadata(tree, page)
    seen = look(tree, page, PageHints.of(metadata))
    texts = {}
    fold = f"fold-{fold_of(truth.get('domain') or truth['id'])}"
    without = f"without-{set_name}"
    if not (FOLDS_DIR / f"{without}.npz").is_file():  # a set that trained nothing is left out of every model
        without = fold
    for kind, name in (("folds", fold), ("left out", without)):
        decided = conclude(seen, tree, rules=ExtractionRules(), ensemble=ensemble(name))
        texts[kind] = "\n".join(item.block.text for item in decided if item.kept)
    language = settle_language(metadata, texts["folds"]).language or "?"
    kinds = read_signs(tree, page, seen.segments).kinds
    type_ = next((name for name, told in TYPES.items() if not set(told).isdisjoint(kinds)), "no type")
    return {"id": truth["id"], **texts, "parts": (language, type_)}


def trafilatura(set_name: str, truth: dict[str, Any]) -> str:
    """Return trafilatura's text in its best single mode."""
    import trafilatura as peer

    return peer.extract(raw(set_name, truth), url=truth["url"] or None, include_comments=False) or ""


def compare(set_name: str, pages: Sequence[dict[str, Any]], save: Path | None) -> dict[str, dict[str, float]]:
    """Return the scores of a set: trafilatura, folds, left out; and by language and type where there are enough."""
    run = scorer()
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    parts: dict[str, list[int]] = defaultdict(list)
    files = (
        {kind: (save / f"{set_name}.{kind.replace(' ', '-')}.jsonl").open("w") for kind in ("folds", "left out")}
        if save
        else {}
    )
    for index, truth in enumerate(pages):
        ours = unseen(set_name, truth)
        for part in ours["parts"]:
            parts[part].append(index)
        rows["trafilatura"].append(run.score_page(set_name, truth, trafilatura(set_name, truth)))
        for kind in ("folds", "left out"):
            rows[kind].append(run.score_page(set_name, truth, ours[kind]))
            if files:
                files[kind].write(json.dumps({"id": truth["id"], "text": ours[kind]}, ensure_ascii=False) + "\n")
    for file in files.values():
        file.close()
    found: dict[str, dict[str, float]] = {
        "all": {kind: run.total(set_name, scored)["f1"] for kind, scored in rows.items()}
    }
    for part, at in sorted(parts.items()):
        if len(at) >= PART_PAGES_MIN:
            found[f"{part} ({len(at)})"] = {
                kind: run.total(set_name, [scored[index] for index in at])["f1"] for kind, scored in rows.items()
            }
    found["pages collapsed"] = {
        kind: sum(collapsed(*pair) for pair in zip(rows[kind], rows["trafilatura"], strict=True))
        for kind in ("folds", "left out")
    }
    return found


def collapsed(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Tell whether a page is so far below trafilatura that a note must say why; trafeval has no F1 of a page."""
    return "f1" in ours and float(ours["f1"]) < float(theirs["f1"]) - COLLAPSE


def cpu_ms(call: Callable[[], object]) -> float:
    """Return the processor milliseconds of one call."""
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000


def cost(set_name: str, pages: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Return mean CPU milliseconds a page: the shipped extraction, trafilatura's default."""
    import trafilatura as peer

    ours: list[float] = []
    theirs: list[float] = []
    for at, truth in enumerate(pages):
        html, url = raw(set_name, truth), truth["url"]
        calls = [
            (ours, lambda html=html, url=url: shipped_body(html, url)),
            (theirs, lambda html=html, url=url: peer.extract(html, url=url or None)),
        ]
        for times, call in calls if at % 2 else reversed(calls):  # whoever comes second finds the page in the cache
            times.append(cpu_ms(call))
    return statistics.mean(ours), statistics.mean(theirs)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--step", type=int, default=1, help="every n-th page only")
    parser.add_argument("--save", type=Path, help="folder for predictions (hold corpus text: not for the repository)")
    parser.add_argument("--cost", type=int, default=30, help="pages a set to measure CPU on")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if arguments.save:
        arguments.save.mkdir(parents=True, exist_ok=True)
    for name in arguments.sets:
        pages = truths(name)[:: arguments.step]
        for part, scores in compare(name, pages, arguments.save).items():
            print(
                f"{name:9} {part:22}",
                *(f"{kind} {score:.4f}" for kind, score in scores.items()),
                sep="  ",
                flush=True,
            )
        if arguments.cost:
            every = max(1, len(pages) // arguments.cost)
            ours, theirs = cost(name, pages[::every])
            print(
                f"{name:9} CPU a page  {ours:.1f} ms  trafilatura {theirs:.1f} ms  ratio {ours / theirs:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
