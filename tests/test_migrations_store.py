"""The migrated store is the store that the code's tables describe, however often migrated."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, text

from infra.database import WrongUrl, connect
from infra.event_store.tables import metadata
from infra.migrate import _config, migrate_read, migrate_store
from infra.schema import behind, revisions, version_table

VERSIONS = sorted(Path("infra/migrations/store/versions").glob("*.py"))


def test_the_migrated_schema_is_what_the_tables_say(database):
    migrate_store(database)
    engine = connect(database)
    with engine.connect() as connection:
        options = {"version_table": version_table("store")}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_database_tells_which_migrations_it_misses(database):
    assert len(behind(database, "store")) == len(VERSIONS)
    migrate_store(database)
    assert behind(database, "store") == []


def test_migrating_again_changes_nothing(database):
    migrate_store(database)
    migrate_store(database)
    engine = connect(database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id, head FROM positions")).all() == [(1, 0)]
    engine.dispose()


def test_migrations_by_several_processes_at_once_do_not_collide(database):
    migrate = "import sys; from infra.migrate import migrate_store; migrate_store(sys.argv[1])"
    running = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", migrate, database]) for _ in range(3)
    ]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    assert behind(database, "store") == []


def test_migrations_by_several_threads_at_once_do_not_collide(database):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate_store, [database] * 4))
    assert behind(database, "store") == []


def test_store_and_read_models_may_share_a_database(database):
    migrate_store(database)
    migrate_read(database)
    assert behind(database, "store") == behind(database, "read") == []


def test_migrations_can_be_taken_back(database):
    migrate_store(database)
    engine = connect(database)
    with engine.begin() as connection:
        command.downgrade(_config("store", connection), "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == [version_table("store")]
    engine.dispose()


@pytest.fixture
def absent(mysql_database):
    """The url of a MySQL database that does not exist."""
    parsed = make_url(mysql_database)
    yield parsed.set(database=f"{parsed.database}-`absent")
    engine = connect(mysql_database)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS `{parsed.database}-``absent`")
        connection.exec_driver_sql("DROP USER IF EXISTS blazz_guest")
    engine.dispose()


def test_an_absent_mysql_database_misses_everything_and_is_made(absent):
    url = absent.render_as_string(hide_password=False)
    assert len(behind(url, "store")) == len(VERSIONS)
    migrate_store(url)
    assert behind(url, "store") == []


def test_who_may_not_make_the_database_is_told_so(absent, mysql_database):
    engine = connect(mysql_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE USER blazz_guest IDENTIFIED BY 'secret'")
        name = absent.database.replace("`", "``").replace("_", "\\_")
        connection.exec_driver_sql(f"GRANT SELECT ON `{name}`.* TO blazz_guest")
    engine.dispose()
    url = absent.set(username="blazz_guest", password="secret")
    with pytest.raises(WrongUrl, match=r"there is no database .*this user may not create it"):
        migrate_store(url.render_as_string(hide_password=False))


def test_texts_are_compared_by_their_bytes_on_mysql(mysql_database):
    migrate_store(mysql_database)
    engine = connect(mysql_database)
    with engine.connect() as connection:
        collations = connection.exec_driver_sql(
            "SELECT DISTINCT collation_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND collation_name IS NOT NULL"
            f" AND table_name <> '{version_table('store')}'"
        )
        assert collations.scalars().all() == ["utf8mb4_0900_bin"]
    engine.dispose()


@pytest.mark.parametrize("tree", ["store", "read"])
def test_what_is_missing_is_told_as_alembic_would(tree):
    scripts = ScriptDirectory.from_config(_config(tree))
    assert revisions(tree) == [script.revision for script in scripts.walk_revisions()][::-1]
