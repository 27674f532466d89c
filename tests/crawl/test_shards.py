"""`ingest run --shard`: parts of the sites on several machines, without a queue."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ingest.cli.support.shards import Shard
from tests.command import RunIngest
from tests.crawl.fleet import Fleet, sites
from tests.site import Web


def test_every_site_is_in_exactly_one_shard_and_its_sections_with_it() -> None:
    urls = [f"https://s{number}.example/" for number in range(300)]
    for url in urls:
        assert sum(Shard(number=number, count=7).holds(url) for number in range(1, 8)) == 1
    sizes = [sum(Shard(number=number, count=7).holds(url) for url in urls) for number in range(1, 8)]
    assert min(sizes) > 20, "by a digest, so about evenly"
    sections = [f"https://{name}.site.example/{name}" for name in ("www", "sport", "news")]
    assert len({Shard(number=1, count=7).holds(url) for url in sections}) == 1


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b", "1/1001", ""])
def test_a_shard_that_is_none_is_refused(shard: str, run_ingest: RunIngest) -> None:
    done = run_ingest("run", "--shard", shard)
    assert done.code == 2
    assert "is no shard; write 2/5" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_two_shards_at_once_crawl_all_sites_once_and_never_one_host_together(tmp_path: Path) -> None:
    with Web(sites(4, 3), latency_s=0.02) as web:
        fleet = Fleet.made(tmp_path, f"sqlite:///{tmp_path / 'shared.db'}", web, INGEST_WORKERS="0")
        started = [
            subprocess.Popen(
                [*_ingest(fleet), "run", "--shard", f"{number}/2"], env=fleet.env, cwd="/", stderr=subprocess.PIPE
            )
            for number in (1, 2)
        ]
        for process in started:
            _, told = process.communicate(timeout=90)
            assert (process.returncode, told) == (0, b"")
        assert fleet.stored() == len(web.expected())
        assert fleet.most_at_once() == 1
        assert fleet.repeats()[1] == 0
        states = fleet.run("status", "--json")
        assert states.count('"state": "ok"') == len(web.sites), "no shard retires what is in another"


def _ingest(fleet: Fleet) -> list[str]:
    from tests.command import command

    return command(fleet.folder / "boss")
