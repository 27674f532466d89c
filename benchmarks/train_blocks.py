"""Train the block model on the corpus, score it on pages it was not trained on, and write it into the package.

    nice python -m benchmarks.train_blocks --cache DIR    # features once, then folds, sets left out, package's model

Two models are trained: one on the page alone, one that also knows trafilatura's text; the decision takes their mean.
Folds are by domain, and a set that is left out takes its domains out of the training too. The folds' ensembles are
kept beside this script, so that benchmarks and quality tests score each page with one that has not seen its domain.
Needs the extra `train` and ../shared/corpus.
"""

from __future__ import annotations

import argparse
import os
import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.adapters import FOLDS, FOLDS_DIR, fold_of
from benchmarks.blockset import OWN, SETS, Sample, samples

SEED = 7
ROUNDS = 200
# Small trees: bigger ones fit the training sites, not the web (15 leaves against 31: level in folds, worse left out).
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.07,
    "num_leaves": 15,
    "max_depth": 7,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "use_missing": False,
    "num_threads": 2,
    "deterministic": True,
    "seed": SEED,
    "verbose": -1,
}
OWN_WEIGHT = 0.2  # pages made up are there for the kinds, not to outvote what people published
# Sets weigh alike, so that 793 guides do not drown the news; eight publishers are worth less than a hundred.
SET_WEIGHTS = {
    "wcxb-dev": 1.0,
    "trafeval": 1.0,
    "fundus": 0.6,
    "snap": 1.0,
    "daniel": 0.5,  # at 1.0 its news pages, which lack standfirsts and lists, cost trafeval .001 more left out
    "silver": 0.3,
    OWN: OWN_WEIGHT,
}
LEARN_RESULT = (*SETS, OWN)
EASY_KEPT = 0.35  # of the segments that nobody wants: enough to learn menus from, a third of the time

PACKAGE_DIR = Path(__file__).resolve().parents[1] / "ingest" / "extract" / "body"


def train(pages: Sequence[Sample]) -> list[Any]:
    """Return the two LightGBM boosters trained on these pages: the page alone, and with trafilatura's word."""
    import lightgbm

    rows, labels, weights = _rows(pages)
    alone = next(page.alone for page in pages if page.texts)
    return [
        lightgbm.train(PARAMETERS, lightgbm.Dataset(rows[:, :columns], labels, weight=weights), ROUNDS)
        for columns in (alone, rows.shape[1])
    ]


def export(boosters: Iterable[Any], path: Path) -> None:
    """Write boosters as one ensemble (see ingest.extract.body.tree_ensemble)."""
    feature: list[int] = []
    threshold: list[float] = []
    child: list[int] = []
    value: list[float] = []
    root: list[int] = []
    model: list[int] = []
    features: list[int] = []
    deepest = 0

    def place(node: dict[str, Any]) -> None:
        feature.append(int(node.get("split_feature", 0)))
        threshold.append(_below(node["threshold"]) if "threshold" in node else np.inf)
        value.append(0.0 if "threshold" in node else float(node["leaf_value"]))
        child.append(len(child))

    def grow(node: dict[str, Any], at: int, depth: int) -> None:
        nonlocal deepest
        deepest = max(deepest, depth)
        if "threshold" in node:
            child[at] = left = len(child)
            place(node["left_child"])
            place(node["right_child"])
            grow(node["left_child"], left, depth + 1)
            grow(node["right_child"], left + 1, depth + 1)

    for which, booster in enumerate(boosters):
        features.append(booster.num_feature())
        for tree in booster.dump_model()["tree_info"]:
            root.append(len(child))
            model.append(which)
            place(tree["tree_structure"])
            grow(tree["tree_structure"], root[-1], 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        feature=np.array(feature, dtype=np.uint16),
        threshold=np.array(threshold, dtype=np.float32),
        child=np.array(child, dtype=np.uint16),
        value=np.array(value, dtype=np.float32),
        root=np.array(root, dtype=np.uint16),
        model=np.array(model, dtype=np.uint8),
        depth=np.array(deepest),
        features=np.array(features, dtype=np.uint16),
    )


def _below(threshold: float) -> float:
    """The greatest 32-bit number that is not above a threshold, so that rows go the way LightGBM sends them."""
    near = np.float32(threshold)
    return float(near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf)))


def _rows(pages: Sequence[Sample]) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float64]]:
    chance = np.random.default_rng(SEED)
    rows, labels, weights, sets = [], [], [], []
    for page in pages:
        if not page.texts:
            continue
        weight = page.weight.astype(np.float64)
        easy = (page.said == 0) & (page.label < 0.5)
        taken = (weight > 0) & ~page.titles & ~(easy & (chance.random(len(weight)) > EASY_KEPT))
        weight[easy] /= EASY_KEPT
        rows.append(page.features[taken])
        labels.append(page.label[taken] >= 0.5)
        weights.append(weight[taken])
        sets.append(np.full(int(taken.sum()), LEARN_RESULT.index(page.set_name)))
    weight, of_set = np.concatenate(weights), np.concatenate(sets)
    for at, name in enumerate(LEARN_RESULT):
        if (of_set == at).any():
            weight[of_set == at] *= SET_WEIGHTS[name] / weight[of_set == at].sum()
    return np.concatenate(rows), np.concatenate(labels).astype(np.int8), weight * len(weight) / weight.sum()


def load(cache: Path) -> dict[str, list[Sample]]:
    """Return all pages with features, made once and kept in `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[Sample]] = {}
    for name in LEARN_RESULT:
        file = cache / f"{name}.pickle"
        if not file.exists():
            with file.with_suffix(".part").open("wb") as out:
                pickle.dump(list(samples(name)), out)
            file.with_suffix(".part").rename(file)
        with file.open("rb") as kept:
            found[name] = pickle.load(kept)
    return found


def main() -> None:
    """Train and write the folds' forests, the forests with a set left out, and the package's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the features of the corpus pages")
    parser.add_argument("--out", type=Path, default=FOLDS_DIR, help="folder for the forests that leave pages out")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else LightGBM's threads spin while they wait
    pages = load(arguments.cache)
    every = [page for name in LEARN_RESULT for page in pages[name]]
    for fold in range(FOLDS):
        boosters = train([page for page in every if fold_of(page.domain) != fold])
        export(boosters, arguments.out / f"fold-{fold}.npz")
        print(f"fold {fold} trained", flush=True)
    for name in SETS:
        domains = {page.domain for page in pages[name]}
        boosters = train([page for page in every if page.domain not in domains])
        export(boosters, arguments.out / f"without-{name}.npz")
        print(f"without {name} trained", flush=True)
    export(train(every), PACKAGE_DIR / "blocks.npz")
    print("package's model trained", flush=True)


if __name__ == "__main__":
    main()
