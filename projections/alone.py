"""One rebuild at a time in a database, known by a lock that goes with the process that holds it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

LONGEST_NAME: Final = 64
WAIT_S: Final = 1
"""For the server to find that a process which held the lock is gone."""
SILENT_S: Final = 30 * 24 * 3600


class RebuildRuns(Exception):
    """Somebody else rebuilds read models of this database right now; nothing was changed."""


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """RebuildRuns unless nobody else is in here."""
    refusal = RebuildRuns(
        "a rebuild is running in this database: let it end, or stop it with Ctrl-C; it keeps"
        " what it has done"
    )
    if engine.dialect.name == "sqlite":
        with Path(f"{engine.url.database}.rebuild").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise refusal from None
            yield
        return
    name = {"name": f"blazz:{engine.url.database}:rebuild"[-LONGEST_NAME:]}
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET SESSION wait_timeout = {SILENT_S}")
        if connection.exec_driver_sql(f"SELECT GET_LOCK(%(name)s, {WAIT_S})", name).scalar() != 1:
            raise refusal
        connection.rollback()
        try:
            yield
        finally:
            with suppress(DBAPIError):
                connection.exec_driver_sql("SELECT RELEASE_LOCK(%(name)s)", name)
            connection.invalidate()
