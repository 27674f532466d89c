"""`--shard 2/5`: the second of five parts of the sites, by their polite unit, so that no site is in two of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import click

MOST = 1000
WRITTEN = re.compile(r"(\d{1,4})/(\d{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of `count` parts, numbered from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, url: str) -> bool:
        """Return whether a site is in this part."""
        from ingest.store.db.locks import number_of  # with the database's library: not for --help
        from ingest.web.urls import polite_unit

        return number_of(polite_unit(url)) % self.count == self.number - 1


class _ShardType(click.ParamType[Shard]):
    name = "I/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        if isinstance(value, Shard):
            return value
        match = WRITTEN.fullmatch(str(value).strip())
        if match and 1 <= int(match[1]) <= int(match[2]) <= MOST:
            return Shard(number=int(match[1]), count=int(match[2]))
        return self.fail(f"{value!r} is no shard; write 2/5 for the second of five, of at most {MOST}", param, ctx)


SHARD = _ShardType()
