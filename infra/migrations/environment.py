"""What alembic runs for every tree of migrations: over a connection that `infra.migrate` gives."""

from alembic import context
from sqlalchemy import MetaData

from infra.schema import Tree, version_table


def run(metadata: MetaData, tree: Tree) -> None:
    """Bring the database up to the tree's head. Each tree counts in a table of its own."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=version_table(tree),
    )
    with context.begin_transaction():
        context.run_migrations()
