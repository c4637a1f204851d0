"""The read models' migrations make exactly the tables that the code describes, and unmake them."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from infra.database import connect
from infra.migrate import _config, migrate_read
from infra.schema import behind, revisions, version_table
from projections.all import ALL
from projections.checkpoints import checkpoints, parked, rebuilds
from projections.streams import STREAM_TABLES
from projections.tables import metadata

TABLES = {table.name for projection in ALL for table in projection.tables}
VERSIONS = version_table("read")


def test_migrated_tables_are_those_the_code_describes(database):
    migrate_read(database)
    engine = connect(database)
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "table" or name != VERSIONS,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_every_table_of_the_metadata_belongs_to_a_projection_or_to_the_checkpoints():
    assert set(metadata.tables) == TABLES | {checkpoints.name, parked.name, rebuilds.name} | {
        table.name for table in STREAM_TABLES
    }


def test_migrating_again_changes_nothing_and_nothing_is_behind(database):
    assert behind(database, "read") == revisions("read")
    migrate_read(database)
    migrate_read(database)
    assert behind(database, "read") == []


def test_migrations_can_be_taken_back(database):
    migrate_read(database)
    engine = connect(database)
    with engine.begin() as connection:
        command.downgrade(_config("read", connection), "base")
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {VERSIONS}
    engine.dispose()


def test_texts_are_compared_by_their_bytes_on_mysql(mysql_database):
    migrate_read(mysql_database)
    engine = connect(mysql_database)
    with engine.connect() as connection:
        collations = connection.exec_driver_sql(
            "SELECT DISTINCT table_collation FROM information_schema.tables"
            f" WHERE table_schema = DATABASE() AND table_name <> '{VERSIONS}'"
        ).scalars()
        assert list(collations) == ["utf8mb4_0900_bin"]
    engine.dispose()
