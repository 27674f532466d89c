"""Title and origin of an export as a whole, for the headers of feeds and books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One export."""

    title: str
    link: str  # address of the site it is about, of the first one where there are several
    made_at: datetime
    home: Path  # the folder that raw/ lies in
    storage: str = ""  # where finished raw files are moved to
    named: bool = False  # the title is a person's
    chunk_words: int = 0  # of a chunk; 0: whole articles
    bom: bool = False  # CSV: begin with a byte order mark, by which spreadsheets tell UTF-8
    packed: bool = False  # WARC: the file is compressed record by record, as archives are
