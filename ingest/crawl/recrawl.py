"""When a page is fetched again, and how often an article may be revised. Pure functions of moments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from ingest.crawl.one_text import ONE_TEXT
from ingest.extract.screen import WALLS
from ingest.model import Article, Candidate, Moment, Verdict, VerdictKind
from ingest.text import minhash
from ingest.text.normalize import resemblance, words
from ingest.text.phrases import is_note

PLAN_H = (1.0, 6.0, 24.0, 168.0)  # hours after it was first seen: corrections come early, and rarely after a week
OLD = timedelta(days=30)  # published so long before it was first seen: no correction comes within the hour
BETWEEN_REVISIONS = timedelta(hours=1)  # bounds for live blogs: one revision an hour ...
MOST_REVISIONS = 50  # ... and so many in all
FEW_CHANGED = 10  # so many at once are believed of the smallest site
MOST_CHANGED_SHARE = 0.5  # of the articles a seed names: a site does not rewrite half of itself between two runs
TOO_SOON = "revised-lately"
FIRST_RETRY = timedelta(hours=1)  # after a run in which a page failed for a cause that may pass; doubled each time
MOST_TRIES = 5  # runs, then it has failed for good
TOO_OFTEN = "revised-often"
TEXT_LOST = "text-lost"  # a revision that is held back, because it has nothing of the article
RETRIED_LATER = WALLS | {ONE_TEXT, TEXT_LOST}  # reasons of screened pages that may hold no longer at a later fetch
WALL_RETRIES = 10  # of a page that a wall stands before: with the doubling below, over 24 days
LONGEST_RETRY = timedelta(days=7)
# A revision has lost the article when so little of the old text is in it, and it is that much shorter or says so little
# in common with the old title. Real rewrites of the generated webs and live blogs keep more, or keep their title.
SURVIVING = 0.1
SHORTER = 0.5
TITLE_KEPT = 0.5
MIN_SHINGLES = 12  # of the old text; shorter ones change wholly by a few words
BELIEVED_AFTER = timedelta(days=2)  # so long must a text stay lost until it is believed
OLDER = "older-capture"


def next_check(
    first_seen_at: datetime,
    now: datetime,
    *,
    looks: int = 0,
    published: Moment | None = None,
    plan_h: Iterable[float] | None = None,
) -> datetime | None:
    """Return when to look again after so many looks, None when the plan is over. An empty plan is none at all.

    Every look of the plan is taken, also where runs are days apart: one that comes late puts the next one off, so that
    they lie as far apart as planned. Looks that a seed asked for count too, but do not end the plan before its time.
    """
    hours = sorted(PLAN_H if plan_h is None else plan_h)
    if published is not None and first_seen_at - _moment(published) > OLD:
        hours = hours[1:] or hours
    moments = [first_seen_at + timedelta(hours=hour) for hour in hours]
    if looks >= len(hours):
        return next((moment for moment in moments if moment > now), None)
    apart_h = hours[looks] - (hours[looks - 1] if looks else 0.0)
    return max(moments[looks], now + timedelta(hours=apart_h))


def _moment(published: Moment) -> datetime:
    return published.at or datetime.combine(published.on, time(), tzinfo=UTC)


def believable(changed: int, known: int) -> bool:
    """Return whether a seed's list of modified articles is worth a request each.

    Some sites stamp every address with the moment the sitemap was made.
    """
    return changed <= max(FEW_CHANGED, known * MOST_CHANGED_SHARE)


def outdated(verdict: Verdict, candidates: Iterable[Candidate], fetched_at: datetime) -> Verdict:
    """Return the verdict, or "unchanged" in place of a revision by a page older than the text that is stored.

    Archives are imported in any order; what was fetched later stays the latest.
    """
    if verdict.kind is not VerdictKind.REVISION:
        return verdict
    of = next(candidate for candidate in candidates if candidate.article_id == verdict.of)
    if of.fetched_at is not None and fetched_at < of.fetched_at:
        return replace(verdict, kind=VerdictKind.UNCHANGED, reason=OLDER)
    return verdict


def held_back(verdict: Verdict, candidates: Iterable[Candidate], fetched_at: datetime) -> Verdict:
    """Return the verdict, or "unchanged" in place of a revision that would come too soon or be one too many.

    The first correction is taken at once; from then on two revisions lie BETWEEN_REVISIONS apart.
    """
    if verdict.kind is not VerdictKind.REVISION:
        return verdict
    of = next(candidate for candidate in candidates if candidate.article_id == verdict.of)
    if of.revision >= MOST_REVISIONS:
        return replace(verdict, kind=VerdictKind.UNCHANGED, reason=TOO_OFTEN)
    if of.revision > 1 and fetched_at - of.revised_at < BETWEEN_REVISIONS:
        return replace(verdict, kind=VerdictKind.UNCHANGED, reason=TOO_SOON)
    return verdict


def loses_text(old: Article, new: Article) -> bool:
    """Return whether a new text has next to nothing of what stood at its address, without saying why.

    A note about the article itself (a correction, a withdrawal) is a reason.
    """
    before, now = minhash.of_blocks(old.blocks), minhash.of_blocks(new.blocks)
    if len(before) < MIN_SHINGLES or any(is_note(block.text) for block in new.kept):
        return False
    if len(before & now) > SURVIVING * len(before):
        return False
    titles = frozenset(words(old.title or "")), frozenset(words(new.title or ""))
    return len(now) < SHORTER * len(before) or resemblance(*titles) < TITLE_KEPT


def lost_since(reason: str | None, detail: str | None) -> datetime | None:
    """Return since when a page's revision is held back for a lost text, None when it is not."""
    if reason != TEXT_LOST or not detail:
        return None
    try:
        return datetime.fromisoformat(detail.rpartition(" ")[2])
    except ValueError:
        return None


def lost_detail(since: datetime) -> str:
    """Return the page's detail that `lost_since` reads."""
    return f"nothing of the stored text since {since.isoformat(timespec='seconds')}"


def is_believed(since: datetime | None, now: datetime) -> bool:
    """Return whether a text has stayed lost for so long that it is the site's word."""
    return since is not None and now - since >= BELIEVED_AFTER


def next_wall_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to fetch a page again that a wall stood before, None after WALL_RETRIES attempts."""
    wait = min(FIRST_RETRY * 2 ** max(attempts - 1, 0), LONGEST_RETRY)
    return now + wait if attempts <= WALL_RETRIES else None


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try a page again that failed for a cause that may pass, None after MOST_TRIES attempts."""
    return now + FIRST_RETRY * 2 ** max(attempts - 1, 0) if attempts < MOST_TRIES else None
