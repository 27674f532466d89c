"""Why a request ended without a page: one slug for whatever went wrong, and what outcome that is."""

from __future__ import annotations

from collections.abc import Iterator

from OpenSSL import SSL
from scrapy import exceptions as scrapy_errors
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from service_identity.exceptions import VerificationError
from twisted.internet import error as twisted_errors
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from ingest.fetch.scrapy_internals import BadResponseVersion, HeadersTooLargeError, ParseError, TruncatedBody
from ingest.model import OutcomeKind

STOPPED = "stopped"  # the crawl was asked to end: no outcome, the page stays queued


class NotFetched(IgnoreRequest):
    """A request that ends here; `reason` is the slug its outcome is recorded with, `detail` is for people."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


# the first that fits counts; of an error that wraps others, the innermost is asked first
SLUGS: tuple[tuple[type[BaseException], str], ...] = (
    (HeadersTooLargeError, "headers-too-large"),
    (VerificationError, "tls"),
    (SSL.Error, "tls"),
    (twisted_errors.DNSLookupError, "dns"),
    (scrapy_errors.CannotResolveHostError, "dns"),
    (twisted_errors.ConnectionRefusedError, "refused-connection"),
    (scrapy_errors.DownloadConnectionRefusedError, "refused-connection"),
    (twisted_errors.TimeoutError, "connect-timeout"),
    (scrapy_errors.DownloadTimeoutError, "timeout"),
    (TruncatedBody, "truncated"),
    (scrapy_errors.ResponseDataLossError, "truncated"),
    (ParseError, "bad-response"),
    (BadResponseVersion, "bad-response"),
    (twisted_errors.ConnectionLost, "connection-lost"),
    (twisted_errors.ConnectionDone, "connection-lost"),
    (ResponseNeverReceived, "connection-lost"),
    (ResponseFailed, "bad-response"),
    (twisted_errors.ConnectError, "unreachable"),
    (scrapy_errors.UnsupportedURLSchemeError, "scheme-refused"),
    (scrapy_errors.NotSupported, "scheme-refused"),
    (scrapy_errors.DownloadCancelledError, "too-large"),
    (scrapy_errors.StopDownload, "no-room"),
    (TunnelError, "proxy"),
    (scrapy_errors.DownloadFailedError, "bad-response"),
    (OSError, "unreachable"),
    (ValueError, "bad-response"),
)

UNREACHED = frozenset({"dns", "refused-connection", "connect-timeout", "unreachable", "tls"})  # never spoke HTTP
REFUSED = frozenset(
    {"robots", "address-refused", "port-refused", "scheme-refused", "host-closed", "budget", "too-deep"}
)
NOT_FOUND = "http-404"
GONE = frozenset({NOT_FOUND, "http-410"})


def reason_of(what: Failure | BaseException | Response) -> str:
    """Return the slug for a failure, an exception or a response that is no page: "dns", "http-503", "robots" ..."""
    if isinstance(what, Response):
        return f"http-{what.status}"
    error = _error(what)
    if isinstance(error, NotFetched):
        return error.reason
    if isinstance(error, HttpError):
        return f"http-{error.response.status}"
    inner = tuple(_causes(error))
    for kind, slug in SLUGS:
        if any(isinstance(cause, kind) for cause in inner):
            return slug
    return "error"


def detail_of(what: Failure | BaseException | Response) -> str:
    """Return one line for people, without addresses of ours or the page's bytes."""
    if isinstance(what, Response):
        return ""
    error = _error(what)
    if isinstance(error, NotFetched):
        return error.detail
    return "" if isinstance(error, HttpError) else " ".join(str(error).split())[:200]


def kind_of(reason: str) -> OutcomeKind:
    """Return the outcome a page without bytes has."""
    if reason in REFUSED or reason.startswith("robots-"):
        return OutcomeKind.REFUSED
    return OutcomeKind.GONE if reason in GONE else OutcomeKind.FAILED


def _error(what: Failure | BaseException) -> BaseException:
    if isinstance(what, Failure):
        assert what.value is not None, "a failure has an error"
        return what.value
    return what


def _causes(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """Yield an error and what it wraps, Twisted's lists of reasons included."""
    yield error
    if depth > 5:  # deep enough for Scrapy's wrapper, Twisted's list and the error itself
        return
    for cause in (error.__cause__, *(getattr(error, "reasons", None) or ())):
        if isinstance(cause, Failure):
            cause = cause.value
        if isinstance(cause, BaseException):
            yield from _causes(cause, depth + 1)
