"""Posting: a small HTTP request to an address of the operator's, who is trusted: a webhook, a heartbeat."""

from __future__ import annotations

import logging
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

import orjson
from w3lib.url import safe_url_string

from ingest.errors import SettingsError
from ingest.events import event
from ingest.version import __version__

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0  # for each step of a request
WHOLE_S = 20.0  # for all of it: a server that sends a byte at a time holds no run
AGENT = f"ingest/{__version__}"


def post(url: str, value: Any = None, *, proxy: str = "", what: str = "message") -> bool:
    """Send a value as JSON, or nothing, and return whether it was accepted; what went wrong is logged.

    The address is a secret: whoever knows it can send. No log line and no error holds it or a part of it. Whatever the
    other side does, nothing is raised; only an address that is not http(s) is a SettingsError.
    """
    if not url.strip().startswith(("http://", "https://")):
        raise SettingsError(f"the address of the {what} is not http(s); see `ingest config`")
    body = b"" if value is None else orjson.dumps(value, default=str)
    accepted: list[bool] = []

    def send() -> None:
        try:
            accepted.append(_send(url.strip(), body, proxy, what))
        except Exception as error:  # no message of another library's: it may quote the address
            event(log, logging.WARNING, f"{what} not sent", reason=_reason(error))
            accepted.append(False)

    sending = Thread(target=send, name=what, daemon=True)
    sending.start()
    sending.join(WHOLE_S)
    if not accepted:
        event(log, logging.WARNING, f"{what} not sent", reason=f"no answer within {WHOLE_S:g} s")
    return accepted == [True]


def _send(url: str, body: bytes, proxy: str, what: str) -> bool:
    headers = {"User-Agent": AGENT, "Content-Type": "application/json" if body else "text/plain"}
    request = Request(safe_url_string(url), data=body, headers=headers, method="POST")  # noqa: S310 - checked before
    try:
        with _opener(proxy).open(request, timeout=TIMEOUT_S):
            return True
    except HTTPError as error:
        with error:
            event(log, logging.WARNING, f"{what} not accepted", status=error.code)
    return False


def _reason(error: Exception) -> str:
    """Return the kind of an error, and of what the system says its text, which knows no address."""
    cause = error.reason if isinstance(error, URLError) else error
    said = cause.strerror if isinstance(cause, OSError) else None
    return f"{type(cause).__name__}: {said}" if said else type(cause).__name__


def _opener(proxy: str) -> OpenerDirector:
    """Take the proxy of the settings and none that the environment names."""
    return build_opener(ProxyHandler({"http": proxy, "https": proxy} if proxy else {}))
