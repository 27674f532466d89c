"""Stages, seed readers and exports of one's own, named by import path in the settings."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from ingest.errors import SettingsError


def load(path: str, setting: str) -> Callable[..., Any]:
    """Return the class or function at `package.module.name`. Raises SettingsError that names the setting."""
    module_name, _, name = path.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in path.split(".")):
        raise SettingsError(f"{setting}: {path!r} is no import path; write package.module.name")
    try:
        found = getattr(importlib.import_module(module_name), name)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{setting}: {path}: no module {error.name!r}; install it into this environment or put it on PYTHONPATH"
        ) from error
    except AttributeError as error:
        raise SettingsError(f"{setting}: {module_name} has no {name!r}") from error
    if not callable(found):
        raise SettingsError(f"{setting}: {path} cannot be called; name a class or a function")
    return found  # type: ignore[no-any-return]  # callable() cannot say of what


def loaded(paths: str, setting: str) -> tuple[Callable[..., Any], ...]:
    """Return what a list of import paths, separated by spaces, names."""
    return tuple(load(path, setting) for path in paths.split())


def named(words: str, setting: str) -> dict[str, Callable[..., Any]]:
    """Return name -> what its import path names, from NAME=package.module.function words."""
    found = {}
    for word in words.split():
        name, equals, path = word.partition("=")
        if not equals or not name.isidentifier():
            raise SettingsError(f"{setting}: {word!r} has no name; write NAME=package.module.function")
        found[name] = load(path, setting)
    return found


def with_order(stages: str) -> dict[str, int]:
    """Return import path -> place among the stages, from "package.module.Class:450" words.

    Raises SettingsError for a word without a number.
    """
    places = {}
    for word in stages.split():
        path, _, place = word.rpartition(":")
        if not path or not place.isdecimal():
            raise SettingsError(f"INGEST_STAGES: {word!r} has no place; write package.module.Class:450 (store is 600)")
        load(path, "INGEST_STAGES")
        places[path] = int(place)
    return places
