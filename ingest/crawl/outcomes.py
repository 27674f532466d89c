"""Recording outcomes: how each page of a run ends, in the store, in the log and in the counters of its source.

Every page has exactly one outcome a run, with a reason; an article and its outcome are written in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.clock import Clock
from ingest.crawl.plan import Plan, SourceResult
from ingest.crawl.recrawl import (
    BETWEEN_REVISIONS,
    RETRIED_LATER,
    TEXT_LOST,
    TOO_SOON,
    lost_detail,
    lost_since,
    next_check,
    next_try,
    next_wall_try,
)
from ingest.discover.url_form_model import teaches
from ingest.errors import IngestError
from ingest.events import event
from ingest.model import (
    Article,
    CutBy,
    Identified,
    Outcome,
    OutcomeKind,
    Page,
    Validators,
    Verdict,
    VerdictKind,
)
from ingest.store import PageEnd, PageState, Store
from ingest.text.normalize import body_words

log = logging.getLogger(__name__)

FRESH_DAYS = 7  # older articles come from an archive: they do not show how much a source publishes

OUTCOME_OF = {
    VerdictKind.NEW: OutcomeKind.STORED,
    VerdictKind.REVISION: OutcomeKind.REVISED,
    VerdictKind.UNCHANGED: OutcomeKind.UNCHANGED,
    VerdictKind.DUPLICATE: OutcomeKind.DUPLICATE,
}


@dataclass(kw_only=True, slots=True)
class OutcomeRecorder:
    """Records the outcomes of one run."""

    store: Store
    plan: Plan
    run_id: int
    now: Clock
    results: dict[str, SourceResult]
    failed: Callable[[Identified, Exception], None]  # called with a fault of ours in saving an article
    pages: dict[str, Outcome] = field(default_factory=dict)  # of the plan's single pages
    single_pages: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.single_pages = frozenset(url for _, url in self.plan.urls)

    def record(self, end: PageEnd) -> None:
        """End a page: exactly one outcome, in the store and in the log."""
        self._recorded(end, first=self.store.pages.record_outcome(self.run_id, end, self.now()))

    def _recorded(self, end: PageEnd, *, first: bool) -> None:
        """Count and log an outcome that is in the store. `first`: it is the page's first of this run."""
        outcome = end.outcome
        if end.url in self.single_pages:
            self.pages[end.url] = outcome
        if not first:
            return
        result = self.results[end.source]
        result.reasons[f"{outcome.kind} {outcome.reason}".rstrip()] += 1
        if outcome.kind is OutcomeKind.FAILED:
            result.failed[outcome.reason] += 1
        if not self.plan.replay and end.status is not None and teaches(outcome.kind, outcome.reason):
            result.ended.append((end.url, outcome.kind))
        event(
            log, logging.INFO, "page ended", source=end.source, outcome=outcome.kind, reason=outcome.reason, url=end.url
        )

    def record_article(self, identified: Identified) -> None:
        """Save what the verdict asks for and record the outcome, in one transaction; new articles with others.

        A fault in saving that is found later, when others are written too, is given to `failed`.
        """
        article, now = identified.article, self.now()
        if identified.verdict.kind is not VerdictKind.NEW or not self._save_together(identified, now):
            self._save_alone(identified, now)
        result = self.results[article.source]
        result.alive = True
        result.cut += sum(block.cut is not None for block in article.blocks)
        result.ruled.update(block.cut.reason for block in article.blocks if block.cut and block.cut.by is CutBy.RULE)

    def _save_together(self, identified: Identified, now: datetime) -> bool:
        """Let a new article wait to be written with others; False when it is to be saved alone."""
        if identified.candidates is None:
            return False
        end = self._end_of_new(identified, now)

        def done(first: bool | None) -> None:
            if first is not None:
                self._recorded(end, first=first)
                return
            try:
                self._save_alone(identified, now)
            except IngestError:
                raise
            except Exception as error:
                self.failed(identified, error)

        return self.store.articles.save_together(
            identified.article, identified.candidates, end, now, self.run_id, done=done
        )

    def _end_of_new(self, identified: Identified, now: datetime) -> PageEnd:
        article, verdict = identified.article, identified.verdict
        asked = article.asked_url or article.url
        outcome = Outcome(kind=OutcomeKind.STORED, reason=verdict.reason)
        if self.plan.replay:
            return PageEnd(source=article.source, url=asked, outcome=outcome, keeps_recheck=True)
        plan_h = self.plan.source(article.source).recheck_h
        return PageEnd(
            source=article.source,
            url=asked,
            outcome=outcome,
            status=200,
            validators=_validators(article, verdict),
            recheck_at=next_check(article.fetched_at, now, published=article.published, plan_h=plan_h),
            counts=qualities(article, now),
        )

    def _save_alone(self, identified: Identified, now: datetime) -> None:
        article = identified.article
        asked = article.asked_url or article.url
        with self.store.transaction():
            verdict, article_id = self.store.articles.save(
                article, identified.verdict, now, self.run_id, ending=asked, candidates=identified.candidates
            )
            if self.plan.replay and not self.plan.foreign and verdict.kind is VerdictKind.UNCHANGED:
                self.store.articles.reread(article_id, article)
            outcome = Outcome(kind=OUTCOME_OF[verdict.kind], reason=verdict.reason, article_id=article_id)
            if verdict.kind is VerdictKind.NEW:
                self.record(replace(self._end_of_new(identified, now), outcome=outcome))
            elif self.plan.replay:
                keeps = verdict.kind is not VerdictKind.DUPLICATE
                self.record(PageEnd(source=article.source, url=asked, outcome=outcome, keeps_recheck=keeps))
            else:
                known = self.store.pages.known(asked)
                self.record(
                    PageEnd(
                        source=article.source,
                        url=asked,
                        outcome=outcome,
                        status=200,
                        validators=_validators(article, verdict),
                        recheck_at=self._recheck_at(article.source, outcome, known),
                    )
                )

    def screened(self, page: Page, reason: str) -> None:
        """End a page that a stage dropped: behind a wall it is tried again later, a known article keeps rechecks."""
        known = self.store.pages.known(page.url)
        outcome = Outcome(kind=OutcomeKind.SCREENED, reason=reason, article_id=known.article_id if known else None)
        if self.plan.replay:
            self.record(PageEnd(source=page.source, url=page.url, outcome=outcome, keeps_recheck=True))
            return
        retry_at = detail = None
        if reason in RETRIED_LATER:
            retry_at = next_wall_try(known.attempts + 1 if known else 1, self.now())
        if reason == TEXT_LOST and known:
            detail = lost_detail(lost_since(known.reason, known.detail) or self.now())
        self.record(
            PageEnd(
                source=page.source,
                url=page.url,
                outcome=outcome,
                status=page.status,
                validators=None if reason in RETRIED_LATER else page.validators,
                detail=detail,
                retry_at=retry_at,
                recheck_at=None if retry_at else self._recheck_at(page.source, outcome, known),
            )
        )

    def retract(self, article_id: int, reason: str) -> None:
        """Take back an article of one revision that turned out to be a wall; its pages are tried again later."""
        stored = self.store.articles.get(article_id)
        if stored is None or stored.revision > 1:
            return
        now = self.now()
        ended = self.store.articles.retract(
            article_id,
            reason,
            now,
            run_id=self.run_id,
            retry_at=next_wall_try(1, now) or now,
            counted=qualities(stored.article, now),
        )
        reasons = self.results[stored.article.source].reasons
        for kind, pages in ended.items():
            for name in [name for name in reasons if name.split(" ")[0] == kind]:
                taken = min(pages, reasons[name])
                reasons[name] -= taken
                reasons[f"{OutcomeKind.SCREENED} {reason}"] += taken
                pages -= taken
        event(
            log, logging.INFO, "article taken back", source=stored.article.source, reason=reason, url=stored.article.url
        )

    def not_modified(self, source: str, url: str, status: int) -> None:
        """End a page that has not changed since it was last had."""
        known = self.store.pages.known(url)
        outcome = Outcome(
            kind=OutcomeKind.UNCHANGED, reason=f"http-{status}", article_id=known.article_id if known else None
        )
        self.record(
            PageEnd(
                source=source,
                url=url,
                outcome=outcome,
                status=status,
                recheck_at=self._recheck_at(source, outcome, known),
            )
        )

    def not_fetched(self, source: str, url: str, outcome: Outcome, *, detail: str | None, passes: bool) -> None:
        """End a page there are no bytes of. `passes`: what was in the way may go away, so that it is tried again."""
        known = self.store.pages.known(url)
        retry_at = next_try(known.attempts + 1 if known else 1, self.now()) if passes else None
        had = replace(outcome, article_id=known.article_id) if known else outcome
        again = outcome.kind is OutcomeKind.FAILED and retry_at is None
        recheck_at = self._recheck_at(source, had, known) if again else None
        self.record(
            PageEnd(source=source, url=url, outcome=outcome, detail=detail, retry_at=retry_at, recheck_at=recheck_at)
        )

    def _recheck_at(self, source: str, outcome: Outcome, known: PageState | None) -> datetime | None:
        """Return when a page is to be fetched again, None for never. `known`: what was known of it before."""
        if outcome.article_id is None or outcome.kind in (OutcomeKind.DUPLICATE, OutcomeKind.GONE):
            return None
        if self.plan.replay:
            return known.recheck_at if known else None  # an archived page is no fetch and needs no recheck
        now = self.now()
        looks = 0
        if known is not None:
            looks = known.rechecks + (known.fetched_at is not None and outcome.kind is not OutcomeKind.FAILED)
        first_seen_at, published = self.store.articles.first_seen(outcome.article_id)
        plan_h = self.plan.source(source).recheck_h
        planned = next_check(first_seen_at, now, looks=looks, published=published, plan_h=plan_h)
        if outcome.reason != TOO_SOON:
            return planned
        held_back = now + BETWEEN_REVISIONS
        return min(planned, held_back) if planned else held_back


def _validators(article: Article, verdict: Verdict) -> Validators | None:
    """Return the validators of the next conditional request; None keeps those stored before.

    A text that was held back is not stored: without its validators it is sent again. The first of several pages does
    not change with the others: it is fetched without validators, and they with it.
    """
    if verdict.reason == TOO_SOON:
        return None
    return Validators() if any(not part.note for part in article.parts) else article.validators


def qualities(article: Article, now: datetime) -> dict[str, int]:
    """Return what a new article adds to the counters that its source's health is derived from."""
    published = article.published
    return {
        "fresh": published is None or (now.date() - published.on).days <= FRESH_DAYS,
        "dated": published is not None,
        "authored": bool(article.authors),
        "words": body_words(article.title, article.blocks),
        "blocks": len(article.blocks),
        "cut": sum(block.cut is not None for block in article.blocks),
    }
