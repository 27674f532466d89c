"""Only public addresses, only http and https: the resolver every connection asks, and its middleware.

The resolver is the last word: Twisted asks it for names and literals alike, for every connection, so a redirect or a
name that changes its address between two looks cannot get around it. The middleware answers sooner what can be seen in
the URL, records the resolver's refusal as such, and sends requests through the operator's proxy.
"""

from __future__ import annotations

import base64
import logging
import socket
import threading
from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic
from typing import Any, Literal, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import HostResolution
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IAddress, IHostnameResolver
from zope.interface import implementer

from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.events import event
from ingest.fetch.addresses import REFUSED_PORTS, Network, literal, refusal
from ingest.fetch.reasons import NotFetched

log = logging.getLogger(__name__)

KEPT_NAMES = 10_000  # names whose addresses are remembered
KEPT_S = 300.0  # for how long: the usual TTL of hosters; each connection is checked against what is remembered

Found = tuple[str, ...]


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names in threads and gives out an address only when every address of the name may be fetched from."""

    allowed: tuple[Network, ...] = ()
    trusted: frozenset[str] = frozenset()  # the operator's own proxy
    timeout_s = 10.0

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        self.refused: OrderedDict[str, str] = OrderedDict()  # name -> why
        self._known: OrderedDict[str, tuple[float, Found]] = OrderedDict()
        self._waiting: dict[str, list[Deferred[Found]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Take the networks the operator opened and the proxy's name."""
        made = cls(reactor)
        made.configure(Config.from_settings(crawler.settings))
        return made

    def configure(self, config: Config) -> None:
        """Take the networks the operator opened, the proxy's name and the time a look may take."""
        proxy = urlsplit(config.proxy).hostname if config.proxy else None
        self.allowed = config.allow_networks
        self.trusted = frozenset({proxy}) if proxy else frozenset()
        self.timeout_s = config.connect_timeout_s

    def install_on_reactor(self) -> None:
        """Become the reactor's resolver, names and literals alike."""
        self.reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803 - Twisted's name; an IResolutionReceiver
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - Twisted's name
        transportSemantics: Literal["TCP", "UDP"] = "TCP",  # noqa: N803 - Twisted's name
    ) -> HostResolution:
        """Give the receiver the addresses of a host, none of them when one is refused."""
        resolution = HostResolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)

        def give(found: Found) -> None:
            for number in found:
                kind = IPv6Address if ":" in number else IPv4Address
                if addressTypes is None or kind in addressTypes:
                    resolutionReceiver.addressResolved(kind(transportSemantics, number, portNumber))
            resolutionReceiver.resolutionComplete()

        self.lookup(hostName, trust=_plain(hostName) in self.trusted).addCallback(give)
        return resolution

    def lookup(self, host: str, *, trust: bool = False) -> Deferred[Found]:
        """Give the addresses of a host, none when it has none or one of them is refused; never fails."""
        host = _plain(host)
        number = literal(host)
        if number is not None:
            return succeed(self._checked(host, (number,), trust=trust))
        expires, found = self._known.get(host, (0.0, ()))
        if expires > monotonic():
            return succeed(self._checked(host, found, trust=trust))
        waiting: Deferred[Found] = Deferred()
        self._waiting.setdefault(host, []).append(waiting)
        if len(self._waiting[host]) == 1:
            self._ask(host)
        return waiting.addCallback(lambda numbers: self._checked(host, numbers, trust=trust))

    def _ask(self, host: str) -> None:
        """Ask the system in a daemon thread: a dead name server must not hold up the end of a run."""
        timer = self.reactor.callLater(self.timeout_s, lambda: self._answer(host, ()))

        def ask() -> None:
            found = _ask_system(host)
            self.reactor.callFromThread(answer, found)

        def answer(found: Found) -> None:
            if timer.active():
                timer.cancel()
                self._answer(host, found)

        threading.Thread(target=ask, name=f"lookup {host}", daemon=True).start()

    def _answer(self, host: str, found: Found) -> None:
        if found:
            self._known[host] = (monotonic() + KEPT_S, found)
            _trim(self._known)
        for waiting in self._waiting.pop(host, ()):
            waiting.callback(found)

    def _checked(self, host: str, found: Found, *, trust: bool) -> Found:
        why = None if trust else next((f"{n} is {why}" for n in found if (why := refusal(n, self.allowed))), None)
        if why is None:
            self.refused.pop(host, None)
            return found
        self.refused[host] = why
        _trim(self.refused)
        event(log, logging.WARNING, "address refused", host=host, why=why)
        return ()


class UrlFilterMiddleware:
    """Downloader middleware, first of all: refuses by what the URL says, and what the scheduler does not send."""

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the networks the operator opened."""
        return cls(Config.from_settings(crawler.settings).allow_networks)

    def process_request(self, request: Request) -> None:
        """Raise NotFetched: scheme-refused, address-refused, port-refused, or what the scheduler says."""
        if reason := meta_of(request).get("not_sent"):
            raise NotFetched(reason)
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotFetched("scheme-refused", f"{parts.scheme or 'no scheme'}: only http and https are fetched")
        number = literal(parts.hostname)
        if number is not None and (why := refusal(number, self.allowed)):
            raise NotFetched("address-refused", f"{number} is {why}")
        if parts.port in REFUSED_PORTS:
            raise NotFetched("port-refused", f"{parts.port} is no port for pages")


class ProxyMiddleware:
    """Downloader middleware, last of all: the operator's proxy, and refused addresses apart from missing ones."""

    def __init__(self, resolver: GuardedResolver, *, proxy: str) -> None:
        self.resolver = resolver
        self.proxy, self.proxy_login = _split_login(proxy) if proxy else ("", None)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the resolver; without it nothing may be fetched."""
        from twisted.internet import reactor  # only now is the right one installed

        resolver = getattr(reactor, "nameResolver", None)
        if not isinstance(resolver, GuardedResolver):
            raise TypeError("TWISTED_DNS_RESOLVER must be ingest.fetch.guard.GuardedResolver; nothing was fetched")
        config = Config.from_settings(crawler.settings)
        resolver.configure(config)  # it was made before the spider's settings were known
        return cls(resolver, proxy=config.proxy)

    async def process_request(self, request: Request) -> None:
        """Send the request through the proxy, if there is one, when what it asks for may be fetched."""
        meta_of(request).pop("proxy", None)
        if not self.proxy:
            return
        host = urlsplit(request.url).hostname or ""
        # the proxy resolves again, out of our sight: what we see must be public at least
        if not await maybe_deferred_to_future(self.resolver.lookup(host)):
            raise self._no_address(host)
        meta_of(request)["proxy"] = self.proxy
        if self.proxy_login:
            request.headers["Proxy-Authorization"] = self.proxy_login

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Distinguish a refused address from a name without one."""
        host = _plain(urlsplit(request.url).hostname or "")
        if isinstance(exception, CannotResolveHostError) and host in self.resolver.refused:
            raise self._no_address(host) from exception

    def _no_address(self, host: str) -> NotFetched | CannotResolveHostError:
        why = self.resolver.refused.get(_plain(host))
        return NotFetched("address-refused", why) if why else CannotResolveHostError(f"no address for {host}")


def _ask_system(host: str) -> Found:
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _plain(host: str) -> str:
    """Return one spelling of a host name: what Twisted decoded is punycode again, no brackets, no root dot."""
    host = host.removeprefix("[").removesuffix("]").rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _trim(names: OrderedDict[str, Any]) -> None:
    while len(names) > KEPT_NAMES:
        names.popitem(last=False)


def _split_login(url: str) -> tuple[str, bytes | None]:
    """Part the login from a proxy's URL, as the header that carries it."""
    parts = urlsplit(url if "//" in url else f"http://{url}")
    if parts.username is None:
        return urlunsplit(parts), None
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return plain, b"Basic " + base64.b64encode(login)
