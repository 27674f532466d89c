"""`ingest blocks`: look at learned boilerplate, overrule it, apply it backwards."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.support.app import App, common_options
from ingest.cli.support.completion import source_names
from ingest.errors import WrongUse
from ingest.text.normalize import counted

if TYPE_CHECKING:
    from ingest.model import BlockVerdict, KnownBlock
    from ingest.store import Store, StoredArticle

SHOWN_ARTICLES = 3  # of each block: enough to see whether it is theirs
INDENT = 7  # columns: as far as the text behind its number
PIPE_COLUMNS = 80  # a line's length into a pipe; a terminal has its own


@click.group("blocks")
@common_options
def blocks(app: App) -> None:
    """List and overrule the blocks that recur over a source's articles."""


@blocks.command("list", epilog="Example: ingest blocks list example --html blocks.html")
@click.argument("source", required=False, shell_complete=source_names)
@click.option("--all", "everything", is_flag=True, help="Blocks that are only counted so far too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to look through.")
@common_options
def list_blocks(app: App, source: str | None, everything: bool, as_json: bool, page: Path | None) -> None:
    """List the learned blocks by number, why each was learned, and three of its articles.

    learned, cut: boilerplate, as the learner or a person decided; keep: a person says it is none; own: a place whose
    headings belong to the articles and are put back.
    """
    from ingest.boilerplate.block_index import place
    from ingest.boilerplate.explain import why_learned
    from ingest.cli.support.output import print_json

    with app.open_store() as store:
        names = [_known(store, source)] if source else [state.name for state in store.sources.all()]
        held = [(name, block) for name in names for block in _listed(store, name, everything=everything)]
        examples = {block.id: _examples(store, block) for _, block in held}
        articles = {name: store.articles.count(name) for name in names}
    if page is not None:
        from ingest.report.blocks import write

        why = {block.id: why_learned(block, articles[name]) for name, block in held}
        urls = {number: [stored.article.url for stored in found] for number, found in examples.items()}
        write(page, [(name, block, why[block.id], urls[block.id]) for name, block in held])
        click.echo(f"wrote {page}")
        return
    rows: list[dict[str, Any]] = [
        {
            "id": block.id,
            "source": name,
            "verdict": str(block.verdict or "counted"),
            "articles": block.articles,
            "last": block.last_on.isoformat(),
            "reason": block.reason,
            "why": why_learned(block, articles[name]),
            "place": place(block),
            "text": block.text,
        }
        for name, block in held
    ]
    if as_json:
        for row, (_, block) in zip(rows, held, strict=True):
            row |= {
                "first": block.first_on.isoformat(),
                "path": block.path,
                "examples": [stored.article.url for stored in examples[block.id]],
            }
        print_json(rows)
        return
    if not rows:
        click.echo("nothing was learned yet; blocks are learned from a few articles of a source: ingest run", err=True)
    for row, (_, block) in zip(rows, held, strict=True):
        _print_block(row, examples[block.id])


def _print_block(row: dict[str, Any], examples: Sequence[StoredArticle]) -> None:
    """Print a block's text on one line and what is known of it below, each no longer than the terminal or 80 columns.

    Addresses would be longer: the articles it was seen in are given by their numbers.
    """
    from ingest.cli.support.output import fitting, print_line

    width = shutil.get_terminal_size((PIPE_COLUMNS, 0)).columns if sys.stdout.isatty() else PIPE_COLUMNS
    text = str(row["text"])
    if row["place"]:
        text = f"{'headings' if row['verdict'] == 'own' else 'anything'} in {row['place']}, such as: {text}"
    articles = " ".join(str(stored.article_id) for stored in examples[-SHOWN_ARTICLES:])
    facts = f"{row['source']}: {row['verdict']}, last seen {row['last']}{articles and f', in articles {articles}'}"
    print_line(f"{row['id']:>5}  {fitting(text, width - INDENT)}")
    for about in (row["why"], facts):
        print_line(f"{'':{INDENT}}{fitting(str(about), width - INDENT)}")


def _listed(store: Store, source: str, *, everything: bool) -> list[KnownBlock]:
    held = [block for block in store.blocks.known(source) if everything or block.verdict is not None]
    return sorted(held, key=lambda block: block.id or 0)


def _examples(store: Store, block: KnownBlock) -> list[StoredArticle]:
    found = (store.articles.get(article_id) for article_id in store.blocks.examples(block))
    return [stored for stored in found if stored is not None]


def _known(store: Store, source: str) -> str:
    if store.sources.get(source) is None:
        names = ", ".join(state.name for state in store.sources.all()[:20]) or "none yet"
        raise WrongUse(f'no source "{source}" in the database; there are: {names}')
    return source


def _says(name: str, verdict: str | None, says: str, example: str) -> None:
    """Make the command with which a person says what a block is; None takes back what was said."""

    @blocks.command(name, help=says, epilog=f"Example: {example}")
    @click.argument("source", shell_complete=source_names)
    @click.argument("what", metavar="ID|TEXT")
    @common_options
    def say(app: App, source: str, what: str) -> None:
        from ingest.model import BlockVerdict

        _overrule(app, source, what, BlockVerdict(verdict) if verdict else None)


_says(
    "keep",
    "keep",
    "Say that a block belongs to the articles, for good; it is put back into all of them.",
    'ingest blocks keep example 12   or   ingest blocks keep example "Correction:"',
)
_says(
    "cut",
    "cut",
    "Say that a block is boilerplate, for good; it is cut from all articles of the source.",
    'ingest blocks cut example "Sign up for our newsletter"',
)
_says(
    "forget",
    None,
    "Take back what was said about a block: the learner decides again.",
    "ingest blocks forget example 12",
)


def _overrule(app: App, source: str, what: str, verdict: BlockVerdict | None) -> None:
    from ingest.ops.relearn import overrule

    with app.hold_store() as store:
        _known(store, source)
        block: KnownBlock | str = what
        if what.isdecimal():
            found = next((known for known in store.blocks.known(source) if known.id == int(what)), None)
            if found is None:
                raise WrongUse(f"{source}: no block {what}; `ingest blocks list {source}` shows them")
            block = found
        done = overrule(store, source, block, verdict, datetime.now(UTC))
    click.echo(f"{source}: {counted(done.changed_articles, 'article')} changed")


@blocks.command("apply", epilog="Example: ingest blocks apply example")
@click.argument("source", required=False, shell_complete=source_names)
@common_options
def apply(app: App, source: str | None) -> None:
    """Strip the stored articles again by what is known now; a second time changes nothing."""
    from ingest.ops.relearn import apply as apply_again

    with app.hold_store() as store:
        for name in [_known(store, source)] if source else [state.name for state in store.sources.all()]:
            click.echo(f"{name}: {counted(apply_again(store, name).changed_articles, 'article')} changed")


COMMAND = blocks
