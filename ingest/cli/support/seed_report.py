"""The state of each source's seeds, for `ingest sources check` and `ingest sources list --explain`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ingest.cli.support.app import App
from ingest.model import SeedKind
from ingest.web.javascript import NEEDS_RENDERING

if TYPE_CHECKING:
    from ingest.crawl.plan import SeedAnswer, SourceResult
    from ingest.model import Seed, Source
    from ingest.store import SeedState, Store

ANEW = " looked at anew"  # suffix of the copy of a source that is crawled without its known seeds
LOOK_REQUESTS = 12  # home page, robots.txt, the feeds and sitemaps they name; listings beyond are no seeds
PROBLEM = ("dead", "empty")
RECENT_DAYS = 7


def in_use(app: App, source: Source) -> tuple[Seed, ...]:
    """Return the seeds a source is crawled by: declared, else those that earlier runs found and read."""
    if source.seeds:
        return source.seeds
    from ingest.errors import SchemaError, SourceError, StoreError

    try:
        with app.open_store() as store:
            return tuple(state.seed for state in _known(store, source))
    except (SchemaError, SourceError, StoreError):
        return ()  # never crawled


def was_unrendered(app: App, source: Source) -> bool:
    """Return whether recent pages of the source were empty without their scripts."""
    from ingest.clock import clock
    from ingest.errors import SchemaError, SourceError, StoreError

    since = clock(app.config)() - timedelta(days=RECENT_DAYS)
    try:
        with app.open_store() as store:
            return any(reason.endswith(NEEDS_RENDERING) for reason in store.history.reasons(source.name, since))
    except (SchemaError, SourceError, StoreError):
        return False  # never crawled


def _known(store: Store, source: Source) -> Iterable[SeedState]:
    return (state for state in store.seeds.of(source.name) if not state.seed.depth and state.read_at is not None)


def check_seeds(app: App, chosen: Sequence[Source]) -> list[dict[str, Any]]:
    """Ask in a home of its own that goes away: what is remembered of the sources stays as it is."""
    from ingest.cli.support.crawl_process import crawl
    from ingest.crawl.plan import Plan

    anew = tuple(replace(source, name=source.name + ANEW, seeds=(), max_requests=LOOK_REQUESTS) for source in chosen)
    asked = tuple(source for source in chosen if source.seeds)
    with tempfile.TemporaryDirectory(prefix="ingest-check-") as folder:
        app.overrides |= {"INGEST_HOME": folder, "INGEST_DATABASE_URL": "", "INGEST_KEEP_RAW": False}
        app.home = None
        app.forget_config()
        run = crawl(app, Plan(sources=(*asked, *anew), by_hand=True, dry_run=True, command="check"))
    return [_report(source, run.results.get(source.name), run.results[source.name + ANEW]) for source in chosen]


def _report(source: Source, known: SourceResult | None, anew: SourceResult) -> dict[str, Any]:
    """Return what one source's seeds answered, and what a fresh look at the site finds beside them."""
    rows = []
    for seed in source.seeds:
        answer = known.seeds.get(seed.url) if known else None
        links, reason = (answer.links, answer.reason) if answer else (None, "not asked")
        state = "ok" if links or _is_index(answer) else "empty" if not reason else "dead"
        rows.append(_row(seed, state, links, reason or _of_index(answer)))
    have = {seed.url for seed in source.seeds}
    for url, answer in anew.seeds.items():
        if url not in have and (answer.links or _is_index(answer)) and not answer.seed.depth:
            rows.append(_row(answer.seed, "new" if have else "found", answer.links, _of_index(answer)))
    state = "ok"
    fed = any(row["links"] for row in rows)
    if any(row["state"] in PROBLEM and not (fed and _may_be_empty(row)) for row in rows):
        state = "ill"
    elif not rows:
        state = "unreached"
        rows.append(
            {"kind": "", "url": source.url, "state": "dead", "links": None, "reason": anew.cause or "nothing found"}
        )
    return {"source": source.name, "url": source.url, "state": state, "seeds": rows}


def _may_be_empty(row: dict[str, Any]) -> bool:
    """Return whether a seed without links is none to worry about: a news sitemap holds the last two days only."""
    return (row["state"], row["kind"]) == ("empty", str(SeedKind.SITEMAP))


def _is_index(answer: SeedAnswer | None) -> bool:
    """Return whether a sitemap names no page because it names sitemaps, as those of large sites do."""
    return answer is not None and answer.seed.kind == "sitemap" and answer.behind > 0


def _of_index(answer: SeedAnswer | None) -> str:
    return f"names {answer.behind} sitemaps" if answer is not None and _is_index(answer) else ""


def _row(seed: Seed, state: str, links: int | None, reason: str) -> dict[str, Any]:
    return {"kind": str(seed.kind), "url": seed.url, "state": state, "links": links, "reason": reason}


# ---------------------------------------------------------------- ingest sources list --explain


def explained(app: App, sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Return what is remembered of each source's seeds: when they were asked, what they gave, when their turn is.

    Those of the database come first, in its order; sources that were crawled without sources.toml are among them.
    """
    from ingest.errors import NoDatabase

    try:
        with app.open_store() as store:
            known = {state.name: state.source for state in store.sources.all() if state.retired_at is None}
            states = {name: store.seeds.of(name) for name in known}
    except NoDatabase:
        known, states = {}, {}
    rows = []
    for name, source in (known | {source.name: source for source in sources}).items():
        met = states.get(name, ())
        rows += [_remembered(state) for state in met]
        never = {seed.url for seed in source.seeds} - {state.seed.url for state in met}
        rows += [
            {"source": name, "kind": str(seed.kind), "url": seed.url, "why": "not asked yet"}
            for seed in source.seeds
            if seed.url in never
        ]
    return rows


def _remembered(state: SeedState) -> dict[str, Any]:
    return {
        "source": state.source,
        "kind": str(state.seed.kind),
        "url": state.seed.url,
        "asked": state.last_polled_at,
        "links": state.links,
        "new": state.new,
        "next": state.next_poll_at,
        "why": _why(state),
    }


def _why(state: SeedState) -> str:
    """Say in a few words why a seed is asked when it is."""
    if state.last_polled_at is None:
        return "not asked yet"
    if state.failures:
        return f"{state.reason}, {state.failures} times in a row: tried ever later, once a day at least"
    if state.changed_at is None:
        return f"never brought a new link in {state.unchanged} polls"
    if state.unchanged:
        return f"nothing new since {state.changed_at:%Y-%m-%d %H:%M}, {state.unchanged} polls: asked less often"
    return "had something new: asked at every run"
