"""Column types: UTC moments, text that any database takes, JSON plain and packed.

What comes from outside is normalised before it reaches the store; these types see to it that whatever slips through is
still written: a NUL or a lone surrogate is dropped, never refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from isal import isal_zlib
from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

# SQLite makes row ids for INTEGER PRIMARY KEY only
Id = BigInteger().with_variant(Integer, "sqlite")

PACKING_LEVEL = 3  # of 0 to 3; an article's blocks: 0.12 ms, 5.2 KB; zlib's 6: 0.43 ms, 4.9 KB


class Utc(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; text in SQLite sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: it is a fault in the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Plain(TypeDecorator[str]):
    """Text without NUL and lone surrogates, which PostgreSQL refuses and SQLite's readers stumble over."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Drop what no database takes."""
        return None if value is None else storable(value)


class Json(TypeDecorator[Any]):
    """A small JSON value as readable text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write it compactly, non-ASCII letters as they are."""
        return None if value is None else dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it."""
        return None if value is None else orjson.loads(value)


class PackedJson(TypeDecorator[Any]):
    """A large JSON value, in the zlib format (RFC 1950); isal has an error class of its own."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Write and compress."""
        return None if value is None else isal_zlib.compress(dumps(value), PACKING_LEVEL)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Unpack and read."""
        return None if value is None else orjson.loads(isal_zlib.decompress(value))


def storable(text: str) -> str:
    """Return the text without NUL; surrogate pairs joined, lone surrogates dropped."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text


def dumps(value: Any) -> bytes:
    """Return the value as JSON; strings in it made storable when they are not."""
    try:
        written = orjson.dumps(value)
    except TypeError:  # orjson refuses lone surrogates
        return orjson.dumps(_storable_within(value))
    return orjson.dumps(_storable_within(value)) if b"\\u0000" in written else written


def _storable_within(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _storable_within(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable_within(item) for item in value]
    return value
