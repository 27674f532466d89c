"""The memory of one source's seeds: which are fetched in this run, and what their answers add to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from ingest.crawl.plan import SeedAnswer
from ingest.crawl.run import Run
from ingest.discover import polling
from ingest.model import Seed, SeedKind, Source, Validators
from ingest.store import SeedPoll, SeedState
from ingest.web.url_patterns import is_pagination


class Answer(TypedDict, total=False):
    """What a seed answered beside its status; see store.seeds.polled."""

    validators: Validators
    reason: str
    links: int
    new: int
    newest_at: datetime | None  # of the dates it gives its links


class SeedSchedule:
    """The seeds of one source in one run. `thorough`: earlier runs are ignored, every seed is fetched."""

    def __init__(self, run: Run, source: Source) -> None:
        self.run = run
        self.source = source
        self.thorough = False
        self.every = timedelta(minutes=source.every_min or run.config.every_min)  # between two runs
        self.resting: tuple[SeedState, ...] = ()  # known seeds that are left alone in this run

    def begin(self) -> tuple[Seed, ...]:
        """Return the seeds that are asked first: declared ones, else those found and read at least once."""
        states = () if self.thorough else self.run.store.seeds.of(self.source.name)
        declared = {seed.url: seed for seed in self.source.seeds}
        known = [
            state
            for state in states
            if (state.seed.url in declared if declared else self._was_found(state)) and not state.seed.depth
        ]
        self.resting = tuple(state for state in known if self.rests(state))
        resting = {state.seed.url for state in self.resting}
        asked = declared or {state.seed.url: state.seed for state in known}
        return tuple(seed for url, seed in asked.items() if url not in resting)

    def _was_found(self, state: SeedState) -> bool:
        return state.read_at is not None or not state.failures

    def rests(self, state: SeedState) -> bool:
        """Return whether a seed is skipped in this run; a person's own request skips none."""
        if self.thorough or self.run.plan.by_hand:
            return False
        return polling.rests(state.next_poll_at, self.run.now(), self.every)

    def sections(self) -> list[Seed]:
        """Return the sections found on a page that has not changed, the longest unpolled first."""
        waiting = [
            state
            for state in self.run.store.seeds.of(self.source.name)
            if state.seed.kind is SeedKind.SECTION
            and state.seed.depth
            and state.links
            and not state.failures
            and not is_pagination(state.seed.url)
            and not self.rests(state)
            and not self._is_article(state.seed.url)
        ]
        return [state.seed for state in sorted(waiting, key=_last_polled)]

    def _is_article(self, url: str) -> bool:
        """Return whether an earlier run stored the page: a member of a doubtful list that was read as a listing too."""
        known = self.run.store.pages.known(url)
        return known is not None and known.article_id is not None

    def wants_behind(self, child: Seed, unchanged_since: bool | None) -> bool:
        """Return whether a sitemap of an index is fetched. `unchanged_since`: the index says it was not touched."""
        state = self.state(child)
        if self.thorough or state is None or state.last_polled_at is None or state.failures:
            return True
        return not (self.rests(state) if unchanged_since is None else unchanged_since)

    def state(self, seed: Seed) -> SeedState | None:
        """Return what is remembered of a seed."""
        return self.run.store.seeds.state(self.source.name, seed)

    def remember(
        self, seed: Seed, *, changed: int = 0, behind: int = 0, status: int | None = None, **answer: Unpack[Answer]
    ) -> None:
        """Remember an answer; a dry run must not, or the next run would take the seed's links for known.

        `changed`: articles that the seed says were modified, which is news as well. `behind`: further seeds it named.
        """
        seed_answer = SeedAnswer(seed=seed, links=answer.get("links"), behind=behind, reason=answer.get("reason", ""))
        self.run.results[self.source.name].seeds[seed.url] = seed_answer
        if self.run.plan.dry_run:
            return
        now, before = self.run.now(), self.state(seed)
        news = bool(answer.get("new") or changed)
        next_poll_at = polling.next_poll(
            seed,
            now,
            self.every,
            changed_at=now if news else before.changed_at if before else None,
            unchanged=0 if news or before is None else before.unchanged + 1,
            failures=(before.failures if before else 0) + 1 if "reason" in answer else 0,
        )
        self.run.store.seeds.polled(
            self.source.name, seed, now, SeedPoll(status=status, next_poll_at=next_poll_at, **answer)
        )


def _last_polled(state: SeedState) -> float:
    return state.last_polled_at.timestamp() if state.last_polled_at else 0.0
