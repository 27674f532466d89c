"""Polite units among several processes: taken before the first request, tried again, left when idle or in vain."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.crawl.lock import Held
from ingest.fetch.host_leases import AGAIN_S, LEFT_AFTER_S, PATIENCE_S, HostLeases


@dataclass(slots=True)
class Others(Held):
    """A lock of which other processes hold some units."""

    theirs: set[str] = field(default_factory=set)
    ours: list[str] = field(default_factory=list)
    asked: int = 0

    def take(self, unit: str) -> bool:
        self.asked += 1
        if unit in self.theirs:
            return False
        self.ours.append(unit)
        return True

    def release(self, unit: str) -> None:
        self.ours.remove(unit)


def leases(*theirs: str, shared: bool = True) -> tuple[HostLeases, Others]:
    held = Others(shared=shared, theirs=set(theirs))
    return HostLeases(held=held), held


def idle(_unit: str) -> bool:
    return False


def long_ago(_unit: str) -> float:
    return 0.0


def test_a_run_that_has_the_database_to_itself_asks_for_no_unit() -> None:
    units, held = leases(shared=False)
    assert units.take("a.example", 100.0)
    assert held.asked == 0


def test_a_unit_is_taken_once_and_kept() -> None:
    units, held = leases()
    assert units.take("a.example", 100.0)
    assert units.take("a.example", 100.1)
    assert held.asked == 1


def test_a_unit_of_another_process_is_tried_again_but_not_all_the_time() -> None:
    units, held = leases("a.example")
    assert not units.take("a.example", 100.0)
    assert not units.take("a.example", 100.0 + AGAIN_S / 2)
    assert held.asked == 1
    held.theirs.clear()
    assert units.take("a.example", 100.0 + AGAIN_S)


def test_what_waits_too_long_for_a_unit_is_left_to_the_next_run() -> None:
    units, held = leases("a.example")
    units.take("a.example", 100.0)
    assert not units.left("a.example", 100.0 + PATIENCE_S - 1)
    assert units.left("a.example", 100.0 + PATIENCE_S + 1)
    held.theirs.clear()
    assert units.take("a.example", 100.0 + PATIENCE_S + 2)
    assert not units.left("a.example", 100.0 + PATIENCE_S + 3), "it came free after all"


def test_a_unit_is_left_when_nothing_was_asked_of_it_for_a_while_and_its_delay_is_over() -> None:
    units, held = leases()
    for unit in ("idle.example", "busy.example", "slow.example", "used.example"):
        units.take(unit, 100.0)
    now_s = 101.0 + LEFT_AFTER_S
    units.used("used.example", now_s - 1)
    ready_s = {"slow.example": now_s + 5}
    units.release(now_s, lambda unit: unit == "busy.example", lambda unit: ready_s.get(unit, 0.0))
    assert held.ours == ["busy.example", "slow.example", "used.example"]
    assert units.take("idle.example", now_s), "and taken again when it is wanted again"


def test_a_unit_that_was_never_taken_is_not_left() -> None:
    units, held = leases("a.example")
    units.take("a.example", 100.0)
    units.used("a.example", 100.0)
    units.release(1000.0, idle, long_ago)
    assert held.ours == []
