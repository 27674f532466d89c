"""Browser: one headless Chromium of a crawl, a fresh context for each page, nothing kept from one to the next.

The page's own document is not asked for again: the browser gets the bytes that our fetcher brought, so that robots.txt,
pace, redirects and limits have held for it. What the page's scripts ask for goes out through a Door of its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import SettingsError
from ingest.events import event
from ingest.fetch.render_door import Door

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Page, Playwright, Request, Route, ViewportSize

log = logging.getLogger(__name__)

AT_ONCE = 2  # pages; each is a process of 100 to 300 MB
MAX_REQUESTS = 300  # of one page: news sites ask 50 to 250 times, most of it adverts
MAX_BYTES = 32 * 2**20  # of all that one page asks for; pictures, fonts and films are not among it
RENDERER_BYTES = 1 << 30  # resident memory of a page; heavy ones take 400 MB
HEAP_MB = 512  # of its scripts
WATCH_S = 0.5
SETTLE_SHARE = 0.5  # of a page's time that its scripts may go on asking before it is taken as it is
FEW_CHARS = 400  # of text: with less, scripts that only wait for a timer get some time more
LOOK_S, LOOKS = 0.25, 8
CLOSE_S = 5.0
UNWANTED = frozenset(("image", "media", "font", "texttrack", "manifest", "ping", "eventsource"))
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VIEW: ViewportSize = {"width": 1280, "height": 4000}  # tall: what is loaded when it comes into view, is
# Besides the proxy: whatever does not go through it, finds no name and no way. Chromium's own background traffic has
# no page and thus no door.
NOWHERE = "http://127.0.0.1:1"
ARGUMENTS = (
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-background-networking",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-gpu",
    f"--js-flags=--max-old-space-size={HEAP_MB}",
)
# before any script of the page: ways out that are not the web's
BEFORE = """for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "RTCDataChannel"])
  try { delete globalThis[name] } catch (_) {}"""
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
class Document:
    """What our fetcher brought."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    verify_tls: bool = True


def find(path: str) -> str:
    """Return the Chromium to start: the one that is set, else one of the machine's. Raises SettingsError."""
    for name in (str(Path(path).expanduser()),) if path else NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    if path:
        raise SettingsError(f"INGEST_BROWSER is {path!r}, which is no program that can be started")
    raise SettingsError("no Chromium was found: install one (apt install chromium), or set INGEST_BROWSER to its path")


class Browser:
    """Started with the first page, started again when it has died; `close` ends it."""

    def __init__(
        self, program: str, doors: Callable[[], Door], *, user_agent: str, timeout_s: float, max_bytes: int
    ) -> None:
        self.program = program
        self.doors = doors
        self.user_agent = user_agent
        self.timeout_s = timeout_s
        self.max_bytes = max_bytes
        self._room = asyncio.Semaphore(AT_ONCE)
        self._starting = asyncio.Lock()
        self._driver: Playwright | None = None
        self._chromium: Chromium | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._pid = 0

    async def render(self, document: Document) -> bytes:
        """Return the page's markup after its scripts have run, as UTF-8. Raises RenderError."""
        from playwright.async_api import Error

        async with self._room:
            try:
                async with asyncio.timeout(self.timeout_s), self.doors() as door:
                    chromium = await self._running()
                    return await self._rendered(chromium, door, document)
            except TimeoutError:
                raise RenderError("render-timeout", f"not done within {self.timeout_s:g} s") from None
            except Error as error:
                said = " ".join(str(error).split())[:200]
                raise RenderError("render-crashed", said, again=True) from error

    async def close(self) -> None:
        """End the browser and what it was driven by."""
        if self._watch is not None:
            self._watch.cancel()
        await self._end()
        if self._driver is not None:
            with suppress(Exception):  # a driver that is dead already has nothing to say
                async with asyncio.timeout(CLOSE_S):
                    await self._driver.stop()
            self._driver = None
        if self._home is not None:
            self._home.cleanup()

    # ------------------------------------------------------------ one page

    async def _rendered(self, chromium: Chromium, door: Door, document: Document) -> bytes:
        context = await chromium.new_context(
            proxy={"server": f"http://127.0.0.1:{door.port}", "bypass": "<-loopback>"},
            user_agent=self.user_agent,
            viewport=VIEW,
            accept_downloads=False,
            service_workers="block",
            ignore_https_errors=not document.verify_tls,
            reduced_motion="reduce",
        )
        try:
            await context.add_init_script(BEFORE)
            page = await context.new_page()
            context.on("page", lambda opened: asyncio.ensure_future(_shut(opened)))
            await context.route("**/*", _Visit(page, document).decide)
            return await _unless_crashed(page, self._read(context, page, document))
        finally:
            await self._shut_context(context)

    async def _read(self, context: BrowserContext, page: Page, document: Document) -> bytes:
        from playwright.async_api import TimeoutError as Late

        await page.goto(document.url, wait_until="commit", timeout=self.timeout_s * 1000)
        with suppress(Late):  # who goes on asking is taken as it is
            await page.wait_for_load_state("networkidle", timeout=self.timeout_s * SETTLE_SHARE * 1000)
        session = await context.new_cdp_session(page)
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

    async def _shut_context(self, context: BrowserContext) -> None:
        """Close a page with all that is its own; a browser that cannot is ended, with whatever else it does."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await context.close()
        except Exception:  # dead, or too busy to die: either way the next page gets a new one
            await self._end()

    # ------------------------------------------------------------ the process

    async def _running(self) -> Chromium:
        async with self._starting:
            if self._chromium is None or not self._chromium.is_connected():
                self._chromium = await self._start()
            return self._chromium

    async def _start(self) -> Chromium:
        from playwright.async_api import Error, async_playwright

        await self._end()
        if self._driver is None:
            self._driver = await async_playwright().start()
            self._home = tempfile.TemporaryDirectory(prefix="ingest-browser-", ignore_cleanup_errors=True)
        assert self._home is not None
        options: dict[str, Any] = {
            "executable_path": self.program,
            "args": list(ARGUMENTS),
            "proxy": {"server": NOWHERE, "bypass": "<-loopback>"},
            "env": {"PATH": os.defpath, "HOME": self._home.name, "LANG": "C.UTF-8"},  # none of our secrets
            "handle_sigint": False,  # the crawl decides when it ends
            "handle_sigterm": False,
            "handle_sighup": False,
        }
        launch = self._driver.chromium.launch
        try:  # Chromium refuses its sandbox to root, and to many a container
            chromium = await launch(chromium_sandbox=os.geteuid() != 0, **options)
        except Error as error:
            if os.geteuid() == 0 or "sandbox" not in str(error).lower():
                raise
            event(log, logging.WARNING, "browser without sandbox", why="the system gives it none")
            chromium = await launch(chromium_sandbox=False, **options)
        self._watch = asyncio.ensure_future(self._watching(chromium))
        return chromium

    async def _watching(self, chromium: Chromium) -> None:
        """End pages that take too much memory; their crash ends their rendering."""
        session = await chromium.new_browser_cdp_session()
        while chromium.is_connected():
            for process in (await session.send("SystemInfo.getProcessInfo"))["processInfo"]:
                if process["type"] == "browser":
                    self._pid = process["id"]
                elif process["type"] == "renderer" and _resident_bytes(process["id"]) > RENDERER_BYTES:
                    event(log, logging.INFO, "page ended", reason="memory", limit_mb=RENDERER_BYTES >> 20)
                    _kill(process["id"])
            await asyncio.sleep(WATCH_S)

    async def _end(self) -> None:
        chromium, self._chromium = self._chromium, None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if chromium is None:
            return
        try:
            async with asyncio.timeout(CLOSE_S):
                await chromium.close()
        except Exception:  # it does not answer any more
            if self._pid:
                _kill(self._pid)
        self._pid = 0


class _Visit:
    """What one page may ask for."""

    def __init__(self, page: Page, document: Document) -> None:
        self.page = page
        self.document = document
        self.requests = 0
        self.given = False

    async def decide(self, route: Route, request: Request) -> None:
        """Give the document, let scripts ask, refuse what no text is made of: pictures, frames, other documents."""
        from playwright.async_api import Error

        self.requests += 1
        with suppress(Error):  # the page may be gone by now
            if request.is_navigation_request():
                if self.given or request.frame != self.page.main_frame:
                    await route.abort(
                        "aborted"
                    )  # and not "failed", which puts a page of errors in the document's place
                else:
                    self.given = True
                    await route.fulfill(status=200, headers=dict(self.document.headers), body=self.document.body)
            elif self.requests > MAX_REQUESTS or request.resource_type in UNWANTED:
                await route.abort()
            else:
                await route.continue_()


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


def _resident_bytes(pid: int) -> int:
    """Return the memory a process has in use, 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _kill(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
