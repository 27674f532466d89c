"""What servers do wrong on the wire, by accident or on purpose: name -> how, and what must be told of it.

`told` is the reason slug, "" when the page must come whole; then `body` is what it must be. Each costs that page only.
"""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import brotli

from tests.fetch.server import Answer, Exchange

try:
    from compression import zstd
except ImportError:
    from backports import zstd

PAGE = b"<html><body><article><h1>Harvest</h1><p>The apples were early this year.</p></article></body></html>" * 20
ZEROS = b"\0" * (12 << 20)  # unpacked past every limit
LINGER_S = 12.0  # longer than any time limit in the tests


@dataclass(frozen=True)
class Case:
    name: str
    answer: Answer
    told: str = ""
    body: bytes = PAGE


CASES: list[Case] = []


def case(name: str, told: str = "", body: bytes = PAGE) -> Callable[[Answer], Answer]:
    def add(answer: Answer) -> Answer:
        CASES.append(Case(name, answer, told, body))
        return answer

    return add


def linger(exchange: Exchange, piece: bytes = b"", every_s: float = 0.2) -> None:
    """Keep the connection, sending a little from time to time, until the client has enough."""
    end = time.monotonic() + LINGER_S
    exchange.close()
    while time.monotonic() < end:
        exchange.raw(piece)  # raises when the client is gone; with nothing to send it waits to the end
        time.sleep(every_s)


def flood(exchange: Exchange, piece: bytes, most_bytes: int = 200 << 20) -> None:
    """Send without end, or nearly so."""
    exchange.close()
    for _ in range(most_bytes // len(piece)):
        exchange.raw(piece)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


# ---------------------------------------------------------------- size


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


@cache
def packed(how: str) -> bytes:
    if how == "deflate":
        return zlib.compress(ZEROS, 9)
    if how == "raw deflate":
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(ZEROS) + packer.flush()
    return {"gzip": lambda data: gzip.compress(data, 9), "br": brotli.compress, "zstd": zstd.compress}[how](ZEROS)


def packed_page(how: str, data: bytes = PAGE) -> bytes:
    return {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}[how](data)


def wide_zstd() -> bytes:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 30})
    return packer.compress(PAGE) + packer.flush()


def sent(body: bytes, encoding: str | None, status: str = "200 OK") -> Answer:
    lines = () if encoding is None else (f"Content-Encoding: {encoding}",)
    return lambda exchange: exchange.page(body, status, *lines)


for how in ("gzip", "deflate", "br", "zstd"):
    case(f"a {how} bomb", "bomb")(sent(packed(how), how))
    case(f"a page packed with {how}")(sent(packed_page(how), how))
    case(f"a stream of {how} that ends early", "truncated")(sent(packed_page(how)[:-9], how))
    case(f"a stream of {how} with a broken middle", "bad-encoding|truncated")(
        sent(packed_page(how)[:12] + b"\xff\xaa\x55" * 9 + packed_page(how)[40:], how)
    )
case("a raw deflate bomb", "bomb")(sent(packed("raw deflate"), "deflate"))
case("a bomb in a bomb", "bomb")(sent(gzip.compress(packed("gzip")), "gzip, gzip"))
case("a bomb in a bomb that the headers do not name", "bomb")(sent(gzip.compress(packed("gzip")), None))
case("a bomb whose headers say it is plain", "bomb")(sent(packed("gzip"), "identity"))
case("four layers of gzip", "bomb")(
    sent(gzip.compress(gzip.compress(gzip.compress(gzip.compress(PAGE)))), "gzip, gzip, gzip, gzip")
)
case("two layers of gzip that hold a page")(sent(gzip.compress(gzip.compress(PAGE)), "gzip, gzip"))
case("layers of two kinds")(sent(gzip.compress(brotli.compress(PAGE)), "br, gzip"))
case("a bomb on an error page", "http-404")(sent(packed("gzip"), "gzip", "404 Not Found"))
case("a broken stream on an error page", "http-500")(sent(b"\x1f\x8b\x08nothing", "gzip", "500 Oops"))
case("zstd with a window of a gigabyte", "bad-encoding")(sent(wide_zstd(), "zstd"))
case("gzip with a wrong checksum", "bad-encoding")(sent(gzip.compress(PAGE)[:-8] + b"\1" * 8, "gzip"))
case("raw deflate under the name deflate")(
    sent((lambda packer: packer.compress(PAGE) + packer.flush())(zlib.compressobj(9, zlib.DEFLATED, -15)), "deflate")
)
case("gzip of two members")(sent(gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:]), "gzip"))
case("gzip followed by zeros")(sent(gzip.compress(PAGE) + b"\0" * 512, "gzip"))
case("plain bytes under the name gzip")(sent(PAGE, "gzip"))
case("an encoding nobody knows")(sent(PAGE, "utf-8"))
case("an encoding we do not read", "bad-encoding")(sent(PAGE, "compress"))
case("an empty body under the name gzip", body=b"")(sent(b"", "gzip"))

# ---------------------------------------------------------------- cut and confused


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


# ---------------------------------------------------------------- time


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


# ---------------------------------------------------------------- headers and statuses


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
        lambda exchange, status=status: exchange.head(f"{status} Nothing", "ETag: 1")  # type: ignore[misc]
    )


@case("cookies and a refresh that nobody follows")
def _(exchange: Exchange) -> None:
    assert exchange.asked.headers["Cookie"] is None
    exchange.page(PAGE, "200 OK", "Set-Cookie: id=1; Path=/", "Refresh: 0; url=http://127.0.0.1/", "Link: </x>")


# ---------------------------------------------------------------- redirects


def to(location: str, status: str = "302 Found") -> Answer:
    return lambda exchange: exchange.redirect(location, status)


case("a redirect to itself", "redirect-loop")(lambda exchange: exchange.redirect(exchange.asked.path))
case("a redirect without an address", "http-302")(lambda exchange: exchange.page("", "302 Found"))
case("a redirect to nothing", "http-301")(lambda exchange: exchange.page("", "301 Moved", "Location: "))
for target in (
    "file:///etc/passwd",
    "data:text/html,hello",
    "javascript:alert(1)",
    "ftp://127.3.0.1/x",
    "mailto:a@b.c",
):
    case(f"a redirect to {target}", "scheme-refused")(to(target))
for target in (
    *("http://127.0.0.1/", "http://localhost/", "//127.0.0.1:80/", "http://2130706433/", "http://0x7f.1/", "http://0/"),
    *("http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::10.0.0.1]/", "http://169.254.169.254/latest/"),
    *("http://10.0.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://[fd00::1]/", "http://127.0.0.1./"),
    *("http://\u2460\u2461\u2466.0.0.1/", "http://x:y@127.0.0.1/", "http:\\\\127.0.0.1\\x", "http://[fe80::1%25lo]/"),
):
    case(f"a redirect to {target}", "address-refused|redirect-bad")(to(target.encode().decode("latin-1")))
for target in ("http://[::1", "http://", "http://a:b:c/", "http://x.test:99999/", "http://%/", "https://?a"):
    case(f"a redirect to {target}", "redirect-bad|scheme-refused|redirect-loop")(to(target))
case("a redirect to an address of 9,000 characters", "redirect-bad")(to("/" + "a" * 9000))


@case("a redirect that never ends", "redirect-too-many")
def _(exchange: Exchange) -> None:
    path, _, number = exchange.asked.path.partition("?n=")
    exchange.redirect(f"{path}?n={int(number or 0) + 1}")


@case("a redirect with another's name and password")
def _(exchange: Exchange) -> None:
    if exchange.asked.path.endswith("?2"):
        assert exchange.asked.headers["Authorization"] is None
        exchange.page(PAGE)
    else:
        exchange.redirect(f"http://user:secret@{exchange.asked.headers['Host']}{exchange.asked.path}?2#part")


@case("a redirect in bytes of Latin-1")
def _(exchange: Exchange) -> None:
    if exchange.asked.path.endswith("?%C3%A9") or exchange.asked.path.endswith("?%E9"):
        exchange.page(PAGE)
    else:
        exchange.redirect(f"{exchange.asked.path}?\xe9")


for target in ("http://127.3.0.1:25/", "http://example.com:22/", "http://example.com:6667/", "http://example.com:0/"):
    case(f"a redirect to {target}", "port-refused|redirect-bad")(to(target))
for target in (
    *("http://xn--/", "http://xn--a/", "http://a..b/", "http://.test/", "http://a b.test/", "http://a%00b.test/"),
    *("http://%31%32%37.0.0.1:99999/", "http:///", "http:", "http://[v1.a]/", "http://exa\u200bmple.test:99999/"),
    *("http://-/", "http://x.test:+80/", "http://x.test:8 0/", "http://" + "a" * 64 + ".test/", "http://1.2.3.4.5/"),
):
    case(f"a redirect to {target!a}", "redirect-bad|scheme-refused|redirect-loop|dns|address-refused|http-404")(
        to(target.encode().decode("latin-1"))
    )
for target in (
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
):
    case(f"a redirect to {target}", "address-refused|redirect-bad")(to(target))
for target in (
    "about:blank",
    "view-source:http://127.3.0.1/",
    "blob:x",
    "ws://127.3.0.1/",
    "gopher://127.3.0.1/",
    "s3://a/b",
):
    case(f"a redirect to {target}", "scheme-refused|redirect-bad")(to(target))
for status in (300, 304, 305, 306, 399):
    case(f"status {status} with an address", f"http-{status}")(to("/case/0", f"{status} Whatever"))


@case("a redirect whose address holds a line break", "http-302|redirect-bad|redirect-loop|scheme-refused")
def _(exchange: Exchange) -> None:
    exchange.head("302 Found", "Location: \r\n\tjavascript:alert(1)", "Content-Length: 0")


@case("two addresses in one redirect", "scheme-refused|redirect-loop|redirect-bad")
def _(exchange: Exchange) -> None:
    exchange.head("302 Found", "Location: file:///etc/passwd", f"Location: {exchange.asked.path}", "Content-Length: 0")


@case("a redirect that goes round three corners", "redirect-loop")
def _(exchange: Exchange) -> None:
    path, _, number = exchange.asked.path.partition("?n=")
    exchange.redirect(f"{path}?n={(int(number or 0) + 1) % 3}")


@case("a redirect of a megabyte of body")
def _(exchange: Exchange) -> None:
    if exchange.asked.path.endswith("?2"):
        exchange.page(PAGE)
    else:
        exchange.page(b"x" * (1 << 20), "302 Found", f"Location: {exchange.asked.path}?2")


# ---------------------------------------------------------------- the message itself


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


# ---------------------------------------------------------------- packed, once more

case("gzip of nothing", body=b"")(sent(gzip.compress(b""), "gzip"))
case("gzip followed by an advert", body=PAGE)(sent(gzip.compress(PAGE) + b"<script>ad()</script>" * 50, "gzip"))
case("gzip with a name and a comment")(
    sent(b"\x1f\x8b\x08\x18\0\0\0\0\0\xff" + b"n" * 70_000 + b"\0c\0" + gzip.compress(PAGE)[10:], "gzip")
)
case("a thousand members of nothing, then a page")(sent(gzip.compress(b"") * 1000 + gzip.compress(PAGE), "gzip"))
case("a million members of nothing", "bad-encoding|bomb|truncated|", body=b"")(
    sent(gzip.compress(b"") * 400_000, "gzip")
)
case("an unknown encoding around a known one")(sent(gzip.compress(PAGE), "gzip, sdch"))
case("encodings in capitals, with spaces and parameters", "|bad-encoding")(sent(gzip.compress(PAGE), " GZIP ;q=1"))
case("a brotli stream with a dictionary as large as it can be", "bomb")(
    sent(brotli.compress(ZEROS, lgwin=24, quality=11), "br")
)
case("br in gzip in br", "bomb")(sent(brotli.compress(gzip.compress(brotli.compress(ZEROS))), "br, gzip, br"))
case("a zstd skippable frame of a megabyte, then a page", "|bad-encoding")(
    sent(b"\x50\x2a\x4d\x18" + (1 << 20).to_bytes(4, "little") + b"\0" * (1 << 20) + zstd.compress(PAGE), "zstd")
)
case("a page packed, sent under an error", "http-502")(sent(gzip.compress(PAGE), "gzip", "502 Bad Gateway"))

# ---------------------------------------------------------------- what nobody listed


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
