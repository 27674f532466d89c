"""Whatever one thing does to the process that works on it, it costs that thing alone and is told by its name."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ingest import workers
from ingest.errors import PageLost
from ingest.model import Page
from ingest.steps import WARM as WARM_OF_CRAWLS
from ingest.steps import WORK as WORK_OF_CRAWLS
from ingest.steps import ExtractionTask
from ingest.workers import AdaptiveExecutor, OrderedResults, PageLimits, Pool, PoolError, control, prestart
from ingest.workers import pool as pools
from ingest.workers.adaptive_executor import MANY, POOLS, START_COST_S
from ingest.workers.limits import within
from ingest.workers.pool import WorkError
from tests.unit.pathological import backtracking, careless, do, endless
from tests.waiting import wait_until

WORK = "tests.unit.pathological:do"
WARM = "tests.unit.pathological:warm"
TIGHT = PageLimits(cpu_s=1.0, memory_bytes=384 << 20, wall_s=12)  # for a laden machine, which lets workers wait
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
        problem = [asyncio.ensure_future(told(pool, what)) for what in expected]
        healthy += [asyncio.ensure_future(told(pool, f"#{number}")) for number in range(30, 60)]
        return dict(zip(expected, await asyncio.gather(*problem), strict=True)), await asyncio.gather(*healthy)

    came, healthy = with_pool(use)
    assert came == expected
    assert healthy == [f"#{number}" for number in range(60)]


def test_a_tree_too_large_for_memory_is_no_short_page() -> None:
    async def run() -> str:
        pool = Pool(WORK, 1, PageLimits(memory_bytes=64 << 20), warm=WARM)
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
from ingest.workers import PageLimits, Pool
async def main():
    pool = Pool("tests.unit.pathological:do", 2, PageLimits(cpu_s=0.5, wall_s=1.5))
    pool.start()
    first = await pool.do("pid")
    asyncio.ensure_future(pool.do("endless"))
    asyncio.ensure_future(pool.do("sleeping"))
    print(pool._server.process.pid, first, *(worker.pid for worker in pool._alive), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_no_process_outlives_a_crawl_that_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT)], stdout=subprocess.PIPE, cwd=ROOT, encoding="utf-8"
    ) as parent:
        assert parent.stdout is not None
        pids = {int(word) for word in parent.stdout.readline().split()}
        assert len(pids) >= 2
        os.kill(parent.pid, signal.SIGKILL)
        assert wait_until(lambda: not any(map(alive, pids)), most_s=10.0)


def children(pid: int) -> list[int]:
    """Return the processes that a process has not waited for, dead ones too."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def count_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def server_of(pool: Pool) -> int:
    assert pool._server is not None
    return pool._server.process.pid


def test_a_worker_begins_with_what_the_fork_server_loaded_and_has_no_file_of_another() -> None:
    async def run() -> tuple[int, list[list[int]], list[list[str]]]:
        pool = Pool(WORK, 3, TIGHT, warm=WARM)
        pool.start()
        try:
            await asyncio.gather(*(told(pool, "leaving") for _ in range(5)))
            warmed = await asyncio.gather(*(pool.do("warmed") for _ in range(3)))
            return server_of(pool), warmed, await asyncio.gather(*(pool.do("open files") for _ in range(3)))
        finally:
            pool.close()

    server, warmed, files = asyncio.run(run())
    assert warmed == [[server]] * 3
    assert files == [["/dev/null", "/dev/null", "/dev/null", "socket"]] * 3


def test_a_hundred_replacements_leave_nothing_behind() -> None:
    async def use(pool: Pool) -> tuple[list[str], int, int]:
        ends = [await told(pool, what) for what in ("leaving", "killed") * 50]
        await pool.do("#1")
        pid = server_of(pool)
        assert wait_until(lambda: len(children(pid)) <= 2)
        return ends, count_files(pid), len(pool._server._ended if pool._server else ())

    ends, files, awaited = with_pool(use)
    assert ends == ["extract-crashed", "extract-killed, may pass"] * 50
    assert files == 7  # three of /dev/null, the control socket, the two ends of the bell, what waits for both
    assert awaited <= 2


def test_dead_fork_servers_are_replaced_until_the_work_is_left_to_the_crawl(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> tuple[list[str], list[int]]:
        executor = AdaptiveExecutor(do, WORK, 2, TIGHT)
        done, pids = [], []
        try:
            for of_pool in range(POOLS):
                assert executor.pool is not None
                pids.append(await executor.do("pid", 1 << 30))
                numbers = range(of_pool * 30, of_pool * 30 + 30)
                waiting = [asyncio.ensure_future(executor.do(f"#{number}", 1 << 30)) for number in numbers]
                await asyncio.sleep(0.05)
                os.kill(server_of(executor.pool), signal.SIGKILL)
                done += await asyncio.gather(*waiting)
            assert executor.pool is None
            assert await executor.do("pid", 1 << 30) == os.getpid()
            return done, pids
        finally:
            executor.close()

    done, pids = asyncio.run(run())
    assert done == [f"#{number}" for number in range(POOLS * 30)]
    assert len(set(pids) - {os.getpid()}) == POOLS
    assert wait_until(lambda: not any(map(alive, pids)))
    assert [record.getMessage() for record in caplog.records] == ["no workers"] * POOLS
    assert caplog.records[0].__dict__["about"] == {"why": "the fork server ended, exit code -9"}


def test_a_crawl_with_a_thousand_open_files_has_workers() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]

    async def use(pool: Pool) -> object:
        return await pool.do("#1")

    try:
        assert with_pool(use) == "#1"
    finally:
        for file in held:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("started", [False, True])
def test_where_no_file_is_left_the_crawl_does_the_work(started: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> NoReturn:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    async def run() -> tuple[str, str]:
        executor = AdaptiveExecutor(do, WORK, 1, TIGHT)
        assert executor.pool is not None
        try:
            before = await executor.do("#0", 1 << 30) if started else "#0"
            if started:
                os.kill(await executor.do("pid", 1 << 30), signal.SIGKILL)
            monkeypatch.setattr(socket, "socketpair", none_left)
            for _ in range(3):  # the first finds the dead worker, and that there can be no other
                with suppress(PageLost):
                    after = await executor.do("#1", 1 << 30)
            return before, after
        finally:
            monkeypatch.undo()
            executor.close()

    assert asyncio.run(run()) == ("#0", "#1")


def test_a_fork_server_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "END_S", 0.1)
    monkeypatch.setattr(pools, "KILL_S", 0.2)

    async def run() -> tuple[str, int]:
        executor = AdaptiveExecutor(do, WORK, 1, TIGHT)
        assert executor.pool is not None
        try:
            worker = await executor.do("pid", 1 << 30)
            server = server_of(executor.pool)
            os.kill(server, signal.SIGSTOP)
            os.kill(worker, signal.SIGKILL)
            return await executor.do("#1", 1 << 30), server
        finally:
            executor.close()

    done, server = asyncio.run(run())
    assert done == "#1"
    assert not alive(server)


@pytest.mark.parametrize(
    ("warm", "why"),
    [
        ("cold", "the fork server ended, exit code 1"),
        ("hanging", "the fork server was not ready after 1 s"),
    ],
)
def test_a_fork_server_that_does_not_warm_up_is_given_up(warm: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "START_S", 1.0 if warm == "hanging" else 60.0)

    async def run() -> int:
        pool = Pool(WORK, 2, TIGHT, warm=f"tests.unit.pathological:{warm}")
        pool.start()
        try:
            with pytest.raises(PoolError, match=why):
                await pool.do("#1")
            return server_of(pool)
        finally:
            pool.close()

    assert not alive(asyncio.run(run()))


def test_a_page_costs_a_fresh_worker_no_loading_and_not_the_worker_itself() -> None:
    page = Page(
        url="https://paper.example/harvest",
        final_url="https://paper.example/harvest",
        source="paper",
        status=200,
        headers=(),
        body=b"<title>Harvest</title><h1>Harvest</h1>" + b"<p>The apples of this row were early this year.</p>" * 9,
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    )

    async def run() -> tuple[list[str | None], set[int], str, float]:
        pool = Pool(WORK_OF_CRAWLS, 1, warm=WARM_OF_CRAWLS)
        pool.start()
        try:
            titles, pids = [], set()
            for _ in range(3):
                titles.append((await pool.do(ExtractionTask(page=page, source=None))).title)
                pids |= {worker.pid for worker in pool._alive}
            return titles, pids, threads(server_of(pool)), max(map(used_s, pids))
        finally:
            pool.close()

    titles, pids, of_server, cpu_s = asyncio.run(run())
    assert titles == ["Harvest"] * 3
    assert len(pids) == 1  # none was retired for what is not a page's memory
    assert of_server == "1"  # a fork copies one thread only
    assert cpu_s < 0.4  # loading alone is 1.2 s


def test_warming_up_loads_what_pages_ask_for() -> None:
    code = (
        "import sys; from ingest import steps; steps.warm(); from ingest.extract.body import blocks;"
        "from ingest.extract.metadata import languages;"
        "print(*(model.cache_info().currsize for model in (blocks.shipped, languages._identifier)));"
        "print('trafilatura' in sys.modules, 'htmldate' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, encoding="utf-8", check=True)
    assert done.stdout.split() == ["1", "1", "True", "True"]


def threads(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text().partition("Threads:")[2].split()[0]


def used_s(pid: int) -> float:
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])) / os.sysconf(
        "SC_CLK_TCK"
    )


def test_a_pool_that_cannot_start_leaves_the_work_to_the_crawl(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> list[str]:
        executor = AdaptiveExecutor(do, "tests.unit.pathological:missing", 2, TIGHT)
        try:
            return [await executor.do("#1", 1 << 30), await executor.do("#2", 1 << 30)]
        finally:
            executor.close()

    assert asyncio.run(run()) == ["#1", "#2"]
    assert [record.getMessage() for record in caplog.records] == ["no workers"]


def test_a_crawl_that_knows_of_many_pages_leaves_all_of_them_to_the_pool() -> None:
    async def run() -> set[int]:
        executor = AdaptiveExecutor(do, WORK, 1, TIGHT)
        try:
            return {await executor.do("pid", 100, coming=MANY), await executor.do("pid", 100)}
        finally:
            executor.close()

    (pid,) = asyncio.run(run())
    assert pid != os.getpid()


def test_a_small_crawl_starts_no_process_and_a_long_one_does() -> None:
    async def run() -> tuple[bool, bool, set[int]]:
        executor = AdaptiveExecutor(do, WORK, 2, TIGHT)
        assert executor.pool is not None
        try:
            pids = {await executor.do("pid", 100)}
            small = executor._begun
            executor._spent_s = 2 * START_COST_S
            while not executor.pool.ready:
                pids.add(await executor.do("pid", 100))
                await asyncio.sleep(0.01)
            pids.add(await executor.do("pid", 100))
            return small, executor._begun, pids
        finally:
            executor.close()

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


def test_a_fork_server_that_was_begun_early_is_the_crews() -> None:
    async def run() -> tuple[str, int]:
        executor = AdaptiveExecutor(do, WORK, 1, TIGHT)
        assert executor.pool is not None
        try:
            return await executor.do("#0", 1), server_of(executor.pool)  # everything is left to it, the first thing too
        finally:
            executor.close()

    with workers.begun(WORK, "", TIGHT):
        (launched,) = prestart._waiting.values()
        assert asyncio.run(run()) == ("#0", launched.process.pid)
        assert not prestart._waiting
    assert launched.process.returncode is not None


def test_a_fork_server_that_nobody_took_is_ended() -> None:
    with workers.begun(WORK, "", TIGHT):
        (launched,) = prestart._waiting.values()
        assert launched.process.poll() is None
    assert launched.process.returncode is not None
    assert not prestart.waits(WORK, "", TIGHT)


@pytest.mark.parametrize("first", ["endless", "crashing", "swelling", "leaking", "raising"])
def test_what_waits_in_the_line_of_a_worker_that_ends_is_done_by_another(first: str) -> None:
    async def use(pool: Pool) -> list[str]:
        await pool.do("#0")
        ahead = [asyncio.ensure_future(told(pool, what)) for what in (first, "#1", "#2", "#3")]
        return (await asyncio.gather(*ahead))[1:]

    assert with_pool(use, 1) == ["#1", "#2", "#3"]


@pytest.mark.parametrize("leaves", [0, 1])
def test_who_stops_waiting_costs_the_others_nothing(leaves: int) -> None:
    async def use(pool: Pool) -> list[object]:
        await pool.do("#0")
        asked = [asyncio.ensure_future(pool.do(what)) for what in ("a while", "#1", "#2")]
        await asyncio.sleep(0.1)  # the first is in work, the second in the line
        asked[leaves].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    came = with_pool(use, 1)
    assert isinstance(came.pop(leaves), asyncio.CancelledError)
    assert came == (["#1", "#2"] if leaves == 0 else ["a while", "#2"])


@pytest.mark.parametrize(("first", "came"), [("leaking", "leaked"), ("swelling", "extract-memory")])
def test_an_answer_that_was_not_read_yet_outlives_what_is_asked_of_a_worker_that_retires(first: str, came: str) -> None:
    async def use(pool: Pool) -> list[str]:
        await pool.do("#0")
        asked = [asyncio.ensure_future(told(pool, first))]
        await asyncio.sleep(0)  # it is on its way
        # the crawl stores an article; meanwhile the worker answers for the last time
        asyncio.get_running_loop().call_soon(time.sleep, 1)
        asked.append(asyncio.ensure_future(told(pool, "#1")))
        return await asyncio.gather(*asked)

    assert with_pool(use, 1) == [came, "#1"]


@pytest.mark.parametrize("count", [0, 2])
def test_results_come_in_the_order_of_the_tasks_whatever_becomes_of_each(count: int) -> None:
    names = [None if number % 7 == 3 else "crashing" if number == 5 and count else f"#{number}" for number in range(40)]
    with OrderedResults(AdaptiveExecutor(do, WORK, count, TIGHT), coming=len(names)) as results:
        came = list(results.of(None if name is None else (name, 1) for name in names))
        assert isinstance(came[5], PageLost) is bool(count)
        assert [one for at, one in enumerate(came) if at != 5] == [one for at, one in enumerate(names) if at != 5]
        assert list(results.of(())) == []


def test_a_fault_of_ours_in_a_task_is_raised_and_leaves_no_process() -> None:
    executor = AdaptiveExecutor(do, WORK, 1, TIGHT)
    with OrderedResults(executor, coming=MANY) as results, pytest.raises(WorkError, match="nothing"):
        list(results.of((name, 1) for name in ["#1", "raising", *["#2"] * 30]))
    assert executor.pool is not None
    assert wait_until(lambda: executor.pool is None or not executor.pool._alive)
