"""What is due in several lanes of a number, asked in one question: of each lane its next page.

The question is put together from one lane's, which is compiled once: a sender asks it many times
a second, and to describe it anew would take longer than to answer it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Connection,
    Dialect,
    Integer,
    LargeBinary,
    Text,
    and_,
    bindparam,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.engine.default import DefaultDialect

from commands.policies.claim import Claim, Lane
from commands.policies.place import Due
from projections.contacts import contacts
from projections.queue import send_queue
from projections.tables import to_naive

LANES: Final = 50
"""Of one question."""
_BEGINNING: Final[Due] = ("1000-01-01 00:00:00.000000", b"")


class Wanted(NamedTuple):
    """Up to `limit` messages of a lane, those behind `after`."""

    lane: Lane
    after: Due | None
    limit: int


class _Question(NamedTuple):
    """About one lane: the names of its values in their order, and those that are always the same."""

    text: str
    places: tuple[str, ...]
    constant: Mapping[str, Any]


def pages(
    connection: Connection, account_id: UUID, wanted: Sequence[Wanted], now: datetime
) -> list[list[Claim]]:
    """For each its messages in the order in which they are due."""
    found: list[list[Claim]] = [[] for _ in wanted]
    question = _question(connection.dialect)
    instant = to_naive(now).isoformat(" ", "microseconds")
    for start in range(0, len(wanted), LANES):
        values: list[Any] = []
        for n, one in enumerate(wanted[start : start + LANES], start):
            due_at, message_id = one.after or _BEGINNING
            given = {
                **question.constant,
                "n": n,
                "account": account_id.bytes,
                "campaign": one.lane.campaign_id.bytes,
                "now": instant,
                "due_at": due_at,
                "message": message_id,
                "limit": one.limit,
            }
            values += [given[place] for place in question.places]
        asked = " UNION ALL ".join([question.text] * (len(values) // len(question.places)))
        for row in connection.exec_driver_sql(asked, tuple(values)):
            found[row[0]].append(_claim(wanted[row[0]].lane, row))
    return found


def _claim(lane: Lane, row: Any) -> Claim:
    # The ids of thousands of rows a second: made here, without a type's detour for each.
    _, message_id, contact_id, *rest = row
    return Claim(*lane, UUID(bytes=bytes(message_id)), UUID(bytes=bytes(contact_id)), *rest)


@lru_cache(maxsize=8)
def _question(dialect: Dialect) -> _Question:
    q, c = send_queue.c, contacts.c
    known = and_(c.workspace_id == q.workspace_id, c.contact_id == q.contact_id)
    due_at, message_id = bindparam("due_at", type_=Text), bindparam("message", type_=LargeBinary)
    statement = (
        select(
            bindparam("n", type_=Integer).label("n"),
            q.message_id,
            q.contact_id,
            q.attempt,
            q.to_phone,
            q.content,
            q.due_at,
            q.queued_position,
            q.month,
            c.opted_out,
            c.blocked,
            c.deleted,
        )
        .select_from(send_queue.outerjoin(contacts, known))
        .where(
            q.account_id == bindparam("account", type_=LargeBinary),
            q.campaign_id == bindparam("campaign", type_=LargeBinary),
            q.state == "queued",
            # A first attempt is never put off: it does not wait for a clock that was set back.
            or_(q.attempt == 1, type_coerce(q.due_at, Text) <= bindparam("now", type_=Text)),
            type_coerce(q.due_at, Text) >= due_at,
            or_(
                type_coerce(q.due_at, Text) > due_at,
                type_coerce(q.message_id, LargeBinary) > message_id,
            ),
        )
        .order_by(q.due_at, q.message_id)
        .limit(bindparam("limit", type_=Integer))
    )
    mysql = dialect.name == "mysql"
    assert isinstance(dialect, DefaultDialect)
    in_order = type(dialect)(paramstyle="format" if mysql else "qmark")
    compiled = statement.compile(dialect=in_order)
    # SQLite takes no limit of one part of a union, unless that is a question of its own.
    text = f"({compiled})" if mysql else f"SELECT * FROM ({compiled})"
    return _Question(text, tuple(compiled.positiontup or ()), compiled.params)
