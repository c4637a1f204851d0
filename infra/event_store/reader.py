"""Reads outside of any transaction, again where a broken connection is no reason to fail."""

import time
from binascii import hexlify
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Engine

from infra.event_store import mysql, sqlite
from infra.event_store.connections import Connections
from infra.event_store.faults import ERRORS, Fault, answer, fault
from infra.event_store.rows import Kind, rows

PAUSES_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)


class Reader:
    """Several threads may read at once, each over a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self.connections = Connections(engine)
        self._mysql = engine.dialect.name == "mysql"
        self._mark = (mysql if self._mysql else sqlite).PARAMETER

    def read(self, text: str, values: Any) -> list[tuple[Any, ...]]:
        """The rows of a SELECT with `?` marks."""
        return _patiently(partial(self._select, text.replace("?", self._mark), values))

    def facts(
        self, text: str, values: Sequence[bytes | int], kinds: tuple[Kind, ...]
    ) -> list[tuple[Any, ...]]:
        """The same for many rows, whose columns are of these kinds."""
        if not self._mysql:
            return self.read(text, values)
        statement = text.replace("?", "%b").encode() % tuple(map(_literal, values))
        return _patiently(partial(self._rows, statement, kinds))

    def _select(self, statement: str, values: Any) -> list[tuple[Any, ...]]:
        with self.connections.take() as connection:
            cursor = connection.cursor()
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def _rows(self, statement: bytes, kinds: tuple[Kind, ...]) -> list[tuple[Any, ...]]:
        with self.connections.take() as connection:
            return rows(connection, statement, kinds)


def _patiently(read: Callable[[], list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    for pause in (*PAUSES_S, None):
        try:
            return read()
        except ERRORS as error:
            found = fault(error)
            if found not in {Fault.AGAIN, Fault.LOST} or pause is None:
                raise answer(found, error) from error
            time.sleep(pause)
    raise AssertionError


def _literal(value: bytes | int) -> bytes:
    return b"%d" % value if isinstance(value, int) else b"0x" + hexlify(value)
