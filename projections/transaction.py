"""One transaction over the read models, and the bounded repetition of one that met a passing fault.

An unknown outcome of a commit needs no answer: the repetition reads the checkpoint, which moved or
did not.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event as Signal
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from projections.faults import fault_of, is_lost

ATTEMPTS: Final = 9
FIRST_PAUSE_S: Final = 0.02
LONGEST_PAUSE_S: Final = 2.0

Result = TypeVar("Result")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """All or nothing; on SQLite the only writer from its first statement on."""
    with engine.connect() as connection:
        try:
            connection.begin()
            raw: Any = connection.connection.dbapi_connection
            if connection.dialect.name == "sqlite" and not raw.in_transaction:
                raw.execute("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
        except Exception as error:
            if is_lost(error):
                connection.invalidate()
            with suppress(DBAPIError):
                connection.rollback()
            raise


def repeated(work: Callable[[], Result], stopping: Signal) -> Result:
    """What `work` returns, tried anew after deadlocks and lost connections, with jitter.

    Gives up with the last error after some ten seconds, or at once when `stopping` is set.
    """
    pause = FIRST_PAUSE_S
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except Exception as error:
            if attempt == ATTEMPTS or fault_of(error) != "transient":
                raise
            if stopping.wait(pause * random.uniform(0.5, 1.5)):  # noqa: S311 - spreads, hides nothing
                raise
            pause = min(pause * 2, LONGEST_PAUSE_S)
    raise AssertionError("the last attempt returns or raises")
