"""Every key of `request.meta` that this project sets or reads, with its type.

Code reaches them through `meta_of(request)`, so that mypy knows each key and its type. Scrapy reads and writes the keys
of the second part itself.
"""

from __future__ import annotations

from typing import Any, TypedDict, cast

from scrapy import Request
from scrapy.http import Response

from ingest.model import SeedKind, Validators


class _Ours(TypedDict, total=False):
    source: str  # name of the source that the request is made for: its budget, its secret headers, its counters
    seed_kind: SeedKind  # the request asks for a seed of this kind: chooses the size limit and whether to render
    validators: Validators | None  # ETag and Last-Modified of the copy we have: sent as a conditional GET
    not_before_s: float  # monotonic time before which a retry is not sent
    not_sent: str  # the request is not sent; this reason goes to its errback
    max_bytes: int  # size limit of the body, in place of the one for its kind
    cut_at_limit: bool  # a body over the limit is cut, not refused
    max_redirects: int  # most hops, in place of the one set for all
    robots_txt: bool  # the request asks for a robots.txt: no rules hold for it, it gets no secret headers
    robots_bytes: int  # bytes of a robots.txt received so far


class _Scrapys(TypedDict, total=False):
    download_slot: str  # the polite unit of the address: one connection and one delay
    download_latency: float  # seconds until the headers came; set by Scrapy
    download_maxsize: int  # most bytes that Scrapy reads from the connection
    dont_retry: bool  # no retry, whatever the failure
    handle_httpstatus_list: list[int]  # statuses that reach the spider although they are no success
    proxy: str  # the operator's proxy, without its login
    redirect_reasons: list[int]  # status of each redirect followed
    redirect_times: int  # redirects followed
    redirect_urls: list[str]  # addresses asked before this one
    retry_reason: str  # why the request is sent again
    retry_times: int  # how often it was sent before


class RequestMeta(_Ours, _Scrapys, total=False):
    """The keys, all optional."""


def meta_of(request: Request | Response) -> RequestMeta:
    """Return the meta of a request, or of the request that a response answers, for reading and writing."""
    return cast(RequestMeta, request.meta)


def as_meta(meta: RequestMeta) -> dict[str, Any]:
    """Return a new dict for Scrapy's `Request(meta=...)`."""
    return dict(meta)
