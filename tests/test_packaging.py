"""Wheel and sdist: built, installed into an empty environment, and tried there from another directory."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*command: str | Path, cwd: Path, timeout_s: float = 300) -> str:
    """Run a command with nothing of ours in its way; return what it printed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, encoding="utf-8", timeout=timeout_s, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("demo_alone")
def test_the_wheel_works_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    run(binaries / "python", *PIP, "install", wheel, cwd=tmp_path)
    assert run(binaries / "ingest", "--version", cwd=tmp_path).startswith("ingest ")
    assert "14" in run(binaries / "ingest", "--home", tmp_path / "home", "demo", cwd=tmp_path)
    assert run(binaries / "ingest", "--home", tmp_path / "home", "show", "1", cwd=tmp_path)


@pytest.mark.slow
def test_the_archives_hold_what_they_must_and_nothing_that_was_lying_about(built: Path) -> None:
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    shipped = zipfile.ZipFile(wheel).namelist()
    assert {"settings.py", "ingest/__main__.py", "pipelines/store.py"} <= set(shipped)
    assert {name.split("/")[0] for name in shipped if ".dist-info" not in name} == {
        "ingest",
        "pipelines",
        "settings.py",
    }
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {"README.md", "Makefile", "LICENSE", "scrapy.cfg", "docs/index.md", "tests/conftest.py"} <= set(names)
    left = [name for name in names if name.endswith((".db", ".pyc", ".warc.gz")) or "/_build/" in name]
    assert left == []


def test_the_locked_versions_are_within_the_ranges() -> None:
    """constraints.txt is what the container and CI install; after a change of a range: make lock."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    locked: dict[str, list[Requirement]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            locked.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    assert not [line for line in lines if "://" in line], "no registry is named"
    for text in wanted:
        requirement = Requirement(text)
        if requirement.name == "ingest":
            continue
        assert canonicalize_name(requirement.name) in locked, f"{text}: not in constraints.txt; make lock"
        for one in locked[canonicalize_name(requirement.name)]:
            (exact,) = one.specifier
            assert requirement.specifier.contains(exact.version, prereleases=True), f"{text}: {one}; make lock"
