"""Statuses and headers."""

from __future__ import annotations

from tests.fetch.misbehaviours.making import (
    PAGE,
    case,
    flood,
    sent,
)
from tests.fetch.server import Exchange


@case("headers without end", "headers-too-large")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\n")
    flood(exchange, b"X-Header: again\r\n" * 2000)


@case("one header without end", "headers-too-large")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nX-Header: ")
    flood(exchange, b"x" * 65536)


@case("a folded header without end", "headers-too-large")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nX-Header: a\r\n")
    flood(exchange, b" folded\r\n" * 4000)


@case("a status line without end", "headers-too-large")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 ")
    flood(exchange, b"O" * 65536)


@case("informational answers without end", "headers-too-large")
def _(exchange: Exchange) -> None:
    flood(exchange, b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


@case("a thousand cookies")
def _(exchange: Exchange) -> None:
    cookies = b"".join(b"Set-Cookie: part%d=1; Path=/\r\n" % number for number in range(1000))
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + cookies)
    exchange.raw(b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE)


@case("cookies without end", "headers-too-large")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\n")
    flood(exchange, b"Set-Cookie: again=1\r\n" * 2000)


@case("an informational answer before the page")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
    exchange.page(PAGE)


@case("a header line without a colon")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "this is no header", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE)


@case("a folded header, bytes beyond ASCII, a NUL")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "X-A: b\r\n  c", "X-B: \xe9\xff\0", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE)


@case("lines that end with LF alone")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\nContent-Length: %d\n\n%s" % (len(PAGE), PAGE))


@case("a status without a phrase")
def _(exchange: Exchange) -> None:
    exchange.head("200", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE)


@case("an answer of HTTP/1.0")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE)
    exchange.close()


@case("bytes that are no HTTP", "bad-response")
def _(exchange: Exchange) -> None:
    exchange.raw(b"SSH-2.0-OpenSSH_9.6\r\n" + PAGE)
    exchange.close()


@case("a page without status and headers", "bad-response")
def _(exchange: Exchange) -> None:
    exchange.raw(PAGE)
    exchange.raw(b"\r\n")
    exchange.close()


@case("a status that is no number", "bad-response")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n")
    exchange.close()


@case("the connection closes without a word", "connection-lost")
def _(exchange: Exchange) -> None:
    exchange.close()


@case("the connection is reset", "connection-lost")
def _(exchange: Exchange) -> None:
    exchange.reset()


@case("the connection closes among the headers", "connection-lost")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/ht")
    exchange.close()


for status in (202, 205, 206, 226, 300, 305, 400, 401, 402, 403, 404, 405, 410, 418, 451, 500, 501, 503, 508, 599, 999):
    case(f"a whole page under status {status}", f"http-{status}")(sent(PAGE, None, f"{status} Whatever"))
for status in (204, 304):
    case(f"status {status}", f"http-{status}")(
        lambda exchange, status=status: exchange.head(f"{status} Nothing", "ETag: 1")  # type: ignore[misc]  # a default that binds the status
    )


@case("cookies and a refresh that nobody follows")
def _(exchange: Exchange) -> None:
    assert exchange.asked.headers["Cookie"] is None
    exchange.page(PAGE, "200 OK", "Set-Cookie: id=1; Path=/", "Refresh: 0; url=http://127.0.0.1/", "Link: </x>")
