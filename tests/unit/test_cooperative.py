"""Turns: what holds the loop for long runs one at a time, and what is due meanwhile runs in between."""

from __future__ import annotations

import asyncio

from ingest.crawl.cooperative import CooperativeYield


def test_between_two_pieces_of_long_work_the_loop_sees_to_the_rest() -> None:
    ran: list[str] = []

    async def work(turns: CooperativeYield, ready: asyncio.Event) -> None:
        await ready.wait()
        await turns.next()
        ran.append("work")
        asyncio.get_running_loop().call_soon(ran.append, "the rest")

    async def run() -> None:
        turns, ready = CooperativeYield(), asyncio.Event()
        tasks = [asyncio.ensure_future(work(turns, ready)) for _ in range(3)]
        await asyncio.sleep(0)
        ready.set()
        await asyncio.gather(*tasks)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert ran == ["work", "the rest"] * 3


def test_who_gives_up_its_turn_holds_nobody_up() -> None:
    async def run() -> list[object]:
        turns = CooperativeYield()
        waiting = [asyncio.ensure_future(turns.next()) for _ in range(3)]
        await asyncio.sleep(0)
        for gone in waiting[:2]:
            gone.cancel()
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, second, third = asyncio.run(run())
    assert isinstance(first, asyncio.CancelledError)
    assert isinstance(second, asyncio.CancelledError)
    assert third is None
