"""The documentation: its examples run, and it names every key of sources.toml; `make docs` builds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.sources.checks import RulesTable, SourceTable
from tests.command import environment

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
EXAMPLES = sorted(file.name for file in DOCS.glob("*.md") if "```console" in file.read_text(encoding="utf-8"))


def examples(page: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a page in their order, each with the lines that are shown of what it prints."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(
        r"^```console\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(" ".join(line.split()))
    return found


def is_shown(line: str, printed: list[str]) -> bool:
    """Tell whether a line of the page was printed; one that ends in ... needs to be its beginning only."""
    start = line.removesuffix("...")
    return any(one == line or (start != line and one.startswith(start)) for one in printed)


@pytest.mark.slow
@pytest.mark.usefixtures("demo_alone")
@pytest.mark.parametrize("page", EXAMPLES)
def test_the_examples_of_a_page_do_what_it_shows(page: str, tmp_path: Path) -> None:
    env = environment({"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"})
    for command, shown in examples(page):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        printed = [" ".join(line.split()) for line in done.stdout.splitlines()]
        assert [line for line in shown if not is_shown(line, printed)] == [], f"{command} printed:\n{done.stdout}"


def test_every_key_of_a_source_is_documented() -> None:
    text = (DOCS / "sources.md").read_text(encoding="utf-8")
    keys = [*SourceTable.model_fields, *RulesTable.model_fields]
    assert [key for key in keys if f"`{key}`" not in text] == []
