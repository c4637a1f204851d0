"""Alembic's entry to the read models' migrations."""

from infra.migrations.environment import run
from projections.all import ALL
from projections.checkpoints import checkpoints

# Importing these puts all tables into the metadata.
assert ALL

run(checkpoints.metadata, "read")
