"""The values the store gives and takes beside those of ingest.model; all frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ingest.model import Article, Link, Moment, Outcome, OutcomeKind, Seed, Source, Validators

UNLIKELY = "unlikely-link"  # reason of a page passed over: links of its form turned out to be no articles


class PageStatus(StrEnum):
    """Whether a page is still to be fetched."""

    QUEUED = "queued"
    DONE = "done"


class SourceEnd(StrEnum):
    """How a source ended a run."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source as declared, and what the runs remember of it. Retired: it left sources.toml, or a person said so."""

    source: Source
    unit: str  # polite unit of its URL
    ad_hoc: bool  # by `ingest crawl` or `ingest fetch`, not in sources.toml
    added_at: datetime
    retired_at: datetime | None
    last_run_at: datetime | None
    next_due_at: datetime
    failures: int  # runs failed in a row
    state: SourceEnd | None  # of the last run
    cause: str | None
    forgotten_at: datetime | None = None  # taken down: never fetched again

    @property
    def name(self) -> str:
        """The source's name."""
        return self.source.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedState:
    """A seed and what its polls gave."""

    source: str
    seed: Seed
    declared: bool  # by a person; else found by looking
    validators: Validators
    digest: str | None  # of the last body
    status: int | None
    reason: str | None  # why the last poll failed; None after success
    failures: int  # in a row
    last_polled_at: datetime | None
    read_at: datetime | None  # last poll that did not fail
    next_poll_at: datetime | None
    changed_at: datetime | None  # last poll that gave a new link
    unchanged: int  # polls without a new link, in a row
    links: int  # at the last poll that was read
    new: int  # of these
    newest_at: datetime | None  # latest date among its entries


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedPoll:
    """The result of polling a seed. After a 304 or a failure the stored validators, digest and links stay."""

    status: int | None
    reason: str | None = None  # why it failed; None: it did not
    validators: Validators | None = None
    digest: str | None = None  # of the body
    links: int | None = None  # None: it was not read, because it had not changed
    new: int = 0  # of these, never met before
    newest_at: datetime | None = None  # latest date among its entries
    next_poll_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What runs remember of a polite unit ("example.com") or, for robots.txt, of an origin ("https://example.com")."""

    name: str
    delay_s: float | None = None
    crawl_delay_s: float | None = None
    latency_s: float | None = None
    closed_until: datetime | None = None
    reason: str | None = None
    robots: str | None = None
    robots_status: int | None = None
    robots_fetched_at: datetime | None = None
    last_fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedPage:
    """A page of the frontier, handed out to be fetched. `link` is None when no seed named it (typed by a person)."""

    url: str
    source: str
    depth: int
    attempts: int  # fetches begun before, none of which ended the page
    link: Link | None
    validators: Validators = field(default_factory=Validators)  # set for pages to check again
    is_article: bool = False  # one was stored from it before


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """All that is known of one URL."""

    url: str
    url_key: str
    source: str
    status: PageStatus
    link: Link | None
    depth: int
    met_at: datetime
    attempts: int
    not_before: datetime | None
    validators: Validators
    fetched_at: datetime | None
    http_status: int | None
    outcome: OutcomeKind | None
    reason: str | None
    detail: str | None
    ended_at: datetime | None
    run_id: int | None  # of the outcome
    recheck_at: datetime | None
    rechecks: int
    alias_of: str | None  # URL of the page this one leads to
    article_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEnd:
    """How a page ends in a run, carried from whoever decides it to the row."""

    source: str
    url: str  # as it was asked for
    outcome: Outcome
    status: int | None = None  # of the fetch; None: nothing was fetched
    validators: Validators | None = None  # None: those that are stored stay
    detail: str | None = None
    retry_at: datetime | None = None  # the page stays queued until then
    recheck_at: datetime | None = None
    keeps_recheck: bool = False  # the stored recheck_at stays
    counts: Mapping[str, int] = field(default_factory=dict)  # added to the source's counters beside the outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article with its latest revision."""

    article_id: int
    revision_id: int
    revision: int  # number, 1..
    article: Article
    body_digest: str
    first_seen_at: datetime
    last_seen_at: datetime
    revised_at: datetime
    removed_at: datetime | None
    cluster_id: int | None
    earliest_article_id: int | None = None  # of the cluster; this one's own id where it was first
    words: int | None = None  # of the body, as the database counts them


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an article."""

    revision_id: int
    article_id: int
    no: int
    run_id: int | None
    article: Article
    body_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The counters of one source in one run, or of a whole run."""

    found: int = 0  # links, with repeats over seeds
    new: int = 0  # of these, never met before
    requests: int = 0  # of any kind
    fetched: int = 0  # pages
    stored: int = 0
    revised: int = 0
    unchanged: int = 0
    duplicate: int = 0
    screened: int = 0
    refused: int = 0
    gone: int = 0
    failed: int = 0
    bytes: int = 0  # of bodies, as they came over the wire
    seconds: float = 0.0  # from the first request to the last answer
    fresh: int = 0  # of the articles stored, those not known to be old
    dated: int = 0  # of the articles stored
    authored: int = 0  # of the articles stored
    words: int = 0  # in the bodies of the articles stored
    blocks: int = 0  # of the articles stored, the cut ones included
    cut: int = 0  # of these

    @property
    def outcomes(self) -> int:
        """Pages that ended."""
        return sum(getattr(self, kind.value) for kind in OutcomeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRunEnd:
    """How one source ended a run."""

    state: SourceEnd
    cause: str | None = None
    next_due_at: datetime | None = None
    left: int = 0  # links kept for the next run
    reasons: Mapping[str, int] = field(default_factory=dict)  # outcome and reason -> pages: {"screened empty": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRun:
    """How one source went in one run. `state` is None while it goes on, and for good when the run was killed."""

    run_id: int
    source: str
    begun_at: datetime | None
    finished_at: datetime | None
    state: SourceEnd | None
    cause: str | None
    next_due_at: datetime | None
    counts: Counts
    left: int = 0  # links kept for the next run
    reasons: Mapping[str, int] = field(default_factory=dict)  # outcome and reason -> pages: {"screened empty": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEntry:
    """When a source is due."""

    next_due_at: datetime
    regular: bool  # it is in sources.toml: not ad hoc, not retired


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """The state of a source on one line."""

    name: str
    url: str
    ad_hoc: bool
    retired_at: datetime | None
    last_run_at: datetime | None
    next_due_at: datetime
    failures: int  # runs failed in a row
    state: SourceEnd | None  # of the last run
    cause: str | None
    counts: Counts  # of the last run that ended
    articles: int  # stored, of all runs
    left: int  # pages queued
    stored_by_day: tuple[int, ...]  # articles of each of the last 14 days in UTC, today's last


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedFetch:
    """A seed or page of which the last run of its source got nothing."""

    what: str  # feed, sitemap, section, list; or page
    url: str
    outcome: str  # failed, refused, gone
    reason: str
    detail: str | None
    status: int | None  # of HTTP
    at: datetime | None
    next_at: datetime | None  # when it is tried again; None: with the source's next run, or never


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The counters of one source over a quarter of a day."""

    begun_at: datetime  # of its last run
    read_at: datetime | None  # of its last run that could read the source
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something of a source that needs a person; open until `ended_at`."""

    finding_id: int
    source: str
    kind: str
    subject: str
    suspicion: str | None
    detail: str | None
    run_id: int | None  # that found it
    began_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    alerted_at: datetime | None  # when the alert was sent
    recovery_alerted_at: datetime | None  # when the alert of its end was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One execution. Not finished and not broken: it is going on, or no run has begun since it was killed."""

    run_id: int
    begun_at: datetime
    finished_at: datetime | None
    command: str
    holder: str
    machine: str | None
    pid: int | None
    version: str | None
    exit_code: int | None
    why: str | None
    broken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter:
    """Which articles a search considers.

    `since` and `until` (not included) go by the day of publication, of undated articles by when they were first seen.
    """

    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    author: str | None = None  # a part of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that a search found."""

    article_id: int
    source: str
    url: str
    title: str | None
    authors: tuple[str, ...]
    language: str | None
    published: Moment | None
    first_seen_at: datetime
    score: float  # the higher the better, within one search
    snippet: str  # of the text, finds between **
