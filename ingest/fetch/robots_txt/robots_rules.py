"""robots.txt read by RFC 9309: what a site asks of us. Pure.

Own code, because the libraries differ from the RFC where it matters: Protego 0.7 answers 41 of the 50 cases in
tests/data/robots.toml as the RFC does; "User-agent: in" is ours to it, "ingest/1.0" is not, Crawl-delay ends a group.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ingest.web.sniff import binary_kind

US = "ingest"  # our product token, RFC 9309 2.2.1
MAX_SITEMAPS = 100  # lines read; a site with more names them in an index
MAX_LINE_CHARS = 16_664  # eight times the longest URL of old browsers, as Google's parser; longer lines say nothing

# misspellings that the larger crawlers understand: the will is clear
KEYS = {
    **dict.fromkeys(("user-agent", "useragent", "user agent"), "user-agent"),
    **dict.fromkeys(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"), "disallow"),
    "allow": "allow",
    **dict.fromkeys(("sitemap", "site-map", "sitemaps"), "sitemap"),
    **dict.fromkeys(("crawl-delay", "crawldelay", "crawl delay"), "crawl-delay"),
}
LINE = re.compile(r"\r\n|\r|\n")
SPACE = " \t\f\v\xa0\ufeff"
TOKEN_CHARS = re.compile(r"[A-Za-z_-]+")
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|(%)")
# RFC 3986 2.3; and what a path or query may hold as it is, less "*" and "$", which mean something in a pattern
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
AS_IT_IS = UNRESERVED | frozenset("!&'()+,;=:@/?%[]#")


@dataclass(frozen=True, slots=True)
class Rule:
    """One allow or disallow line. `parts` is the pattern in normal form, split at its stars."""

    allow: bool
    parts: tuple[str, ...]
    to_end: bool  # the pattern ends with "$"
    octets: int  # of the pattern: the longest that matches decides

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches a path in normal form, in time linear in its length."""
        first, *rest = self.parts
        if not path.startswith(first):
            return False
        at = len(first)
        if not rest:
            return not self.to_end or at == len(path)
        *middle, last = rest
        for part in middle:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if self.to_end:
            return len(path) - len(last) >= at and path.endswith(last)
        return path.find(last, at) >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRules:
    """What one origin's robots.txt says. `refused`: why it could not be had, a slug; then nothing may be fetched."""

    text: str = field(default="", repr=False)
    refused: str | None = None
    detail: str = ""
    crawl_delay_s: float | None = None
    sitemaps: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = field(default=(), repr=False)  # the longest first, allow before disallow

    def allows(self, url: str) -> bool:
        """Return whether we may fetch an address of this origin: the longest pattern decides, of equal ones allow."""
        if self.refused is not None:
            return False
        parts = urlsplit(url)
        path = normal_path(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
        if path == "/robots.txt":
            return True
        return next((rule.allow for rule in self.rules if rule.matches(path)), True)


@dataclass(slots=True)
class _RuleGroup:
    """The rules for one kind of agent, of all its groups together (RFC 9309 2.2.1)."""

    met: bool = False
    rules: list[Rule] = field(default_factory=list)
    crawl_delay_s: float | None = None


def read(text: str) -> RobotsRules:
    """Return the rules of a robots.txt; lines that say nothing are passed over. Never raises."""
    text = text.replace("\0", "")
    ours, everyones = _RuleGroup(), _RuleGroup()
    current: tuple[_RuleGroup, ...] = ()
    naming = False  # the last line that counts was a user-agent line
    sitemaps: dict[str, None] = {}
    for line in LINE.split(text):
        key, value = _key_and_value(line)
        if key == "user-agent":
            current = current if naming else ()
            group = ours if _is_us(value) else everyones if _is_everyone(value) else None
            if group is not None:
                group.met = True
                current = (*current, group)
            naming = True
        elif key == "sitemap":
            if value and len(sitemaps) < MAX_SITEMAPS:
                sitemaps[value] = None
        elif key == "crawl-delay":  # no rule of the RFC's: it says something of a group and does not end its names
            for group in current:
                group.crawl_delay_s = _seconds(value, group.crawl_delay_s)
        elif key is not None:
            naming = False
            if value:
                rule = _rule(value, allow=key == "allow")
                for group in current:
                    group.rules.append(rule)
    chosen = ours if ours.met else everyones
    return RobotsRules(
        text=text,
        crawl_delay_s=chosen.crawl_delay_s,
        sitemaps=tuple(sitemaps),
        rules=tuple(sorted(dict.fromkeys(chosen.rules), key=lambda rule: (-rule.octets, not rule.allow))),
    )


def decode(body: bytes, max_bytes: int) -> str:
    """Return the text of a robots.txt: UTF-8 (RFC 9309 2.3), UTF-16 if it says so; a line the limit cut is left out.

    Bytes that are no text have no rules: an image under this name forbids nothing."""
    if binary_kind(body):
        return ""
    if len(body) >= max_bytes:
        body = body[:max_bytes]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "replace")


def normal_path(path: str) -> str:
    """Return a path with query in the one form patterns are compared in (RFC 9309 2.2.2).

    UTF-8 octets beyond ASCII and reserved characters that mean something in patterns are percent-encoded, unreserved
    ones are not, hex digits are capitals.
    """
    return "".join(_encoded(char) for char in ESCAPE.sub(_normal_escape, path))


def _encoded(char: str) -> str:
    if char in AS_IT_IS:
        return char
    return "".join(f"%{octet:02X}" for octet in char.encode("utf-8", "replace"))


def _normal_escape(match: re.Match[str]) -> str:
    digits = match.group(1)
    if digits is None:
        return "%25"
    char = chr(int(digits, 16))
    return char if char in UNRESERVED else f"%{digits.upper()}"


def _rule(value: str, *, allow: bool) -> Rule:
    to_end = value.endswith("$")
    parts = tuple(normal_path(part) for part in (value.removesuffix("$") if to_end else value).split("*"))
    return Rule(allow, parts, to_end, sum(map(len, parts)) + len(parts) - 1 + to_end)


def _key_and_value(line: str) -> tuple[str | None, str]:
    if len(line) > MAX_LINE_CHARS:
        return None, ""
    line = line.partition("#")[0].strip(SPACE)
    key, colon, value = line.partition(":")
    if not colon:
        words = line.split()
        if len(words) != 2:
            return None, ""
        key, value = words
    return KEYS.get(key.strip(SPACE).lower()), value.strip(SPACE)


def _is_us(value: str) -> bool:
    """Return whether a user-agent line names our token; what follows the token ("/1.0") does not count."""
    found = TOKEN_CHARS.match(value)
    return found is not None and found.group().lower() == US


def _is_everyone(value: str) -> bool:
    return value == "*" or (value.startswith("*") and value[1] in SPACE)


def _seconds(value: str, known: float | None) -> float | None:
    """Return the longer of two delays; what is no time is not believed."""
    try:
        seconds = float(value.replace(",", "."))
    except ValueError:
        return known
    return max(seconds, known or 0.0) if math.isfinite(seconds) and seconds >= 0 else known
