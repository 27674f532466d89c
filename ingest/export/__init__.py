"""Export stored articles in formats that other programs read: one module per format, the columns in rows.py.

A file is written under a temporary name and renamed when it is complete. A writer takes an iterable of articles and
holds one of them in memory at a time.

rows.py      the columns; edition.py title and origin of an export; whole_files.py files that appear when they are whole
jsonl.py, json.py, csv.py, parquet.py, xlsx.py, sqlite.py, markdown.py, rss.py, atom.py, warc.py, epub.py   one writer
             each; markup.py HTML; inline_markdown.py one block as safe Markdown; chunks.py for language models
site/        all articles as a folder of web pages
journal.py   no edition of a named export is lost to a kill
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from ingest.crawl.extensions import named
from ingest.errors import SettingsError, WrongUse
from ingest.export.edition import Edition
from ingest.export.journal import Journal
from ingest.export.rows import COLUMNS
from ingest.export.whole_files import packing, whole_file
from ingest.store import StoredArticle

Writer = Callable[[Iterable[StoredArticle], IO[bytes], Edition], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format. `suffix` is what file names of it end with."""

    suffix: str
    about: str
    lacks: tuple[str, ...] = ()  # columns that it cannot hold
    text: bool = True  # shown in a terminal when no file is named
    packs: bool = True  # .gz and .zst may follow the suffix; the others are compressed already
    folder: bool = False  # one file per article
    own: Writer | None = None  # a writer of the operator's, named in INGEST_EXPORTS


_TYPED = tuple(f"{name}_{part}" for name in ("published", "modified") for part in ("at", "on", "precision"))
_OWN_RECORDS = ("paywalled", "first_seen", "fetched", "revision", "words", "cluster", "duplicate_of", "images", *_TYPED)
FORMATS: dict[str, Format] = {
    "jsonl": Format(suffix=".jsonl", about="one JSON object a line"),
    "csv": Format(suffix=".csv", about="a table; lists as JSON, cells that begin like a formula with ' before"),
    "json": Format(suffix=".json", about="an array of JSON objects"),
    "parquet": Format(suffix=".parquet", about="a typed table for data tools", text=False, packs=False),
    "xlsx": Format(suffix=".xlsx", about="a workbook for spreadsheets", text=False, packs=False),
    "sqlite": Format(suffix=".sqlite", about="a database file with a table of articles", text=False, packs=False),
    "md": Format(suffix=".md", about="a folder of Markdown files with front matter", packs=False, folder=True),
    "rss": Format(suffix=".rss", about="RSS 2.0", lacks=("canonical_url", *_OWN_RECORDS)),
    "atom": Format(suffix=".atom", about="Atom 1.0", lacks=_OWN_RECORDS),
    "warc": Format(
        suffix=".warc",
        about="the raw pages, as they were fetched",
        lacks=tuple(name for name in COLUMNS if name not in ("source", "url", "fetched")),
        text=False,
    ),
    "epub": Format(
        suffix=".epub",
        about="a book, one chapter per article",
        lacks=("id", "canonical_url", "modified", "section", "tags", "description", "image", *_OWN_RECORDS),
        text=False,
        packs=False,
    ),
}
_MODULES = {"md": "markdown"}  # the others are named as their format


def add_own(exports: str) -> None:
    """Add the operator's formats, NAME=package.module.function words; a file name ends in .NAME then.

    Raises SettingsError for a path that leads nowhere and for the name of a built-in format.
    """
    for name, writer in named(exports, "INGEST_EXPORTS").items():
        if name in FORMATS and FORMATS[name].own is None:
            raise SettingsError(f"INGEST_EXPORTS: {name} is a built-in format; choose another name")
        FORMATS[name] = Format(suffix=f".{name}", about="from INGEST_EXPORTS", text=False, own=writer)


def form_of(target: Path | None) -> str | None:
    """Return the format that a file name stands for, None for an unknown suffix."""
    if target is None:
        return None
    name = target.name.lower()
    for packed in ("", ".gz", ".zst"):
        for form, known in FORMATS.items():
            if name.endswith(known.suffix + packed) and (not packed or known.packs):
                return form
    if name.endswith(".xml"):
        return "atom"
    return "sqlite" if name.endswith(".db") else None


def check_suffix(target: Path) -> None:
    """Raise WrongUse for a file name with a suffix that stands for no format; a name without any is not looked at."""
    suffix = Path(target.name.removesuffix(".gz").removesuffix(".zst")).suffix
    if (suffix or target.name.endswith((".gz", ".zst"))) and not target.is_dir() and form_of(target) is None:
        known = ", ".join(form.suffix for form in FORMATS.values())
        raise WrongUse(f"{target.name}: no format has this suffix; use one of {known}, or say which with -f")


def check_target(form: str, target: Path | None, database: Path | None = None) -> None:
    """Raise WrongUse when a format cannot be written there."""
    known = FORMATS[form]
    if target is not None and database is not None and target.resolve() == database.resolve():
        raise WrongUse(f"{target} is the database itself; name another file")
    if known.folder and (target is None or target.is_file()):
        raise WrongUse(f"{form} writes one file per article: name a folder with -o FOLDER")
    if target is not None and target.is_dir() and not known.folder:
        raise WrongUse(f"{target} is a folder; name a file in it, for example {target / ('articles' + known.suffix)}")
    if target is not None and packing(target) and not known.packs:
        raise WrongUse(f"{form} is compressed by itself; leave {target.suffix} out of the name {target.name}")
    if target is None and not known.text and sys.stdout.isatty():
        raise WrongUse(f"{form} is binary; name a file with -o articles{known.suffix}")


def export(
    articles: Iterable[StoredArticle],
    form: str,
    target: Path | None,
    edition: Edition,
    settle: Callable[[int], None] = lambda _count: None,
    journal: Journal | None = None,
) -> int:
    """Write articles in a format to a file (or folder), or to stdout when target is None; return how many.

    `settle` is called with their number when all are written and before the file gets its name; when it raises, an
    older file of that name is kept. `journal` notes both steps for the next export. Raises IngestError when the target
    cannot be written.
    """
    check_target(form, target)
    own = FORMATS[form].own
    module = None if own else importlib.import_module(f"ingest.export.{_MODULES.get(form, form)}")
    if module is not None and FORMATS[form].folder:
        assert target is not None
        count: int = module.write_folder(articles, target)
        settle(count)
        return count
    write: Writer = own or module.write  # type: ignore[union-attr]  # one of the two is there
    if target is None:
        count = write(articles, sys.stdout.buffer, edition)
        sys.stdout.buffer.flush()
        settle(count)
        return count
    by_itself = form == "warc" and packing(target) == "gz"
    with whole_file(target, packed=not by_itself) as out:
        bom = form == "csv" and out.beside is not None and not packing(target)
        count = write(articles, out.stream, replace(edition, packed=by_itself, bom=bom))
        out.close()
        if journal is not None and out.beside is not None:
            journal.prepare(out.beside, target)
        settle(count)
    if journal is not None:
        journal.done()
    return count
