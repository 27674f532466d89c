"""Downloader middleware: asks whether a document changed since we last had it; a 304 goes on to the spider.

The meta key `validators` holds what the server gave; it belongs to the address the request was made for.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from ingest.crawl.request_meta import meta_of
from ingest.fetch.reasons import NotFetched
from ingest.model import Validators

NOT_MODIFIED = 304
MAX_VALIDATOR_CHARS = 1_000  # some servers hand out whole cookies as ETags; longer ones are not worth the upload


class ConditionalGetMiddleware:
    """Sends If-None-Match and If-Modified-Since."""

    def process_request(self, request: Request) -> None:
        """Add what the validators ask for."""
        headers = _conditions(meta_of(request).get("validators"))
        for name, value in headers.items():
            request.headers[name] = value
        if headers:
            meta = meta_of(request)
            others = (code for code in meta.get("handle_httpstatus_list", ()) if code != NOT_MODIFIED)
            meta["handle_httpstatus_list"] = [*others, NOT_MODIFIED]

    def process_response(self, request: Request, response: Response) -> Response:
        """Refuse a 304 without a conditional request."""
        if response.status == NOT_MODIFIED and not (
            request.headers.get("If-None-Match") or request.headers.get("If-Modified-Since")
        ):
            raise NotFetched("http-304", "not asked for")
        return response


def _conditions(validators: Validators | None) -> dict[str, str]:
    if validators is None:
        return {}
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in pairs.items() if value and _sendable(value)}


def _sendable(value: str) -> bool:
    return len(value) <= MAX_VALIDATOR_CHARS and value.isprintable()
