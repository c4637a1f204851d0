"""What people may ask about contacts: lists and search, one contact, its groups, its timeline."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from projections import contact_identifiers as identifier_model
from projections import contacts as contact_model
from projections import groups as group_model
from projections import timeline as timeline_model
from projections.contact_identifiers import contact_identifiers
from projections.contacts import contacts
from projections.groups import group_members, groups
from projections.timeline import contact_timeline
from read_api.filters import flag, id_of, one_of
from read_api.query import Endpoint, by, in_workspace, many, one, part
from read_api.search import SEARCH
from read_api.sharing import shared

_shown = (
    contacts.c.contact_id,
    contacts.c.phone,
    contacts.c.first_name,
    contacts.c.last_name,
    contacts.c.email,
    contacts.c.language,
    contacts.c.time_zone,
    contacts.c.attributes,
    contacts.c.opted_out,
    contacts.c.blocked,
    contacts.c.deleted,
    contacts.c.last_message_at,
    contacts.c.created_at,
    contacts.c.updated_at,
    contacts.c.version,
)


def _members(statement: Select[Any], _: Collection[str]) -> Select[Any]:
    """A contact is a live member at most once, so the join finds nobody twice."""
    same = (group_members.c.workspace_id == contacts.c.workspace_id) & (
        group_members.c.contact_id == contacts.c.contact_id
    )
    return (
        statement.join(group_members, same)
        .where(
            in_workspace(group_members),
            group_members.c.group_id == bindparam("group_id"),
            group_members.c.live == 1,
        )
        # In the members' order whatever the group's size; small ones would be sorted.
        .prefix_with("/*+ JOIN_ORDER(group_members, contacts) */", dialect="mysql")
        .with_hint(group_members, "FORCE INDEX (ix_group_members_live)", "mysql")
    )


IN_GROUP = id_of("group", group_members.c.group_id, "Only members of this group.")._replace(
    narrow=_members, key=group_members.c.contact_id
)
OPTED_OUT = flag(
    "opted_out",
    contacts.c.opted_out,
    "Only contacts that have opted out of messages, or only those that have not.",
)
KIND = one_of("kind", timeline_model.KINDS, contact_timeline.c.kind, "Only what is of this kind.")

_groups = select(groups.c.group_id, groups.c.name, groups.c.contacts, groups.c.created_at).where(
    in_workspace(groups)
)
_member_of = (
    select(groups.c.group_id, groups.c.name)
    .join(
        group_members,
        (group_members.c.workspace_id == groups.c.workspace_id)
        & (group_members.c.group_id == groups.c.group_id),
    )
    .where(in_workspace(groups), by(group_members.c.contact_id), group_members.c.live == 1)
    .order_by(groups.c.name)
)

_contact = select(contacts.c.version).where(in_workspace(contacts), by(contacts.c.contact_id))

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/contacts",
        "Contacts, newest first",
        select(*_shown).where(in_workspace(contacts), contacts.c.deleted == 0),
        contact_model.projection,
        contacts.c.contact_id,
        SEARCH,
        IN_GROUP,
        OPTED_OUT,
        permission="contacts.read",
        descending=True,
    ),
    one(
        "/v1/contacts/{contact_id}",
        "One contact with its groups",
        select(*_shown).where(in_workspace(contacts), by(contacts.c.contact_id)),
        contact_model.projection,
        part("groups", _member_of),
        permission="contacts.read",
    ),
    many(
        "/v1/contacts/{contact_id}/timeline",
        "Everything that happened with a contact, latest first",
        select(
            contact_timeline.c.position,
            contact_timeline.c.at,
            contact_timeline.c.kind,
            contact_timeline.c.campaign_id,
            contact_timeline.c.message_id,
            contact_timeline.c.detail,
        ).where(
            in_workspace(contact_timeline),
            by(contact_timeline.c.contact_id),
            or_(contact_timeline.c.account_id.is_(None), shared(contact_timeline)),
        ),
        timeline_model.projection,
        contact_timeline.c.position,
        KIND,
        permission="contacts.read",
        descending=True,
        both_ways=True,
        parent=_contact,
    ),
    many(
        "/v1/contacts/{contact_id}/identifiers",
        "By what a contact is known: phone numbers and providers' ids",
        select(
            contact_identifiers.c.kind,
            contact_identifiers.c.value,
            contact_identifiers.c.claimed_at,
        ).where(in_workspace(contact_identifiers), by(contact_identifiers.c.contact_id)),
        identifier_model.projection,
        contact_identifiers.c.value,
        permission="contacts.read",
        parent=_contact,
    ),
    many(
        "/v1/groups",
        "Groups with the exact number of their contacts",
        _groups,
        group_model.projection,
        groups.c.group_id,
        permission="contacts.read",
    ),
    one(
        "/v1/groups/{group_id}",
        "One group with the exact number of its contacts",
        _groups.where(by(groups.c.group_id)),
        group_model.projection,
        permission="contacts.read",
    ),
)
