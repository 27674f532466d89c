"""The country of a host name, by its top-level domain."""

from __future__ import annotations

# Country suffixes that are mostly sold elsewhere, and those of no country.
_SOLD = frozenset(
    {"ac", "ai", "am", "as", "bz", "cc", "cd", "co", "dj", "eu", "fm", "gg", "gl", "gy", "im", "io", "la", "li", "ly",
     "md", "me", "mn", "ms", "mu", "nu", "pw", "sc", "sh", "st", "su", "tk", "to", "tv", "vc", "ws"}
)  # fmt: skip  # a table
_OTHER_CODES = {"uk": "GB"}


def country_of_host(host: str) -> str | None:
    """Return the ISO 3166 code of the host's country, None for generic suffixes and for those that are sold abroad."""
    suffix = host.rstrip(".").rpartition(".")[2].lower()
    if len(suffix) != 2 or not suffix.isalpha() or suffix in _SOLD:
        return None
    return _OTHER_CODES.get(suffix, suffix.upper())
