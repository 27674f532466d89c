"""The pages of the site as HTML. What comes from outside is escaped here; nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from ingest.export.markup import html_of, xml_text
from ingest.model import Article, Block, BlockKind
from ingest.store import StoredArticle
from ingest.text.normalize import counted, normalise

# `file:` for pages opened from a disk, which have no origin that 'self' could mean
POLICY = (
    "default-src 'none'; style-src 'self' file:; script-src 'self' file:; form-action 'self' file:; base-uri 'none'"
)
HREFS = ("http://", "https://")
TEASER_CHARS = 200
SIDE_PAGES = 2  # page numbers that are shown on each side of the one looked at
NO_TITLE = "(no title)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArticle:
    """An article in a list. `file` is its page, from the top of the site; `source_file` that of its source."""

    file: str
    title: str
    source: str
    source_file: str
    day: str
    teaser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSource:
    """A source in the list of sources."""

    name: str
    file: str
    articles: int
    first: str  # days
    last: str


def shown(value: object) -> str:
    """Return text from outside for a page: harmless characters, escaped."""
    return escape(xml_text(normalise(str(value))))


def frame(title: str, body: str, *, up: str = "", script: str = "", here: str = "") -> bytes:
    """Return a whole page. `up` leads to the top of the site; `here` is the entry of the menu that is looked at."""
    entries = (("index.html", "Newest"), ("sources.html", "Sources"), ("search.html", "Search"))
    menu = " ".join(
        f'<a href="{up}{file}"{" aria-current=page" if file == here else ""}>{name}</a>' for file, name in entries
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<title>{shown(title)}</title>\n<link rel="stylesheet" href="{up}site.css">\n</head>\n<body>\n'
        f'<a class="skip" href="#main">To the text</a>\n<header><nav aria-label="Site">{menu}</nav>\n'
        f'<form action="{up}search.html" role="search"><input name="q" type="search" aria-label="Search words" '
        'placeholder="Search" required><button>Search</button></form></header>\n'
        f'<main id="main">\n{body}\n</main>\n{script}</body>\n</html>\n'
    ).encode()


def row_of(stored: StoredArticle, file: str, source_file: str) -> ListedArticle:
    """Return how an article stands in lists."""
    article = stored.article
    first = next((block.text for block in article.kept if block.kind is not BlockKind.HEADING), "")
    return ListedArticle(
        file=file,
        title=normalise(article.title or NO_TITLE),
        source=article.source,
        source_file=source_file,
        day=article.published.on.isoformat() if article.published else "",
        teaser=normalise(first[:TEASER_CHARS]) + ("..." if len(first) > TEASER_CHARS else ""),
    )


def article_page(stored: StoredArticle, source_file: str, up: str) -> bytes:
    """Return the page of one article; what was cut is folded where it stood."""
    article = stored.article
    facts = [", ".join(article.authors), _moment(article), article.site_name or ""]
    said = " · ".join(shown(fact) for fact in facts if fact)
    language = f' lang="{escape(article.language)}"' if article.language else ""
    url = shown(article.url)
    link = f'<a href="{url}" rel="noreferrer noopener">{url}</a>' if article.url.startswith(HREFS) else url
    body = (
        f'<article{language}>\n<h1 dir="auto">{shown(article.title or NO_TITLE)}</h1>\n'
        f'<p class="facts"><a href="{up}{escape(source_file)}">{shown(article.source)}</a>{said and f" · {said}"}</p>\n'
        f'<div class="text" dir="auto">\n{"".join(_parts(article.blocks))}</div>\n</article>\n'
        f'<footer class="facts"><p>{link}</p><p>article {stored.article_id}, revision {stored.revision}, fetched '
        f"{article.fetched_at:%Y-%m-%d %H:%M} UTC</p></footer>"
    )
    return frame(article.title or NO_TITLE, body, up=up)


def _moment(article: Article) -> str:
    return article.published.iso()[:16].replace("T", " ") if article.published else "no date"


def _parts(blocks: Sequence[Block]) -> Iterator[str]:
    for is_cut, run in groupby(blocks, key=lambda block: block.cut is not None):
        if not is_cut:
            yield f"{html_of(run)}\n"
            continue
        cut = list(run)
        why = "; ".join(dict.fromkeys(shown(block.cut.reason) for block in cut if block.cut))
        texts = "".join(f"<p><del>{shown(block.text)}</del></p>" for block in cut)
        yield f"<details><summary>{counted(len(cut), 'block')} cut: {why}</summary>{texts}</details>\n"


def list_page(title: str, rows: Sequence[ListedArticle], numbers: tuple[int, int], names: Sequence[str]) -> bytes:
    """Return one page of a list. `numbers`: this page's and the last one's, from 1; `names`: the pages' files."""
    number, last = numbers
    items = "\n".join(map(_item, rows)) or "<li>No articles yet.</li>"
    body = f'<h1>{shown(title)}</h1>\n<ol class="list">\n{items}\n</ol>\n{_turning(number, last, names)}'
    return frame(title, body, here="index.html" if names[0] == "index.html" else "")


def _item(row: ListedArticle) -> str:
    day = f'<time datetime="{escape(row.day)}">{shown(row.day)}</time>' if row.day else "no date"
    return (
        f'<li dir="auto"><a class="title" href="{escape(row.file)}">{shown(row.title)}</a>'
        f"<p>{shown(row.teaser)}</p>"
        f'<p class="facts">{day} · <a href="{escape(row.source_file)}">{shown(row.source)}</a></p></li>'
    )


def _turning(number: int, last: int, names: Sequence[str]) -> str:
    if last == 1:
        return ""
    wanted = sorted({1, last, *range(max(1, number - SIDE_PAGES), min(last, number + SIDE_PAGES) + 1)})
    links = []
    before = 0
    for page in wanted:
        links += ["<span>...</span>"] if page > before + 1 else []
        here = ' aria-current="page"' if page == number else ""
        links.append(f'<a href="{escape(names[page - 1])}"{here}>{page}</a>')
        before = page
    return f'<nav class="pages" aria-label="Pages">{" ".join(links)}</nav>'


def sources_page(sources: Sequence[ListedSource]) -> bytes:
    """Return the list of sources."""
    rows = "\n".join(
        f'<tr><th scope="row"><a href="{escape(one.file)}">{shown(one.name)}</a></th>'
        f'<td class="n">{one.articles:,}</td>'
        f"<td>{shown(one.first)}</td><td>{shown(one.last)}</td></tr>"
        for one in sources
    )
    body = (
        '<h1>Sources</h1>\n<div class="wide" role="region" aria-label="Sources" tabindex="0"><table><thead><tr>'
        '<th scope="col">source</th><th scope="col" class="n">articles</th><th scope="col">first</th>'
        f'<th scope="col">last</th></tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    )
    return frame("Sources", body, here="sources.html")


def search_page() -> bytes:
    """Return the page that searches; search.js does it."""
    body = (
        '<h1>Search</h1>\n<p class="facts" id="said" role="status">'
        "Type words: all of them must be there, each may go on.</p>\n"
        "<noscript><p>The search needs JavaScript; the lists do not.</p></noscript>\n"
        '<ol class="list" id="hits"></ol>'
    )
    script = '<script src="find/about.js"></script><script src="search.js"></script>\n'
    return frame("Search", body, script=script, here="search.html")
