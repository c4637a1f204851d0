"""Who changes the tables of a database: one process at a time, whatever it changes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from infra.schema import Tree

NAME = 64


class Busy(TimeoutError):
    """Somebody else changes these tables, and did not end in time."""


@contextmanager
def alone(engine: Engine, tree: Tree, wait_s: int) -> Iterator[Connection]:
    """A connection for the only change of this database that runs now. Busy if there is another.

    MySQL commits each DDL statement by itself; so must the note that it was done.
    """
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        lock = {"name": f"blazz:{engine.url.database}:{tree}"[-NAME:], "wait": wait_s}
        got = connection.exec_driver_sql("SELECT GET_LOCK(%(name)s, %(wait)s)", lock).scalar()
        if got != 1:
            raise Busy(
                f"another process changes the tables of {engine.url.database} right now"
                f" (waited {wait_s} s)"
            )
        try:
            yield connection
        finally:
            connection.exec_driver_sql("SELECT RELEASE_LOCK(%(name)s)", lock)
