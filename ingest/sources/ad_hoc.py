"""Sources for addresses that a person typed and sources.toml does not know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.model import Source
from ingest.sources.checks import check_name
from ingest.sources.probe import name_of
from ingest.web.urls import complete, key, normalise, site


def ad_hoc(urls: Iterable[str], *, names: Sequence[str] = ()) -> tuple[Source, ...]:
    """Return a source for each address, named after its host, the first ones as `names` says; the same address once.

    Two addresses on one host get two names, the second with a number. Raises UrlError and,
    for a name that sources.toml would not take, SourceError.
    """
    found: dict[str, Source] = {}
    used: set[str] = set()
    for at, typed in enumerate(urls):
        url = normalise(complete(typed))
        if key(url) in found:
            continue
        name = names[at] if at < len(names) else _unused(name_of(url), used)
        check_name(name, f"--name {name!r}")
        used.add(name)
        found[key(url)] = Source(name=name, url=url)
    return tuple(found.values())


def source_for(url: str, known: Iterable[Source]) -> Source | None:
    """Return the known source an address belongs to: of those on its site the one whose address it shares most of."""
    wanted = site(url)
    on_site = [source for source in known if site(source.url) == wanted]
    return max(on_site, key=lambda source: _shared(source.url, url), default=None)


def _shared(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _unused(name: str, used: set[str]) -> str:
    number = 2
    wanted = name
    while wanted in used:
        wanted, number = f"{name}-{number}", number + 1
    return wanted
