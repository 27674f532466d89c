"""What the shells are given when Tab is pressed: commands, options, choices and the names of sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete, get_completion_class

from ingest.cli import cli
from ingest.cli.support.app import App

SOURCES = """
[sources.harbour]
url = "https://harbour.example/"
[sources.hill-post]
url = "https://hill.example/"
[sources."lake.news"]
url = "https://lake.example/"
[sources.broken]
url = 7
"""
CASES = (
    ("export --source", "h", ["harbour", "hill-post"]),
    ("export --source", "", ["broken", "harbour", "hill-post", "lake.news"]),
    ("search words --source", "lake", ["lake.news"]),
    ("run", "ha", ["harbour"]),
    ("run harbour", "h", ["hill-post"]),  # each once
    ("blocks list", "hi", ["hill-post"]),
    ("rules test", "x", []),
    ("sources retire", "la", ["lake.news"]),
    ("sources check", "hill", ["hill-post"]),
    ("forget", "lak", ["lake.news"]),
    ("reextract --source", "har", ["harbour"]),
    ("export -f", "par", ["parquet"]),
    ("", "sch", ["schedule"]),
    ("schedule", "s", ["systemd"]),
    ("export", "--since-", ["--since-last"]),
)


def offered(home: Path, line: str, incomplete: str) -> list[str]:
    """What is offered behind `ingest --home HOME LINE`."""
    shell = ShellComplete(cli, {"obj": App()}, "ingest", "_INGEST_COMPLETE")
    return [item.value for item in shell.get_completions(["--home", str(home), *line.split()], incomplete)]


@pytest.mark.parametrize(("line", "incomplete", "values"), CASES)
def test_tab_offers(line: str, incomplete: str, values: list[str], sources_toml: Callable[[str], Path]) -> None:
    home = sources_toml(SOURCES).parent
    assert offered(home, line, incomplete) == values


@pytest.mark.parametrize("text", ["", "[sources", "sources = 3", "\0"])
def test_a_broken_file_offers_nothing_and_says_nothing(
    text: str, sources_toml: Callable[[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    assert offered(sources_toml(text).parent, "run", "") == []
    assert capfd.readouterr() == ("", "")


def test_every_option_and_argument_for_a_source_completes_its_names() -> None:
    lacking = []
    for path, command in commands(cli, "ingest"):
        for parameter in command.params:
            about = f"{parameter.human_readable_name} {getattr(parameter, 'metavar', '') or ''}".upper()
            named = "--source" in parameter.opts or "SOURCE" in about
            if named and parameter._custom_shell_complete is None:
                lacking.append(f"{path} {parameter.name}")
    assert lacking == []


def commands(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    found = [(path, command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found += commands(below, f"{path} {name}")
    return found


SHELLS = (
    ("bash", "4", ["plain,harbour"]),
    ("zsh", "4", ["plain", "harbour", "https://harbour.example/"]),
    ("fish", "ha", ["plain,harbour", "https://harbour.example/"]),  # it tells the word in place of its number
)


@pytest.mark.parametrize(("shell", "word", "said"), SHELLS, ids=[shell for shell, _, _ in SHELLS])
def test_each_shell_is_answered_in_its_own_form(
    shell: str, word: str, said: list[str], sources_toml: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_WORDS", f"ingest --home {sources_toml(SOURCES).parent} run ha")
    monkeypatch.setenv("COMP_CWORD", word)
    found = get_completion_class(shell)
    assert found is not None
    answer = found(cli, {"obj": App()}, "ingest", "_INGEST_COMPLETE").complete()
    assert answer.replace("\t", "\n").split("\n") == said


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine: its completion cannot be tried")
def test_bash_itself_completes_the_name_of_a_source(sources_toml: Callable[[str], Path], tmp_path: Path) -> None:
    home = sources_toml(SOURCES).parent
    program = tmp_path / "ingest"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m ingest "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(_INGEST_COMPLETE=bash_source ingest)"\n'
        "COMP_WORDS=(ingest run ha) COMP_CWORD=2\n"
        '_ingest_completion ingest ha run\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "INGEST_HOME": str(home)}
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr) == ("harbour\n", "")
