"""robots.txt read by RFC 9309: what a site asks of us. Pure; Protego does the matching."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from protego import Protego

US = "ingest"  # our product token, RFC 9309 2.2.1
MAX_SITEMAPS = 100  # lines read; a site with more names them in an index


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one origin's robots.txt says. `refused`: why it could not be had, a slug; then nothing may be fetched."""

    text: str = ""
    refused: str | None = None
    detail: str = ""
    crawl_delay_s: float | None = None
    sitemaps: tuple[str, ...] = ()
    parsed: Any = field(default=None, repr=False, compare=False)  # Protego's, None when there are no rules

    def allows(self, url: str) -> bool:
        """Tell whether we may fetch an address of this origin."""
        return self.refused is None and (self.parsed is None or bool(self.parsed.can_fetch(url, US)))


def read(text: str) -> Rules:
    """Return the rules of a robots.txt; lines that say nothing are passed over."""
    text = text.replace("\0", "").removeprefix("\ufeff")
    parsed = Protego.parse(text)
    delay = parsed.crawl_delay(US)
    return Rules(
        text=text,
        crawl_delay_s=max(float(delay), 0.0) if delay is not None else None,
        sitemaps=tuple(dict.fromkeys(parsed.sitemaps))[:MAX_SITEMAPS],
        parsed=parsed,
    )


def decode(body: bytes, max_bytes: int) -> str:
    """Return the text of a robots.txt, UTF-8 by RFC 9309 2.3; a last line that the limit cut is left out."""
    if len(body) >= max_bytes:
        body = body[:max_bytes]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    return body.decode("utf-8-sig", "replace")
