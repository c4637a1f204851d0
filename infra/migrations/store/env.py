"""Alembic's entry to the event store's migrations."""

from infra.event_store.tables import metadata
from infra.migrations.environment import run

run(metadata, "store")
