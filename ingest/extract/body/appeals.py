"""Which blocks of a body speak for the site instead of for the article: sign-ups, appeals for money, their buttons.

Pure: takes the blocks' texts, gives a reason for each block to cut. What a text asks for is known by
ingest.text.phrases; here the neighbours decide, because an appeal is a run: an opener ("Dear readers,"), paragraphs
that say why, the asking itself, and the labels of a form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text.normalize import words
from ingest.text.phrases import PhraseMatch, is_note, is_opener, mark

GAP_BLOCKS = (
    2  # paragraphs that only give reasons, between an opener and the asking; the appeals we know have one or two
)
LABEL_WORDS = 6  # what stands on a button or beside a box
LABEL_MOST_WORDS = 20  # a longer block that holds such words is a paragraph
ASKS = "asks: "  # begins a reason, before what is asked for
BESIDE = "beside an appeal"  # the weakest of the reasons
# Of a paragraph's characters, the sentences that ask. Prose that names a newsletter in passing has less.
ASKING_SHARE = 0.5
PROSE_WORDS = 25  # shorter blocks are no paragraphs
SHARED_NAMES = 2  # names that a paragraph has in common with the text outside an appeal, to go on with the article
NAME_CHARS = 4
NAME_STEM_CHARS = 5
SPEECH_MARKS = '"“”„«»「」'


_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
_NAME = re.compile(r"(?<=[\w,;:] )[A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁ][\w’'-]+")


def appeals(texts: Sequence[str], *, site_name: str | None = None) -> list[str | None]:
    """Return for each block why it is to be cut, None for the blocks to keep."""
    marks = [_dominant(text, mark(text)) for text in texts]
    openers = [is_opener(text) or _speaks_for(text, site_name) for text in texts]
    reasons: list[str | None] = [f"{ASKS}{found.kind}" if found and found.sure else None for found in marks]
    _from_openers(texts, openers, reasons)
    _neighbours(texts, marks, openers, reasons)
    return reasons


def _from_openers(texts: Sequence[str], openers: Sequence[bool], reasons: list[str | None]) -> None:
    """An opener, and what follows it up to the asking, if the asking comes soon."""
    for at, opens in enumerate(openers):
        if not opens:
            continue
        asking = at + 1
        while asking < len(texts) and asking - at <= GAP_BLOCKS + 1 and reasons[asking] is None:
            asking += 1
        if asking < len(texts) and asking - at <= GAP_BLOCKS + 1:
            if any(_goes_on(texts, index, at, asking) for index in range(at + 1, asking)):
                continue
            for index in range(at, asking + 1):
                if reasons[index] is None and not is_note(texts[index]):
                    reasons[index] = "opens an appeal" if index == at else "part of an appeal"


def _dominant(text: str, found: PhraseMatch | None) -> PhraseMatch | None:
    """Return what a block asks for, None where only a lesser part of a paragraph's sentences asks."""
    if found is None or not found.sure or len(words(text)) < PROSE_WORDS:
        return found
    sentences = [one for one in _SENTENCE_END.split(text) if one]
    if len(sentences) < 2:
        return found
    asking = sum(len(one) for one in sentences if mark(one) is not None)
    if not asking:  # the phrase runs over a sentence's end, or several weak ones add up
        return found
    return found if asking >= ASKING_SHARE * len(text) else None


def _goes_on(texts: Sequence[str], at: int, first: int, last: int) -> bool:
    """Whether a paragraph inside an appeal's span goes on with the article: with its quotations or the names in it."""
    text = texts[at]
    if len(words(text)) < PROSE_WORDS:
        return False
    names = _names(text) - _names(texts[first]) - _names(texts[last])  # the site's name is in those
    outside = {name for index, other in enumerate(texts) if not first <= index <= last for name in _names(other)}
    return len(names & outside) >= SHARED_NAMES


def _names(text: str) -> set[str]:
    """Return the beginnings of the capitalised words inside a text's sentences: "Russia's" and "Russian" are one."""
    return {name[:NAME_STEM_CHARS] for name in _NAME.findall(text) if len(name) >= NAME_CHARS}


def _neighbours(
    texts: Sequence[str], marks: Sequence[PhraseMatch | None], openers: Sequence[bool], reasons: list[str | None]
) -> None:
    """Labels, openers and short half-sure blocks right beside what is cut, and short blocks between two that are."""
    for order in (range(1, len(texts)), range(len(texts) - 2, -1, -1)):
        step = 1 if order.step > 0 else -1
        for at in order:
            if reasons[at] is not None or reasons[at - step] is None:
                continue
            enclosed = 0 <= at + step < len(texts) and reasons[at + step] is not None
            if openers[at] or _is_label(texts[at], marks[at], enclosed):
                reasons[at] = BESIDE


def _is_label(text: str, found: PhraseMatch | None, enclosed: bool) -> bool:
    if found is not None and found.label:
        return len(words(text)) <= LABEL_MOST_WORDS
    return (found is not None or enclosed) and len(words(text)) <= LABEL_WORDS and not is_note(text)


def _speaks_for(text: str, site_name: str | None) -> bool:
    """Whether a short line ending in a colon names the site: "A word from NAME:"."""
    if not site_name or not text.rstrip().endswith((":", "：")):
        return False
    said, name = words(text), words(site_name)
    return 0 < len(name) < len(said) <= len(name) + LABEL_WORDS and " ".join(name) in " ".join(said)
