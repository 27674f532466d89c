"""Draws the packages of the program and their imports, from the real imports: `python docs/picture_packages.py`.

Layers stand as in the import contract of pyproject.toml, the highest on top. A line leads from a package to one that it
imports directly; what follows from other lines is left out (transitive reduction), or nothing could be seen.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "packages.svg"
BOX_W, BOX_H, GAP_X, GAP_Y, MARGIN = 104, 30, 14, 46, 16  # pixels


def layers() -> list[list[str]]:
    """Return the layers of the import contract, the highest first, each with its packages."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    rows = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [[name.strip() for name in row.replace(":", "|").split("|")] for row in rows]


def imports(packages: list[str]) -> dict[str, set[str]]:
    """Return package -> packages that its files import, by their source."""
    found: dict[str, set[str]] = defaultdict(set)
    for package in packages:
        place = ROOT / Path(*package.split("."))
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        for file in files:
            for name in _imported(ast.parse(file.read_text(encoding="utf-8"))):
                target = next((one for one in packages if name == one or name.startswith(one + ".")), None)
                if target not in (None, package):
                    found[package].add(target)
    return found


def _imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def reduced(edges: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the edges without those that follow from others."""

    def reach(start: str, seen: set[str]) -> set[str]:
        for target in edges.get(start, ()):
            if target not in seen:
                seen.add(target)
                reach(target, seen)
        return seen

    return {
        package: {one for one in targets if not any(one in reach(other, set()) for other in targets - {one})}
        for package, targets in edges.items()
    }


def draw() -> str:
    """Return the picture as SVG, readable on light and on dark ground."""
    rows = layers()
    packages = [name for row in rows for name in row]
    width = max(len(row) for row in rows) * (BOX_W + GAP_X) + 2 * MARGIN
    places = {}
    for level, row in enumerate(rows):
        left = (width - len(row) * (BOX_W + GAP_X) + GAP_X) // 2
        for at, name in enumerate(row):
            places[name] = (left + at * (BOX_W + GAP_X), MARGIN + level * (BOX_H + GAP_Y))
    lines = []
    for package, targets in sorted(reduced(imports(packages)).items()):
        for target in sorted(targets):
            (x1, y1), (x2, y2) = places[package], places[target]
            if y1 == y2:
                continue  # the lowest layer, whose files know each other
            half = BOX_W // 2
            lines.append(f'<path d="M{x1 + half} {y1 + BOX_H}L{x2 + half} {y2}" stroke="#7a8794" fill="none"/>')
    boxes = []
    for name, (x, y) in places.items():
        label = escape(name.removeprefix("ingest."))
        boxes.append(
            f'<rect x="{x}" y="{y}" width="{BOX_W}" height="{BOX_H}" rx="5" fill="#e8eef5" stroke="#5b7fa6"/>'
            f'<text x="{x + BOX_W // 2}" y="{y + 20}" text-anchor="middle" fill="#1c2b3a">{label}</text>'
        )
    height = MARGIN * 2 + len(rows) * (BOX_H + GAP_Y) - GAP_Y
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
    return "\n".join((f'{head} font-family="sans-serif" font-size="13">', *lines, *boxes, "</svg>", ""))


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET.relative_to(ROOT)}\n")
