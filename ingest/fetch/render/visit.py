"""One page in the browser: what it may ask for, when it is done, and what it has become."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Route

MAX_REQUESTS = 300  # of one page: news sites ask 50 to 250 times, most of it adverts
UNWANTED = frozenset(("image", "media", "font", "texttrack", "manifest", "ping", "eventsource"))
SETTLE_SHARE = 0.5  # of a page's time that its scripts may go on asking before it is taken as it is
FEW_CHARS = 400  # of text: with less, scripts that only wait for a timer get some time more
LOOK_S, LOOKS = 0.25, 8
# read in a world of its own, where the page's scripts have replaced nothing
TEXT_CHARS = "document.body ? document.body.innerText.length : 0"
MARKUP = "(document.documentElement ? document.documentElement.outerHTML : '').slice(0, %d)"


class RenderError(Exception):
    """A page that was not rendered; `reason` is a slug. `again`: the browser may be to blame."""

    def __init__(self, reason: str, detail: str = "", *, again: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.again = again


@dataclass(frozen=True, slots=True, kw_only=True)
class MainDocument:
    """What our fetcher brought."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    verify_tls: bool = True


class Visit:
    """One page from its document to its markup."""

    def __init__(self, page: Page, document: MainDocument, *, timeout_s: float, max_bytes: int) -> None:
        self.page = page
        self.document = document
        self.timeout_s = timeout_s
        self.max_bytes = max_bytes
        self.requests = 0
        self.given = False

    async def markup(self) -> bytes:
        """Return what the page has become, as UTF-8. Raises RenderError and Playwright's errors."""
        self.page.context.on("page", lambda opened: asyncio.ensure_future(_shut(opened)))
        await self.page.context.route("**/*", self._decide)
        return await _unless_crashed(self.page, self._read())

    async def _decide(self, route: Route, request: Request) -> None:
        """Give the document, let scripts ask, refuse what no text is made of: pictures, frames, other documents."""
        from playwright.async_api import Error

        self.requests += 1
        with suppress(Error):  # the page may be gone by now
            if request.is_navigation_request():
                if self.given or request.frame != self.page.main_frame:
                    await route.abort("aborted")  # not "failed": that puts a page of errors in the document's place
                else:
                    self.given = True
                    await route.fulfill(status=200, headers=dict(self.document.headers), body=self.document.body)
            elif self.requests > MAX_REQUESTS or request.resource_type in UNWANTED:
                await route.abort()
            else:
                await route.continue_()

    async def _read(self) -> bytes:
        from playwright.async_api import TimeoutError as Late

        await self.page.goto(self.document.url, wait_until="commit", timeout=self.timeout_s * 1000)
        with suppress(Late):  # who goes on asking is taken as it is
            await self.page.wait_for_load_state("networkidle", timeout=self.timeout_s * SETTLE_SHARE * 1000)
        session = await self.page.context.new_cdp_session(self.page)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "ingest"})

        async def ask(expression: str) -> Any:
            about = {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True}
            return (await session.send("Runtime.evaluate", about))["result"].get("value")

        before = -1
        for _ in range(LOOKS):
            chars = await ask(TEXT_CHARS) or 0
            if chars == before and chars >= FEW_CHARS:
                break
            before = chars
            await asyncio.sleep(LOOK_S)
        markup = str(await ask(MARKUP % (self.max_bytes + 1)) or "").encode("utf-8", "replace")
        if len(markup) > self.max_bytes:
            raise RenderError("too-large", f"over {self.max_bytes:,} bytes after its scripts ran")
        return b"<!DOCTYPE html>\n" + markup


async def _unless_crashed(page: Page, reading: Coroutine[Any, Any, bytes]) -> bytes:
    """Return what a page was read to. A crashed one answers no question any more: Playwright would wait for ever."""
    crashed = asyncio.Event()
    page.on("crash", lambda _: crashed.set())
    page.context.on("close", lambda _: crashed.set())
    read, crash = asyncio.ensure_future(reading), asyncio.ensure_future(crashed.wait())
    try:
        await asyncio.wait((read, crash), return_when=asyncio.FIRST_COMPLETED)
        if not read.done():
            raise RenderError("render-crashed", "the page broke down, mostly for want of memory", again=True)
        return read.result()
    finally:
        for task in (read, crash):
            task.cancel()
        await asyncio.gather(read, crash, return_exceptions=True)


async def _shut(page: Page) -> None:
    with suppress(Exception):  # it may have closed itself
        await page.close()
