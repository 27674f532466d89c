"""`ingest clean`: HTML or already scraped text in, clean text out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import WrongUse

if TYPE_CHECKING:
    from ingest.model import Block, Learned, Source
    from ingest.ops.cleaning import Cleaned, ScrapedDocument

MAX_BYTES = 10 * 2**20  # as much as a crawl takes of a page; a larger file is not one
STDIN = "-"


@click.command("clean", epilog="Example: curl -s https://example.com/story | ingest clean -")
@click.argument("what", metavar="FILE|FOLDER|-")
@click.option("--source", shell_complete=source_names, help="Use what was learned about this source, and its rules.")
@click.option("--learn", is_flag=True, help="A folder of one site's pages or texts: learn from them what recurs.")
@click.option("--url", default="", help="The page's address, where known; relative links and metadata need it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder to write each document's text into.")
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write what was cut, struck through."
)
@click.option("--explain", is_flag=True, help="Every block with kept or cut and the reason, every claim and who won.")
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
    explain: bool,
    as_json: bool,
) -> None:
    """Print title and body of a page, or of text that was scraped from one. Nothing is fetched or stored."""
    from ingest.ops.cleaning import clean as cleaned_of
    from ingest.ops.cleaning import learn_together

    documents = _documents(what, url)
    if page is not None and len(documents) != 1:
        raise WrongUse("--html shows one document; give one file")
    now = datetime.now(UTC)
    declared, learned = _known(app, source)
    if learn:
        learned = learn_together(documents, now)
    for document in documents:
        cleaned = cleaned_of(document, now, source=declared, learned=learned, min_words=app.config.min_words)
        if cleaned.refusal:
            click.echo(f"ingest: {document.name}: a crawl would not store this page: {cleaned.refusal}", err=True)
        if output is not None:
            _write(output, document.name, cleaned)
        elif as_json:
            _print_json(cleaned, named=len(documents) > 1)
        else:
            if len(documents) > 1:
                click.echo(f"==> {document.name} <==")
            shown = _considered(document, cleaned, declared, learned) if explain or page else []
            if page is not None:
                _write_page(page, cleaned, shown)
            elif explain:
                _explain(cleaned, shown)
            else:
                _print(cleaned)


# ---------------------------------------------------------------- in


def _documents(what: str, url: str) -> list[ScrapedDocument]:
    from ingest.ops.cleaning import ScrapedDocument

    place = Path(what)
    if what != STDIN and place.is_dir():
        files = sorted(file for file in place.rglob("*") if file.is_file() and not file.name.startswith("."))
        if not files:
            raise WrongUse(f"{what}: holds no files")
        return [ScrapedDocument(name=str(file.relative_to(place)), data=_read(str(file))) for file in files]
    return [ScrapedDocument(name=what, data=_read(what), url=url)]


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
    from ingest.extract.article import explain
    from ingest.model import Learned

    final = {block.text: block for block in cleaned.article.blocks}
    if not document.is_html:
        looked_at = [(block, "") for block in cleaned.article.blocks]
    else:
        page = page_of(document.data, document.url, source, cleaned.article.fetched_at)
        looked_at = [(final.get(one.block.text, one.block), one.reason) for one in explain(page, source)]
    held = learned or Learned(source="")
    return [(block, f"{block.cut.by}: {why_cut(block, held)}" if block.cut else reason) for block, reason in looked_at]


def _print(cleaned: Cleaned) -> None:
    from ingest.cli.support.output import print_line

    if cleaned.article.title:
        print_line(cleaned.article.title)
        click.echo()
    for block in cleaned.article.kept:
        print_line(block.text)


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


def _write(folder: Path, name: str, cleaned: Cleaned) -> None:
    target = folder / (Path(name).with_suffix(".txt") if name != STDIN else Path("stdin.txt"))
    if Path(name).is_absolute():
        target = folder / Path(name).with_suffix(".txt").name
    title = f"{cleaned.article.title}\n\n" if cleaned.article.title else ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{title}{cleaned.article.body}\n", encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{target}: cannot be written: {error.strerror}") from error


def _write_page(file: Path, cleaned: Cleaned, shown: Iterable[tuple[Block, str]]) -> None:
    from ingest.report.cuts import write

    write(file, cleaned.article.title, shown)
    click.echo(f"wrote {file}")


COMMAND = clean
