"""The comments above the tables of a sources file, kept with the table below them while the file is edited.

tomlkit (0.15.2) counts what stands between two tables as the first one's: it went when that was taken out, and a new
key of that one was written below it. So these lines are taken out before the edit and put back above their tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEADER = re.compile(r"\s*\[\s*[\"']?sources[\"']?\s*\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What stands above a table. `apart`: up to the last empty line; `own`: the comment right above the header."""

    header: str
    apart: str
    own: str


def take_out(text: str, *, kept_head: str) -> tuple[str, tuple[Lead, ...]]:
    """Return the text without the lines above its tables, and these lines.

    A comment right below a table's last key, with an empty line behind it, is that table's and stays: a key that was
    switched off, most likely. `kept_head`: how a comment begins that is about the whole file.
    """
    kept: list[str] = []
    leads: list[Lead] = []
    for line in text.splitlines(keepends=True):
        if _HEADER.match(line):
            start = len(kept)
            while start and (not kept[start - 1].strip() or kept[start - 1].lstrip().startswith("#")):
                start -= 1
            run = kept[start:]
            empty = [at for at, one in enumerate(run) if not one.strip()]
            if start and empty:
                start += empty[0]
                run, empty = run[empty[0] :], [at - empty[0] for at in empty]
            border = empty[-1] + 1 if empty else 0
            if not start and run and run[0].startswith(kept_head):
                border = len(run)
            leads.append(Lead(header=line.strip(), apart="".join(run[:border]), own="".join(run[border:])))
            del kept[start:]
        kept.append(line)
    return "".join(kept), tuple(leads)


def put_back(text: str, leads: Sequence[Lead]) -> str:
    """Return an edited text with the lines above its tables; of a table that is gone its own comment goes too."""
    waiting = list(leads)
    written: list[str] = []
    for line in text.splitlines(keepends=True):
        header = line.strip()
        if _HEADER.match(line) and any(lead.header == header for lead in waiting):
            while (lead := waiting.pop(0)).header != header:
                _add(written, _of_gone(lead))
            _add(written, lead.apart + lead.own)
        written.append(line)
    for lead in waiting:
        _add(written, _of_gone(lead))
    return "".join(written)


def _of_gone(lead: Lead) -> str:
    return lead.apart if lead.apart.strip() else ""


def _add(written: list[str], lines: str) -> None:
    """Add lines, without two empty ones in a row or one at the head of the file."""
    if lines.startswith(("\n", "\r\n")) and (not written or not written[-1].strip()):
        lines = lines.lstrip("\r\n")
    if lines:
        written.extend(lines.splitlines(keepends=True))
