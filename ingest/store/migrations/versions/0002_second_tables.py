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
)


def upgrade() -> None:
    """Create the indexes and the column of an article's pictures, and rename the reason of consent pages."""
    op.add_column("revision", sa.Column("images", sa.Text(), nullable=True))
    for name, table, columns, condition in INDEXES:
        where = None if condition is None else sa.text(condition)
        op.create_index(op.f(name), table, list(columns), sqlite_where=where, postgresql_where=where)
    # the reason of screened consent pages was renamed when other walls got reasons of their own
    op.execute("UPDATE page SET reason = 'consent-wall' WHERE outcome = 'screened' AND reason = 'consent'")
