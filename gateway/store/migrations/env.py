"""Runs migrations on the connection that `gateway.store.engine` hands over."""

from alembic import context

from gateway.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, transaction_per_migration=False
)
context.run_migrations()
