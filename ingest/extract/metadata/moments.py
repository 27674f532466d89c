"""When an article was published and modified: declared moments first, then what the page shows and implies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ingest.extract.html.element_index import ElementIndex
from ingest.extract.metadata import datelines, dates
from ingest.extract.metadata.claims import OriginValue, hint_origin, items, metas, record, texts
from ingest.extract.metadata.head import Head
from ingest.extract.metadata.locales import locale_of
from ingest.extract.metadata.structured import ARTICLE_TYPES, Structured
from ingest.model import Claim, Field, Moment, Page, Precision, Source
from ingest.text.dates import reader
from ingest.text.dates.reader import DateContext
from ingest.text.normalize import normalise

PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "article:published", "parsely-pub-date", "datepublished",
    "sailthru.date", "cxenseparse:recs:publishtime", "publish-date", "publishdate", "pubdate", "date.published",
    "dcterms.created", "dc.date.issued", "dcterms.issued", "citation_publication_date", "citation_date",
    "dc.date.created", "og:published_time", "publication_date", "publish_date", "article.published", "dcterms.date",
    "dc.date", "date", "created",
)  # fmt: skip  # a table
# Any event in the life of a record, by Dublin Core's definition: a page filed some days after its article came out
RECORD_METAS = ("dcterms.date", "dc.date", "date", "created")
FILED_METAS = ("article:section", "article:tag", "article:author", "author")
MOST_DAYS_TO_FILE = 31
MODIFIED_METAS = (
    "article:modified_time", "og:updated_time", "article:updated_time", "og:article:modified_time", "article:updated",
    "dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "revised", "date.updated", "og:modified_time",
)  # fmt: skip  # a table


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentClaim:
    """One claim of a moment. `moment` is None where it is impossible, `sure` False where it is only likely."""

    origin: str
    value: str
    moment: Moment | None
    sure: bool = True


def resolve_moments(
    structured: Structured,
    tree: HtmlElement,
    head: Head,
    places: ElementIndex,
    page: Page,
    source: Source | None,
    claims: list[Claim],
) -> tuple[Moment | None, Moment | None]:
    """Return (published, modified) and record the claims.

    What only the software states about a page that is no article (a JSON-LD WebPage and no article beside it, a home
    page) is believed when the page shows that day too: blog software gives every page a date.
    """
    locale = locale_of(tree, page)
    context, visible = locale.context(page), locale.context(page, declared=False)
    zone = source.timezone if source else None
    own = [
        *texts(structured, "datePublished", articles_only=True),
        *metas(structured, *PUBLISHED_METAS),
        *items(structured, "datepublished"),
        *texts(structured, "datePublished", "dateCreated", "uploadDate"),
    ]
    claimed = _read(own, context)
    firm = not _is_undated_kind(structured, page)
    exact = firm and any(one.moment is not None and one.moment.precision is Precision.INSTANT for one in claimed)
    changes = _read(_changes(structured), context)
    shown: list[tuple[str, Moment, bool]] = []
    if not (exact and _is_local(claimed) and any(one.moment is not None for one in changes)):
        shown = list(datelines.shown(head, None if exact else places, visible))
    days = {moment.on for _, moment, _ in shown}
    if (in_url := datelines.in_url(page.final_url, visible)) is not None:
        days.add(in_url.on)
    claimed = [one if firm or _near(one.moment, days) else _unsure(one) for one in claimed]
    claimed += [MomentClaim(origin=name, value=m.iso(), moment=m) for name, m, modified in shown if not modified]
    if claimed and _is_record(structured, own, claimed[0]):
        record_date = claimed[0]
        claimed = sorted(claimed, key=lambda one: not _came_before(one, record_date))
    if in_url:
        claimed.append(MomentClaim(origin="url", value=in_url.iso(), moment=in_url))
    claimed += [MomentClaim(origin=name, value=m.iso(), moment=m) for name, m, modified in shown if modified]
    if not any(one.moment is not None and one.sure for one in claimed):
        last = datelines.labelled(tree, visible)
        claimed += [MomentClaim(origin="labelled", value=m.iso(), moment=m) for m in islice(last, 3)]
        if firm and (state := datelines.in_state(tree, visible)) is not None:
            claimed.append(MomentClaim(origin="page-state", value=state.iso(), moment=state))
    if not any(one.moment is not None and one.sure for one in claimed):
        passed = islice(datelines.ago(head, places, page, zone), 1)
        claimed += [MomentClaim(origin="relative", value=m.iso(), moment=m) for m in passed]
    if page.hint and page.hint.published:
        hinted = page.hint.published
        claimed.append(MomentClaim(origin=hint_origin(page), value=hinted.iso(), moment=hinted))
    country = locale.country if locale.sure else None
    published = _settle(Field.PUBLISHED, claimed, claims, zone=zone, country=country)

    later = [MomentClaim(origin=name, value=m.iso(), moment=m) for name, m, modified in shown if modified]
    if page.hint and page.hint.modified:
        hinted = page.hint.modified
        later.append(MomentClaim(origin=hint_origin(page), value=hinted.iso(), moment=hinted))
    if published is not None:
        later = [one for one in later if one.moment is not None and not _before(one.moment, published)]
    return published, _settle(Field.MODIFIED, [*changes, *later], claims, zone=zone, country=country)


def _is_record(structured: Structured, own: Sequence[OriginValue], first: MomentClaim) -> bool:
    """Return whether the first claim is only the date of a page's record."""
    values = {value for _, value in metas(structured, *RECORD_METAS)}
    return bool(own) and own[0][1] in values and first.moment is not None


def _came_before(shown: MomentClaim, record: MomentClaim) -> bool:
    """Return whether a date beside the title is some days older than the page's record."""
    if shown.origin != "dateline" or shown.moment is None or record.moment is None:
        return False
    return 1 < (record.moment.on - shown.moment.on).days <= MOST_DAYS_TO_FILE


def _changes(structured: Structured) -> list[OriginValue]:
    """Return what the page says for machines about its last change."""
    return [
        *texts(structured, "dateModified", articles_only=True),
        *metas(structured, *MODIFIED_METAS),
        *items(structured, "datemodified"),
        *texts(structured, "dateModified"),
    ]


def _is_local(claimed: Sequence[MomentClaim]) -> bool:
    """Return whether the first moment claimed has an offset of its own, so that no clock on the page says more."""
    first = next((one.moment for one in claimed if one.moment is not None), None)
    return first is not None and first.precision is Precision.INSTANT and bool(first.offset_min)


def _read(found: Iterable[OriginValue], context: DateContext) -> list[MomentClaim]:
    return [
        MomentClaim(origin=origin, value=moment.iso() if moment else normalise(value)[:80], moment=moment)
        for origin, value in dict.fromkeys(found)
        for moment in (reader.read(value, context),)
    ]


def _before(one: Moment, other: Moment) -> bool:
    """Return whether a moment is surely before another: by the clock where both are instants, else by the day."""
    if one.precision is Precision.INSTANT and other.precision is Precision.INSTANT and one.at and other.at:
        return one.at < other.at
    if one.precision is Precision.WALL and other.precision is Precision.WALL and one.at and other.at:
        return one.at < other.at
    return one.on < other.on


def _unsure(claimed: MomentClaim) -> MomentClaim:
    return replace(claimed, sure=False)


def _near(moment: Moment | None, days: Iterable[object]) -> bool:
    """Return whether one of the days is the moment's, give or take a day for the zone."""
    return moment is not None and any(moment.on + timedelta(days=by) in days for by in (-1, 0, 1))


def _settle(
    field: Field, claimed: Sequence[MomentClaim], claims: list[Claim], *, zone: str | None, country: str | None
) -> Moment | None:
    """Record all claims, and return the first possible moment, completed from later ones of the same day."""
    winner = next((at for at, one in enumerate(claimed) if one.moment is not None and one.sure), -1)
    record(field, [(one.origin, one.value) for one in claimed], winner, claims)
    if winner < 0:
        return None
    chosen = claimed[winner].moment
    assert chosen is not None, "the winner has a moment"
    if chosen.precision is not Precision.INSTANT:
        chosen = dates.more_exact(chosen, [one.moment for one in claimed if one.moment is not None])
    others = [one.moment for one in claimed if one.moment is not None]
    chosen = dates.localised(chosen, others, zone, country=country)
    return dates.in_zone(chosen, zone)


def _is_undated_kind(structured: Structured, page: Page) -> bool:
    """Return whether readers do not see the declared date on this kind of page: a home page, a static blog page."""
    if urlsplit(page.final_url).path in ("", "/") and not urlsplit(page.final_url).query:
        return True
    if structured.one("article:published_time") and structured.one(*FILED_METAS):
        return False  # what is filed under a section, a tag or a name is no static page
    kinds = [kinds for kinds, _ in structured.nodes]
    return any("WebPage" in kind for kind in kinds) and not any(kind & ARTICLE_TYPES for kind in kinds)
