"""Connections to MySQL that only read: each statement for itself, kept open, no ping before use.

A reader asks again once on a new connection when one has died in the meantime.
"""

import asyncio
from typing import Any, Final

from asyncmy.errors import InterfaceError
from asyncmy.errors import OperationalError as DriverError
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

MOST: Final = 12
"""Asked at once by one process; whoever comes then waits for the first that is through."""
LOST: Final = (DriverError, InterfaceError, OSError, EOFError)


class Connections:
    """Opened as the engine opens its own, and closed when the engine is disposed of."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._room = asyncio.Semaphore(MOST)
        self._free: list[Any] = []
        event.listen(engine.sync_engine, "engine_disposed", self._close)

    async def rows(self, text: str, statements: int) -> list[Any]:
        """What each of the statements of `text` finds. OperationalError: the database is away."""
        async with self._room:
            if self._free:
                kept = self._free.pop()
                try:
                    return await self._asked(kept, text, statements)
                except LOST:
                    self._close()  # the others have waited at least as long
            try:
                return await self._asked(await self._another(), text, statements)
            except LOST as error:
                raise OperationalError("reading", None, error) from error

    async def _asked(self, connection: Any, text: str, statements: int) -> list[Any]:
        try:
            cursor = connection.cursor()
            await cursor.execute(text)
            found = [await cursor.fetchall()]
            for _ in range(statements - 1):
                await cursor.nextset()
                found.append(await cursor.fetchall())
        except BaseException:
            connection.close()  # nobody knows what is still to come on it
            raise
        self._free.append(connection)
        return found

    async def _another(self) -> Any:
        pooled = await self._engine.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        assert connection is not None
        await connection.autocommit(True)
        # A second wall: whatever reached a statement here, nothing could be written by it.
        await connection.query("SET SESSION TRANSACTION READ ONLY")
        return connection

    def _close(self, _engine: object = None) -> None:
        while self._free:
            self._free.pop().close()
