"""Leases: one owner of a name at a time, by the database's clock.

The epoch grows with every change of owner; who writes under a lease writes the epoch along, so
that an owner who slept through its lease is refused.
"""

import os
import socket
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, TextClause, bindparam, text
from sqlalchemy.exc import IntegrityError

from infra.event_store.tables import NAME

_MYSQL_NOW: Final = "UTC_TIMESTAMP(6)"
_MYSQL_THEN: Final = "UTC_TIMESTAMP(6) + INTERVAL :ms * 1000 MICROSECOND"
_SQLITE_NOW: Final = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
_SQLITE_THEN: Final = "strftime('%Y-%m-%d %H:%M:%f000', 'now', (:ms / 1000.0) || ' seconds')"


def owner() -> str:
    """A name that no other process has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


class Leases:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        mysql = engine.dialect.name == "mysql"
        now = _MYSQL_NOW if mysql else _SQLITE_NOW
        then = _MYSQL_THEN if mysql else _SQLITE_THEN
        # MySQL assigns from left to right: the epoch must look at the old owner and time.
        self._take = text(
            "UPDATE leases SET"
            f" epoch = CASE WHEN owner = :owner AND expires_at > {now} THEN epoch"
            f" ELSE epoch + 1 END, owner = :owner, expires_at = {then}"
            f" WHERE name = :name AND (owner = :owner OR expires_at <= {now})"
        )
        self._begin = text(f"INSERT INTO leases VALUES (:name, :owner, 1, {then})")
        self._epoch = text("SELECT epoch FROM leases WHERE name = :name AND owner = :owner")
        still_mine = f"name = :name AND owner = :owner AND epoch = :epoch AND expires_at > {now}"
        self._renew = text(f"UPDATE leases SET expires_at = {then} WHERE {still_mine}")
        together = f"owner = :owner AND expires_at > {now} AND name IN :names"
        self._renew_all = text(
            f"UPDATE leases SET expires_at = {then} WHERE {together} AND (name, epoch) IN :held"
        ).bindparams(bindparam("names", expanding=True), bindparam("held", expanding=True))
        self._mine = text(f"SELECT name, epoch FROM leases WHERE {together}").bindparams(
            bindparam("names", expanding=True)
        )
        self._others = text(f"SELECT name FROM leases WHERE owner != :owner AND expires_at > {now}")
        self._release = text(f"UPDATE leases SET expires_at = {now} WHERE {still_mine}")

    def acquire(self, name: str, owner: str, ttl_s: float) -> int | None:
        """The epoch under which `owner` now holds the lease; None while somebody else does.

        Who holds it already keeps its epoch and gets the time anew.
        """
        values = {"name": _checked(name), "owner": _checked(owner), "ms": _ms(ttl_s)}
        with self._engine.begin() as connection:
            if connection.execute(self._take, values).rowcount:
                return int(connection.execute(self._epoch, values).scalar_one())
            if _known(connection, name):
                return None
        try:
            with self._engine.begin() as connection:
                connection.execute(self._begin, values)
        except IntegrityError:
            # Somebody else was the first to ask for this name.
            return None
        return 1

    def renew(self, name: str, owner: str, epoch: int, ttl_s: float) -> bool:
        """Hold it for another `ttl_s` from now. False if it was lost."""
        return self._change(self._renew, name, owner, epoch, _ms(ttl_s))

    def renew_all(self, held: Mapping[str, int], owner: str, ttl_s: float) -> set[str]:
        """As `renew`, for several names and their epochs in one commit: those not lost."""
        values = {"names": [*held], "held": [*held.items()], "owner": owner, "ms": _ms(ttl_s)}
        with self._engine.begin() as connection:
            if connection.execute(self._renew_all, values).rowcount == len(held):
                return set(held)
            mine = {tuple(row) for row in connection.execute(self._mine, values)}
            return {name for name, epoch in held.items() if (name, epoch) in mine}

    def of_others(self, owner: str) -> set[str]:
        """The names that `owner` cannot have now."""
        with self._engine.begin() as connection:
            return {name for (name,) in connection.execute(self._others, {"owner": owner})}

    def release(self, name: str, owner: str, epoch: int) -> bool:
        """Let the next one have it at once. False if it was lost."""
        return self._change(self._release, name, owner, epoch, 0)

    def _change(self, statement: TextClause, name: str, owner: str, epoch: int, ms: int) -> bool:
        values = {"name": name, "owner": owner, "epoch": epoch, "ms": ms}
        with self._engine.begin() as connection:
            return bool(connection.execute(statement, values).rowcount)


def _known(connection: Connection, name: str) -> bool:
    known = text("SELECT 1 FROM leases WHERE name = :name")
    return connection.execute(known, {"name": name}).first() is not None


def _checked(name: str) -> str:
    if not 0 < len(name) <= NAME:
        raise ValueError(f"a lease's name and owner have 1 to {NAME} characters: {name!r}")
    return name


def _ms(ttl_s: float) -> int:
    if ttl_s <= 0:
        raise ValueError(f"a lease is held for more than no time, not {ttl_s} s")
    return max(1, round(ttl_s * 1000))
