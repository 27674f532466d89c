"""The likely cause of a problem, by the reasons its pages and seeds ended with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from ingest.web.javascript import how_to_render


class LikelyCause(StrEnum):
    """What to look at first."""

    FEED_DEAD = "feed-dead"
    LAYOUT_CHANGED = "layout-changed"
    BLOCKED = "blocked"
    PAYWALL = "paywall"
    ROBOTS_CHANGED = "robots-changed"
    CERTIFICATE = "certificate"
    SITE_DOWN = "site-down"
    LESS_PUBLISHED = "less-published"
    NOT_ALLOWED = "not-allowed"
    NEEDS_RENDERING = "needs-rendering"
    OUR_FAULT = "our-fault"


ADVICE = {
    LikelyCause.FEED_DEAD: "the feed, sitemap or section is gone; look for its new address: ingest add URL",
    LikelyCause.LAYOUT_CHANGED: "the pages are built in another way; look at one: ingest why URL",
    LikelyCause.BLOCKED: "the site refuses us; set INGEST_CONTACT, ask less often (delay_s), or write to them",
    LikelyCause.PAYWALL: "the articles stand behind a paywall or log-in now",
    LikelyCause.ROBOTS_CHANGED: "robots.txt forbids what it allowed",
    LikelyCause.CERTIFICATE: "the site's certificate is not valid; mostly they renew it in a few days",
    LikelyCause.SITE_DOWN: "the site does not answer as it should; it is asked less often until it does",
    LikelyCause.LESS_PUBLISHED: "its seeds name fewer articles: a section or feed may be missing, or they publish less",
    LikelyCause.NOT_ALLOWED: "its address is not public; INGEST_ALLOW_NETWORKS opens networks of your own",
    LikelyCause.NEEDS_RENDERING: f"JavaScript builds its pages; {how_to_render()}",
    LikelyCause.OUR_FAULT: "the program could not cope with its pages; look at one: ingest why URL",
}

# the first that fits a reason counts; reasons are those of fetch/reasons.py, of the screen and of the seeds' readers
SIGNS: tuple[tuple[LikelyCause, re.Pattern[str]], ...] = (
    (LikelyCause.NOT_ALLOWED, re.compile(r"\b(address|scheme)-refused\b")),
    (LikelyCause.NEEDS_RENDERING, re.compile(r"\bneeds-rendering\b")),
    (LikelyCause.OUR_FAULT, re.compile(r"\b(internal|(extract|render)-\w+)\b")),
    (LikelyCause.ROBOTS_CHANGED, re.compile(r"\brobots\b")),
    (LikelyCause.CERTIFICATE, re.compile(r"\btls\b")),
    (LikelyCause.PAYWALL, re.compile(r"\b(http-402|paywall|login)\b")),
    (
        LikelyCause.BLOCKED,
        re.compile(
            r"\b(http-4(01|03|06|29|51)|captcha|consent|region-block|age-gate|adblock-wall|blocked|one-text|host-closed)\b"
        ),
    ),
    (LikelyCause.FEED_DEAD, re.compile(r"\b(http-4(04|10)|not-a-feed|bad-json|unreadable-file)\b")),
    (
        LikelyCause.SITE_DOWN,
        re.compile(r"\b(dns|maintenance|http-5\d\d|.*timeout|refused-connection|unreachable|connection-lost)\b"),
    ),
    (
        LikelyCause.LAYOUT_CHANGED,
        re.compile(
            r"\b(empty|too-short|text-lost|taken-down|not-a-page|error-page|redirect|listing|service|product|forum|profile|unlikely-link)\b"
        ),
    ),
)

OUTCOMES = {"failures": ("failed ", "refused "), "screened": ("screened ",)}  # of the pages that explain a kind


def of_reason(reason: str) -> LikelyCause:
    """Return what the reason of a failed seed or source lets suspect; a site that answers oddly is down."""
    return next((suspicion for suspicion, sign in SIGNS if sign.search(reason)), LikelyCause.SITE_DOWN)


def of_pages(reasons: Mapping[str, int], kind: str) -> LikelyCause:
    """Return what most of the pages let suspect that ended as the kind says ("screened empty" -> 3 pages)."""
    wanted = OUTCOMES.get(kind, ("screened ", "failed ", "refused "))
    votes: Counter[LikelyCause] = Counter()
    for reason, pages in reasons.items():
        if reason.startswith(wanted):
            votes[_of_page(reason)] += pages
    return votes.most_common(1)[0][0] if votes else LikelyCause.LAYOUT_CHANGED


def _of_page(reason: str) -> LikelyCause:
    found = of_reason(reason)
    # links that lead to no page; pages that scripts build where they were built without before
    return LikelyCause.LAYOUT_CHANGED if found in (LikelyCause.FEED_DEAD, LikelyCause.NEEDS_RENDERING) else found
