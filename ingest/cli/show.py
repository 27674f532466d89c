"""`ingest show`: read an article."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ingest.cli.support.app import App, common_options
from ingest.errors import WrongUse
from ingest.text.normalize import counted

if TYPE_CHECKING:
    from ingest.store import Revision, StoredArticle

MOST = 2**63 - 1  # no database numbers higher


@click.command("show", epilog="Example: ingest show 12   or   ingest show https://example.com/story --diff")
@click.argument("article", metavar="ID|URL")
@click.option("--json", "as_json", is_flag=True, help="The exported record as JSON.")
@click.option("--cut", is_flag=True, help="The blocks that were cut too, each with its reason.")
@click.option("--raw", is_flag=True, help="The page as it was fetched.")
@click.option("--diff", is_flag=True, help="What changed, revision by revision; with REV only into that one.")
@click.argument("revision", metavar="[REV]", type=click.IntRange(min=1), required=False)
@common_options
def show(app: App, article: str, as_json: bool, cut: bool, raw: bool, diff: bool, revision: int | None) -> None:
    """Read title, byline and body of the latest revision, or of revision REV.

    In a terminal it is set to be read, and paged; into a pipe each block is one line.
    """
    from ingest.cli.support.output import print_json
    from ingest.export.rows import row

    store = app.open_store()
    try:
        number = int(article) if article.isdecimal() else None
        stored = None if number is not None and number > MOST else store.articles.get(number or article)
        versions = store.articles.revisions(stored.article_id) if stored and (diff or revision) else ()
    finally:
        store.close()
    if stored is None:
        raise WrongUse(f"no article {article}; `ingest export` lists what is stored, `ingest fetch URL` fetches a page")
    if revision is not None and revision > len(versions):
        raise WrongUse(f"article {stored.article_id} has {counted(len(versions), 'revision')}; there is no {revision}")
    if diff:
        _print_changes(versions, revision)
        return
    if revision is not None:
        stored = replace(stored, article=versions[revision - 1].article, revision=revision, words=None)
    if as_json:
        print_json(row(stored))
        return
    if raw:
        _print_raw(app, stored)
    elif sys.stdout.isatty():
        from ingest.cli.support.article_view import show as read

        read(stored.article, cut=cut, note=_copy_of(stored))
    else:
        _print_plain(stored, cut=cut)


def _copy_of(stored: StoredArticle) -> str:
    """Say where the same text was found first, "" when here."""
    if stored.cluster_id is None or stored.earliest_article_id == stored.article_id:
        return ""
    return f"copy of article {stored.earliest_article_id}; ingest why {stored.article_id} lists all copies"


def _print_plain(stored: StoredArticle, *, cut: bool) -> None:
    """Print one block a line."""
    from ingest.cli.support.output import cut_reason, print_line

    known = stored.article
    print_line(known.title or "(no title)")
    facts = (
        ", ".join(known.authors),
        known.published.iso() if known.published else "",
        known.site_name or known.source,
    )
    print_line(" · ".join(fact for fact in facts if fact))
    print_line(known.url)
    if note := _copy_of(stored):
        print_line(note)
    click.echo()
    for block in known.blocks:
        if block.cut is None:
            print_line(block.text)
        elif cut:
            print_line(f"[cut, {cut_reason(block.cut.by, block.cut.reason)}] {block.text}")


def _print_raw(app: App, stored: StoredArticle) -> None:
    """Print the page that the revision was read from: bytes into a pipe, harmless text in a terminal."""
    from ingest import snapshots
    from ingest.cli.support.output import print_line

    if stored.article.place is None:
        raise WrongUse(f"article {stored.article_id} has no raw page: none was kept, or it was pruned by age")
    page = snapshots.read(app.config.home, stored.article.place, storage=app.config.raw_place)
    if sys.stdout.isatty():
        print_line(page.body.decode("utf-8", "replace"))
    else:
        sys.stdout.buffer.write(page.body)
        sys.stdout.buffer.flush()


def _print_changes(versions: Sequence[Revision], only: int | None) -> None:
    """Print what each revision changed in the one before, as lines that went and lines that came."""
    import difflib

    from ingest.cli.support.output import print_line

    if len(versions) == 1:
        click.echo("one revision: nothing has changed since it was first stored")
    for before, after in itertools.pairwise(versions):
        if only is not None and after.no != only:
            continue
        print_line(f"revision {after.no}, fetched {after.article.fetched_at:%Y-%m-%d %H:%M} UTC")
        for line in difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                print_line(line)


def _lines(version: Revision) -> list[str]:
    return [version.article.title or "", *(block.text for block in version.article.kept)]


COMMAND = show
