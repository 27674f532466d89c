"""Messages that are not what HTTP has them be."""

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


@case("the same length twice", "|bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE)}", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE)
    exchange.close()


@case("a list of lengths", "|bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE)}, {len(PAGE)}")
    exchange.raw(PAGE)
    exchange.close()


@case("a length of a thousand digits", "too-large|bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {'9' * 1000}")
    exchange.raw(PAGE)
    exchange.close()


@case("a length in other digits", "|bad-response|truncated")
def _(exchange: Exchange) -> None:
    exchange.raw("HTTP/1.1 200 OK\r\nContent-Length: \u0661\u0662\r\n\r\n".encode() + PAGE)
    exchange.close()


@case("transfer codings that nobody knows", "bad-response|truncated|bad-encoding|")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: gzip, chunked", "Connection: close")
    exchange.raw(chunk(PAGE) + b"0\r\n\r\n")
    exchange.close()


@case("chunked said twice", "bad-response|truncated|")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked")
    exchange.raw(chunk(PAGE) + b"0\r\n\r\n")
    exchange.close()


@case("a transfer coding with a space before the colon", "bad-response|truncated|")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding : chunked", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE)
    exchange.close()


@case("chunks of one byte")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"".join(b"1\r\n%c\r\n" % byte for byte in PAGE) + b"0\r\n\r\n")


@case("a flood of chunk extensions", "truncated|too-large|headers-too-large|bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"1;")
    flood(exchange, b"ext=value;" * 6000, 20 << 20)


@case("a chunk length with a sign, a space and a zero", "truncated|bad-response|")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"+0x%x \r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE))
    exchange.close()


@case("a chunk longer than it says", "truncated|bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked")
    exchange.raw(b"5\r\n" + PAGE + b"\r\n0\r\n\r\n")
    exchange.close()


@case("a second answer behind the first, on a connection that stays")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")


@case("a second answer a moment after the first")
def _(exchange: Exchange) -> None:
    exchange.page(PAGE)
    time.sleep(0.05)
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")


@case("status 204 with a body", "http-204")
def _(exchange: Exchange) -> None:
    exchange.page(PAGE, "204 No Content")
    exchange.close()


@case("status 101, another protocol", "http-101|bad-response|timeout|connection-lost|headers-too-large")
def _(exchange: Exchange) -> None:
    exchange.head("101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
    exchange.raw(PAGE)
    exchange.close()


@case("early hints that dribble", "timeout")
def _(exchange: Exchange) -> None:
    linger(exchange, b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")


@case("a status of four digits", "http-2000|bad-response|http-200|")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 2000 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
    exchange.close()


@case("a negative status", "bad-response|http--1")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 -1 OK\r\nContent-Length: 0\r\n\r\n")
    exchange.close()


@case("an answer of HTTP/2 in the clear", "bad-response|connection-lost")
def _(exchange: Exchange) -> None:
    exchange.raw(b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x80\0\4\0\1\0\0\0\5\0\xff\xff\xff")
    exchange.close()


@case("an answer of HTTP/3.7", "|bad-response")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/3.7 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
    exchange.close()


@case("an answer of HTTP/0.9 with a status line below", "|bad-response|connection-lost")
def _(exchange: Exchange) -> None:
    exchange.raw(b"<html>\r\nHTTP/1.1 200 OK\r\n\r\n")
    exchange.close()


@case("empty lines before the answer", "|bad-response")
def _(exchange: Exchange) -> None:
    exchange.raw(b"\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
    exchange.close()


@case("a header of nothing but a colon", "|bad-response")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", ":", ": x", f"Content-Length: {len(PAGE)}")
    exchange.raw(PAGE)


@case("terminal escapes in headers")
def _(exchange: Exchange) -> None:
    exchange.page(PAGE, "200 \x1b[2J\x1b]0;owned\x07", "X-Evil: \x1b[31m", "ETag: \x1b[2J")


@case("a Content-Type of ten thousand characters")
def _(exchange: Exchange) -> None:
    exchange.page(PAGE, "200 OK", "Content-Type: text/html; charset=" + "x" * 10_000)


@case("a hundred cookies and as many links")
def _(exchange: Exchange) -> None:
    exchange.page(PAGE, "200 OK", *(f"Set-Cookie: c{n}={'v' * 500}" for n in range(100)), *("Link: </a>",) * 100)


@case("an answer before the request was read whole, then a reset", "connection-lost|truncated|")
def _(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE))
    exchange.reset()
