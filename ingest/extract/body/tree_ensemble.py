"""Boosted trees, evaluated with numpy alone: trained with LightGBM, exported by benchmarks/train_blocks.py.

An ensemble is a file of flat arrays. Inner node i sends a row to node `child[i]` if its feature is <= `threshold[i]`,
else to the one behind that; a leaf sends every row back to itself, so that all rows walk the same number of steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

ROWS_AT_ONCE = 512  # so that what is under way stays in the processor's cache
# Most of a page is menus, and a quarter of the trees knows: whose score is below this by then is not asked about again.
# Of the corpus' wanted blocks 2 in 1,000 fall so low (a probability of 0.03).
FIRST_TREES = 50
HOPELESS = -3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEnsemble:
    """Several models, each over the first so many features; `model[t]` tells which one tree t belongs to."""

    feature: NDArray[np.intp]  # per node
    threshold: NDArray[np.float32]  # per node
    child: NDArray[np.intp]  # per node
    value: NDArray[np.float32]  # per node, 0 for inner ones
    root: NDArray[np.intp]  # per tree
    model: NDArray[np.intp]  # per tree
    depth: int
    features: NDArray[np.intp]  # per model

    @classmethod
    def load(cls, name: str, *, folder: Path | None = None) -> TreeEnsemble:
        """Read an ensemble that ships with the package, or one from a folder."""
        place = folder / name if folder else files("ingest.extract.body").joinpath(name)
        with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return cls(
                feature=kept["feature"].astype(np.intp),
                threshold=kept["threshold"],
                child=kept["child"].astype(np.intp),
                value=kept["value"],
                root=kept["root"].astype(np.intp),
                model=kept["model"].astype(np.intp),
                depth=int(kept["depth"]),
                features=kept["features"].astype(np.intp),
            )

    def probabilities(self, rows: Matrix, model: int) -> NDArray[np.float64]:
        """Return one model's probability per row, 0..1. Of hopeless rows it tells no more than that they are."""
        assert rows.shape[1] == self.features[model], "the matrix is not the one this model was trained on"
        trees = self.root[self.model == model]
        score = np.zeros(len(rows))
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = np.arange(start, min(start + ROWS_AT_ONCE, len(rows)))
            for part in (trees[:FIRST_TREES], trees[FIRST_TREES:]):
                score[some] += self._scores(rows[some], part)
                some = some[score[some] > HOPELESS]
        return np.asarray(1.0 / (1.0 + np.exp(-score)))

    def _scores(self, rows: Matrix, trees: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the sum of some trees' values per row."""
        flat = np.ascontiguousarray(rows).ravel()
        start = (np.arange(len(rows), dtype=np.intp) * rows.shape[1])[:, None]
        node = np.repeat(trees[None, :], len(rows), axis=0)
        for _ in range(self.depth):
            place = self.feature.take(node)
            place += start
            right = flat.take(place) > self.threshold.take(node)
            node = self.child.take(node)
            node += right
        return np.asarray(self.value.take(node).sum(axis=1), dtype=np.float64)
