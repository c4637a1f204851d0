"""Commands on groups. Who is in one is a fact of the contact, so that two requests never collide."""

from typing import Final

from commands.bodies import NewGroup
from commands.command import Command, Intent, Wanted, about
from commands.streams import Ask
from domain.contact import JoinGroup, LeaveGroup, contact
from domain.group import CreateGroup, group
from domain.ids import name_id
from domain.refusals import not_found


def _create_group(wanted: Wanted) -> Intent:
    name: str = wanted.body.name
    id_ = name_id(wanted.workspace_id, "group", name.strip().casefold())
    command = CreateGroup(workspace_id=wanted.workspace_id, group_id=id_, name=name)
    return Intent("group", id_, [Ask(group, id_, command)])


def _join_group(wanted: Wanted) -> Intent:
    return _membership(wanted, JoinGroup)


def _leave_group(wanted: Wanted) -> Intent:
    return _membership(wanted, LeaveGroup)


def _membership(wanted: Wanted, kind: type[JoinGroup | LeaveGroup]) -> Intent:
    group_id, contact_id = wanted.ids["group_id"], wanted.ids["contact_id"]
    wanted.streams.load([group_id, contact_id])
    if wanted.streams.look(group, group_id, wanted.workspace_id) == group.initial:
        raise not_found("group", group_id)
    return about(wanted, contact, kind(**wanted.named))


_MEMBER: Final = "/v1/groups/{group_id}/contacts/{contact_id}"
_IDS: Final = {"group_id": "group", "contact_id": "contact"}

COMMANDS: Final = (
    Command(
        "POST",
        "/v1/groups",
        "Create a group",
        _create_group,
        "contacts.write",
        body=NewGroup,
        status=201,
    ),
    Command("PUT", _MEMBER, "Put a contact into a group", _join_group, "contacts.write", ids=_IDS),
    Command(
        "DELETE", _MEMBER, "Take a contact out of a group", _leave_group, "contacts.write", ids=_IDS
    ),
)
