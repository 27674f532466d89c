"""How Alembic runs our migrations: in the transaction of the connection given by `ingest.store.maintenance.upgrade`."""

from alembic import context

from ingest.store.db.schema import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
