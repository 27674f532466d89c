"""Write the site: a page for each article, then lists and search; the folder appears when it is whole."""

from __future__ import annotations

import re
import shutil
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import IO

import orjson

from ingest.errors import IngestError, WrongUse
from ingest.export.site.pages import (
    ListedArticle,
    ListedSource,
    article_page,
    list_page,
    row_of,
    search_page,
    sources_page,
)
from ingest.export.site.search_index import SearchIndex
from ingest.model import Moment
from ingest.store import StoredArticle

MARK = "ingest-site.json"  # tells a site of ours, which may be replaced, from a folder of somebody's
PAGE_ROWS = 50  # articles of one page of a list
A_FOLDER = 1000  # pages of articles in one folder
DOCUMENTS = 100  # articles in one file of titles that the search loads
NAME_CHARS = 60  # of a source in the name of its file
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ASSETS = ("site.css", "search.js")


def write_site(articles: Iterable[StoredArticle], target: Path, made_at: datetime) -> int:
    """Write the site into a folder, in place of an earlier one; return how many articles it has.

    Beside the pages on the disk an article costs some 30 bytes of memory. Raises WrongUse for a folder that holds
    something else, IngestError when it cannot be written.
    """
    check_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as (site, temporary):
            with (temporary / "rows").open("w+b") as rows:
                made = _SiteInProgress(site, temporary, rows)
                for stored in articles:
                    made.add(stored)
                made.finish(made_at)
            _replace(target, site)
        return len(made.keys)
    except OSError as error:
        raise IngestError(f"{target}: cannot be written: {error.strerror or error}") from error


def check_folder(target: Path) -> None:
    """Raise WrongUse for a place that holds something that is not ours to replace."""
    if target.exists() and not target.is_dir():
        raise WrongUse(f"{target} is a file; name a folder")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise WrongUse(f"{target} holds other files; name an empty or new folder, it is replaced as a whole")


@contextmanager
def _beside(target: Path) -> Iterator[tuple[Path, Path]]:
    """Make two folders beside the target: for the new site, and for what goes away; both go if they are still there."""
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        for name in ("site", "temporary"):
            (folder / name).mkdir()
        yield folder / "site", folder / "temporary"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _replace(target: Path, site: Path) -> None:
    """Put the new site in the old one's place."""
    old = site.parent / "old"
    with suppress(FileNotFoundError):
        target.rename(old)
    try:
        site.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


class _SiteInProgress:
    """One site being written: what is kept of each article is where its row lies, its moment and its source."""

    def __init__(self, folder: Path, temporary: Path, rows: IO[bytes]) -> None:
        self.folder = folder
        self.rows = rows
        self.index = SearchIndex(temporary)
        self.keys: array[int] = array("q")  # seconds of publication
        self.starts: array[int] = array("q")  # of rows in their file
        self.source_of: array[int] = array("l")  # number of the source
        self.sources: dict[str, int] = {}  # name -> number
        self._ended = 0

    def add(self, stored: StoredArticle) -> None:
        """Write an article's page and note its row and words."""
        article = stored.article
        source = self.sources.setdefault(article.source, len(self.sources))
        source_file = _source_file(article.source, source)
        file = f"a/{stored.article_id // A_FOLDER}/{stored.article_id}.html"
        place = self.folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(article_page(stored, source_file, "../../"))
        self.index.add(len(self.keys), article.title or "", article.body)
        line = orjson.dumps(asdict(row_of(stored, file, source_file))) + b"\n"
        self.rows.write(line)
        self.starts.append(self._ended)
        self._ended += len(line)
        self.keys.append(_seconds(article.published, stored.first_seen_at))
        self.source_of.append(source)

    def finish(self, made_at: datetime) -> None:
        """Write lists and search: the newest first."""
        order = sorted(range(len(self.keys)), key=lambda number: (-self.keys[number], -number))
        self._write_list("index", "Newest articles", order)
        self._write_sources(order)
        find = self.folder / "find"
        find.mkdir()
        for at in range(0, len(order), DOCUMENTS):
            rows = [
                [row.file, row.title, row.source, row.day, row.teaser] for row in self._rows(order[at : at + DOCUMENTS])
            ]
            data = b"ingestTitles(%d,%s)\n" % (at // DOCUMENTS, orjson.dumps(rows))
            (find / f"titles-{at // DOCUMENTS}.js").write_bytes(data)
        ranks = array("l", bytes(len(order) * array("l").itemsize))
        for rank, number in enumerate(order):
            ranks[number] = rank
        self.index.write(find, ranks)
        about = {"articles": len(order), "titles": DOCUMENTS}
        (find / "about.js").write_bytes(b"var ingestAbout=%s\n" % orjson.dumps(about))
        (self.folder / "search.html").write_bytes(search_page())
        for name in ASSETS:
            (self.folder / name).write_bytes(files(__package__).joinpath(name).read_bytes())
        mark = {"made_at": made_at.isoformat(), "articles": len(order)}
        (self.folder / MARK).write_bytes(orjson.dumps(mark))

    def _rows(self, numbers: Sequence[int]) -> Iterator[ListedArticle]:
        for number in numbers:
            self.rows.seek(self.starts[number])
            yield ListedArticle(**orjson.loads(self.rows.readline()))

    def _write_list(self, stem: str, title: str, numbers: Sequence[int]) -> None:
        last = max(1, -(-len(numbers) // PAGE_ROWS))
        names = [f"{stem}.html", *(f"{stem}-{page}.html" for page in range(2, last + 1))]
        for page in range(1, last + 1):
            rows = list(self._rows(numbers[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]))
            (self.folder / names[page - 1]).write_bytes(list_page(title, rows, (page, last), names))

    def _write_sources(self, order: Sequence[int]) -> None:
        own: list[array[int]] = [array("l") for _ in self.sources]
        for number in order:
            own[self.source_of[number]].append(number)
        entries = []
        for name, source in sorted(self.sources.items()):
            file = _source_file(name, source)
            self._write_list(file.removesuffix(".html"), name, own[source])
            first, last = (_day(self.keys[own[source][at]]) for at in (-1, 0))
            entries.append(ListedSource(name=name, file=file, articles=len(own[source]), first=first, last=last))
        (self.folder / "sources.html").write_bytes(sources_page(entries))


def _day(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).date().isoformat()


def _source_file(name: str, number: int) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:NAME_CHARS].strip("-") or "source"
    return f"source-{number + 1}-{slug}.html"


def _seconds(published: Moment | None, first_seen_at: datetime) -> int:
    """Return when an article was published, as seconds to sort by; of a day its midnight; else when it was met."""
    if published is None:
        return int(first_seen_at.timestamp())
    at = published.at or datetime.combine(published.on, time(), UTC)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
