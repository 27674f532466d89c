"""Which IP addresses and ports may be fetched from. Pure; the names and numbers are IANA's and the Fetch standard's."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# https://www.iana.org/assignments/iana-ipv4-special-registry, read 2026; more specific rows first
REFUSED_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), name)
    for network, name in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # a public number that only answers inside one cloud
        ("169.254.0.0/16", "link-local, cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
# https://www.iana.org/assignments/iana-ipv6-special-registry: of what is not listed only 2000::/3 is given out
PUBLIC_V6 = IPv6Network("2000::/3")
REFUSED_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), name)
    for network, name in (
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("fe80::/10", "link-local"),
        ("fc00::/7", "unique local"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "protocol assignments, Teredo"),
        ("2001:db8::/32", "documentation"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
    )
)
MAPPED = IPv6Network("::ffff:0:0/96")  # RFC 4291: this machine's own way to write an IPv4 address
# others that carry an IPv4 address to a translator or relay: how many bits stand right of it
CARRIERS: tuple[tuple[IPv6Network, int, str], ...] = (
    (IPv6Network("64:ff9b::/96"), 0, "NAT64"),  # RFC 6052
    (IPv6Network("2002::/16"), 80, "6to4"),  # RFC 3056
    (IPv6Network("::/96"), 0, "IPv4-compatible"),  # RFC 4291, deprecated
    (IPv6Network("::ffff:0:0:0/96"), 0, "IPv4-translated"),  # RFC 2765
)

# https://fetch.spec.whatwg.org/#port-blocking, read 2026: services that would take a request for their own language
REFUSED_PORTS = frozenset(
    int(port)
    for port in """
    0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135
    137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719
    1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080
    """.split()  # noqa: SIM905 - quotes and commas would hide the numbers
)


def refusal(address: str, allowed: Iterable[Network] = ()) -> str | None:
    """Return why an address may not be fetched from, None when it may.

    `allowed` opens exactly the networks it names; a mapped address is the IPv4 address it stands for.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "not an address"
    if isinstance(parsed, IPv6Address) and parsed in MAPPED:
        parsed = IPv4Address(int(parsed) & 0xFFFFFFFF)
    if any(parsed.version == network.version and parsed in network for network in allowed):
        return None
    if "%" in address:
        return "link-local"
    return _refusal_v4(parsed) if isinstance(parsed, IPv4Address) else _refusal_v6(parsed)


def literal(host: str) -> str | None:
    """Return the address a host name is when it is written as one: plain, bracketed, decimal, octal, hex or short."""
    host = host.removeprefix("[").removesuffix("]").rstrip(".")
    try:
        return str(ip_address(host))
    except ValueError:
        return _loose_v4(host)


def _refusal_v4(address: IPv4Address) -> str | None:
    return next((name for network, name in REFUSED_V4 if address in network), None)


def _refusal_v6(address: IPv6Address) -> str | None:
    for network, name in REFUSED_V6:
        if address in network:
            return name
    for network, shift, name in CARRIERS:
        if address in network:
            inner = _refusal_v4(IPv4Address((int(address) >> shift) & 0xFFFFFFFF))
            return f"{name} of {inner}" if inner else None
    return None if address in PUBLIC_V6 else "not given out"


def _loose_v4(host: str) -> str | None:
    """Read an IPv4 address as inet_aton(3) and the URL standard do: one to four numbers, decimal, 0octal or 0xhex."""
    parts = host.split(".")
    if not 1 <= len(parts) <= 4:
        return None
    numbers = [_number(part) for part in parts]
    *heads, tail = numbers
    if tail is None or any(head is None or head > 255 for head in heads) or tail >= 256 ** (5 - len(parts)):
        return None
    value = tail
    for place, head in enumerate(heads):
        value += (head or 0) << (24 - 8 * place)
    return str(IPv4Address(value))


def _number(text: str) -> int | None:
    try:
        if text[:2].lower() == "0x":
            return int(text[2:] or "0", 16)
        return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text)
    except ValueError:
        return None
