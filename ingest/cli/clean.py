"""`ingest clean`: HTML, already scraped text or one address in, clean text out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.cli.support.one_article import JSON, MARKDOWN, TEXT, form_option, printable
from ingest.cli.support.one_page import fetch_page, is_address
from ingest.errors import Attention, WrongUse

if TYPE_CHECKING:
    from ingest.model import Block, Learned, Page, Source
    from ingest.ops.cleaning import Cleaned, ScrapedDocument

MAX_BYTES = 10 * 2**20  # as much as a crawl takes of a page; a larger file is not one
STDIN = "-"
NAME_CHARS = 60  # of a file name made from a title


@click.command("clean", epilog="Example: ingest clean https://example.com/story -f md   or   ingest clean page.html")
@click.argument("what", metavar="URL|FILE|FOLDER|-")
@click.option("--source", shell_complete=source_names, help="Use what was learned about this source, and its rules.")
@click.option("--learn", is_flag=True, help="A folder of one site's pages or texts: learn from them what recurs.")
@click.option("--url", default="", help="The page's address, where known; relative links and metadata need it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder to write each document's text into.")
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write what was cut, struck through."
)
@click.option("--explain", is_flag=True, help="Every block with kept or cut and the reason, every claim and who won.")
@form_option
@click.option("--json", "as_json", is_flag=True, help="Title, body and blocks as JSON, one object a line.")
@common_options
def clean(
    app: App,
    what: str,
    source: str | None,
    learn: bool,
    url: str,
    output: Path | None,
    page: Path | None,
    form: str | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Print title and body of a page, or of text that was scraped from one. Nothing is stored.

    An address is fetched by the rules of a crawl (robots.txt, delays, limits); no database is needed, and what it knows
    of the site is used where there is one.
    """
    from ingest.ops.cleaning import clean as cleaned_of
    from ingest.ops.cleaning import learn_together

    others = [name for name, given in (("--json", as_json), ("--explain", explain), ("--html", page)) if given]
    if form is not None and others:
        raise WrongUse(f"-f and {others[0]} exclude each other: each is a way to print the article")
    if is_address(what):
        if learn or url:
            raise WrongUse(f"{'--learn' if learn else '--url'} goes with files; leave it out for an address")
        fetched, declared, learned = fetch_page(app, what, source)
        documents = [_document_of(fetched)]
    else:
        documents = _documents(what, url)
        declared, learned = _known(app, source)
    if page is not None and len(documents) != 1:
        raise WrongUse("--html shows one document; give one file")
    now = datetime.now(UTC)
    if learn:
        learned = learn_together(documents, now)
    for document in documents:
        cleaned = cleaned_of(document, now, source=declared, learned=learned, min_words=app.config.min_words)
        if cleaned.refusal:
            if is_address(what) and not cleaned.article.kept:
                raise Attention(f"{document.name}: no article: {cleaned.refusal}")
            click.echo(f"ingest: {document.name}: a crawl would not store this page: {cleaned.refusal}", err=True)
        if output is not None:
            _write(output, document, cleaned, form)
        elif as_json:
            _print_json(cleaned, named=len(documents) > 1)
        else:
            if len(documents) > 1 and form != JSON:
                click.echo(f"==> {document.name} <==")
            shown = _considered(document, cleaned, declared, learned) if explain or page else []
            if page is not None:
                _write_page(page, cleaned, shown)
            elif explain:
                _explain(cleaned, shown)
            else:
                click.echo(_printed(cleaned, form))


# ---------------------------------------------------------------- in


def _documents(what: str, url: str) -> list[ScrapedDocument]:
    from ingest.ops.cleaning import ScrapedDocument
    from ingest.web.sniff import binary_kind

    place = Path(what)
    if what != STDIN and place.is_dir():
        files = sorted(file for file in place.rglob("*") if file.is_file() and not file.name.startswith("."))
        if not files:
            raise WrongUse(f"{what}: holds no files")
        read = [ScrapedDocument(name=str(file.relative_to(place)), data=_read(str(file))) for file in files]
        texts = [document for document in read if not (kind := binary_kind(document.data)) or _left_out(document, kind)]
        if not texts:
            raise WrongUse(f"{what}: holds no page or text")
        return texts
    data = _read(what)
    if kind := binary_kind(data):
        raise WrongUse(f"{what}: {_no_text(kind)}")
    return [ScrapedDocument(name=what, data=data, url=url)]


def _document_of(page: Page) -> ScrapedDocument:
    from ingest.ops.cleaning import ScrapedDocument

    return ScrapedDocument(name=page.final_url, data=page.body, url=page.final_url, page=page)


def _left_out(document: ScrapedDocument, kind: str) -> bool:
    click.echo(f"ingest: {document.name}: left out: {_no_text(kind)}", err=True)
    return False


def _no_text(kind: str) -> str:
    """Return what a file is that holds no page or text, and what reads it."""
    if kind in ("pdf", "mime"):
        return f"a {kind.upper()} file, no page or text; `ingest import` reads it into the database"
    return f"a binary file{'' if kind == 'binary' else f' ({kind})'}, no page or text"


def _read(file: str) -> bytes:
    try:
        if file == STDIN:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise WrongUse(f"{file}: larger than {MAX_BYTES // 2**20} MiB, no page or article; give each one a file")
    if not data.strip():
        raise WrongUse(f"{file}: is empty")
    return data


def _known(app: App, name: str | None) -> tuple[Source | None, Learned | None]:
    """Return what sources.toml and the database know of a source; neither need know it, but one must."""
    if name is None:
        return None, None
    from ingest import sources

    declared = next((source for source in sources.load_if_any(app.config.home).sources if source.name == name), None)
    with app.open_store() as store:
        stored = store.sources.get(name)
        if stored is None and declared is None:
            raise WrongUse(f'no source "{name}" in sources.toml or the database; `ingest status` shows them')
        return declared or (stored.source if stored else None), store.blocks.learned(name)


# ---------------------------------------------------------------- out


def _considered(
    document: ScrapedDocument, cleaned: Cleaned, source: Source | None, learned: Learned | None
) -> list[tuple[Block, str]]:
    """Return every block that was looked at with the word on it; learned ones show as cut."""
    from ingest.api import page_of
    from ingest.boilerplate import why_cut
    from ingest.cli.support.output import cut_reason
    from ingest.extract.article import explain
    from ingest.model import Learned

    final = {block.text: block for block in cleaned.article.blocks}
    if not document.is_html:
        looked_at = [(block, "") for block in cleaned.article.blocks]
    else:
        page = document.page or page_of(document.data, document.url, source, cleaned.article.fetched_at)
        looked_at = [(final.get(one.block.text, one.block), one.reason) for one in explain(page, source)]
    held = learned or Learned(source="")
    return [
        (block, cut_reason(block.cut.by, why_cut(block, held)) if block.cut else reason) for block, reason in looked_at
    ]


def _explain(cleaned: Cleaned, shown: Iterable[tuple[Block, str]]) -> None:
    from ingest.cli.support.output import print_line
    from ingest.cli.why import print_claims

    if cleaned.claims:
        print_claims(cleaned.claims)
        click.echo()
    for block, reason in shown:
        mark = click.style("keep", fg="green") if block.cut is None else click.style("cut ", fg="red")
        click.echo(f"{mark}  ", nl=False)
        print_line(f"{block.text}  [{reason}]" if reason else block.text)


def _print_json(cleaned: Cleaned, *, named: bool) -> None:
    import orjson

    article = cleaned.article
    blocks = [
        {"text": b.text, "kind": b.kind, "cut": None if b.cut is None else {"by": b.cut.by, "reason": b.cut.reason}}
        for b in article.blocks
    ]
    row = {"title": article.title, "body": article.body, "refusal": cleaned.refusal, "blocks": blocks}
    row = {"name": cleaned.name, **row} if named else row
    sys.stdout.write(orjson.dumps(row).decode() + "\n")


def _write(folder: Path, document: ScrapedDocument, cleaned: Cleaned, form: str | None) -> None:
    suffix = {MARKDOWN: ".md", JSON: ".json"}.get(form or TEXT, ".txt")
    if document.page is not None:
        target = folder / f"{_slug(cleaned.article.title)}{suffix}"
    elif Path(document.name).is_absolute():
        target = folder / Path(document.name).with_suffix(suffix).name
    else:
        target = folder / (Path(document.name).with_suffix(suffix) if document.name != STDIN else f"stdin{suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{_printed(cleaned, form)}\n", encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{target}: cannot be written: {error.strerror}") from error


def _printed(cleaned: Cleaned, form: str | None) -> str:
    from ingest.text.normalize import normalise_lines

    return printable(cleaned.article, form) if form in (JSON, MARKDOWN) else normalise_lines(cleaned.text)


def _slug(title: str | None) -> str:
    from ingest.text.normalize import words

    return "-".join(words(title or ""))[:NAME_CHARS].strip("-") or "article"


def _write_page(file: Path, cleaned: Cleaned, shown: Iterable[tuple[Block, str]]) -> None:
    from ingest.report.cuts import write

    write(file, cleaned.article.title, shown)
    click.echo(f"wrote {file}")


COMMAND = clean
