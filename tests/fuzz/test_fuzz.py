"""Readers of what servers send never raise: what fuzzing found, and mutations of good documents."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.fuzz.targets import SEEDS, TARGETS

FOUND = sorted((Path(__file__).parent / "found").glob("*.bin"))
MARKS = b"<>&;:/?#[]@!$'()*+,=%\\\"{}\0\n\r\t -\xff\xfe\xef\xbb\xbf\xed\xa0\x80\x1b\x9b"
LONG = (b"<a>", b"%", b"../", b"\xcc\x81", b'{"a":', b"[", b"&#x41;", b"\0")


def mutated(seed: bytes, others: tuple[bytes, ...], chance: random.Random) -> bytes:
    """Return a document with a few places changed, doubled, lost or taken from elsewhere."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        to = min(len(data), at + chance.choice((1, 1, 2, 4, 16, 64)))
        other = chance.choice(others)
        piece = (
            bytes(data[at:to]) * 2,
            b"",
            bytes((chance.choice(MARKS),)),
            chance.randbytes(to - at),
            other[chance.randrange(len(other)) :][: chance.randint(1, 40)],
            chance.choice(LONG) * chance.choice((3, 300)),
        )[chance.randrange(6)]
        data[at:to] = piece
    return bytes(data)


@pytest.mark.parametrize("file", FOUND, ids=lambda file: str(file.stem))
def test_what_fuzzing_found_is_read(file: Path) -> None:
    TARGETS[file.stem.partition("--")[0]](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_good_documents_are_read(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_mutations_of_good_documents_are_read(name: str) -> None:
    chance = random.Random(f"hostile {name}")
    everything = tuple(seed for seeds in SEEDS.values() for seed in seeds)
    end = time.monotonic() + 20
    for _ in range(20_000):
        data = mutated(chance.choice(SEEDS[name]), everything, chance)
        begun = time.process_time()
        try:
            TARGETS[name](data)
        except Exception as error:
            raise AssertionError(f"{name}: {data!r}") from error
        assert time.process_time() - begun < 8, f"{name}: slow: {data!r}"
        if time.monotonic() > end:
            break
