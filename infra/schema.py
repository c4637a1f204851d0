"""Which migrations a database has not seen. Asked by every service at its start, so without
loading what applies them.
"""

from pathlib import Path
from typing import Any, Literal

from pymysql.constants import ER
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from infra.database import connect

Tree = Literal["store", "read"]


class MonthsNotMade(Exception):
    """The partitions ahead could not be made; one line says why and what would help."""


def revisions(tree: Tree) -> list[str]:
    """Every migration of the tree, oldest first; a file is named by its number and its subject."""
    folder = Path(__file__).parent / "migrations" / tree / "versions"
    return sorted(file.name.partition("_")[0] for file in folder.glob("[0-9]*_*.py"))


def version_table(tree: Tree) -> str:
    """Where the database remembers which of the tree's migrations it has seen."""
    return f"migrations_{tree}"


def behind(url: str, tree: Tree) -> list[str]:
    """The migrations that the database has not seen yet, oldest first: all, if there is none."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            seen = _seen(connection, tree)
    except OperationalError as error:
        if error_code(error) != ER.BAD_DB_ERROR:
            raise
        seen = ""
    finally:
        engine.dispose()
    return [revision for revision in revisions(tree) if revision > seen]


def _seen(connection: Connection, tree: Tree) -> str:
    table = version_table(tree)
    if not inspect(connection).has_table(table):
        return ""
    return str(connection.scalar(text(f"SELECT version_num FROM {table}")) or "")


def error_code(error: OperationalError) -> Any:
    """The driver's number for what went wrong."""
    return error.orig.args[0] if error.orig is not None and error.orig.args else None
