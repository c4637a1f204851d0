"""Reads outside of any transaction, again where a broken connection is no reason to fail."""

import time
from typing import Any, Final

from sqlalchemy import Engine

from infra.event_store import mysql, sqlite
from infra.event_store.connections import Connections
from infra.event_store.faults import ERRORS, Fault, answer, fault

PAUSES_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)


class Reader:
    """Several threads may read at once, each over a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self.connections = Connections(engine)
        self._mark = (mysql if engine.dialect.name == "mysql" else sqlite).PARAMETER

    def read(self, text: str, values: Any) -> list[tuple[Any, ...]]:
        """The rows of a SELECT with `?` marks."""
        statement = text.replace("?", self._mark)
        for pause in (*PAUSES_S, None):
            try:
                return self._select(statement, values)
            except ERRORS as error:
                found = fault(error)
                if found not in {Fault.AGAIN, Fault.LOST} or pause is None:
                    raise answer(found, error) from error
                time.sleep(pause)
        raise AssertionError

    def _select(self, statement: str, values: Any) -> list[tuple[Any, ...]]:
        with self.connections.take() as connection:
            cursor = connection.cursor()
            cursor.execute(statement, values)
            return list(cursor.fetchall())
