"""How long each recipient of a number still has to be left alone, by the database's clock, and how
many messages of campaigns the number has sent in a day.

Kept for who sends from the number next: after a restart, or from another machine.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from infra.event_store.tables import number_days

_MYSQL_LEFT: Final = "TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), paid_at) / 1000000.0"
_KEEP: Final = "INSERT INTO pair_debts (account_id, recipient, paid_at) VALUES "
_MYSQL_ROW: Final = "(:account, :to{n}, UTC_TIMESTAMP(6) + INTERVAL :ms{n} * 1000 MICROSECOND)"
_MYSQL_ANEW: Final = " AS new ON DUPLICATE KEY UPDATE paid_at = new.paid_at"
_SQLITE_NOW: Final = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
_SQLITE_LEFT: Final = "(julianday(paid_at) - julianday('now')) * 86400.0"
_SQLITE_ROW: Final = (
    "(:account, :to{n}, strftime('%Y-%m-%d %H:%M:%f000', 'now', (:ms{n} / 1000.0) || ' seconds'))"
)
_SQLITE_ANEW: Final = (
    " ON CONFLICT (account_id, recipient) DO UPDATE SET paid_at = excluded.paid_at"
)


class PairDebts:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        mysql = engine.dialect.name == "mysql"
        now = "UTC_TIMESTAMP(6)" if mysql else _SQLITE_NOW
        left = _MYSQL_LEFT if mysql else _SQLITE_LEFT
        self._row = _MYSQL_ROW if mysql else _SQLITE_ROW
        self._anew = _MYSQL_ANEW if mysql else _SQLITE_ANEW
        self._paid = text(
            f"DELETE FROM pair_debts WHERE account_id = :account AND paid_at <= {now}"
        )
        self._owed = text(f"SELECT recipient, {left} FROM pair_debts WHERE account_id = :account")

    def of(self, account_id: UUID) -> dict[bytes, float]:
        """Seconds still owed to each recipient; what is paid by now is forgotten."""
        account = {"account": account_id.bytes}
        with self._engine.begin() as connection:
            connection.execute(self._paid, account)
            return {bytes(to): float(owed) for to, owed in connection.execute(self._owed, account)}

    def keep(self, account_id: UUID, owed: Mapping[bytes, float]) -> None:
        """So much is owed to these from now on."""
        values: dict[str, bytes | int] = {"account": account_id.bytes}
        for n, (to, seconds) in enumerate(owed.items()):
            values |= {f"to{n}": to, f"ms{n}": max(1, round(seconds * 1000))}
        rows = ", ".join(self._row.format(n=n) for n in range(len(owed)))
        # One statement: the driver would send a round trip for each row of such an insert.
        with self._engine.begin() as connection:
            connection.execute(text(f"{_KEEP}{rows}{self._anew}"), values)

    def spend(self, account_id: UUID, day: date, wanted: int, most: int) -> int:
        """How many of the `wanted` are left of that day's `most`; they count as sent from now on."""
        while (granted := self._spend(account_id, day, wanted, most)) is None:
            continue  # two senders had the same idea, and only one of them has counted
        return granted

    def _spend(self, account_id: UUID, day: date, wanted: int, most: int) -> int | None:
        d = number_days.c
        number, today = d.account_id == account_id, d.day == day
        with self._engine.begin() as connection:
            sent = connection.scalar(select(d.sent).where(number, today))
            granted = max(0, min(wanted, most - (sent or 0)))
            if sent is not None:
                count = update(number_days).where(number, today, d.sent == sent)
                counted = connection.execute(count.values(sent=sent + granted)).rowcount
                return granted if counted or not granted else None
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(number_days).where(number, d.day < day))
                row = {"account_id": account_id, "day": day, "sent": granted}
                connection.execute(insert(number_days), row)
        except IntegrityError:
            return None
        return granted
