"""When the next request to a polite unit may go: pure decisions, no clock and no network."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median

MAX_DIGITS = 20  # more say nothing more, and a million of them cost time
SMALLEST_DELAY_S = 0.001  # at 0 Scrapy 2.19 does not hold its limit of one request at a time
MOST_WAITED_S = 60.0  # longest Crawl-delay and Retry-After that a run waits for
MAX_CLOSED_S = 86_400.0  # longest time a host may send us away for
JITTER = 0.25  # upwards only: up to a quarter more than the delay
LATENCIES = 5  # the median of so many distinguishes a slow server from one slow answer
UNSAID_429_S = 5.0  # 429 without Retry-After: the first wait, doubled each time
DIGITS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)  # some send fractions


def delay_s(
    base_s: float,
    *,
    crawl_delay_s: float | None = None,
    latencies_s: Sequence[float] = (),
    most_s: float = MOST_WAITED_S,
) -> float:
    """Return the seconds between the end of one request and the start of the next, without jitter.

    Never less than the base, than Crawl-delay (of which `most_s` are waited) and than the time the server takes to
    answer: a server that works for two seconds then rests for two.
    """
    asked = min(crawl_delay_s or 0.0, most_s)
    slow = min(median(latencies_s), most_s) if latencies_s else 0.0
    return max(base_s, asked, slow, SMALLEST_DELAY_S)


def jittered(delay: float, chance: float) -> float:
    """Return the delay made longer by chance in 0..1: never shorter, so that the delay is a promise."""
    return delay * (1.0 + JITTER * chance)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for, 0..MAX_CLOSED_S; None when it says nothing readable.

    RFC 9110 10.2.3: a number of seconds or an HTTP date.
    """
    text = (value or "").strip()
    if DIGITS.fullmatch(text):
        return min(float(text[:MAX_DIGITS]), MAX_CLOSED_S)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_CLOSED_S) if math.isfinite(seconds) else None
