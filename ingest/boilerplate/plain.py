"""Text that was scraped before, without its page -> title and blocks, the boilerplate among them cut.

Without knowledge of the site the texts decide: what asks the reader for something, the labels around it, and boxes that
begin by addressing the reader and end with the request. What was learned about a site is used where it is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from ingest.boilerplate.strip import strip
from ingest.model import Article, Block, BlockKind, Cut, CutBy, Learned
from ingest.text.normalize import normalise, words
from ingest.text.phrases import PhraseMatch, is_note, is_opener, mark

BOX_BLOCKS = 8  # an appeal has at most so many paragraphs between its opening and its asking
NEAR_BLOCKS = 3  # a single asking is the opening's when it comes so soon
GIVING = "donation"
SPARED_WORDS = 8  # fewer words may be a label; the shortest paragraphs of news have about as many
PARAGRAPH_WORDS = 10  # from here on text is an article's, or a box's reasons
LABEL_WORDS = 5
TITLE_WORDS = 30
TELLING_WORDS = 4
TITLE_BLOCKS = 6  # a title stands among the first blocks that are not boilerplate
WRAP_COLUMNS = 60  # lines that fill at least this much were wrapped by a program, not by a writer
WRAPPED_SHARE = 0.6

_BLANK = re.compile(r"\n[ \t\u00a0\u3000]*\n")
_ENDING = re.compile(r"[.!?…。！？:：;؟।]['\"“”»«)\]’」』]*$")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"(?:[-*•–‣◦]|\d{1,2}[.)])\s+(.*)")
_UNKNOWN_DAY = datetime(1970, 1, 1, tzinfo=UTC)


def clean_text(text: str, learned: Learned | None = None) -> tuple[str | None, tuple[Block, ...]]:
    """Return the title, if there is one, and the blocks below it; those that are boilerplate are marked as cut."""
    blocks = _cut_known(blocks_of_text(text), learned) if learned is not None else blocks_of_text(text)
    reasons = cuts([block.text for block in blocks], [block.cut is not None for block in blocks])
    blocks = tuple(
        block if block.cut or reason is None else replace(block, cut=Cut(by=CutBy.MODEL, reason=reason))
        for block, reason in zip(blocks, reasons, strict=True)
    )
    at = _title_at(blocks)
    if at is None:
        return None, blocks
    above = tuple(
        replace(block, cut=Cut(by=CutBy.MODEL, reason="above the title")) if block.cut is None else block
        for block in blocks[:at]
    )
    return blocks[at].text, (*above, *blocks[at + 1 :])


def blocks_of_text(text: str) -> tuple[Block, ...]:
    """Split a plain text into blocks: at blank lines, at every line where there are none or where lines stand alone."""
    return tuple(block for part in blocks_by_part(text) for block in part)


def blocks_by_part(text: str) -> list[list[Block]]:
    """Return the same blocks by the blank lines between them; no part is empty."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    wrapped = _is_wrapped(text)
    parts = []
    for part in _BLANK.split(text):
        lines = [line for line in (normalise(line) for line in part.split("\n")) if line]
        if lines:
            parts.append([_block(line) for line in ([" ".join(lines)] if wrapped else lines)])
    return parts


def cuts(texts: Sequence[str], known: Sequence[bool] | None = None) -> list[str | None]:
    """Return for each block of a text why it is boilerplate, None where it is not.

    `known` says which are cut already; they count as neighbours.
    """
    marks = [mark(text) for text in texts]
    reasons: list[str | None] = [f"asks: {found.kind}" if found and found.sure else None for found in marks]
    for at, is_known in enumerate(known or ()):
        if is_known:
            reasons[at] = reasons[at] or "known"
    _cut_boxes(texts, marks, reasons)
    _cut_reasons(texts, marks, reasons)
    _cut_beside(texts, marks, reasons)
    return reasons


def _cut_known(blocks: tuple[Block, ...], learned: Learned) -> tuple[Block, ...]:
    return strip(Article(source=learned.source, url="", fetched_at=_UNKNOWN_DAY, blocks=blocks), learned).blocks


def _is_wrapped(text: str) -> bool:
    """Whether a program broke the lines: most lines that another one follows at once are long and end anywhere."""
    followed = [
        line.rstrip() for line, after in zip(text.split("\n"), text.split("\n")[1:], strict=False) if after.strip()
    ]
    followed = [line for line in followed if line]
    if not followed:
        return False
    broken = sum(WRAP_COLUMNS <= len(line) <= 2 * WRAP_COLUMNS and not _ENDING.search(line) for line in followed)
    return broken >= WRAPPED_SHARE * len(followed)


def _block(line: str) -> Block:
    if heading := _HEADING.fullmatch(line):
        return Block(text=heading[2], kind=BlockKind.HEADING, level=len(heading[1]))
    if item := _ITEM.fullmatch(line):
        return Block(text=item[1] if line[0] not in "0123456789" else line, kind=BlockKind.ITEM, level=1)
    return Block(text=line)


def _cut_boxes(texts: Sequence[str], marks: Sequence[PhraseMatch | None], reasons: list[str | None]) -> None:
    """Cut from an opening to the last asking within reach, if the article has begun before or goes on behind."""
    for at, text in enumerate(texts):
        if not is_opener(text) or (reasons[at] or "").startswith("in a box"):
            continue
        asking = [n for n in range(at + 1, min(len(texts), at + BOX_BLOCKS + 1)) if _asks(marks[n])]
        if len(asking) < 2 and not (asking and asking[0] <= at + NEAR_BLOCKS):
            continue
        before, behind = slice(None, at), slice(asking[-1] + 1, None)
        if not (_has_article(texts[before], reasons[before]) or _has_article(texts[behind], reasons[behind])):
            continue  # a letter to the readers is an article
        _cut_between(at, asking[-1], texts, reasons)


def _cut_reasons(texts: Sequence[str], marks: Sequence[PhraseMatch | None], reasons: list[str | None]) -> None:
    """Cut what stands between two askings for money below the article: why to give."""
    asking = [at for at, found in enumerate(marks) if found is not None and found.sure and found.kind == GIVING]
    for first, second in pairwise(asking):
        below = slice(second + 1, None)
        near = 1 < second - first <= NEAR_BLOCKS
        if near and _has_article(texts[:first], reasons[:first]) and not _has_article(texts[below], reasons[below]):
            _cut_between(first, second, texts, reasons)


def _cut_between(first: int, last: int, texts: Sequence[str], reasons: list[str | None]) -> None:
    for at in range(first, last + 1):
        if reasons[at] is None and not is_note(texts[at]):
            reasons[at] = "in a box that asks"


def _asks(found: PhraseMatch | None) -> bool:
    return found is not None and not found.label


def _has_article(texts: Sequence[str], reasons: Sequence[str | None]) -> bool:
    return any(
        reason is None and _is_paragraph(text) and not is_note(text)
        for text, reason in zip(texts, reasons, strict=True)
    )


def _is_paragraph(text: str) -> bool:
    return len(words(text)) >= PARAGRAPH_WORDS


def _cut_beside(texts: Sequence[str], marks: Sequence[PhraseMatch | None], reasons: list[str | None]) -> None:
    """Cut labels, openings and half-sure blocks right beside what is cut, outwards until the article begins."""
    for order, step in ((range(1, len(texts)), -1), (range(len(texts) - 2, -1, -1), 1)):
        for at in order:
            if reasons[at] is None and reasons[at + step] is not None and _belongs(texts, marks, at, step):
                reasons[at] = "beside what asks"


def _belongs(texts: Sequence[str], marks: Sequence[PhraseMatch | None], at: int, step: int) -> bool:
    """Whether a block beside a cut one belongs to it. Unmarked labels do below a box, where its form stands."""
    if is_note(texts[at]) and marks[at] is None and len(words(texts[at])) > SPARED_WORDS:
        return False
    found = marks[at]
    if _heads(texts, at) and not (found and found.label):
        return False
    if found is not None or is_opener(texts[at]):
        return len(words(texts[at])) <= 2 * SPARED_WORDS or not _is_paragraph(texts[at])
    return step < 0 and len(words(texts[at])) <= LABEL_WORDS


def _heads(texts: Sequence[str], at: int) -> bool:
    """Whether a short block stands above a paragraph, as a title or heading does."""
    return at + 1 < len(texts) and _is_paragraph(texts[at + 1]) and mark(texts[at + 1]) is None


def _title_at(blocks: Sequence[Block]) -> int | None:
    """The most telling of the short blocks that stand above the first paragraph, if text follows."""
    above: list[int] = []
    for at, block in enumerate(blocks):
        if block.cut is not None:
            continue
        if above and not _reads_like_title(block):
            return max(above, key=lambda at: (blocks[at].kind is BlockKind.HEADING, _telling(blocks[at]), -at))
        if not _reads_like_title(block) or len(above) == TITLE_BLOCKS:
            return None
        above.append(at)
    return None


def _reads_like_title(block: Block) -> bool:
    if block.kind is BlockKind.HEADING:
        return True
    return len(words(block.text)) <= TITLE_WORDS and not re.search(r"[.。:：;][\'\"“”»)\]’]*$", block.text)


def _telling(block: Block) -> bool:
    """Whether a title says something; a site's name or a menu's entry has few words."""
    return len(words(block.text)) >= TELLING_WORDS
