"""How Alembic runs our migrations: on the connection that `ingest.store.upgrade` hands over, in its transaction."""

from alembic import context

from ingest.store.schema import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
