"""Articles in chunks of about as many words as a language model shall see at once.

A chunk holds whole blocks; a block that is longer than a chunk is split between sentences, else between words. Each
chunk knows its place and repeats the title, so that it can stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.model import Block
from ingest.text.normalize import words

WORD_CHARS = 3  # at least so many a word, where a sentence is cut by its length
_SENTENCES = re.compile(r"(?<=[.!?…。！？])[\"'”’»)\]]*\s+|(?<=[。！？])")

CHUNK_COLUMNS: dict[str, str] = {
    "id": "number of the article",
    "source": "name of the source",
    "url": "address of the article",
    "title": "headline",
    "chunk": "number of the chunk, from 1",
    "chunks": "chunks of the article",
    "start": "first character of the chunk in body, from 0",
    "text": "the chunk, one block a line",
    "words": "words in it; where words are not separated, characters",
    "published": "as in an export of articles",
    "published_at": "as in an export of articles",
    "published_on": "as in an export of articles",
    "authors": "list of names as printed on the page",
    "language": "two or three letter code",
}


def chunks_of(blocks: tuple[Block, ...], most_words: int) -> list[tuple[int, str, int]]:
    """Return start, text and number of words of each chunk of an article's kept blocks, parts of its body."""
    body = "\n".join(block.text for block in blocks)
    found: list[tuple[int, int, int]] = []
    for start, end in _pieces(blocks, most_words):
        count = max(1, len(words(body[start:end])))
        if found and found[-1][2] + count <= most_words:
            found[-1] = (found[-1][0], end, found[-1][2] + count)
        else:
            found.append((start, end, count))
    return [(start, body[start:end], count) for start, end, count in found]


def _pieces(blocks: tuple[Block, ...], most_words: int) -> Iterator[tuple[int, int]]:
    """Give what is not split further, as its place in the body."""
    at = 0
    for block in blocks:
        if len(words(block.text)) <= most_words:
            yield at, at + len(block.text)
        else:
            yield from ((at + start, at + end) for start, end in _split(block.text, most_words))
        at += len(block.text) + 1


def _split(text: str, most_words: int) -> Iterator[tuple[int, int]]:
    """Give the places of a text's sentences, without the spaces around them; of a longer one its parts."""
    begin = 0
    for end in [found.end() for found in _SENTENCES.finditer(text)] + [len(text)]:
        sentence = text[begin:end]
        parts = [sentence] if len(words(sentence)) <= most_words else _by_length(sentence, most_words * WORD_CHARS)
        for part in parts:
            if part.strip():
                start = begin + len(part) - len(part.lstrip())
                yield start, start + len(part.strip())
            begin += len(part)
        begin = end


def _by_length(text: str, step: int) -> list[str]:
    """Cut a text at spaces near every so many characters, else there."""
    parts = []
    while len(text) > step:
        cut = text.rfind(" ", step // 2, step) + 1 or step
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text]
