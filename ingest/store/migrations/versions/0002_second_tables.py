"""Second schema: indexes for the statements whose cost grew with the store although their answer did not; pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# name, table, columns, condition of a partial index
INDEXES = (
    # deleting a run sets these columns to null; without the index each run scans the tables
    ("ix_revision_run_id", "revision", ("run_id",), "run_id IS NOT NULL"),
    ("ix_snapshot_run_id", "snapshot", ("run_id",), "run_id IS NOT NULL"),
    ("ix_page_run_id", "page", ("run_id",), "run_id IS NOT NULL"),
    # forgetting a source, recovery after a kill
    ("ix_page_source_id", "page", ("source_id",), None),
    # pruning raw pages by age, reading those of a period
    ("ix_snapshot_fetched_at", "snapshot", ("fetched_at",), None),
    # reading one source's articles since a moment, page by page
    ("ix_article_source_id_revised_at_id", "article", ("source_id", "revised_at", "id"), None),
    # the findings of one source, and of a run that is deleted
    ("ix_finding_source_id_id", "finding", ("source_id", "id"), None),
    ("ix_finding_run_id", "finding", ("run_id",), "run_id IS NOT NULL"),
    # pruning the texts of revisions that are not the latest any more; EMPTY_BYTES of maintenance/prune.py
    ("ix_revision_superseded", "revision", ("fetched_at",), "body IS NULL AND length(blocks) > 16"),
    # the newest articles that a search finds
    ("ix_article_dated_at_id", "article", ("dated_at", "id"), None),
)

# when an article was published, as far as it says so, else when it was first seen; a day counts from its midnight
DATED_AT = """
UPDATE article SET dated_at = coalesce(
    (SELECT coalesce(revision.published_at, {day}) FROM revision
     WHERE revision.article_id = article.id AND revision.no = article.revisions), article.first_seen_at)"""
DAY = {
    "sqlite": "revision.published_on || ' 00:00:00.000000'",
    "postgresql": "CAST(revision.published_on AS timestamp) AT TIME ZONE 'UTC'",
}


def upgrade() -> None:
    """Create the indexes, the columns of an article's date and its pictures, and rename the reason of consent pages."""
    op.add_column("revision", sa.Column("images", sa.Text(), nullable=True))
    op.add_column("article", sa.Column("dated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(DATED_AT.format(day=DAY[op.get_bind().dialect.name]))
    for name, table, columns, condition in INDEXES:
        where = None if condition is None else sa.text(condition)
        op.create_index(op.f(name), table, list(columns), sqlite_where=where, postgresql_where=where)
    # the reason of screened consent pages was renamed when other walls got reasons of their own
    op.execute("UPDATE page SET reason = 'consent-wall' WHERE outcome = 'screened' AND reason = 'consent'")
