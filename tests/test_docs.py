"""The documentation: its sessions run, its other command lines are valid, its picture of the packages is current."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ingest.cli import cli
from ingest.sources.checks import RulesTable, SourceTable
from tests.command import environment

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
EXAMPLES = [file.relative_to(ROOT).as_posix() for file in PAGES if "```console" in file.read_text(encoding="utf-8")]


def examples(page: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a page in their order, each with the lines that are shown of what it prints."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(
        r"^```console\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
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
    text = (DOCS / "sources-file.md").read_text(encoding="utf-8")
    keys = [*SourceTable.model_fields, *RulesTable.model_fields]
    assert [key for key in keys if f"`{key}`" not in text] == []


def command_lines() -> list[tuple[str, str]]:
    """Return page and line of every `ingest ...` that stands in a block of its own and is not run above."""
    found = []
    for page in PAGES:
        text = re.sub(r"^```console\n.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for line in text.splitlines():
            if line.startswith("    "):
                parts = re.findall(r"(?:^ {4}|&& |\| )(?:[\w/.]*/)?(ingest [^&|]+)", line)
                found += [(page.name, part) for part in parts]
    return found


@pytest.mark.parametrize(("page", "line"), command_lines())
def test_every_command_line_is_one_that_the_program_takes(page: str, line: str, tmp_path: Path) -> None:
    words = shlex.split(line.replace("$(", "").replace(")", ""), comments=True)[1:]
    words = words[: next((at for at, word in enumerate(words) if word in ("&&", "|", ">")), len(words))]
    if words[0] == "--home":
        del words[:2]
    command: click.Command | None = cli
    while isinstance(command, click.Group) and words:
        name = words.pop(0)
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"{page}: no command {name}"
    assert command is not None
    with contextlib.suppress(MissingFileError):
        _parse(command, words)


class MissingFileError(Exception):
    """A file that the example reads is not there; all else about the line is right."""


def _parse(command: click.Command, words: list[str]) -> None:
    try:
        command.make_context(command.name, words, parent=click.Context(cli))
    except click.BadParameter as error:
        if "does not exist" in error.message:
            raise MissingFileError from error
        raise


def test_the_picture_of_the_packages_is_current() -> None:
    spec = importlib.util.spec_from_file_location("picture_packages", DOCS / "picture_packages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    drawn = (DOCS / "packages.svg").read_text(encoding="utf-8")
    assert drawn == module.draw(), "the imports have changed: run python docs/picture_packages.py"


def test_every_package_says_what_lives_where() -> None:
    silent = []
    for init in (ROOT / "ingest").rglob("__init__.py"):
        package = init.parent
        if package.name in ("versions", "migrations", "cli") or package == ROOT / "ingest":
            continue
        about = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
        names = [one.stem for one in package.glob("*.py") if not one.stem.startswith("__")]
        silent += [f"{package.relative_to(ROOT)}: {name}" for name in names if name not in about]
    assert silent == []


def test_no_package_has_more_than_twenty_files_side_by_side() -> None:
    crowded = {
        str(folder.relative_to(ROOT)): count
        for folder in (ROOT / "ingest").rglob("*")
        if folder.is_dir() and folder.name not in ("__pycache__", "versions", "cli")
        if (count := len(list(folder.glob("*.py")))) > 20
    }
    assert crowded == {}
