"""Posting: a small HTTP request to an address of the operator's, who is trusted: a webhook, a heartbeat."""

from __future__ import annotations

import logging
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

import orjson

from ingest.errors import SettingsError
from ingest.events import event
from ingest.version import __version__

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0  # a run waits for nobody longer
AGENT = f"ingest/{__version__}"


def post(url: str, value: Any = None, *, proxy: str = "", what: str = "message") -> bool:
    """Send a value as JSON, or nothing, and tell whether it was taken. What went wrong is logged, without the address.

    An address like that is a secret: whoever knows it can send. Raises SettingsError for one that is not http(s).
    """
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"the address of the {what} is not http(s); see `ingest config`")
    body = b"" if value is None else orjson.dumps(value, default=str)
    headers = {"User-Agent": AGENT, "Content-Type": "application/json" if value is not None else "text/plain"}
    request = Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - checked above
    try:
        with _opener(proxy).open(request, timeout=TIMEOUT_S):
            return True
    except HTTPError as error:
        with error:
            event(log, logging.WARNING, f"{what} not taken", status=error.code)
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        event(log, logging.WARNING, f"{what} not sent", reason=f"{type(reason).__name__}: {reason}")
    return False


def _opener(proxy: str) -> OpenerDirector:
    """Take the proxy of the settings and none that the environment names."""
    return build_opener(ProxyHandler({"http": proxy, "https": proxy} if proxy else {}))
