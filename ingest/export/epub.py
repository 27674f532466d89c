"""EPUB 3: a book with a chapter per article, for reading devices.

Holds title, authors, published, site name, url, language and the body with its headings, lists and links.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from ingest.errors import WrongUse, how_to_install
from ingest.export.edition import Edition
from ingest.export.markup import html_of, xml_escaped
from ingest.store import StoredArticle

STYLE = """
h1 { font-size: 1.4em; } .byline { font-size: .85em; margin-bottom: 1.5em; } .caption { font-style: italic; }
blockquote { margin: 0 0 0 1em; padding-left: .6em; border-left: .15em solid; } pre { white-space: pre-wrap; }
table { border-collapse: collapse; } td { border: 1px solid; padding: .1em .4em; }
"""
UNDETERMINED = "und"  # ISO 639-2, for texts of which nobody knows the language
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write the book and return how many chapters it has. Raises WrongUse when mkepub is not installed."""
    try:
        import mkepub
        from markupsafe import Markup
    except ImportError as cause:
        raise WrongUse(f"epub needs mkepub; {how_to_install('epub')}") from cause

    def title(text: str) -> Any:
        return Markup(xml_escaped(text))  # noqa: S704 - escaped here, because mkepub does not

    count = 0
    languages: Counter[str] = Counter()
    names: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="ingest-epub-") as folder:
        book: Any = None
        for stored in articles:
            if book is None:
                book = mkepub.Book(title=title(edition.title))
                book.set_stylesheet(STYLE)
            book.add_page(title(stored.article.title or stored.article.url), chapter(stored))
            count += 1
            languages[stored.article.language or ""] += 1
            names[stored.article.site_name or stored.article.source] += 1
        if book is not None:
            language = next((one for one, _ in languages.most_common() if _LANGUAGE.fullmatch(one)), UNDETERMINED)
            book.metadata["lang"] = language
            book.title = title(edition.title if edition.named else _name(names, count, edition))
        else:
            book = mkepub.Book(title=title(edition.title))
            book.add_page("No articles", "<p>No articles.</p>")
        file = Path(folder) / "book.epub"
        book.save(str(file))
        book.tempdir.cleanup()
        with file.open("rb") as made:
            shutil.copyfileobj(made, out)
    return count


def _name(names: Counter[str], count: int, edition: Edition) -> str:
    """Return what a book is called: by its site, or how many sites it is from, and the day."""
    one = next(iter(names)) if len(names) == 1 else f"{count} articles of {len(names)} sites"
    return f"{one}, {edition.made_at:%Y-%m-%d}"


def chapter(stored: StoredArticle) -> str:
    """Return one article as the body of a page."""
    article = stored.article
    language = article.language or ""
    lang = f' lang="{language}" xml:lang="{language}"' if _LANGUAGE.fullmatch(language) else ""
    facts = [", ".join(article.authors), article.published.iso() if article.published else ""]
    facts.append(article.site_name or article.source)
    byline = " · ".join(xml_escaped(fact) for fact in facts if fact)
    address = xml_escaped(article.url)
    return (
        f"<section{lang}>\n<h1>{xml_escaped(article.title or article.url)}</h1>\n"
        f'<p class="byline">{byline}<br/><a href="{address}">{address}</a></p>\n{html_of(article.kept)}\n</section>'
    )
