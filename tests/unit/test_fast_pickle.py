"""Values go through pickle whole: all fields, and still frozen and equal."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from ingest.model import Block, BlockKind, Claim, Cut, CutBy, Field

CUT = Cut(by=CutBy.LEARNED, reason="recurs on 3 of 4 articles")
VALUES = [
    CUT,
    Block(
        text="one",
        kind=BlockKind.HEADING,
        level=2,
        path="a/b",
        markdown="*one*",
        link_share=0.5,
        cut=CUT,
        spared=CUT,
        number=3,
    ),
    Block(text="two"),
    Claim(field=Field.AUTHORS, value=("Ada", "Grace"), origin="json-ld", won=True),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_what_has_travelled_is_the_same(value: object, protocol: int) -> None:
    there = pickle.loads(pickle.dumps(value, protocol))
    assert there == value
    assert type(there) is type(value)
    assert hash(there) == hash(value)
    with pytest.raises(FrozenInstanceError):
        setattr(there, fields(there)[0].name, "other")
