"""What no list of misbehaviours had."""

from __future__ import annotations

import gzip
import zlib

from tests.fetch.misbehaviours.making import (
    PAGE,
    case,
    chunk,
    sent,
    to,
)
from tests.fetch.server import Exchange


@case("a cookie set by a redirect")
def _(exchange: Exchange) -> None:
    if exchange.asked.path.endswith("?2"):
        assert exchange.asked.headers["Cookie"] is None
        exchange.page(PAGE)
    else:
        exchange.page("", "302 Found", f"Location: {exchange.asked.path}?2", "Set-Cookie: id=1; Domain=.0.1; Path=/")


@case("a redirect that holds a request of its own", "http-404")
def _(exchange: Exchange) -> None:
    exchange.redirect("/x%0d%0aHost:%20evil.test%0d%0a%0d%0aGET%20/y")


@case("a redirect in capitals, to itself with a query")
def _(exchange: Exchange) -> None:
    if exchange.asked.path.endswith("?2"):
        exchange.page(PAGE)
    else:
        exchange.redirect(f"HTTP://{exchange.asked.headers['Host']}{exchange.asked.path}?2")


for target in ("http://a.localhost/", "http://localhost.localdomain/", "http://ip6-localhost/", "http://LOCALHOST./"):
    case(f"a redirect to {target}", "address-refused|dns")(to(target))
case("a redirect to an address of 100 kB", "headers-too-large")(to("/" + "a" * 100_000))
case("a redirect of a thousand addresses", "headers-too-large")(
    lambda exchange: exchange.page("", "302 Found", *(f"Location: /{n}" for n in range(1000)))
)
case("a thousand layers of encoding", "bomb")(sent(PAGE, ", ".join(["gzip"] * 1000)))
case("gzip with flags nobody knows", "bad-encoding|truncated")(
    sent(b"\x1f\x8b\x08\xe0" + gzip.compress(PAGE)[4:], "gzip")
)
case("gzip that says it holds four gigabytes", "bad-encoding")(sent(gzip.compress(PAGE)[:-4] + b"\xff" * 4, "gzip"))
case("deflate with a dictionary it does not send", "bad-encoding|truncated")(
    sent((lambda packer: packer.compress(PAGE) + packer.flush())(zlib.compressobj(zdict=PAGE[:100])), "deflate")
)
case("a length of nothing before a page", body=b"")(
    lambda exchange: (exchange.head("200 OK", "Content-Length: 0"), exchange.raw(PAGE), exchange.close())[0]
)
case("dates beyond the calendar")(
    lambda exchange: exchange.page(
        PAGE,
        "200 OK",
        *("Date: Fri, 31 Dec 99999 23:59:59 GMT", "Last-Modified: Thu, 00 Foo -001 99:99:99 +9999", "Expires: -1"),
        *("Age: 99999999999999999999", "Retry-After: 99999999999", "Cache-Control: max-age=99999999999999999999"),
    )
)
case("a validator of 60 kB with controls in it")(
    lambda exchange: exchange.page(PAGE, "200 OK", 'ETag: W/"' + "\x01\x1b\x9b" * 20_000 + '"')
)
case("a stream of parts that replace each other")(
    lambda exchange: exchange.page(PAGE, "200 OK", "Content-Type: multipart/x-mixed-replace; boundary=x")
)
case("a page said to be a picture, a script and a feed")(
    lambda exchange: exchange.page(PAGE, "200 OK", "Content-Type: image/png", "Content-Type: text/javascript, text/xml")
)
case("a range nobody asked for, under 200")(
    lambda exchange: exchange.page(PAGE, "200 OK", "Content-Range: bytes 0-9/10", "Accept-Ranges: none")
)
case("a connection that is to close and to stay")(
    lambda exchange: exchange.page(
        PAGE, "200 OK", "Connection: close, keep-alive, Content-Length", "Keep-Alive: max=-1"
    )
)
case("a name of a header with a NUL and bytes beyond ASCII", "bad-response|")(
    lambda exchange: exchange.page(PAGE, "200 OK", "X\0-\xe9\xff: y", "\x1b[2J: z")
)


@case("trailers that change the length and the encoding")
def _(exchange: Exchange) -> None:
    exchange.head("200 OK", "Transfer-Encoding: chunked", "Trailer: Content-Length, Content-Encoding")
    exchange.raw(chunk(PAGE) + b"0\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\nLocation: /x\r\n\r\n")
