"""MySQL sessions that make no round trip for nothing: no ping before use, no rollback of nothing,
and reads that are repeated on a new connection when the old one has died.
"""

import select
import time
from typing import Any, Final

from pymysql.connections import Connection
from pymysql.constants import CR, ER
from pymysql.err import Error, InterfaceError, OperationalError
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

SILENT_S: Final = 5.0
"""After so long without a word it is asked whether anybody is there: networks forget in silence."""

_LOST: Final = {
    0,  # the socket is closed already
    CR.CR_SERVER_GONE_ERROR,
    CR.CR_SERVER_LOST,
    ER.SERVER_SHUTDOWN,
    3169,  # the session was killed
    4031,  # disconnected for inactivity
}


class Session(Connection):  # type: ignore[misc]
    """Knows by itself whether it is alive and whether there is anything to roll back."""

    _asked, _heard_at = False, 0.0

    def _execute_command(self, command: int, sql: str | bytes) -> None:
        self._asked, self._heard_at = True, time.monotonic()
        super()._execute_command(command, sql)

    def commit(self) -> None:
        """Ends the transaction."""
        super().commit()
        self._asked = False

    def rollback(self) -> None:
        """Ends the transaction, if a word was said since the last one ended."""
        if self._asked:
            super().rollback()
            self._asked = False

    def alive(self) -> bool:
        """Whether it can be used: a server that leaves says so, and that can be seen for free."""
        if self._sock is None:
            return False
        if not _readable(self._sock) and time.monotonic() - self._heard_at < SILENT_S:
            return True
        try:
            self.ping(reconnect=False)
        except (Error, OSError):
            return False
        return True


class ReadingSession(Session):
    """Each statement for itself, and none that writes: so each may be asked once more."""

    _opening = False

    def query(self, sql: str | bytes, unbuffered: bool = False) -> int:
        """The driver's own, on a new connection if this one turns out to be dead."""
        try:
            return int(super().query(sql, unbuffered))
        except (OperationalError, InterfaceError) as error:
            if self._opening or error.args[0] not in _LOST:
                raise
        self._force_close()
        self.connect()
        return int(super().query(sql, unbuffered))

    def connect(self, sock: Any = None) -> None:
        """Opens it, or opens it anew."""
        self._opening = True
        try:
            super().connect(sock)
        finally:
            self._opening = False

    def rollback(self) -> None:
        """Each statement has ended by itself."""


def keep(engine: Engine, kind: type[Session]) -> Engine:
    """Has the engine's pool keep sessions of that kind, and hand out only such as are alive."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Any, named: Any) -> Session:
        return kind(*arguments, **named)

    if kind is Session:

        @event.listens_for(engine, "checkout")
        def look(session: Session, _record: object, _proxy: object) -> None:
            if not session.alive():
                raise InvalidatePoolError("the connection has died in the pool")

    return engine


def _readable(sock: Any) -> bool:
    """Whether something has come that nobody asked for: in most cases the end of it."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
