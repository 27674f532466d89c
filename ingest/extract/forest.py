"""Boosted trees, evaluated with numpy alone: trained with LightGBM, exported by benchmarks/train_blocks.py.

A forest is a file of flat arrays. Inner node i sends a row to `child[2 * i]` if its feature is <= `threshold[i]`, else
to `child[2 * i + 1]`; a leaf sends every row back to itself, so that all rows walk the same number of steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Several models over the same features; `model[t]` tells which one tree t belongs to."""

    feature: NDArray[np.intp]  # per node
    threshold: NDArray[np.float32]  # per node
    child: NDArray[np.intp]  # two per node
    value: NDArray[np.float32]  # per node, 0 for inner ones
    root: NDArray[np.intp]  # per tree
    model: NDArray[np.intp]  # per tree
    depth: int
    features: int

    @classmethod
    def load(cls, name: str, *, folder: Path | None = None) -> Forest:
        """Read a forest that ships with the package, or one from a folder."""
        place = folder / name if folder else files("ingest.extract").joinpath(name)
        with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return cls(
                feature=kept["feature"].astype(np.intp),
                threshold=kept["threshold"],
                child=kept["child"].astype(np.intp),
                value=kept["value"],
                root=kept["root"].astype(np.intp),
                model=kept["model"].astype(np.intp),
                depth=int(kept["depth"]),
                features=int(kept["features"]),
            )

    def probabilities(self, rows: Matrix) -> NDArray[np.float64]:
        """Return a probability per row and model, 0..1, shape (rows, models)."""
        assert rows.shape[1] == self.features, "the matrix is not the one this forest was trained on"
        flat = np.ascontiguousarray(rows).ravel()
        start = (np.arange(len(rows), dtype=np.intp) * self.features)[:, None]
        node = np.broadcast_to(self.root, (len(rows), len(self.root)))
        for _ in range(self.depth):
            right = flat[start + self.feature[node]] > self.threshold[node]
            node = self.child[2 * node + right]
        scores = self.value[node]
        raw = np.stack([scores[:, self.model == at].sum(axis=1) for at in range(int(self.model.max()) + 1)], axis=1)
        return np.asarray(1.0 / (1.0 + np.exp(-raw.astype(np.float64))))
