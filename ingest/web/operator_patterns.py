"""Patterns that a person wrote in sources.toml, searched for within a time limit: none of them can hold a crawl."""

from __future__ import annotations

import logging
from functools import lru_cache

import regex

log = logging.getLogger(__name__)

SEARCH_S = 0.05  # for one address; an honest pattern takes some microseconds
MOST_TIMEOUTS = 3  # then the pattern is not searched for any more: 50,000 links of it would take 40 minutes


class PatternError(ValueError):
    """No regular expression; the message says why."""


class BoundedPattern:
    """One pattern of `match` or `exclude`, in the syntax of Python's `re`."""

    def __init__(self, pattern: str) -> None:
        try:
            self.pattern = regex.compile(pattern, regex.VERSION0)
        except (regex.error, OverflowError, RecursionError) as error:
            raise PatternError(str(error)) from error
        self.timeouts = 0

    def found_in(self, url: str) -> bool:
        """Return whether the pattern is found; an address for which it takes too long counts as one without it."""
        if self.timeouts >= MOST_TIMEOUTS:
            return False
        try:
            return self.pattern.search(url, timeout=SEARCH_S) is not None
        except TimeoutError:
            self.timeouts += 1
            if self.timeouts == MOST_TIMEOUTS:
                about = {"pattern": self.pattern.pattern, "advice": "write it without nested repeats"}
                log.warning("pattern takes too long and is left out", extra={"about": about})
            return False


@lru_cache(maxsize=10_000)
def bounded_pattern(pattern: str) -> BoundedPattern:
    """Return the one object of a pattern, which remembers over all seeds that it is slow. Raises PatternError."""
    return BoundedPattern(pattern)
