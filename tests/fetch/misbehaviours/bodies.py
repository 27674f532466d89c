"""Bodies too large, cut, confused, or slow."""

from __future__ import annotations

import time

from tests.fetch.misbehaviours.making import (
    PAGE,
    case,
    chunk,
    flood,
    linger,
)
from tests.fetch.server import Exchange


@case("a length over the limit is announced", "too-large")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Content-Length: 99999999999")
    flood(exchange, b"x" * 65536)


@case("a body without end, in chunks", "too-large")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    flood(exchange, chunk(b"x" * 65536))


@case("a body without end, until the connection closes", "too-large")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Connection: close")
    flood(exchange, b"<p>more" * 9000)


@case("one chunk without end", "too-large")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"fffffffffff\r\n")
    flood(exchange, b"x" * 65536)


@case("fewer bytes than the length says", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE) + 100}")
    exchange.raw(PAGE)
    exchange.close()


@case("chunks without the last one", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(chunk(PAGE))
    exchange.close()


@case("a chunk cut in the middle", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(chunk(PAGE)[:-300])
    exchange.close()


@case("a reset in the middle of the body", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE[:400])
    time.sleep(0.2)
    exchange.reset()


@case("a chunk length that is no number", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"zz\r\n" + PAGE)
    exchange.close()


@case("a negative chunk length", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"-5\r\n" + PAGE)
    exchange.close()


@case("a chunk length line without end", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    flood(exchange, b"0" * 65536)


@case("trailers without end", "truncated")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(chunk(PAGE) + b"0\r\n")
    flood(exchange, b"X-More: yes\r\n" * 4000)


@case("chunks with extensions and trailers")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"%x;who=cares\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(PAGE), PAGE))


@case("chunks beside a length")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked", "Content-Length: 5")
    exchange.raw(chunk(PAGE) + b"0\r\n\r\n")
    exchange.close()


@case("two lengths that differ", "bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Content-Length: 10", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE)
    exchange.close()


@case("a length that is no number", "bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Content-Length: much")
    exchange.raw(PAGE)
    exchange.close()


@case("a negative length", "bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Content-Length: -7")
    exchange.raw(PAGE)
    exchange.close()


@case("more bytes than the length says")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    exchange.close()


@case("no length, the connection closes")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Connection: close")
    exchange.raw(PAGE)
    exchange.close()


@case("silence", "timeout")
def _(exchange: Exchange) -> None:
    linger(exchange)


@case("headers that dribble", "timeout")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\n")
    linger(exchange, b"X")


@case("a body that dribbles", "timeout")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE)}")
    linger(exchange, b"<p>")


@case("a body that stops", "timeout")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE[:100])
    linger(exchange)


@case("chunks that dribble", "timeout")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    linger(exchange, b"1\r\nx\r\n")
