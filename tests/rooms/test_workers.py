"""Whatever one thing does to the process that works on it, it costs that thing alone and is told by its name."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import PageLost
from ingest.workers import Crew, Limits, Pool, PoolError
from ingest.workers.crew import MANY
from ingest.workers.limits import within
from ingest.workers.pool import WorkError
from tests.rooms.pathological import backtracking, careless, do, endless
from tests.waiting import wait_until

WORK = "tests.rooms.pathological:do"
TIGHT = Limits(cpu_s=0.5, memory_bytes=384 << 20, wall_s=5)  # long enough for a laden machine
ROOT = Path(__file__).parents[2]


def with_pool(use: Callable[[Pool], Awaitable[Any]], count: int = 2) -> Any:
    async def run() -> Any:
        pool = Pool(WORK, count, TIGHT)
        pool.start()
        try:
            return await use(pool)
        finally:
            pool.close()

    return asyncio.run(run())


async def told(pool: Pool, what: str) -> str:
    try:
        return str(await pool.do(what))[:20]
    except PageLost as lost:
        return lost.reason + (", may pass" if lost.passes else "")
    except WorkError as error:
        return str(error)


def test_each_pathology_costs_itself_alone() -> None:
    expected = {
        "endless": "extract-cpu",
        "backtracking": "extract-cpu",
        "careless": "extract-cpu",
        "sleeping": "extract-hung",
        "swelling": "extract-memory",
        "silent": "extract-memory",
        "crashing": "extract-crashed",
        "aborting": "extract-crashed",
        "leaving": "extract-crashed",
        "killed": "extract-killed, may pass",
        "raising": "KeyError: 'nothing'",
        "leaking": "leaked",
    }

    async def use(pool: Pool) -> tuple[dict[str, str], list[str]]:
        healthy = [asyncio.ensure_future(told(pool, f"#{number}")) for number in range(30)]
        ill = [asyncio.ensure_future(told(pool, what)) for what in expected]
        healthy += [asyncio.ensure_future(told(pool, f"#{number}")) for number in range(30, 60)]
        return dict(zip(expected, await asyncio.gather(*ill), strict=True)), await asyncio.gather(*healthy)

    came, healthy = with_pool(use)
    assert came == expected
    assert healthy == [f"#{number}" for number in range(60)]


def test_a_tree_too_large_for_memory_is_no_short_page() -> None:
    async def run() -> str:
        pool = Pool(WORK, 1, Limits(memory_bytes=160 << 20))
        pool.start()
        try:
            return await told(pool, "bulging tree")
        finally:
            pool.close()

    assert asyncio.run(run()) == "extract-memory"


def test_a_result_that_cannot_be_sent_is_a_fault_of_ours_and_large_ones_arrive() -> None:
    async def use(pool: Pool) -> tuple[str, int]:
        return await told(pool, "unpicklable"), len(await pool.do("big 30000000"))

    trouble, size = with_pool(use, 1)
    assert "pickle" in trouble
    assert size == 30_000_000


def test_a_worker_whose_memory_does_not_come_back_is_replaced_before_anything_is_lost() -> None:
    async def use(pool: Pool) -> tuple[int, int, int]:
        first, again = await pool.do("pid"), await pool.do("pid")
        await pool.do("leaking")
        return first, again, await pool.do("pid")

    first, again, fresh = with_pool(use, 1)
    assert first == again != fresh


def test_closing_ends_busy_and_starting_workers_at_once() -> None:
    async def use(pool: Pool) -> list[int]:
        pids = [await pool.do("pid")]
        hanging = asyncio.ensure_future(told(pool, "sleeping"))
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        pool.close()
        assert time.monotonic() - begun < 1.0
        with pytest.raises(PoolError):
            await pool.do("#1")
        with pytest.raises(PoolError):
            await hanging
        return pids

    (pid,) = with_pool(use)
    assert wait_until(lambda: not alive(pid))


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


PARENT = """
import asyncio, sys
from ingest.workers import Limits, Pool
async def main():
    pool = Pool("tests.rooms.pathological:do", 2, Limits(cpu_s=0.5, wall_s=1.5))
    pool.start()
    first = await pool.do("pid")
    asyncio.ensure_future(pool.do("endless"))
    asyncio.ensure_future(pool.do("sleeping"))
    print(first, *(worker.process.pid for worker in pool._alive), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_no_worker_outlives_a_crawl_that_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT)], stdout=subprocess.PIPE, cwd=ROOT, encoding="utf-8"
    ) as parent:
        assert parent.stdout is not None
        pids = {int(word) for word in parent.stdout.readline().split()}
        os.kill(parent.pid, signal.SIGKILL)
        assert wait_until(lambda: not any(map(alive, pids)))


def test_a_pool_that_cannot_start_leaves_the_work_to_the_crawl(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> list[str]:
        crew = Crew(do, "tests.rooms.pathological:missing", 2, TIGHT)
        try:
            return [await crew.do("#1", 1 << 30), await crew.do("#2", 1 << 30)]
        finally:
            crew.close()

    assert asyncio.run(run()) == ["#1", "#2"]
    assert [record.getMessage() for record in caplog.records] == ["no workers"]


def test_a_crawl_that_knows_of_many_pages_leaves_all_of_them_to_the_pool() -> None:
    async def run() -> set[int]:
        crew = Crew(do, WORK, 1, TIGHT)
        try:
            return {await crew.do("pid", 100, coming=MANY), await crew.do("pid", 100)}
        finally:
            crew.close()

    (pid,) = asyncio.run(run())
    assert pid != os.getpid()


def test_a_small_crawl_starts_no_process_and_a_long_one_does() -> None:
    async def run() -> tuple[bool, bool, set[int]]:
        crew = Crew(do, WORK, 2, TIGHT)
        assert crew.pool is not None
        try:
            pids = {await crew.do("pid", 100)}
            small = crew._begun
            crew._spent_s = 1.0
            while not crew.pool.ready:
                pids.add(await crew.do("pid", 100))
                await asyncio.sleep(0.01)
            pids.add(await crew.do("pid", 100))
            return small, crew._begun, pids
        finally:
            crew.close()

    small, begun, pids = asyncio.run(run())
    assert not small
    assert begun
    assert os.getpid() in pids
    assert len(pids) == 2


@pytest.mark.parametrize("work", [endless, backtracking, careless])
def test_what_the_crawl_reads_itself_is_bounded_too(work: Callable[[], None]) -> None:
    with pytest.raises(PageLost, match="extract-cpu"), within(0.2):
        work()
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
