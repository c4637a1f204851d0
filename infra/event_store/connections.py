"""A few connections kept open and idle between round trips."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError

from commands.store import StoreUnavailable
from infra.event_store.faults import ERRORS

KEPT: Final = 8
WAIT_S: Final = 10


class Connections:
    """At most `kept` raw connections. A broken one is thrown away, never handed out again.

    Without `autocommit` whoever takes one ends what a statement begins.
    """

    def __init__(self, engine: Engine, kept: int = KEPT, *, autocommit: bool = True) -> None:
        self._engine, self._most, self._autocommit = engine, kept, autocommit
        self._idle: list[PoolProxiedConnection] = []
        self._free = threading.BoundedSemaphore(kept)

    @contextmanager
    def take(self) -> Iterator[Any]:
        """A connection outside of a transaction; what the block leaves undone is rolled back."""
        if not self._free.acquire(timeout=WAIT_S):
            raise StoreUnavailable(f"all {self._most} connections to the event store stayed busy")
        try:
            kept = self._kept() or self._open()
            try:
                yield kept.driver_connection
            except Exception:
                self._undo(kept)
                raise
            except BaseException:
                kept.invalidate()
                raise
            self._idle.append(kept)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()

    def _kept(self) -> PoolProxiedConnection | None:
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _open(self) -> PoolProxiedConnection:
        try:
            opened = self._engine.raw_connection()
        except DBAPIError as error:
            raise (error.orig or error) from error
        if self._engine.dialect.name == "mysql":
            connection: Any = opened.driver_connection
            connection.autocommit(self._autocommit)
        return opened

    def _undo(self, kept: PoolProxiedConnection) -> None:
        try:
            connection: Any = kept.driver_connection
            connection.rollback()
        except ERRORS:
            kept.invalidate()
            # Its neighbours went the same way, if the server did: they would waste a try each.
            self.close()
        else:
            self._idle.append(kept)
