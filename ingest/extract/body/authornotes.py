"""Which segments tell of the article's author instead of its subject: "Jane Doe is a reporter ..." in the author's box.

No words of any language: the page says who wrote it, and a box named for authors that begins with this name is a note.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.extract.html.classwords import GROUPS
from ingest.extract.html.segments import Frame, Segment
from ingest.text.normalize import words

NAME_WITHIN = 80  # characters from the beginning: "The Valley Post's own Jane Doe"
BOX_CHARS_MAX = 2_000  # a larger box named so holds what the author wrote: article.author-jane
BOX_STEPS = 2  # elements above the text's own that may be named for authors

_AUTHOR = 1 << list(GROUPS).index("author")


def author_notes(read: Sequence[Segment], authors: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each segment whether it stands in a box named for authors and begins by naming one of the page's."""
    names = [said for said in map(words, authors) if said]
    found = [bool(names) and _in_author_box(segment) and _names_one(segment.text, names) for segment in read]
    return np.array(found, dtype=bool)


def _names_one(text: str, names: Sequence[Sequence[str]]) -> bool:
    """Whether a text begins with a name, or right away with what a colleague is called by: "Jane is ..."."""
    said = words(text[:NAME_WITHIN])
    row = f" {' '.join(said)} "
    return any(f" {' '.join(name)} " in row or (len(name[0]) > 1 and said[:1] == name[:1]) for name in names)


def _in_author_box(segment: Segment) -> bool:
    frame: Frame | None = segment.frame
    said = segment.inline
    for _ in range(BOX_STEPS + 1):
        if frame is None or frame.chars > BOX_CHARS_MAX:
            return False
        said |= frame.names
        if said & _AUTHOR:
            return True
        frame = frame.parent
    return False
