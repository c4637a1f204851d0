"""Who is in the audience of a campaign, as of the position of its launch, in contact-id order."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, or_, select

from domain.campaign import Audience
from projections.contacts import contacts
from projections.groups import group_members

FIELDS: Final = ("phone", "first_name", "last_name", "email", "language", "time_zone")


class Recipient(NamedTuple):
    """A contact of the audience: what it is told with, and what speaks against telling it."""

    contact_id: UUID
    phone: str
    fields: dict[str, str]
    hindrance: str


def chunk(
    connection: Connection,
    workspace_id: UUID,
    audience: Audience,
    position: int,
    through: UUID | None,
    size: int,
) -> tuple[list[Recipient], UUID | None, bool]:
    """The next recipients behind `through`; the last contact looked at; whether that was all.

    Every contact comes once, however many of the groups it is in. Who was deleted by then is not
    in the audience; who was deleted since then is, with that as hindrance.
    """
    ids = _members(connection, workspace_id, audience, position, through, size)
    if ids is not None:
        if not ids:
            return [], through, True
        rows = _contacts(connection, workspace_id, position, contacts.c.contact_id.in_(ids), size)
        return [_recipient(row) for row in rows], ids[-1], len(ids) < size
    behind = contacts.c.contact_id > through if through else contacts.c.contact_id.is_not(None)
    rows = _contacts(connection, workspace_id, position, behind, size)
    last = rows[-1].contact_id if rows else through
    return [_recipient(row) for row in rows], last, len(rows) < size


def _members(
    connection: Connection,
    workspace_id: UUID,
    audience: Audience,
    position: int,
    through: UUID | None,
    size: int,
) -> list[UUID] | None:
    """Ids of the next candidates; None when everybody is one."""
    if audience.kind == "all":
        return None
    if audience.kind == "contacts":
        found: Iterable[UUID] = audience.contacts
    else:
        found = {
            contact_id
            for group_id in audience.groups
            for contact_id in _group(connection, workspace_id, group_id, position, through, size)
        }
    return sorted({i for i in found if through is None or i > through})[:size]


def _group(
    connection: Connection,
    workspace_id: UUID,
    group_id: UUID,
    position: int,
    through: UUID | None,
    size: int,
) -> list[UUID]:
    m = group_members.c
    where: list[ColumnElement[bool]] = [
        m.workspace_id == workspace_id,
        m.group_id == group_id,
        m.joined_position <= position,
        or_(m.left_position.is_(None), m.left_position > position),
    ]
    if through is not None:
        where.append(m.contact_id > through)
    statement = select(m.contact_id).where(*where).order_by(m.contact_id).limit(size)
    return list(connection.execute(statement).scalars())


def _contacts(
    connection: Connection,
    workspace_id: UUID,
    position: int,
    which: ColumnElement[bool],
    size: int,
) -> list[Any]:
    c = contacts.c
    statement = (
        select(
            c.contact_id,
            *(c[name] for name in FIELDS),
            c.attributes,
            c.opted_out,
            c.blocked,
            c.deleted,
        )
        .where(
            c.workspace_id == workspace_id,
            which,
            c.live_since <= position,
            or_(c.deleted_position.is_(None), c.deleted_position > position),
        )
        .order_by(c.contact_id)
        .limit(size)
    )
    return list(connection.execute(statement))


def _recipient(row: Any) -> Recipient:
    attributes = msgspec.json.decode(row.attributes, type=dict[str, str]) if row.attributes else {}
    fields = attributes | {name: getattr(row, name) for name in FIELDS}
    return Recipient(row.contact_id, row.phone, fields, _hindrance(row))


def _hindrance(row: Any) -> str:
    if row.opted_out:
        return "opted_out"
    if row.blocked:
        return "blocked"
    if row.deleted:
        return "deleted"
    return "" if row.phone else "no_number"
