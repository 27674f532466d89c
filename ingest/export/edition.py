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
    packed: bool = False  # WARC: the file is compressed record by record, as archives are
