"""Documents out of files, HTML or text that was scraped before, through the same steps as a crawled page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.api import UNKNOWN_URL, extract
from ingest.boilerplate.learn import learn
from ingest.boilerplate.occurrences import TrainingArticle
from ingest.boilerplate.plain import blocks_by_part, clean_text
from ingest.model import Article, Block, Claim, Learned, Page, Source
from ingest.steps import read
from ingest.web.charset import text_of

HTML_MARKS = (b"<!doctype html", b"<html", b"<body", b"<head", b"<article", b"<div", b"<p>", b"<p ", b"<h1")
LOOK_BYTES = 4096  # of a document, to distinguish HTML from text


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapedDocument:
    """A page or text as it lies in a file, `url` empty where it is not known; or a page that was just fetched."""

    name: str
    data: bytes
    url: str = ""
    page: Page | None = None

    @property
    def is_html(self) -> bool:
        """Whether the bytes look like a page; UTF-16 leaves NULs between its letters. What was fetched is one."""
        if self.page is not None:
            return True
        head = self.data[:LOOK_BYTES].replace(b"\0", b"").lower()
        return any(mark in head for mark in HTML_MARKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A document as an article; `refusal` is the reason a crawl would not store it for, if there is one.

    `lines` are those of a text as it came, its blank lines with it and what was cut left out; None for a page.
    """

    name: str
    article: Article
    refusal: str | None = None
    lines: str | None = None

    @property
    def text(self) -> str:
        """Title, an empty line, the kept blocks one a line; of a text with the blank lines that it came with."""
        if self.lines is not None:
            return self.lines
        title = [self.article.title, ""] if self.article.title else []
        return "\n".join([*title, *(block.text for block in self.article.kept)])

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Who said what; nothing for plain text."""
        return self.article.claims


def clean(
    document: ScrapedDocument,
    now: datetime,
    *,
    source: Source | None = None,
    learned: Learned | None = None,
    min_words: int = 0,
) -> Cleaned:
    """Return one document cleaned by the source's rules and learned blocks, where there are any."""
    if document.page is not None:
        reading = read(document.page, source=source, learned=learned, min_words=min_words)
        return Cleaned(name=document.name, article=reading.article, refusal=reading.refusal)
    if document.is_html:
        page = extract(
            document.data, url=document.url, source=source, learned=learned, fetched_at=now, min_words=min_words
        )
        return Cleaned(name=document.name, article=page.article, refusal=page.refusal)
    text = text_of(document.data)
    title, blocks = clean_text(text, learned)
    article = Article(
        source=source.name if source else "",
        url=document.url or UNKNOWN_URL,
        fetched_at=now,
        title=title,
        blocks=blocks,
    )
    return Cleaned(name=document.name, article=article, lines=_lines(text, title, blocks))


def _lines(text: str, title: str | None, blocks: Sequence[Block]) -> str:
    """Return a text without what was cut; cleaned again it stays as it is."""
    left = iter(blocks)
    awaited = title  # stands among the blocks of the text, and not among those of the article
    parts = []
    for part in blocks_by_part(text):
        shown = []
        for block in part:
            if block.text == awaited:
                awaited = None
                shown.append(block.text)
            elif next(left).cut is None:
                shown.append(block.text)
        if shown:
            parts.append(shown)
    if title and len(parts) == 1 and len(parts[0]) > 1:
        parts = [parts[0][:1], parts[0][1:]]
    return "\n\n".join("\n".join(part) for part in parts)


def learn_together(documents: Sequence[ScrapedDocument], now: datetime) -> Learned:
    """Return what documents of one site teach about its boilerplate, with nothing else known of it."""
    examples = []
    for number, document in enumerate(documents, start=1):
        article = replace(clean(document, now).article, url=f"{UNKNOWN_URL}{number}")
        examples.append(TrainingArticle(article_id=number, article=article))
    learn_result = learn(examples)
    return Learned(
        articles=len(examples), blocks=tuple(block for block in learn_result.blocks if block.verdict is not None)
    )
