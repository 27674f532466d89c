"""WARC-Date values, which may be of reduced precision (WARC 1.1: YYYY up to fractions of a second)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?)?)?)?(Z|[+-]\d\d:?\d\d)?"
)


def capture_moment(value: str, *, latest: datetime | None = None) -> datetime:
    """Return the aware moment of a WARC-Date; without a zone it is UTC. Raises ValueError for any other text.

    A value without a time of day covers a period; its last second is returned, because what the page says about its
    own day lies before the capture, but nothing after `latest`, a moment at which the capture existed already.
    """
    found = _DATE.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"{value!r} is no WARC-Date")
    year, month, day, hour, minute, second, zone = found.groups()
    if second is not None:
        text = value.strip().replace(",", ".")
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    begin = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), tzinfo=UTC)
    if hour is not None:
        shift = datetime.fromisoformat(f"2000-01-01T00:00:00{zone or 'Z'}").utcoffset() or timedelta()
        return begin - shift
    if day is not None:
        end = begin + timedelta(days=1)
    elif month is not None:
        end = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    else:
        end = begin.replace(year=begin.year + 1)
    end -= timedelta(seconds=1)
    return end if latest is None else max(begin, min(end, latest))
