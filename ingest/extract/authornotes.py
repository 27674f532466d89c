"""Which segments tell of the article's author instead of its subject: "Jane Doe is a reporter ..." in the author's box.

No words of any language: the page says who wrote it, and a box named for authors that begins with this name is a note.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.extract.classwords import GROUPS
from ingest.extract.segments import Segment

NAME_WITHIN = 80  # characters from the beginning: "The Valley Post's own Jane Doe"
BOX_STEPS = 2  # elements above the text's own that may be named for authors

_AUTHOR = 1 << list(GROUPS).index("author")


def author_notes(read: Sequence[Segment], authors: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each segment whether it stands in a box named for authors and begins by naming one of the page's."""
    names = [name.lower() for name in authors if name]
    calls = tuple(f"{first} " for first in (name.split()[0] for name in names if not name.isspace()) if len(first) > 2)
    found = [bool(names) and _in_author_box(segment) and _names_one(segment.text, names, calls) for segment in read]
    return np.array(found, dtype=bool)


def _names_one(text: str, names: Sequence[str], calls: tuple[str, ...]) -> bool:
    """Whether a text begins with a name, or right away with what a colleague is called by: "Jane is ..."."""
    beginning = text[:NAME_WITHIN].lower()
    return beginning.startswith(calls) or any(name in beginning for name in names)


def _in_author_box(segment: Segment) -> bool:
    frame = segment.frame
    said = frame.names | segment.inline
    for _ in range(BOX_STEPS):
        if frame.parent is None:
            break
        frame = frame.parent
        said |= frame.names
    return bool(said & _AUTHOR)
