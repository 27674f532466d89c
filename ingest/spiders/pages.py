"""Response -> Page: where Scrapy's objects become our own values."""

from __future__ import annotations

from datetime import datetime

from scrapy.http import Response

from ingest.fetch.retry import REASONS, STATUSES
from ingest.model import Link, Page

# the host is closed for now, or the source's budget of this run is used up
NOT_NOW = frozenset({"host-closed", "max-requests", "max-runtime"})
ROBOTS = "robots-"  # and why robots.txt could not be had


def may_pass(reason: str) -> bool:
    """Return whether the cause of a failure may have passed by the next run."""
    if reason.startswith(ROBOTS):
        return True
    status = reason.removeprefix("http-")
    return reason in REASONS | NOT_NOW or (status.isdigit() and int(status) in STATUSES)


def page_of(response: Response, *, asked_url: str, source: str, hint: Link | None, fetched_at: datetime) -> Page:
    """Return the fetched document. Header values are read as Latin-1, as HTTP has them, so that none can fail."""
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return Page(
        url=asked_url,
        final_url=response.url,
        source=source,
        status=response.status,
        headers=headers,
        body=response.body,
        fetched_at=fetched_at,
        hint=hint,
    )
