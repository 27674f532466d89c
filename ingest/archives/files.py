"""Which files are to be imported, and what each of them is."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from ingest.archives.capture import Archive, ArchiveKind
from ingest.archives.cdx import files_named, looks_like_listing
from ingest.archives.streams import head_of
from ingest.archives.wacz import BROKEN
from ingest.errors import WrongUse

PAGES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
TEXTS = frozenset({".txt", ".md", ".text"})
BY_SUFFIX = {
    ".warc": ArchiveKind.WARC,
    ".arc": ArchiveKind.WARC,
    ".wacz": ArchiveKind.WACZ,
    ".mht": ArchiveKind.MHTML,
    ".mhtml": ArchiveKind.MHTML,
    ".webarchive": ArchiveKind.WEBARCHIVE,
    ".eml": ArchiveKind.MAIL,
    ".mbox": ArchiveKind.MBOX,
    ".pdf": ArchiveKind.PDF,
    ".cdx": ArchiveKind.CDX,
    ".cdxj": ArchiveKind.CDX,
    **dict.fromkeys(PAGES, ArchiveKind.PAGE),
}
SUFFIXES = TEXTS | {*BY_SUFFIX}  # with .gz or .zst behind or not
PACKED = (".gz", ".zst")
HTML = re.compile(rb"<!doctype html|<(?:html|head|body|article|div|p|h1)[\s>]", re.IGNORECASE)
HEADER = re.compile(
    rb"^(?:Return-Path|Received|Delivered-To|MIME-Version|Date|From|To|Subject|Message-ID|Content-Type|"
    rb"X-[\w-]+|DKIM-Signature|ARC-[\w-]+|Authentication-Results|List-[\w-]+|Reply-To|Snapshot-Content-Location): ?\S",
    re.IGNORECASE | re.MULTILINE,
)
MAIL_HEADERS = 3  # at the start of a file without a telling name; one alone is the first line of any text
MBOX_START = re.compile(rb"From \S+.{0,80}\d\d:\d\d")
SNAPSHOT = re.compile(rb"^snapshot-content-location:", re.IGNORECASE | re.MULTILINE)
RELATED = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
SENT = re.compile(rb"^(?:received|message-id|to|delivered-to|return-path):", re.IGNORECASE | re.MULTILINE)
# how browsers name the folder beside a saved page, in their languages
FRAMES = re.compile(r"[_-](?:files|file|dateien|fichiers|archivos|bestanden|filer|pliki|soubory)$", re.IGNORECASE)
READABLE = "WARC, ARC, WACZ, HTML, MHTML, mail, PDF, text or CDX"


def archives(paths: Iterable[Path]) -> Iterator[Archive]:
    """Give every file to import, those of folders sorted by name. Raises WrongUse for a file of another kind.

    Of a folder, files whose names look like archives or pages are taken; a file that is named is taken whatever its
    name. Left out in a folder: indexes of WARC files that lie in it, and the frames that a browser saved beside a page.
    """
    for path in paths:
        if path.is_dir():
            found = _of_folder(path)
            if not found:
                raise WrongUse(f"{path}: no {READABLE} file in this folder")
            yield from found
        else:
            kind = _kind(path)
            if kind is None:
                raise WrongUse(f"{path}: no {READABLE} file")
            yield Archive(path=path, name=path.name, kind=kind)


def _of_folder(folder: Path) -> list[Archive]:
    there = sorted(_below(folder))
    found = [
        Archive(path=one, name=one.relative_to(folder).as_posix(), kind=kind)
        for one in there
        if (kind := _kind(one)) is not None
    ]
    warcs = {one.path.name for one in found if one.kind is ArchiveKind.WARC}
    return [one for one in found if not _is_index(one, warcs) and not _is_frame(one, there)]


def _is_index(archive: Archive, warcs: set[str]) -> bool:
    """Tell whether a listing is the index of WARC files that are imported with it, as in an unpacked WACZ."""
    return archive.kind is ArchiveKind.CDX and bool(warcs & files_named(archive.path))


def _is_frame(archive: Archive, there: Sequence[Path]) -> bool:
    """Tell whether an HTML file belongs to a page that a browser saved as a file and a folder NAME_files."""
    if archive.kind is not ArchiveKind.PAGE:
        return False
    parts = PurePosixPath(archive.name).parts[:-1]
    folder = archive.path.parents[len(parts)] if parts else archive.path.parent
    for depth, part in enumerate(parts, start=1):
        stem = FRAMES.sub("", part)
        if stem != part:
            above = folder.joinpath(*parts[: depth - 1])
            if any((above / f"{stem}{suffix}") in there for suffix in PAGES):
                return True
    return False


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_symlink() and _is_wanted(path) and path.is_file())


def _is_wanted(path: Path) -> bool:
    return _suffix(path) in SUFFIXES or _is_maildir(path)


def _is_maildir(path: Path) -> bool:
    """Tell whether a file is a message of a Maildir, whose names have no suffix."""
    return path.parent.name in ("cur", "new") and (path.parent.parent / "tmp").is_dir()


def _suffix(path: Path) -> str:
    name = path.name.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    suffix = Path(name).suffix
    return suffix.partition("?")[0]  # as wget writes an address with a query


def _kind(path: Path) -> ArchiveKind | None:
    """Look at the first bytes. Raises WrongUse for a file that cannot be opened."""
    head = head_of(path)
    suffix = _suffix(path)
    if head.startswith((b"WARC/", b"filedesc://")):
        return ArchiveKind.WARC
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    if head.startswith(b"%PDF-"):
        return ArchiveKind.PDF
    if head.startswith(b"bplist00") and suffix == ".webarchive":
        return ArchiveKind.WEBARCHIVE
    if suffix not in PAGES and (kind := _kind_of_mail(path, head, suffix)) is not None:
        return kind
    if looks_like_listing(head, is_text=suffix in TEXTS):
        return ArchiveKind.CDX
    if HTML.search(head.replace(b"\0", b"")) and not head.lstrip().startswith(b"<?xml"):
        return ArchiveKind.PAGE
    if suffix in BY_SUFFIX:
        return BY_SUFFIX[suffix]  # reading it will report what is wrong
    is_text = head.strip() and b"\0" not in head
    return ArchiveKind.TEXT if is_text and suffix in TEXTS else None


def _kind_of_zip(path: Path) -> ArchiveKind | None:
    """Tell WACZ from other ZIP files. Raises WrongUse for the latter."""
    try:
        with zipfile.ZipFile(path) as whole:
            names = whole.namelist()
    except BROKEN as error:
        if _suffix(path) == ".wacz":
            return ArchiveKind.WACZ
        raise WrongUse(f"{path}: a damaged ZIP file: {error}") from error
    if any(name.endswith((".warc", ".warc.gz", ".warc.zst", ".wacz", ".arc.gz", ".arc")) for name in names):
        return ArchiveKind.WACZ
    if _suffix(path) == ".wacz":
        return ArchiveKind.WACZ
    return None


def _kind_of_mail(path: Path, head: bytes, suffix: str) -> ArchiveKind | None:
    """Return the kind of a file that begins with mail headers, None for others."""
    if MBOX_START.match(head) and suffix not in TEXTS:
        return ArchiveKind.MBOX
    if not HEADER.match(head) or suffix in TEXTS:
        return None
    headers = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    saved = SNAPSHOT.search(headers) or (RELATED.search(headers) and not SENT.search(headers))
    if suffix in (".mht", ".mhtml") or saved:
        return ArchiveKind.MHTML
    if suffix == ".eml" or _is_maildir(path):
        return ArchiveKind.MAIL
    return ArchiveKind.MAIL if len(HEADER.findall(headers)) >= MAIL_HEADERS else None
