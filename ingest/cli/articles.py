"""`ingest show`: read an article."""

from __future__ import annotations

import click

from ingest.cli.app import App, common_options
from ingest.errors import WrongUse


@click.command("show", epilog="Example: ingest show 12   or   ingest show https://example.com/story")
@click.argument("article", metavar="ID|URL")
@click.option("--json", "as_json", is_flag=True, help="The exported record as JSON.")
@click.option("--cut", is_flag=True, help="The blocks that were cut too, each with its reason.")
@common_options
def show(app: App, article: str, as_json: bool, cut: bool) -> None:
    """Print title, byline and body of the latest revision."""
    from ingest.cli.output import print_json, print_line
    from ingest.export.rows import row

    store = app.open_store()
    try:
        stored = store.articles.get(int(article) if article.isdecimal() else article)
    finally:
        store.close()
    if stored is None:
        raise WrongUse(f"no article {article}; `ingest export` lists what is stored, `ingest fetch URL` fetches a page")
    if as_json:
        print_json(row(stored))
        return
    known = stored.article
    print_line(known.title or "(no title)")
    facts = (
        ", ".join(known.authors),
        known.published.iso() if known.published else "",
        known.site_name or known.source,
    )
    print_line(" · ".join(fact for fact in facts if fact))
    print_line(known.url)
    click.echo()
    for block in known.blocks:
        if block.cut is None:
            print_line(block.text)
        elif cut:
            print_line(f"[cut, {block.cut.by}: {block.cut.reason}] {block.text}")


COMMANDS = {"show": show}
