"""Applies the schema migrations of the two databases; `infra.schema` says which are missing."""

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pymysql.constants import ER
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from infra.database import WrongUrl, checked, connect
from infra.months import make_months
from infra.schema import Tree, error_code, version_table
from infra.schema_lock import alone

WAIT_S: Final = 120
LONGEST_S: Final = 7 * 24 * 3600
"""A large table that is made anew keeps its server silent for hours."""
log = logging.getLogger("blazz.migrate")
_one_at_a_time = Lock()
"""Alembic keeps what it runs in a module variable, so not two threads at once."""


def migrate_store(url: str) -> None:
    """The event store's tables, as this version of the code wants them."""
    _migrate(url, "store")


def migrate_read(url: str) -> None:
    """The read models' tables, as this version of the code wants them."""
    _migrate(url, "read")


def _missing(connection: Connection, tree: Tree) -> list[str]:
    context = MigrationContext.configure(connection, opts={"version_table": version_table(tree)})
    seen = context.get_current_revision()
    scripts = ScriptDirectory.from_config(_config(tree))
    ahead = scripts.iterate_revisions("heads", seen or "base")
    return [script.revision for script in ahead][::-1]


def _migrate(url: str, tree: Tree) -> None:
    create_database(url)
    engine = connect(url)
    _have_patience(engine)
    try:
        with _one_at_a_time, alone(engine, tree, WAIT_S) as connection:
            if _missing(connection, tree):
                command.upgrade(_config(tree, connection), "heads")
            if tree == "read":
                for made in make_months(connection, datetime.now(UTC)):
                    log.info("%s", made)
    finally:
        engine.dispose()


def _have_patience(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def wait_longer(_dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> None:
        if "read_timeout" in options:
            options["read_timeout"] = LONGEST_S


def _config(tree: Tree, connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations" / tree))
    return config


def create_database(url: str) -> None:
    """Make the MySQL database that the url names, if there is none. A SQLite file makes itself."""
    parsed = checked(url)
    if parsed.get_backend_name() == "sqlite":
        return
    name = str(parsed.database)
    try:
        _administer(url, name, None)
    except OperationalError as error:
        if error_code(error) != ER.BAD_DB_ERROR:
            raise
        quoted = "`" + name.replace("`", "``") + "`"
        _administer(
            url,
            "",
            f"CREATE DATABASE IF NOT EXISTS {quoted} CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        )


def _administer(url: str, database: str, statement: str | None) -> None:
    engine = create_engine(checked(url).set(database=database))
    try:
        with engine.connect() as connection:
            if statement:
                connection.exec_driver_sql(statement)
    except OperationalError as error:
        if statement and error_code(error) == ER.DBACCESS_DENIED_ERROR:
            name = checked(url).database
            raise WrongUrl(
                f"there is no database {name}, and this user may not create it:"
                f" create it first, or name one that exists"
            ) from error
        raise
    finally:
        engine.dispose()


if __name__ == "__main__":
    # For whoever waits for it: a third of a second less than through the `blazz` command.
    migrate_store(sys.argv[1])
    migrate_read(sys.argv[2])
