"""The pages of one article -> the article: their blocks in order, what the site repeats on every page once.

Title, dates and all else are the first page's. What is left out is marked as cut, so that it can be seen why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from ingest.extract.html.page_signals import word_count
from ingest.extract.metadata.pictures import same_picture
from ingest.extract.screen import NOT_A_PAGE, WALLS, screen
from ingest.model import Article, Block, BlockKind, Cut, CutBy, FetchedPart, FurtherPage, Image, Validators
from ingest.text.normalize import fold

# Words from which a block that an earlier page had is a repetition wherever it stands. Shorter ones, a heading "Pros",
# an answer "Yes.", are so only in a row of repetitions at a page's beginning or end.
LONG_WORDS = 6
COUNTER_WORDS = 6  # "Page 2 of 4", "2/4 - Weiter lesen" are no longer
# Of what the screen says: a short page, or one without the marks of an article, may well be a part of one.
NO_NEXT_PAGE = WALLS | {NOT_A_PAGE, "error-page", "redirect", "login", "paywall", "parked", "empty"}
REPEATED = "on an earlier page of the article"
REPEATED_LATER = "on a later page of the article"
COUNTER = "number of the page"
DIGITS = re.compile(r"\d+")

Read = tuple[FetchedPart, Article | None]  # None: it came to nothing


def joined(first: Article, parts: Sequence[Read]) -> Article:
    """Return the article that begins with `first` and goes on with the parts, as far as they are pages of a text.

    One that misses a part has no validators: the next look must bring all pages, also if the first has not changed.
    """
    settled = [(part, read, part.note or _wall(read)) for part, read in parts]
    good = [read for _, read, note in settled if read is not None and not note]
    notes = [note for _, _, note in settled]
    if parts and parts[0][0].whole and parts[0][1] is not None:
        blocks, note = _replaced(first, good)
        notes[0] = notes[0] or note
    else:
        blocks = _in_order([first.blocks, *(read.blocks for read in good)], title=fold(first.title or ""))
    return replace(
        first,
        blocks=blocks,
        images=_images([first, *good]),
        parts=tuple(
            FurtherPage(url=part.url, place=part.page.place if part.page else None, note=note, whole=part.whole)
            for (part, _, _), note in zip(settled, notes, strict=True)
        ),
        validators=Validators() if any(notes) else first.validators,
    )


def _images(pages: Sequence[Article]) -> tuple[Image, ...]:
    """Return the pictures of all pages, each once."""
    found: dict[str, Image] = {}
    for image in (image for page in pages for image in page.images):
        found.setdefault(same_picture(image.url), image)
    return tuple(found.values())


def _wall(read: Article | None) -> str:
    """Return why a page adds nothing to the article, "" when it does."""
    refusal = None if read is None else screen(read, min_words=0)
    return refusal if refusal in NO_NEXT_PAGE else ""


def _replaced(first: Article, good: Sequence[Article]) -> tuple[tuple[Block, ...], str]:
    """Return the blocks of the page that is said to hold the whole article, and a note if it does not."""
    if not good:
        return first.blocks, ""
    had, has = (sum(word_count(block.text) for block in one.kept) for one in (first, good[0]))
    return (good[0].blocks, "") if has >= had else (first.blocks, "shorter")


# ---------------------------------------------------------------- repetitions


def _in_order(pages: Sequence[tuple[Block, ...]], *, title: str) -> tuple[Block, ...]:
    pages = _without_counters(pages)
    last = _folded(pages[-1])
    blocks: list[Block] = []
    met = {title} - {""}
    for number, page in enumerate(pages):
        folded = _folded(page)
        head = _run(folded, met) if number else 0
        tail = _common_tail(folded, last) if number < len(pages) - 1 else _run(folded[::-1], met)
        # what ends every page, an author's portrait say, stands where the article ends
        late = REPEATED_LATER if number < len(pages) - 1 else REPEATED
        own: set[str] = set()
        for at, (block, text) in enumerate(zip(page, folded, strict=True)):
            if text and at >= len(page) - tail and late == REPEATED_LATER:
                blocks.append(_cut(block, late))
                continue
            placed = at < head or at >= len(page) - tail or word_count(block.text) >= LONG_WORDS
            blocks.append(_cut(block, REPEATED) if number and text in met and placed else block)
            if text:
                own.add(text)
        met |= own
    return tuple(blocks)


def _folded(page: Sequence[Block]) -> list[str]:
    """Return the texts to compare, "" for blocks that are no part of the body anyway."""
    return ["" if block.cut else fold(block.text) for block in page]


def _run(folded: Sequence[str], met: set[str]) -> int:
    """Return how many blocks in a row were met before, those counted in that are cut anyway."""
    return sum(1 for _ in takewhile(lambda text: not text or text in met, folded))


def _common_tail(folded: Sequence[str], last: Sequence[str]) -> int:
    """Return how many blocks at the end are those that the last page ends with, but never a whole page."""
    kept, others = [text for text in folded if text], [text for text in last if text]
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(kept[::-1], others[::-1], strict=False)))
    if same in (0, len(kept), len(others)):
        return 0
    count = 0
    for at, text in enumerate(reversed(folded), start=1):
        count += bool(text)
        if count == same:
            return at
    return 0


def _without_counters(pages: Sequence[tuple[Block, ...]]) -> list[tuple[Block, ...]]:
    """Cut the short lines that count the pages: alike on several but for the number, which is the page's own."""
    seen: dict[str, set[int]] = {}
    for number, page in enumerate(pages, start=1):
        for block in page:
            if (form := _counter(block, number)) is not None:
                seen.setdefault(form, set()).add(number)
    counters = {form for form, numbers in seen.items() if len(numbers) > 1}
    return [
        tuple(_cut(block, COUNTER) if _counter(block, number) in counters else block for block in page)
        for number, page in enumerate(pages, start=1)
    ]


def _counter(block: Block, number: int) -> str | None:
    if block.cut is not None or block.kind is BlockKind.HEADING or word_count(block.text) > COUNTER_WORDS:
        return None  # "Chapter 2" heads the second page by its right
    if str(number) not in DIGITS.findall(block.text):
        return None
    return DIGITS.sub("#", fold(block.text))


def _cut(block: Block, reason: str) -> Block:
    return block if block.cut else replace(block, cut=Cut(by=CutBy.MODEL, reason=reason))
