"""Private names of Scrapy and Twisted are used in one file, which was written against one version of Scrapy."""

from __future__ import annotations

import ast
from pathlib import Path

import scrapy

READ_IN = "2.19."  # scrapy_internals.py was written with this version's source beside it
ROOT = Path(__file__).resolve().parents[2]
ALLOWED = "ingest/fetch/scrapy_internals.py"
PRIVATE = frozenset({"_slot", "_graceful_stop_reactor"})


def test_the_installed_scrapy_is_the_one_whose_private_classes_were_read() -> None:
    assert scrapy.__version__.startswith(READ_IN), (
        f"Scrapy {scrapy.__version__} is installed: compare its private classes with those that {ALLOWED} subclasses"
    )


def test_no_other_file_uses_private_names_of_scrapy_or_twisted() -> None:
    found = []
    for file in (*(ROOT / "ingest").rglob("*.py"), *(ROOT / "pipelines").rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if name != ALLOWED else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("scrapy", "twisted"):
                parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
                found += [f"{name}:{node.lineno} {part}" for part in parts if part.startswith("_")]
            if isinstance(node, ast.Attribute) and node.attr in PRIVATE:
                found.append(f"{name}:{node.lineno} {node.attr}")
            if isinstance(node, ast.Constant) and node.value in PRIVATE:
                found.append(f"{name}:{node.lineno} {node.value}")
    assert found == []
