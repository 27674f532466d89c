"""Plan: what one run is to do. SourceResult: the result of one source, beside its counters in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ingest.clock import SLACK
from ingest.crawl.recrawl import RETRIED_LATER
from ingest.model import ExtractionRules, OutcomeKind, Seed, Source
from ingest.store import Counts, SourceEnd
from ingest.web.javascript import NEEDS_RENDERING, how_to_render

RULE_ARTICLES = 5  # articles of one run without a match before a rule is doubted; fewer may just lack the box
SOME_PAGES = 3  # when so many fail and none does not, it is the source
RETRIED_LATER_OUTCOMES = {f"{OutcomeKind.SCREENED} {reason}": reason for reason in sorted(RETRIED_LATER)}
MAX_BACK_OFF = timedelta(hours=24)  # PRODUCT bound: a failing source is tried at least once a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run is to do."""

    sources: tuple[Source, ...]
    urls: tuple[tuple[str, str], ...] = ()  # (source, url): single pages, fetched even when known
    discover: bool = True  # False: only `urls`
    whole_file: bool = False  # the sources are all of sources.toml: those missing from it are retired
    by_hand: bool = False  # sources named by a person are crawled whether due or not
    replay: bool = False  # pages come out of stored raw pages: nothing is fetched, fetch times and validators stay
    foreign: bool = False  # what is replayed are captures of another archive, not the raw pages of what is stored
    command: str = "run"  # as the log of runs has it
    dry_run: bool = False  # read the seeds and report what is new; fetch no article
    since: datetime | None = None  # links known to be older are left alone
    until: datetime | None = None  # links known to be of that moment or later are left alone
    backfill: bool = (
        False  # archives and paginations are followed as far back as `since`, over as many runs as it takes
    )
    max_articles: int | None = None  # of each source; outranks the source's own
    max_runtime_s: float | None = None
    shard: str | None = None  # "2/5": the sources of one shard, beside which others are crawled
    worker: bool = False  # a bundle of a worker's, beside which others are crawled

    _by_name: Mapping[str, Source] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {source.name: source for source in reversed(self.sources)})

    def source(self, name: str) -> Source:
        """Return the source of that name; KeyError would be a fault of ours."""
        return self._by_name[name]


def furthest_due(now: datetime, every: timedelta) -> datetime:
    """Return the latest moment that a source's next due time can have; a later one was set by a wrong clock."""
    return now + max(every, MAX_BACK_OFF) + SLACK


def next_due(now: datetime, every: timedelta, failures: int) -> datetime:
    """Return when a source is due again; after runs that failed in a row it is given twice the time for each."""
    return now + min(every * (1 << min(failures, 16)), max(MAX_BACK_OFF, every))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedAnswer:
    """The result of polling one seed in a run."""

    seed: Seed
    links: int | None = None  # to pages that may be articles; None: not read, because it had not changed or failed
    behind: int = 0  # further seeds that it named: the sitemaps of an index, listings
    reason: str = ""  # why it could not be read


@dataclass(slots=True)
class SourceResult:
    """The result of one source in one run, beside its counters in the store."""

    alive: bool = False  # a seed or page was read
    discovered: bool = False  # every seed that was due has answered
    causes: list[str] = field(default_factory=list)  # why seeds could not be read, in order, without repeats
    failed: Counter[str] = field(default_factory=Counter)  # reasons of pages that failed
    reasons: Counter[str] = field(default_factory=Counter)  # outcome and reason of pages: "screened empty"
    ruled: set[str] = field(default_factory=set)  # reasons of the blocks that a person's rules cut
    ended: list[tuple[str, OutcomeKind]] = field(default_factory=list)  # pages fetched, for the link sense
    backfill: dict[str, Any] | None = None  # how far a backfill has come, see UrlFormModel
    sets: dict[str, tuple[int, int]] = field(default_factory=dict)  # doubtful lists: articles and others tried
    refused: dict[str, tuple[float, str]] = field(default_factory=dict)  # links not fetched: score, kind of seed
    patterns: str = ""  # digest of the source's match and exclude, where its seeds were read
    requests: int = 0
    body_bytes: int = 0  # of answers, as they came over the wire
    first_s: float | None = None  # when the first request was sent, of the monotonic clock
    last_s: float = 0.0  # when the last answer came
    cut: int = 0  # blocks cut from the articles stored in this run
    articles: int = 0  # stored, from all runs
    seeds: dict[str, SeedAnswer] = field(default_factory=dict)  # results of polls, by URL
    after: list[Any] = field(default_factory=list)  # what the AFTER_RUN functions gave
    notes: list[str] = field(default_factory=list)  # remarks for every report; they are no faults
    left: int = 0  # links kept for the next run
    held: bool = False  # nothing was requested: another process had the host
    state: SourceEnd = SourceEnd.OK
    counts: Counts = field(default_factory=Counts)

    def fault(self, cause: str) -> None:
        """Note why something of the source could not be read."""
        if cause not in self.causes:
            self.causes.append(cause)

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        return 0.0 if self.first_s is None else max(self.last_s - self.first_s, 0.0)

    @property
    def stripped(self) -> int:
        """Blocks cut from articles: at once, and by what was learned afterwards."""
        return self.cut + sum(getattr(done, "blocks_cut", 0) for done in self.after)

    @property
    def cause(self) -> str | None:
        """The causes in one line, None when there are none."""
        return "; ".join(self.notes + self.causes) or None

    def idle_rules(self, rules: ExtractionRules) -> tuple[str, ...]:
        """Return the rules that cut nothing although enough articles were read to expect it: the site has changed."""
        if self.counts.stored + self.counts.revised < RULE_ARTICLES:
            return ()
        written = [f"strip {rule}" for rule in rules.strip] + [f"strip_text {rule}" for rule in rules.strip_text]
        return tuple(rule for rule in written if rule not in self.ruled)

    def _note_walls(self) -> None:
        """Report walls that stood before pages; the pages are tried again, so that it is no failure."""
        walls = {
            RETRIED_LATER_OUTCOMES[name]: pages
            for name, pages in self.reasons.items()
            if name in RETRIED_LATER_OUTCOMES and pages
        }
        if walls:
            listed = ", ".join(f"{reason} {pages}" for reason, pages in sorted(walls.items(), key=lambda one: -one[1]))
            self.notes.append(f"walls instead of articles, tried again later: {listed}")

    def settle(self) -> None:
        """Set the state of the source: failed when nothing of it could be read or every page failed.

        On a quiet day the only page fetched may be one that fails for days: its seeds were read, so it did not fail.
        """
        if self.counts.failed == self.counts.outcomes and self.counts.failed >= (SOME_PAGES if self.alive else 1):
            reasons = ", ".join(f"{reason} ({count})" for reason, count in self.failed.most_common(3))
            failed = self.counts.failed
            self.fault(f"{'the only page' if failed == 1 else f'all {failed} pages'} failed: {reasons}")
            self.alive = False
        self._note_unrendered()
        self._note_no_article()
        self._note_walls()
        if self.causes and not self.alive:
            self.state = SourceEnd.FAILED
        else:
            self.state = SourceEnd.PARTIAL if self.causes or self.counts.failed else SourceEnd.OK

    def _note_no_article(self) -> None:
        """Note that no page of a source was an article, as a failure: links lead elsewhere or pages are misread."""
        walled = sum(self.reasons[name] for name in RETRIED_LATER_OUTCOMES)
        ended = self.counts.screened + self.counts.refused + self.counts.gone - walled
        if self.articles or walled or not ended or ended < self.counts.outcomes:
            return
        reasons = ", ".join(f"{reason} ({count})" for reason, count in self.reasons.most_common(3))
        self.fault(
            f"{'the only page is no' if ended == 1 else f'none of {ended} pages is an'} article: {reasons}; "
            "see `ingest why ADDRESS`, or set match or sections"
        )
        self.alive = False

    def _note_unrendered(self) -> None:
        """Note pages that are empty until their scripts have run, as a failure where a source never had others."""
        pages = self.reasons[f"{OutcomeKind.SCREENED} {NEEDS_RENDERING}"]
        read = self.counts.stored + self.counts.revised + self.counts.unchanged + self.counts.duplicate
        if pages >= SOME_PAGES and not read and not self.articles:
            self.fault(f"all {pages} pages are empty without their scripts: {NEEDS_RENDERING}")
            self.alive = False
        elif not self.counts.outcomes and not any(answer.links for answer in self.seeds.values()):
            self.alive &= not any(cause.endswith(NEEDS_RENDERING) for cause in self.causes)  # its home page was all
        elif pages:
            self.notes.append(f"{pages} pages are built by JavaScript: {how_to_render()}")
