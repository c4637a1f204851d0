"""Who is in the audience of a campaign, as of the position of its launch, in contact-id order."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, or_, select

from domain.campaign import Audience
from projections.contacts import contacts
from projections.groups import group_members

NOBODY: Final = UUID(int=0)
"""An id before all others."""
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
    given = {"workspace_id": workspace_id, "position": position, "size": size}
    if ids is not None:
        if not ids:
            return [], through, True
        rows = connection.execute(_THESE, given | {"ids": ids}).all()
        return [_recipient(row) for row in rows], ids[-1], len(ids) < size
    rows = connection.execute(_BEHIND, given | {"through": through or NOBODY}).all()
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


def _recipient(row: Any) -> Recipient:
    contact_id, *said, attributes, opted_out, blocked, deleted = row
    fields = _attributes.decode(attributes) if attributes else {}
    fields.update(zip(FIELDS, said, strict=True))
    if opted_out:
        hindrance = "opted_out"
    elif blocked:
        hindrance = "blocked"
    elif deleted:
        hindrance = "deleted"
    else:
        hindrance = "" if fields["phone"] else "no_number"
    return Recipient(contact_id, fields["phone"], fields, hindrance)


_attributes = msgspec.json.Decoder(dict[str, str])


_c = contacts.c
# Made once: hundreds of campaigns that begin together ask each for its own.
_CONTACTS: Final = (
    select(
        _c.contact_id,
        *(_c[name] for name in FIELDS),
        _c.attributes,
        _c.opted_out,
        _c.blocked,
        _c.deleted,
    )
    .where(
        _c.workspace_id == bindparam("workspace_id"),
        _c.live_since <= bindparam("position"),
        or_(_c.deleted_position.is_(None), _c.deleted_position > bindparam("position")),
    )
    .order_by(_c.contact_id)
    .limit(bindparam("size"))
)
_THESE: Final = _CONTACTS.where(_c.contact_id.in_(bindparam("ids", expanding=True)))
_BEHIND: Final = _CONTACTS.where(_c.contact_id > bindparam("through"))
