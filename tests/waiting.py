"""Wait for something to become true, without a fixed sleep and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

STEP_S = 0.02


def wait_until(true: Callable[[], bool], *, most_s: float = 30.0) -> bool:
    """Return whether it became true in time."""
    deadline = time.monotonic() + most_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_S)
    return True
