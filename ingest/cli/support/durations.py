"""Option values such as 25m, 7d or 2026-03-01."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Duration(click.ParamType[timedelta]):
    """A number with a unit: 90s, 25m, 6h, 7d, 2w."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the timedelta; fails with what is allowed."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,9})([smhdw])", str(value).strip())
        if not found or int(found[1]) == 0:
            self.fail(f"{value!r} is no duration; write 90s, 25m, 6h, 7d or 2w", param, ctx)
        return timedelta(seconds=int(found[1]) * UNITS_S[found[2]])


class Since(click.ParamType[datetime]):
    """A day or moment, or a duration counted back from now."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return an aware datetime; a day begins at midnight UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            try:
                return datetime.now(UTC) - Duration().convert(value, param, ctx)
            except (click.BadParameter, OverflowError):
                self.fail(f"{value!r} is no moment; write 7d, 12h, 2026-03-01 or 2026-03-01T06:00+01:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Until(Since):
    """The same, looked at from the other side: a day is included."""

    name = "until"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the first moment that is not meant any more."""
        moment = super().convert(value, param, ctx)
        is_day = re.fullmatch(r"\d{4}-?\d\d-?\d\d", str(value).strip())
        return moment + timedelta(days=1) if is_day else moment


DURATION = Duration()
SINCE = Since()
UNTIL = Until()
