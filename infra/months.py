"""Partitions by month, made ahead: MySQL keeps each month of the large tables apart.

Rows of a month without a partition go to the last one, `later`; it is meant to stay empty, and
then taking a month from it costs nothing.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from math import inf
from typing import Final, NamedTuple

from pymysql.constants import ER
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from domain.months import later, month_of
from infra.schema import MonthsNotMade, error_code
from infra.schema_lock import Busy, alone
from projections.messages import messages
from projections.timeline import contact_timeline

TABLES: Final = (messages.name, contact_timeline.name)
AHEAD: Final = 3
MOST: Final = 24
"""More than this at once is rather a wrong clock than a long sleep; the rest comes the next day."""
LAST: Final = "later"
NO_LIMIT: Final = "MAXVALUE"
LOCK_WAIT_S: Final = 10
"""A table is taken for a moment; whoever reads it for longer is let finish, and it is tried again."""
AGAIN_S: Final = 600.0
_DENIED: Final = {
    ER.TABLEACCESS_DENIED_ERROR,
    ER.DBACCESS_DENIED_ERROR,
    ER.SPECIFIC_ACCESS_DENIED_ERROR,
}

log = logging.getLogger("blazz.months")


class Made(NamedTuple):
    """The months a table got, and how many rows had been waiting in the last partition."""

    table: str
    months: tuple[int, ...]
    moved: int

    def __str__(self) -> str:
        shown = ", ".join(str(month) for month in self.months)
        moved = f"; {self.moved} rows were in {LAST} and moved" if self.moved else ""
        return f"{self.table} has partitions for {shown} now{moved}"


def make_months(connection: Connection, now: datetime, ahead: int = AHEAD) -> list[Made]:
    """Partitions up to that many months after `now`, for each table that lacks them.

    On SQLite there is nothing to make. MonthsNotMade if the database does not let us.
    """
    if connection.dialect.name != "mysql":
        return []
    return [made for table in TABLES if (made := _make(connection, table, now, ahead))]


def _make(connection: Connection, table: str, now: datetime, ahead: int) -> Made | None:
    end = later(month_of(now), ahead)
    month, missing = _first_without(connection, table) or month_of(now), list[int]()
    while month <= end and len(missing) < MOST:
        missing.append(month)
        month = later(month, 1)
    if not missing:
        return None
    waiting = connection.exec_driver_sql(
        f"SELECT COUNT(*) FROM {table} PARTITION ({LAST}) WHERE month < {month}"
    ).scalar_one()
    parts = [f"PARTITION m{m} VALUES LESS THAN ({later(m, 1)})" for m in missing]
    parts.append(f"PARTITION {LAST} VALUES LESS THAN {NO_LIMIT}")
    with _explained(connection, table):
        connection.exec_driver_sql(
            f"ALTER TABLE {table} REORGANIZE PARTITION {LAST} INTO ({', '.join(parts)})"
        )
    return Made(table, tuple(missing), int(waiting))


def _first_without(connection: Connection, table: str) -> int:
    """The first month whose rows would go to the last partition; 0 if there is no other."""
    found = connection.exec_driver_sql(
        "SELECT partition_name, partition_description FROM information_schema.partitions"
        " WHERE table_schema = DATABASE() AND table_name = %s ORDER BY partition_ordinal_position",
        (table,),
    ).all()
    if not found or tuple(found[-1]) != (LAST, NO_LIMIT):
        raise MonthsNotMade(
            f"{table} is not divided by month with {LAST} as its last partition: {found};"
            f" ALTER TABLE {table} ADD PARTITION (PARTITION {LAST} VALUES LESS THAN {NO_LIMIT})"
        )
    return int(found[-2][1]) if len(found) > 1 else 0


@contextmanager
def _explained(connection: Connection, table: str) -> Iterator[None]:
    connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {LOCK_WAIT_S}")
    try:
        yield
    except DBAPIError as error:
        code = error_code(error) if isinstance(error, OperationalError) else None
        if code in _DENIED:
            raise MonthsNotMade(
                f"this user may not alter {table}, so it gets no partitions for the months to"
                f" come and their rows go to partition {LAST}: GRANT ALTER on that database, or"
                f" run `blazz migrate` each month as a user who has it"
            ) from error
        if code == ER.LOCK_WAIT_TIMEOUT:
            raise MonthsNotMade(
                f"{table} was in use for {LOCK_WAIT_S} s without a pause, so it got no partitions"
                f" for the months to come; end the long transaction or wait for it"
            ) from error
        raise
    finally:
        connection.exec_driver_sql("SET SESSION lock_wait_timeout = DEFAULT")


class MonthsPolicy:
    """Makes the months ahead at the start and once a day; one of several processes does it."""

    name: Final = "months"

    def __init__(self, read: Engine) -> None:
        self._read = read
        self._done_on: date | None = None
        self._again_at = 0.0 if read.dialect.name == "mysql" else inf

    def step(self, now: datetime) -> int:
        """How many tables got partitions."""
        if now.date() == self._done_on or time.monotonic() < self._again_at:
            return 0
        try:
            with alone(self._read, "read", 0) as connection:
                made = make_months(connection, now)
        except (Busy, MonthsNotMade) as error:
            said = logging.INFO if isinstance(error, Busy) else logging.ERROR
            log.log(said, "%s; trying again in %.0f s", error, AGAIN_S)
            self._again_at = time.monotonic() + AGAIN_S
            return 0
        self._done_on = now.date()
        for table in made:
            log.log(logging.WARNING if table.moved else logging.INFO, "%s", table)
        return len(made)
