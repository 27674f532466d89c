"""`ingest clean`: HTML or already scraped text in, clean text out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.app import App, common_options
from ingest.errors import WrongUse

if TYPE_CHECKING:
    from ingest.boilerplate import Learned
    from ingest.model import Block

HTML_MARKS = (b"<!doctype html", b"<html", b"<body", b"<head", b"<article", b"<div", b"<p>", b"<p ", b"<h1")
LOOK_BYTES = 4096  # of a document, to tell HTML from text
MAX_BYTES = 20 * 2**20  # more than any page; a larger file is not one


@click.command("clean", epilog="Example: curl -s https://example.com/story | ingest clean -")
@click.argument("file", metavar="FILE|-")
@click.option("--source", help="Use what was learned about this source, and its rules.")
@click.option("--url", default="", help="The page's address, where known; relative links and metadata need it.")
@click.option("--explain", is_flag=True, help="Every block with kept or cut and the reason, every claim and who won.")
@click.option("--json", "as_json", is_flag=True, help="Title, body and blocks as JSON.")
@common_options
def clean(app: App, file: str, source: str | None, url: str, explain: bool, as_json: bool) -> None:
    """Print title and body of a page or of text that was scraped from one. Nothing is fetched or stored."""
    from ingest.boilerplate import Learned

    data = _read(file)
    learned = _learned(app, source) if source else Learned()
    if _is_html(data):
        _clean_page(app, data, url=url, source=source, learned=learned, explain=explain, as_json=as_json)
    else:
        _clean_text(data, learned=learned, explain=explain, as_json=as_json)


def _read(file: str) -> bytes:
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else _head(Path(file))
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise WrongUse(f"{file}: larger than {MAX_BYTES // 2**20} MiB; that is no page")
    if not data.strip():
        raise WrongUse(f"{file}: is empty")
    return data


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _is_html(data: bytes) -> bool:
    head = data[:LOOK_BYTES].replace(b"\0", b"").lower()  # UTF-16 leaves NULs between its letters
    return any(mark in head for mark in HTML_MARKS)


def _learned(app: App, source: str) -> Learned:
    store = app.open_store()
    try:
        store.sources.get(source)
        return store.blocks.learned(source)
    finally:
        store.close()


def _clean_page(
    app: App, data: bytes, *, url: str, source: str | None, learned: Learned, explain: bool, as_json: bool
) -> None:
    from ingest import sources
    from ingest.line import read
    from ingest.model import Page

    declared = sources.load(app.config.home).named(source) if source and _declared(app, source) else None
    address = url or "http://localhost/"
    page = Page(
        url=address,
        final_url=address,
        source=source or "",
        status=200,
        headers=(),
        body=data,
        fetched_at=datetime.now(UTC),
    )
    reading = read(page, source=declared, learned=learned, min_words=app.config.min_words)
    if reading.refusal:
        click.echo(f"ingest: a crawl would not store this page: {reading.refusal}", err=True)
    article = reading.article
    if explain:
        _explain_claims(article.claims)
    _print(article.title, article.blocks, explain=explain, as_json=as_json)


def _declared(app: App, source: str) -> bool:
    from ingest import sources
    from ingest.errors import SourceError

    try:
        sources.load(app.config.home).named(source)
    except SourceError:
        return False
    return True


def _clean_text(data: bytes, *, learned: Learned, explain: bool, as_json: bool) -> None:
    from ingest.boilerplate.plain import clean_text

    title, blocks = clean_text(data.decode("utf-8-sig", "replace"), learned)
    _print(title, blocks, explain=explain, as_json=as_json)


def _print(title: str | None, blocks: Iterable[Block], *, explain: bool, as_json: bool) -> None:
    from ingest.cli.output import print_json, print_line

    if as_json:
        shown = [
            {"text": b.text, "kind": b.kind, "cut": None if b.cut is None else {"by": b.cut.by, "reason": b.cut.reason}}
            for b in blocks
        ]
        body = "\n".join(block.text for block in blocks if block.cut is None)
        print_json({"title": title, "body": body, "blocks": shown})
        return
    if title:
        print_line(title)
        click.echo()
    for block in blocks:
        if explain:
            mark = click.style("keep", fg="green") if block.cut is None else click.style("cut ", fg="red")
            reason = f"  [{block.cut.by}: {block.cut.reason}]" if block.cut else ""
            click.echo(f"{mark}  ", nl=False)
            print_line(f"{block.text}{reason}")
        elif block.cut is None:
            print_line(block.text)


def _explain_claims(claims: Iterable[object]) -> None:
    from ingest.cli.output import print_rows

    rows = [
        {"field": c.field, "won": "won" if c.won else "", "origin": c.origin, "value": c.value}  # type: ignore[attr-defined]
        for c in claims
    ]
    print_rows(rows, ("field", "won", "origin", "value"))
    click.echo()


COMMANDS = {"clean": clean}
