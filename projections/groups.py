"""Groups with exact counts of their live members, and who was a member from when until when.

`live` ones are counted now: in the group, and not deleted. The audience of a launch at position P
is whoever joined by then and had not left by then, less the contacts deleted by then.
"""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Index

from domain.contact import (
    ContactDeleted,
    ContactJoinedGroup,
    ContactLeftGroup,
    ContactRestored,
)
from domain.group import GroupCreated
from domain.kernel import Recorded
from projections.columns import big, instant, key, key_number, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, add, put

groups = read_model(
    "contact_groups",
    key("workspace_id"),
    key("group_id"),
    text("name"),
    number("contacts"),
    instant("created_at"),
)

group_members = read_model(
    "group_members",
    key("workspace_id"),
    key("group_id"),
    key("contact_id"),
    key_number("membership"),
    big("joined_position"),
    Column("left_position", BigInteger),
    number("live"),
    Index("ix_group_members_contact", "workspace_id", "contact_id"),
    Index("ix_group_members_live", "workspace_id", "group_id", "live", "contact_id"),
)

projection = Projection("groups", groups, group_members)


def _member(
    event: ContactJoinedGroup | ContactLeftGroup | ContactDeleted | ContactRestored,
    membership: tuple[UUID, int],
    live: int,
    **positions: int | None,
) -> list[Row]:
    group_id, number_ = membership
    return [
        put(
            group_members,
            workspace_id=event.workspace_id,
            group_id=group_id,
            contact_id=event.contact_id,
            membership=number_,
            live=live,
            **positions,
        ),
        add(
            groups,
            workspace_id=event.workspace_id,
            group_id=group_id,
            contacts=1 if live else -1,
        ),
    ]


@projection.on
def created(event: GroupCreated, recorded: Recorded) -> Row:
    return put(
        groups,
        workspace_id=event.workspace_id,
        group_id=event.group_id,
        name=event.name,
        created_at=recorded.recorded_at,
    )


@projection.on
def joined(event: ContactJoinedGroup, recorded: Recorded) -> list[Row]:
    at = (event.group_id, event.membership)
    return _member(event, at, 1, joined_position=recorded.position, left_position=None)


@projection.on
def left(event: ContactLeftGroup, recorded: Recorded) -> list[Row]:
    return _member(event, (event.group_id, event.membership), 0, left_position=recorded.position)


@projection.on
def deleted(event: ContactDeleted, recorded: Recorded) -> list[Row]:
    del recorded
    return [row for membership in event.groups for row in _member(event, membership, 0)]


@projection.on
def restored(event: ContactRestored, recorded: Recorded) -> list[Row]:
    del recorded
    if not event.was_deleted:
        return []
    return [row for membership in event.groups for row in _member(event, membership, 1)]
