"""One page for `ingest clean URL`: fetched by all the rules of a crawl, with nothing left behind.

The page is fetched into a folder of its own that goes away, as `ingest add` tries a site. What a database remembers of
the host (Retry-After, Crawl-delay, the copy of robots.txt) holds here too, where there is one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ingest.cli.support.app import App
from ingest.cli.support.planning import plan_of, sources_if_any
from ingest.errors import Attention, SchemaError, SourceError, StoreError, WrongUse

if TYPE_CHECKING:
    from ingest.model import Learned, Page, Source
    from ingest.store import HostState, Store

SCHEMES = ("http://", "https://")
BEFORE_ALL = 1  # place among the stages: a page is held before anything else is done with it
TAKEN_DOWN = "was taken down with ingest forget; it is not fetched again"


class HeldPage:
    """A stage that keeps the last page of the crawl for the command; one process has one crawl."""

    page: ClassVar[Page | None] = None

    def process_item(self, page: Page) -> Page:
        """Pass the page on, and remember it."""
        type(self).page = page
        return page


def is_address(what: str) -> bool:
    """Return whether what a person typed is an address to fetch, and not a file."""
    return what.lower().startswith(SCHEMES)


def fetch_page(app: App, url: str, wanted: str | None) -> tuple[Page, Source | None, Learned | None]:
    """Fetch one page; return it with its source, for the rules, and what was learned about that source, if anything.

    `wanted` names the source; without it the one of sources.toml or the database whose site it is. Afterwards the
    config is that of a folder that is gone. Raises UrlError, WrongUse for a page that was taken down, SourceError for a
    source that is not there, and Attention when the page could not be had.
    """
    from ingest.cli.support.crawl_process import crawl
    from ingest.sources import ad_hoc
    from ingest.web.urls import origin

    (site,) = ad_hoc([url])
    address = site.url
    database = app.config.url_of_database
    source, learned, hosts = _known(app, address, wanted)
    source = source or replace(site, url=f"{origin(address)}/")
    with tempfile.TemporaryDirectory(prefix="ingest-clean-") as folder:
        app.overrides |= {
            "INGEST_HOME": folder,
            "INGEST_DATABASE_URL": "",
            "INGEST_KEEP_RAW": False,
            "INGEST_STAGES": f"{HeldPage.__module__}.{HeldPage.__qualname__}:{BEFORE_ALL}",
        }
        app.home = None
        app.forget_config()
        with app.open_store(create=True) as store:
            for host in hosts:
                store.hosts.remember(**{name: getattr(host, name) for name in host.__dataclass_fields__})
        plan = plan_of((source,), urls=((source.name, address),), command="clean", discover=False, by_hand=True)
        run = crawl(app, plan)
    if HeldPage.page is None:
        raise Attention(f"{url}: {_why_not(address, run.pages.get(address), run.results[source.name].cause)}")
    _refuse_forgotten(database, HeldPage.page.final_url)
    return HeldPage.page, source, learned


def _refuse_forgotten(database: str, address: str) -> None:
    """Raise WrongUse when the page was taken down at the address that a redirect led to."""
    from ingest.store import open_store

    with suppress(SchemaError, StoreError), open_store(database) as store:
        if store.pages.forgotten([address]):
            raise WrongUse(f"{address} {TAKEN_DOWN}")


def _why_not(address: str, ended: object, cause: str | None) -> str:
    from ingest.cli.support.summary import advice
    from ingest.model import Outcome

    if isinstance(ended, Outcome):
        return f"{ended.kind}: {ended.reason}{advice(ended.reason or '')}"
    return f"not fetched: {cause or 'no reason is known'}{advice(cause or '')}"


def _known(app: App, address: str, wanted: str | None) -> tuple[Source | None, Learned | None, Sequence[HostState]]:
    """Return the source, what was learned about it, and what is remembered of the host."""
    declared = sources_if_any(app)
    try:
        with app.open_store() as store:
            if store.pages.forgotten([address]):
                raise WrongUse(f"{address} {TAKEN_DOWN}")
            source = _source(store, declared, address, wanted)
            learned = store.blocks.learned(source.name) if source and store.sources.get(source.name) else None
            return source, learned, _hosts(store, address)
    except (SchemaError, StoreError):  # no database is needed
        return _source(None, declared, address, wanted), None, ()


def _source(store: Store | None, declared: Sequence[Source], address: str, wanted: str | None) -> Source | None:
    from ingest.sources import source_for

    stored = [] if store is None else [state.source for state in store.sources.all() if state.forgotten_at is None]
    if wanted is None:
        return source_for(address, declared) or source_for(address, stored)
    found = next((source for source in (*declared, *stored) if source.name == wanted), None)
    if found is None:
        raise SourceError(f'no source "{wanted}" in sources.toml or the database; `ingest status` shows them')
    return found


def _hosts(store: Store, address: str) -> Sequence[HostState]:
    from ingest.web.urls import origin, polite_unit

    remembered = (store.hosts.get(name) for name in dict.fromkeys((polite_unit(address), origin(address))))
    return [host for host in remembered if host is not None]
