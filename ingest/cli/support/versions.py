"""The versions that a report of a fault should name."""

from __future__ import annotations

import platform
import re
from importlib import metadata

from ingest.version import __version__

WORKSHOP = re.compile(r"extra == .(?:test|train|docs)\b")  # extras of those who work on the program
NAME = re.compile(r"[A-Za-z0-9._-]+")  # the distribution at the head of a requirement, PEP 508


def versions() -> tuple[tuple[str, str], ...]:
    """Return name and version of ingest, of Python, and of every installed dependency, users' extras included."""
    found = {}
    for requirement in _requirements():
        name = NAME.match(requirement)
        if name is not None and name[0].lower() not in found:
            try:
                found[name[0].lower()] = metadata.version(name[0])
            except metadata.PackageNotFoundError:
                continue  # of an extra that is not installed
    found.pop("ingest", None)  # an extra names others as ingest[...]
    return (("ingest", __version__), ("python", platform.python_version()), *sorted(found.items()))


def _requirements() -> list[str]:
    try:
        return [one for one in metadata.requires("ingest") or [] if not WORKSHOP.search(one)]
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return []
