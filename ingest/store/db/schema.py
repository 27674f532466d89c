"""The tables. A row class never leaves this package; other packages get the values of model.py and values.py.

`_at` is a moment in UTC, `_on` a calendar day. Keys and digests are hex text. JSON holds what no query asks for.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, cast

from sqlalchemy import Date, Float, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ingest.store.db.types import Id, Json, PackedJson, Plain, Utc

key = Annotated[str, mapped_column(String(32))]  # 16 bytes in hex
slug = Annotated[str, mapped_column(Plain)]  # a word of ours, in lower case
number = Annotated[int, mapped_column(Id, primary_key=True)]
count = Annotated[int, mapped_column(Integer, server_default="0")]


class Base(DeclarativeBase):
    """What all tables share: one naming scheme for constraints, so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it once, as a plain class attribute
        str: Plain,
        datetime: Utc,
        date: Date,
        float: Float,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def table(row: type[Base]) -> Table:
    """Return a row class' table, for statements that are built once and sent often: without the ORM's share."""
    return cast(Table, row.__table__)


# ---------------------------------------------------------------- where articles come from


class SourceRow(Base):
    """A site we ingest: its declaration as last read, and what the runs remember of it."""

    __tablename__ = "source"

    id: Mapped[number]
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    unit: Mapped[str] = mapped_column(index=True)  # polite unit of the URL: shards and host locks go by it
    declared: Mapped[dict[str, Any]]  # the whole declaration
    ad_hoc: Mapped[bool] = mapped_column(server_default=false())  # made by `ingest crawl`, not in sources.toml
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]  # no longer in sources.toml, or retired by a command
    forgotten_at: Mapped[datetime | None]  # taken down: stays retired, also when sources.toml names it
    last_run_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime] = mapped_column(index=True)  # at first: when it was added
    failures: Mapped[count]  # runs failed in a row
    state: Mapped[slug | None]  # of the last run: ok, partial, failed
    cause: Mapped[str | None]  # why not ok
    learned_to: Mapped[int] = mapped_column(Id, server_default="0")  # id of the last revision the learner has counted
    sense: Mapped[dict[str, Any] | None]  # what its links taught about their shapes


class SeedRow(Base):
    """A URL we start from, its validators and how often it changes."""

    __tablename__ = "seed"
    __table_args__ = (UniqueConstraint("source_id", "url_key"),)

    id: Mapped[number]
    source_id: Mapped[int] = mapped_column(Id, ForeignKey("source.id", ondelete="CASCADE"))
    url: Mapped[str]
    url_key: Mapped[key]  # digest of the URL as it is: unlike pages, seeds differ by scheme and trailing slash
    kind: Mapped[slug]
    depth: Mapped[count]
    declared: Mapped[bool] = mapped_column(server_default=false())  # by a person; else found by looking
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    digest: Mapped[key | None]  # of the last body: servers without validators repeat themselves too
    status: Mapped[int | None]
    reason: Mapped[str | None]  # why it could not be read; null after success
    failures: Mapped[count]  # in a row
    last_polled_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # last poll that did not fail
    next_poll_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]  # last poll that gave a new link
    unchanged: Mapped[count]  # polls without a new link, in a row
    links: Mapped[count]  # at the last poll that was read
    new: Mapped[count]  # of these
    newest_at: Mapped[datetime | None]  # latest date among its entries: the age of a feed
    dropped_at: Mapped[datetime | None]  # left the declaration


class HostRow(Base):
    """What runs remember of a polite unit (delay, closed until) or of an origin, https://a.example (robots.txt)."""

    __tablename__ = "host"

    name: Mapped[str] = mapped_column(primary_key=True)
    delay_s: Mapped[float | None]  # grown by latency, as last used
    crawl_delay_s: Mapped[float | None]  # asked for by robots.txt
    latency_s: Mapped[float | None]
    closed_until: Mapped[datetime | None]  # by Retry-After
    reason: Mapped[str | None]
    robots: Mapped[str | None]  # last good copy
    robots_status: Mapped[int | None]
    robots_fetched_at: Mapped[datetime | None]
    last_fetched_at: Mapped[datetime | None]


# ---------------------------------------------------------------- runs


class RunRow(Base):
    """One execution. Without finished_at it is running or was killed; `broken` is set by the next one."""

    __tablename__ = "run"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[number]
    begun_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    command: Mapped[slug]
    holder: Mapped[str]  # shard or worker: of one holder at most one run is alive
    machine: Mapped[str | None]
    pid: Mapped[int | None]
    version: Mapped[slug | None]
    exit_code: Mapped[int | None]
    why: Mapped[str | None]  # how it ended, for people
    broken: Mapped[bool] = mapped_column(server_default=false())


class RunSourceRow(Base):
    """The result and the counters of one source in one run."""

    __tablename__ = "run_source"
    __table_args__ = (Index(None, "source_id", "run_id"),)

    run_id: Mapped[int] = mapped_column(Id, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(Id, ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    begun_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    state: Mapped[slug | None]  # ok, partial, failed; null: not finished
    cause: Mapped[str | None]
    next_due_at: Mapped[datetime | None]
    found: Mapped[count]  # links, with repeats over seeds
    new: Mapped[count]  # of these, never met before
    requests: Mapped[count]  # of any kind, retries and redirects included
    fetched: Mapped[count]  # pages
    stored: Mapped[count]
    revised: Mapped[count]
    unchanged: Mapped[count]
    duplicate: Mapped[count]
    screened: Mapped[count]
    refused: Mapped[count]
    gone: Mapped[count]
    failed: Mapped[count]
    bytes: Mapped[int] = mapped_column(Id, server_default="0")
    seconds: Mapped[float] = mapped_column(server_default="0")
    # what the articles stored in this run were like, for the source's health
    fresh: Mapped[count]  # of those stored, the ones not known to be old
    dated: Mapped[count]
    authored: Mapped[count]
    words: Mapped[int] = mapped_column(Id, server_default="0")
    blocks: Mapped[count]
    cut: Mapped[count]
    left: Mapped[count]  # links kept for the next run
    reasons: Mapped[dict[str, Any] | None]  # outcome and reason -> pages: {"screened empty": 3}


class FindingRow(Base):
    """Something that needs a person, from its first day to its last."""

    __tablename__ = "finding"
    __table_args__ = (
        Index(None, "ended_at", "source_id", "kind"),
        Index(None, "source_id", "id"),
        Index("ix_finding_run_id", "run_id",
              sqlite_where=text("run_id IS NOT NULL"), postgresql_where=text("run_id IS NOT NULL")),
    )  # fmt: skip  # a table

    id: Mapped[number]
    source_id: Mapped[int | None] = mapped_column(Id, ForeignKey("source.id", ondelete="CASCADE"))
    kind: Mapped[slug]
    subject: Mapped[str] = mapped_column(server_default="")  # which seed, rule or host, where the source has several
    suspicion: Mapped[str | None]
    detail: Mapped[str | None]
    run_id: Mapped[int | None] = mapped_column(Id, ForeignKey("run.id", ondelete="SET NULL"))
    began_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    alerted_at: Mapped[datetime | None]
    recovery_alerted_at: Mapped[datetime | None]


# ---------------------------------------------------------------- articles


class ClusterRow(Base):
    """Articles of several sites that are one text: a wire story and its copies."""

    __tablename__ = "cluster"

    id: Mapped[number]
    earliest_article_id: Mapped[int | None] = mapped_column(Id)  # no foreign key: article points here already
    made_at: Mapped[datetime]


class ArticleRow(Base):
    """What a reader would call an article, over time; its texts are revisions."""

    __tablename__ = "article"
    __table_args__ = (
        Index(None, "source_id", "id"),
        Index(None, "source_id", "revised_at", "id"),
        Index(None, "dated_at", "id"),
        Index("ix_article_canonical_key", "canonical_key", sqlite_where=text("canonical_key IS NOT NULL"),
              postgresql_where=text("canonical_key IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )  # fmt: skip  # a table

    id: Mapped[number]
    source_id: Mapped[int] = mapped_column(Id, ForeignKey("source.id"))
    url: Mapped[str]
    url_key: Mapped[key] = mapped_column(unique=True)
    canonical_url: Mapped[str | None]
    canonical_key: Mapped[key | None]  # only when it differs from url_key
    revisions: Mapped[count]  # also the number of the latest one
    body_digest: Mapped[key] = mapped_column(index=True)  # of the latest revision, after stripping
    signature: Mapped[bytes | None]  # MinHash of the latest revision's stripped text
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]  # last time it was fetched, changed or not
    revised_at: Mapped[datetime] = mapped_column(index=True)  # when the latest revision was made
    dated_at: Mapped[datetime | None]  # published, a day from its midnight; else first seen. Null only while upgrading
    removed_at: Mapped[datetime | None]  # the site answers 404 or 410
    cluster_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cluster.id", ondelete="SET NULL"), index=True)


class SnapshotRow(Base):
    """The location of one fetch's raw page. Equal bytes point to one WARC record."""

    __tablename__ = "snapshot"
    __table_args__ = (
        Index(None, "source_id", "id"),
        Index(None, "file"),
        Index(None, "fetched_at"),
        Index("ix_snapshot_run_id", "run_id",
              sqlite_where=text("run_id IS NOT NULL"), postgresql_where=text("run_id IS NOT NULL")),
    )  # fmt: skip  # a table

    id: Mapped[number]
    source_id: Mapped[int] = mapped_column(Id, ForeignKey("source.id", ondelete="CASCADE"))
    run_id: Mapped[int | None] = mapped_column(Id, ForeignKey("run.id", ondelete="SET NULL"))
    url: Mapped[str]
    url_key: Mapped[key] = mapped_column(index=True)
    file: Mapped[str]  # relative to the home
    offset: Mapped[int] = mapped_column(Id)
    length: Mapped[int] = mapped_column(Id)
    digest: Mapped[key] = mapped_column(index=True)  # of the body
    fetched_at: Mapped[datetime]


class RevisionRow(Base):
    """One version of an article's text and metadata."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("article_id", "no"),
        Index("ix_revision_superseded", "fetched_at",
              sqlite_where=text("body IS NULL AND length(blocks) > 16"),
              postgresql_where=text("body IS NULL AND length(blocks) > 16")),
        Index("ix_revision_run_id", "run_id",
              sqlite_where=text("run_id IS NOT NULL"), postgresql_where=text("run_id IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )  # fmt: skip  # a table

    id: Mapped[number]
    article_id: Mapped[int] = mapped_column(Id, ForeignKey("article.id", ondelete="CASCADE"))
    no: Mapped[int]  # 1..
    run_id: Mapped[int | None] = mapped_column(Id, ForeignKey("run.id", ondelete="SET NULL"))
    snapshot_id: Mapped[int | None] = mapped_column(Id, ForeignKey("snapshot.id", ondelete="SET NULL"), index=True)
    url: Mapped[str | None]  # where it was read, if not at the article's address
    fetched_at: Mapped[datetime]
    title: Mapped[str | None]
    description: Mapped[str | None]
    authors: Mapped[list[Any]]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    published_on: Mapped[date | None]
    published_offset_min: Mapped[int | None]
    published_precision: Mapped[slug | None]
    modified_at: Mapped[datetime | None]
    modified_on: Mapped[date | None]
    modified_offset_min: Mapped[int | None]
    modified_precision: Mapped[slug | None]
    language: Mapped[str | None]
    site_name: Mapped[str | None]
    section: Mapped[str | None]
    tags: Mapped[list[Any]]
    image: Mapped[dict[str, Any] | None]
    images: Mapped[list[Any] | None]  # all pictures with caption and credit; null: none, or stored before schema 0002
    paywalled: Mapped[bool | None]
    words: Mapped[count]  # of the body
    body: Mapped[str | None]  # the kept blocks as text; of the latest revision only, older ones have it in their blocks
    title_words: Mapped[str | None]  # title and body in the form they are searched in; null where that is the text
    body_words: Mapped[str | None]
    body_digest: Mapped[key]
    blocks: Mapped[Any] = mapped_column(PackedJson)  # all of them, the cut ones marked
    claims: Mapped[Any] = mapped_column(PackedJson)
    alternate_urls: Mapped[list[Any]]
    parts: Mapped[list[Any] | None]  # further pages it was joined from: where each lies; null: it has one page


class FingerprintRow(Base):
    """One band of an article's MinHash: articles that share one may be near-duplicates."""

    __tablename__ = "fingerprint"
    __table_args__ = ({"sqlite_with_rowid": False},)

    band: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[int] = mapped_column(Integer, primary_key=True)  # signed 32 bits
    # no foreign key: it would need an index as large again; the rows to delete are computed from the signature
    article_id: Mapped[int] = mapped_column(Id, primary_key=True)


# ---------------------------------------------------------------- pages


class PageRow(Base):
    """Every URL met: queued until fetched, done after. The queued ones are the frontier."""

    __tablename__ = "page"
    __table_args__ = (
        # the two queries of every run each have a small index of their own
        Index("ix_page_queued", "source_id", "rank", "id",
              sqlite_where=text("state = 'queued'"), postgresql_where=text("state = 'queued'")),
        Index("ix_page_recheck", "source_id", "recheck_at",
              sqlite_where=text("recheck_at IS NOT NULL"), postgresql_where=text("recheck_at IS NOT NULL")),
        Index("ix_page_article_id", "article_id",
              sqlite_where=text("article_id IS NOT NULL"), postgresql_where=text("article_id IS NOT NULL")),
        Index("ix_page_alias_of", "alias_of",
              sqlite_where=text("alias_of IS NOT NULL"), postgresql_where=text("alias_of IS NOT NULL")),
        Index("ix_page_run_id", "run_id",
              sqlite_where=text("run_id IS NOT NULL"), postgresql_where=text("run_id IS NOT NULL")),
        Index(None, "source_id"),
    )  # fmt: skip  # a table

    id: Mapped[number]
    source_id: Mapped[int] = mapped_column(Id, ForeignKey("source.id", ondelete="CASCADE"))
    url: Mapped[str]
    url_key: Mapped[key] = mapped_column(unique=True)
    state: Mapped[slug]  # queued, done
    rank: Mapped[int] = mapped_column(Id, server_default="0")  # lowest is fetched first; see pages.rank
    depth: Mapped[count]
    hint: Mapped[dict[str, Any] | None]  # what the seed said of it before the page was handed out to be fetched
    lastmod: Mapped[str | None]  # the last modification that seeds have named since
    met_at: Mapped[datetime]
    met_run_id: Mapped[int | None] = mapped_column(Id)
    claimed_run_id: Mapped[int | None] = mapped_column(Id)  # the run it was handed to; another run may have it again
    attempts: Mapped[count]  # fetches since it was queued that came to nothing
    not_before: Mapped[datetime | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    fetched_at: Mapped[datetime | None]
    status: Mapped[int | None]
    outcome: Mapped[slug | None]  # of the last run that ended it
    reason: Mapped[slug | None]
    detail: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    run_id: Mapped[int | None] = mapped_column(Id)  # the run of the outcome
    recheck_at: Mapped[datetime | None]
    rechecks: Mapped[count]  # fetches after the first
    alias_of: Mapped[int | None] = mapped_column(Id, ForeignKey("page.id", ondelete="SET NULL"))
    article_id: Mapped[int | None] = mapped_column(Id, ForeignKey("article.id", ondelete="SET NULL"))


# ---------------------------------------------------------------- learned boilerplate


class BlockRow(Base):
    """A block that recurs over one source's articles."""

    __tablename__ = "block"
    __table_args__ = (UniqueConstraint("source_id", "digest"),)

    id: Mapped[number]
    source_id: Mapped[int] = mapped_column(Id, ForeignKey("source.id", ondelete="CASCADE"))
    digest: Mapped[key]  # of the pattern as it was when first counted
    pattern: Mapped[str]  # folded words, parted by spaces; * where they change
    text: Mapped[str]  # as last seen
    kind: Mapped[slug]
    path: Mapped[str]
    articles: Mapped[count]  # it was seen in
    first_on: Mapped[date]
    last_on: Mapped[date]
    verdict: Mapped[slug | None]  # learned, keep, cut; null: only counted so far
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]  # by a person


class BlockUseRow(Base):
    """One article a recurring block was seen in."""

    __tablename__ = "block_use"
    __table_args__ = (Index(None, "article_id"), {"sqlite_with_rowid": False})

    block_id: Mapped[int] = mapped_column(Id, ForeignKey("block.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(Id, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)


# ---------------------------------------------------------------- exports


class NoticeCursorRow(Base):
    """How far new revisions were reported: to saved searches, to hooks."""

    __tablename__ = "notice_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(Id, server_default="0")
    moved_at: Mapped[datetime]
    waiting: Mapped[dict[str, Any] | None]  # articles that a hook did not take, how often each was tried, and why


class ExportCursorRow(Base):
    """How far a named export has come."""

    __tablename__ = "export_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(server_default="")  # the one it is of; empty: all
    revision_id: Mapped[int] = mapped_column(Id, server_default="0")
    exported_at: Mapped[datetime]
    articles: Mapped[count]  # in the last export
