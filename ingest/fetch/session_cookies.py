"""The session cookie of a site that answers only who sends it back.

Cookies are off. When a chain of redirects comes back to an address that was asked before and has set a cookie on its
way, the source gets a jar for that host, for this run: what the host sets is sent back to it, and to nobody else.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

MAX_COOKIES = 20  # of one host; browsers keep 50 to 180 of a domain
MAX_COOKIE_CHARS = 4_096

Jar = dict[str, tuple[str, str]]  # name -> (value, path)


class SessionCookies:
    """The jars of one crawl, by source and host."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Jar] = {}
        self._seen: dict[tuple[str, str], Jar] = {}  # set on the way of a chain of redirects that is still under way

    def send(self, request: Request, source: str) -> None:
        """Add the cookies of an open jar to a request for its host."""
        jar = self._open.get((source, _host(request.url)))
        if not jar:
            return
        path = urlsplit(request.url).path or "/"
        sent = [f"{name}={value}" for name, (value, below) in jar.items() if path.startswith(below)]
        given = (request.headers.get("Cookie") or b"").decode("latin-1")
        names = {pair.partition("=")[0] for pair in sent}
        kept = [pair for pair in given.split("; ") if pair and pair.partition("=")[0] not in names]
        if sent:
            request.headers["Cookie"] = "; ".join((*kept, *sent)).encode("latin-1", "replace")

    def note(self, response: Response, source: str) -> None:
        """Remember what a response sets, in the open jar, else for the case that its chain of redirects is a loop."""
        place = source, _host(response.url)
        cookies = _cookies(response)
        if cookies:
            jar = self._open.get(place)
            into = self._seen.setdefault(place, {}) if jar is None else jar
            into.update(cookies)
            for name in list(into)[:-MAX_COOKIES]:
                del into[name]

    def forget(self, url: str, source: str) -> None:
        """Drop what was set on the way to a page that came: it was not needed."""
        self._seen.pop((source, _host(url)), None)

    def open(self, url: str, source: str) -> bool:
        """Open the jar of a host; return whether that is new and there is a cookie in it."""
        place = source, _host(url)
        if place in self._open or not self._seen.get(place):
            return False
        self._open[place] = self._seen.pop(place)
        return True


def _cookies(response: Response) -> Jar:
    found: Jar = {}
    for line in response.headers.getlist("Set-Cookie"):
        text = line.decode("latin-1")
        if len(text) > MAX_COOKIE_CHARS:
            continue
        try:
            parsed = SimpleCookie(text)
        except CookieError:
            continue
        for name, morsel in parsed.items():
            found[name] = morsel.coded_value, morsel["path"] or "/"
    return found


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
