"""A disk that is full, a folder that may not be written, a database that is lost in the middle of a run.

Each ends in exit code 1 and one line, with everything committed there; the next run goes on by itself. The disk is a
real one: a small file system in a mount namespace of its own, which needs no rights where user namespaces are allowed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from ingest import snapshots
from ingest.store import open_store
from tests.command import RunIngest, StartIngest, command, environment
from tests.crawl.stored import articles
from tests.databases import DISCONNECT_OTHERS
from tests.site import Web
from tests.site.sites import family
from tests.waiting import wait_until

KEYS = ("post", "weblog")
COUNT = 40
# The tables and seven articles need 700k, all the articles 1,360k: each disk is full between, at which write is chance.
DISKS = ("900k", "1000k", "1100k")
MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]

# $1 the folder to mount over, $2 a folder outside for what comes of it; then the command. $FIRST and $THEN are options
# of the file system before the first run and between the two; without $THEN there is no second.
RUNS = """
    home=$1; out=$2; shift 2
    mount -t tmpfs -o size=100m none $home && cp $out/sources.toml $home/ && mount -o remount,$FIRST $home || exit 9
    "$@" 2> $out/stderr-1; echo $? > $out/code-1
    cp -r $home $out/home-1
    [ -n "$THEN" ] || exit 0
    mount -o remount,$THEN $home || exit 9
    "$@" 2> $out/stderr-2; echo $? > $out/code-2
    cp -r $home $out/home-2
"""


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


needs_mounts = pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount in a namespace of their own")


@pytest.fixture
def web() -> Iterator[Web]:
    with Web([replace(site, count=COUNT) for site in family() if site.key in KEYS]) as web:
        yield web


def sources(web: Web) -> str:
    return "\n".join(f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in KEYS)


def runs(tmp_path: Path, web: Web, *, first: str, then: str = "") -> list[tuple[int, str, Path]]:
    """Run on a small disk that is one way first and another way then; return code, stderr and a copy of the home."""
    home, out = tmp_path / "home", tmp_path / "out"
    home.mkdir()
    out.mkdir()
    (out / "sources.toml").write_text(sources(web))
    env = {**environment({}), "FIRST": first, "THEN": then}
    script = [*MOUNTS, "sh", "-c", RUNS, "sh", str(home), str(out), *command(home, "run")]
    subprocess.run(script, env=env, cwd="/", check=True, timeout=200)
    return [
        (int((out / f"code-{n}").read_text()), (out / f"stderr-{n}").read_text(), out / f"home-{n}")
        for n in ((1, 2) if then else (1,))
    ]


def check(home: Path) -> int:
    """See that database and raw pages are sound; return how many articles there are."""
    for file in (home / snapshots.FOLDER).glob(f"*{snapshots.SUFFIX}"):
        assert all(page.body for page in snapshots.read_all(file))
    with open_store(f"sqlite:///{home / 'ingest.db'}") as store:
        assert store.check() == ()
        for _, _, place in store.snapshots.each():
            assert snapshots.read(home, place).body
        return store.articles.count()


def asked_at_most(web: Web, times: int) -> bool:
    asked = [f"{one.key}{one.target.partition('?')[0]}" for one in web.articles_asked()]
    return max(asked.count(one) for one in asked) <= times


@needs_mounts
@pytest.mark.parametrize("disk", DISKS)
def test_a_full_disk_ends_a_run_in_one_line_and_the_next_one_goes_on(web: Web, tmp_path: Path, disk: str) -> None:
    full, after = runs(tmp_path, web, first=f"size={disk}", then="size=100m")
    assert full[0] == 1
    (line,) = full[1].splitlines()
    assert "make room" in line
    assert 0 < check(full[2]) < len(web.expected())
    assert after[:2] == (0, "")
    assert check(after[2]) == len(web.expected())
    assert asked_at_most(web, 2)


@needs_mounts
def test_a_folder_that_may_not_be_written_is_reported_by_a_run_and_left_alone(web: Web, tmp_path: Path) -> None:
    ((code, told, home),) = runs(tmp_path, web, first="ro")
    assert code == 1
    (line,) = told.splitlines()
    assert "writable" in line
    assert [file.name for file in home.iterdir()] == ["sources.toml"]
    assert web.log == ()


def test_a_database_lost_in_the_middle_of_a_run_ends_it_in_one_line_and_the_next_one_goes_on(
    web: Web,
    postgres_url: str,
    run_ingest: RunIngest,
    start_ingest: StartIngest,
    sources_toml: Callable[[str], Path],
    home: Path,
) -> None:
    sources_toml(sources(web))
    env = {"INGEST_DATABASE_URL": postgres_url}
    web.latency_s = 0.1
    with start_ingest("run", env=env) as process:
        assert wait_until(lambda: len(articles(postgres_url)) > 3)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(DISCONNECT_OTHERS)
        assert process.wait(60) == 1
        told = process.stderr.read()
    (line,) = told.splitlines()
    assert "run again when the server is back" in line
    assert "Traceback" not in line
    kept = articles(postgres_url)
    assert 3 < len(kept) < len(web.expected())
    with open_store(postgres_url) as store:
        assert store.check() == ()
    web.latency_s = 0
    again = run_ingest("run", env=env)
    assert (again.code, again.stderr) == (0, "")
    assert set(articles(postgres_url)) == set(web.expected())
    assert asked_at_most(web, 2)
    for file in (home / snapshots.FOLDER).glob(f"*{snapshots.SUFFIX}"):
        assert all(page.body for page in snapshots.read_all(file))
