"""Redirects to where nobody should go, and round and round."""

from __future__ import annotations

from tests.fetch.misbehaviours.making import (
    PAGE,
    case,
    to,
)
from tests.fetch.server import Exchange

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
        exchange.redirect(f"http://user:opensesame@{exchange.asked.headers['Host']}{exchange.asked.path}?2#part")


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
