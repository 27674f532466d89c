"""What Scrapy says of its own accord: nothing. Run logs each page's outcome once, with reason and source."""

from __future__ import annotations

from typing import Any

from scrapy.logformatter import LogFormatter


class QuietFormatter(LogFormatter):
    """Leaves Scrapy's lines about single items out; they are two lines long and repeat the page."""

    def crawled(self, *_args: Any) -> None:  # type: ignore[override]  # None means no line, Scrapy documents it
        """Say nothing."""

    def scraped(self, *_args: Any) -> None:  # type: ignore[override]  # as above
        """Say nothing."""

    def dropped(self, *_args: Any) -> None:  # type: ignore[override]  # as above
        """Say nothing."""
