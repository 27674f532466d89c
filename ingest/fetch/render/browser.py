"""Browser: one headless Chromium of a crawl, a fresh context for each page, nothing kept from one to the next.

The page's own document is not asked for again: the browser gets the bytes that our fetcher brought, so that robots.txt,
pace, redirects and limits have held for it. What the page's scripts ask for goes out through an EgressProxy of its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import SettingsError
from ingest.events import event
from ingest.fetch.render.egress_proxy import EgressProxy
from ingest.fetch.render.visit import MainDocument, RenderError, Visit

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, BrowserType, Playwright, ViewportSize

log = logging.getLogger(__name__)

AT_ONCE = 2  # pages; each is a process of 100 to 300 MB

MAX_BYTES = 32 * 2**20  # of all that one page asks for; pictures, fonts and films are not among it
RENDERER_BYTES = 1 << 30  # resident memory of a page; heavy ones take 400 MB
HEAP_MB = 512  # of its scripts
WATCH_S = 0.5
START_S, CLOSE_S = 60.0, 5.0

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VIEW: ViewportSize = {"width": 1280, "height": 4000}  # tall: what is loaded when it comes into view, is
# Besides the proxy: whatever does not go through it, finds no name and no way. Chromium's own background traffic has
# no page and thus no proxy of its own.
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


def find(path: str) -> str:
    """Return the Chromium to start: the one that is set, else one of the machine's. Raises SettingsError."""
    for name in (os.path.expanduser(path),) if path else NAMES:  # noqa: PTH111 - pathlib's raises for ~nobody
        if (found := shutil.which(name)) is not None:
            return found
    if path:
        raise SettingsError(f"INGEST_BROWSER is {path!r}, which is no program that can be started")
    raise SettingsError("no Chromium was found: install one (apt install chromium), or set INGEST_BROWSER to its path")


class Browser:
    """Started with the first page, started again when it has died; `close` ends it."""

    def __init__(
        self, program: str, doors: Callable[[], EgressProxy], *, user_agent: str, timeout_s: float, max_bytes: int
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
        self._was_up = False

    async def render(self, document: MainDocument) -> bytes:
        """Return the page's markup after its scripts have run, as UTF-8.

        Raises RenderError, and SettingsError when the browser does not even start for the first page.
        """
        from playwright.async_api import Error

        async with self._room:
            try:
                chromium = await self._running()
                async with asyncio.timeout(self.timeout_s), self.doors() as egress_proxy:
                    return await self._rendered(chromium, egress_proxy, document)
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

    async def _rendered(self, chromium: Chromium, egress_proxy: EgressProxy, document: MainDocument) -> bytes:
        context = await chromium.new_context(
            proxy={"server": f"http://127.0.0.1:{egress_proxy.port}", "bypass": "<-loopback>"},
            user_agent=self.user_agent,
            viewport=VIEW,
            accept_downloads=False,
            service_workers="block",
            ignore_https_errors=not document.verify_tls,
            reduced_motion="reduce",
        )
        try:
            await context.add_init_script(BEFORE)
            visit = Visit(await context.new_page(), document, timeout_s=self.timeout_s, max_bytes=self.max_bytes)
            return await visit.markup()
        finally:
            await self._shut_context(chromium, context)

    async def _shut_context(self, chromium: Chromium, context: BrowserContext) -> None:
        """Close a page with all that is its own; a browser that cannot is ended, with whatever else it does."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await context.close()
        except Exception:  # dead, or too busy to die: either way the next page gets a new one
            if chromium is self._chromium:  # and not one that was started since
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
        try:
            chromium = await self._launch(self._driver.chromium, options)
        except Error as error:
            if self._was_up:
                raise
            first = str(error).strip().partition("\n")[0]
            raise SettingsError(f"{self.program} does not start: {first}; INGEST_BROWSER names another") from error
        self._was_up = True
        self._watch = asyncio.ensure_future(self._watching(chromium))
        return chromium

    async def _launch(self, kind: BrowserType, options: dict[str, Any]) -> Chromium:
        """Start it, in its sandbox where there is one: root gets none, nor does many a container."""
        from playwright.async_api import Error

        root = os.geteuid() == 0
        try:
            return await kind.launch(chromium_sandbox=not root, timeout=START_S * 1000, **options)
        except Error as error:
            if root or "sandbox" not in str(error).lower():
                raise
        event(log, logging.WARNING, "browser without sandbox", why="the system gives it none")
        return await kind.launch(chromium_sandbox=False, timeout=START_S * 1000, **options)

    async def _watching(self, chromium: Chromium) -> None:
        """End pages that take too much memory; their crash ends their rendering."""
        from playwright.async_api import Error

        with suppress(Error):  # it has died, which whoever renders a page notices
            session = await chromium.new_browser_cdp_session()
            while chromium.is_connected():
                for process in (await session.send("SystemInfo.getProcessInfo"))["processInfo"]:
                    self._look_at(process["type"], process["id"])
                await asyncio.sleep(WATCH_S)

    def _look_at(self, kind: str, pid: int) -> None:
        if kind == "browser":
            self._pid = pid
        elif kind == "renderer" and _resident_bytes(pid) > RENDERER_BYTES:
            event(log, logging.INFO, "page killed", reason="memory", limit_mb=RENDERER_BYTES >> 20)
            _kill(pid)

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


def _resident_bytes(pid: int) -> int:
    """Return the memory a process has in use, 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _kill(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
