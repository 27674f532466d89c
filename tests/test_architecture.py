"""What a program can check of the architecture: import contracts, documents, names."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ingest.cli import cli
from ingest.config import setting_docs
from ingest.store.db.schema import Base

ROOT = Path(__file__).resolve().parent.parent
DOCS = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md")}
CORPUS = ROOT.parent / "shared" / "corpus"
PACKAGES = ("ingest", "pipelines")
MOST_PARAMETERS = 7

# names that say nothing about what is inside
EMPTY_NAMES = frozenset(
    ("utils", "util", "helpers", "common", "misc", "base", "core", "data", "info", "manager", "service", "factory")
)

# addresses that stand in code for what they define, not for a site that articles come from
STANDARDS = frozenset(
    (
        "google.com",  # the namespace of news sitemaps
        "w3.org",
        "schema.org",
        "sitemaps.org",
        "purl.org",
        "jsonfeed.org",
        "example.com",
        "example.org",
        "github.com",
    )
)


def shipped_files() -> Iterator[Path]:
    """Every file that goes into the wheel."""
    yield ROOT / "settings.py"
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


def shipped_code() -> Iterator[Path]:
    return (file for file in shipped_files() if file.suffix == ".py")


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{name} is listed and cannot be had"
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name), command


def test_the_import_contracts_hold() -> None:
    check = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_settings_reads_the_environment() -> None:
    readers = []
    for file in shipped_code():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            by_attribute = isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv")
            by_import = isinstance(node, ast.ImportFrom) and node.module == "os"
            if by_attribute or (by_import and any(name.name in ("environ", "getenv") for name in node.names)):
                readers.append(file.relative_to(ROOT).as_posix())
    assert set(readers) == {"settings.py"}


def test_every_key_of_request_meta_is_declared_in_one_module() -> None:
    """`meta_of` gives the typed keys; `.meta["..."]` and `.meta.get("...")` elsewhere escape the type checker."""
    untyped = []
    for file in shipped_code():
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "scrapy" in text else ():
            of = node.value if isinstance(node, ast.Subscript | ast.Attribute) else None
            if isinstance(of, ast.Attribute) and of.attr == "meta":
                untyped.append(f"{file.relative_to(ROOT)}:{of.lineno}")
    assert untyped == []


def test_the_stages_are_those_of_the_settings_and_each_has_a_file() -> None:
    import settings

    assert list(settings.ITEM_PIPELINES.values()) == sorted(settings.ITEM_PIPELINES.values())
    named = {path.split(".")[1] for path in settings.ITEM_PIPELINES}
    assert named == {file.stem for file in (ROOT / "pipelines").glob("*.py")} - {"__init__"}


def documented_commands() -> set[str]:
    """The commands that have a row in docs/commands.md; `ingest db a\\|b` is two."""
    rows = [line.split("`")[1].split() for line in DOCS["commands"].splitlines() if line.startswith("| `ingest ")]
    called = {" ".join(row[:2]) for row in rows}
    return called | {f"ingest {row[1]} {one}" for row in rows if len(row) > 2 for one in row[2].split("\\|")}


def test_every_command_has_help_an_example_and_a_row_in_the_docs() -> None:
    documented = documented_commands()
    missing = []
    for words, command in commands(cli):
        called = "ingest " + " ".join(words)
        if not command.help:
            missing.append(f"{called}: no help")
        if "Example" not in (command.epilog or ""):
            missing.append(f"{called}: no example")
        if called not in documented:
            missing.append(f"{called}: no row in docs/commands.md")
    assert missing == []


def test_every_option_has_a_help() -> None:
    missing = [
        f"ingest {' '.join(words)} {option.opts[0]}"
        for words, command in commands(cli)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert missing == []


def test_every_documented_command_exists() -> None:
    assert [
        called for called in documented_commands() if called.count(" ") == 1 and called[7:] not in _first_words()
    ] == []


def _first_words() -> list[str]:
    return cli.list_commands(click.Context(cli))


def test_every_setting_has_its_row_in_the_docs() -> None:
    rows = [f"| `{doc.name}` | {f'`{doc.default}`' if doc.default else ''} | {doc.doc} |" for doc in setting_docs()]
    assert [row for row in rows if row not in DOCS["settings"]] == []


def test_the_docs_name_only_settings_that_exist() -> None:
    named = set(re.findall(r"\b(INGEST_[A-Z_]+[A-Z])\b", "".join(DOCS.values())))
    assert named - {doc.name for doc in setting_docs()} - {"INGEST_DATABASE_URL_FILE"} == set()


def test_every_table_is_named_in_the_docs() -> None:
    assert [name for name in Base.metadata.tables if f"`{name}`" not in DOCS["database"]] == []


def test_modules_are_named_for_what_is_inside() -> None:
    assert [file for file in shipped_code() if file.stem in EMPTY_NAMES] == []


def test_no_path_of_a_machine_is_left_in_a_file() -> None:
    pattern = re.compile(r"(?<![\w.:/])/(?:root|work|home/(?!me/)\w+)/")
    tracked = [*shipped_files(), *(ROOT / "tests").rglob("*.py"), *ROOT.glob("*.md"), *ROOT.glob("*.toml")]
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in tracked
        if file != Path(__file__).resolve()
        for match in pattern.finditer(file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_no_site_of_the_corpus_is_named_in_what_is_shipped() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpus folder ../shared/corpus is not there: its sites cannot be looked for")
    domains = _corpus_domains() - STANDARDS
    assert len(domains) > 100
    pattern = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
    found = {
        (file.relative_to(ROOT).as_posix(), name)
        for file in shipped_files()
        for host in pattern.findall(file.read_text(encoding="utf-8", errors="replace").lower())
        for name in (host, host.removeprefix("www."))
        if name in domains
    }
    assert found == set()


def _corpus_domains() -> set[str]:
    found = set((CORPUS / "metadata" / "publishers.txt").read_text(encoding="utf-8").split())
    for file in CORPUS.glob("extraction/*/gt.jsonl"):
        with file.open(encoding="utf-8") as lines:
            found |= {json.loads(line)["domain"] for line in lines}
    return {domain.lower().removeprefix("www.") for domain in found if "." in domain}


def test_no_class_name_stands_twice() -> None:
    names = Counter(
        node.name
        for file in shipped_code()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_no_function_has_more_than_seven_parameters() -> None:
    """Dataclasses have as many fields as they need, click commands as many options."""
    long = []
    for file in shipped_code():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            given = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            given = given[1:] if given[:1] in (["self"], ["cls"]) else given
            is_command = any(
                "command" in ast.unparse(one) or "option" in ast.unparse(one) for one in node.decorator_list
            )
            if len(given) > MOST_PARAMETERS and not is_command:
                long.append(f"{file.relative_to(ROOT)}:{node.lineno} {node.name}: {len(given)}")
    assert long == []


def test_at_most_thirty_modules_and_packages_and_nine_layers() -> None:
    modules = [one for one in (ROOT / "ingest").iterdir() if one.suffix == ".py" or (one / "__init__.py").is_file()]
    assert len(modules) <= 30
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    assert len(next(one["layers"] for one in contracts if one["type"] == "layers")) <= 9
