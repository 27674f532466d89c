"""One article on stdout as Markdown, JSON or text: `-f` of `ingest clean` and `ingest fetch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ingest.model import Article
    from ingest.store import StoredArticle

MARKDOWN, JSON, TEXT = "md", "json", "text"
FORMS = (MARKDOWN, JSON, TEXT)

form_option = click.option(
    "-f", "--format", "form", type=click.Choice(FORMS), help="Print the article as Markdown, JSON record or text."
)


def printable(article: Article, form: str, stored: StoredArticle | None = None) -> str:
    """Return an article as it is printed, without control characters; a record in JSON is one line.

    `stored` adds what only the database knows to the record: number, revision, copies.
    """
    from ingest.text.normalize import normalise, normalise_lines

    if form == JSON:
        import orjson

        from ingest.export.rows import record, row

        return orjson.dumps(row(stored) if stored is not None else record(article)).decode()
    if form == MARKDOWN:
        from ingest.export.markdown import text

        return "\n".join(map(normalise_lines, text(article).split("\n")))
    title = [normalise(article.title), ""] if article.title else []
    return "\n".join([*title, *(normalise_lines(block.text) for block in article.kept)])
