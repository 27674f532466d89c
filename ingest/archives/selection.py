"""Which captures are wanted, decided while an archive is read: by the moment of capture, the address, the language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from w3lib.encoding import html_to_unicode

from ingest.archives.capture import OTHER_LANGUAGE, OTHER_URL, TOO_NEW, TOO_OLD
from ingest.extract.metadata.languages import MAX_CHARS, of_text, primary
from ingest.model import Page

SAMPLE_BYTES = 1 << 19  # of a page, for its language; menus and scripts rarely fill more
RUN_CHARS = 60  # shorter runs of text are menus, captions and buttons
_UNSEEN = re.compile(r"<(script|style|noscript|template|nav|footer)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|b|i|em|strong|span|u|small|sup|sub|br|code|abbr|q|cite)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_DECLARED = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([A-Za-z-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a person wants of an archive; empty: everything. `until` is the first moment not wanted any more."""

    since: datetime | None = None
    until: datetime | None = None
    url_matches: Sequence[re.Pattern[str]] = ()  # one of them must be found in the address
    languages: frozenset[str] = frozenset()  # primary subtags

    def unwanted(self, url: str, moment: datetime | None) -> str:
        """Return why a capture is not wanted, "" if it is, before its body is read."""
        if moment is not None and self.since is not None and moment < self.since:
            return TOO_OLD
        if moment is not None and self.until is not None and moment >= self.until:
            return TOO_NEW
        if self.url_matches and not any(pattern.search(url) for pattern in self.url_matches):
            return OTHER_URL
        return ""

    def unwanted_page(self, page: Page) -> str:
        """Return why a page is not wanted, "" if it is. A page of unknown language is wanted."""
        if reason := self.unwanted(page.url, page.fetched_at):
            return reason
        if not self.languages:
            return ""
        language = language_of(page)
        return OTHER_LANGUAGE if language is not None and language not in self.languages else ""


EVERYTHING = Selection()


def language_of(page: Page) -> str | None:
    """Return the language of a page: of its longer runs of text, else as its html element declares it."""
    _, text = html_to_unicode(page.header("Content-Type"), page.body[:SAMPLE_BYTES])
    shown = _INLINE.sub(" ", _UNSEEN.sub(" ", text))
    runs = (" ".join(unescape(run).split()) for run in _TAG.split(shown))
    sample = ""
    for run in runs:
        if len(run) >= RUN_CHARS:
            sample += run + "\n"
            if len(sample) >= MAX_CHARS:
                break
    if (found := of_text(sample)) is not None:
        return found[0]
    declared = _DECLARED.search(text)
    return primary(declared[1]) if declared else None
