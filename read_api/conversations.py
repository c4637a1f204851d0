"""What people may ask about conversations: the inbox, one of them, and those of a contact."""

from sqlalchemy import select

from projections import conversations as model
from projections.contacts import contacts
from projections.conversations import conversations
from read_api.conversation_filters import (
    FILTERS,
    THEIRS,
    few_index,
    index_for,
    number_index,
    states_apart,
)
from read_api.query import Endpoint, OfNumbers, by, in_workspace, many, one
from read_api.sharing import shared
from read_api.unread import UNREAD_HERE, beside_reader

_c = conversations.c

_FROM = beside_reader(
    conversations.outerjoin(
        contacts,
        (contacts.c.workspace_id == _c.workspace_id) & (contacts.c.contact_id == _c.contact_id),
    )
)
_SHOWN = (
    select(
        _c.conversation_id,
        _c.contact_id,
        _c.account_id,
        _c.status,
        _c.priority,
        _c.assignee_id,
        _c.team_id,
        _c.labels,
        _c.last_position,
        _c.last_at,
        _c.last_kind,
        _c.last_direction,
        _c.last_snippet,
        _c.last_message_id,
        _c.window_until,
        _c.waiting_since,
        _c.snoozed_until,
        _c.bot_paused_until,
        _c.inbound_count,
        _c.outbound_count,
        UNREAD_HERE.label("unread"),
        contacts.c.first_name,
        contacts.c.last_name,
        contacts.c.phone,
        _c.started_at,
        _c.version,
    )
    .select_from(_FROM)
    .where(in_workspace(conversations))
)
_SEEN = shared(conversations)


ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/conversations",
        "Conversations, the last active first",
        _SHOWN,
        model.projection,
        _c.last_position,
        *FILTERS,
        permission="conversations.read",
        descending=True,
        walked=index_for,
        apart=states_apart,
        numbers=OfNumbers(_SEEN, number_index, few_index, THEIRS),
    ),
    one(
        "/v1/conversations/{conversation_id}",
        "One conversation",
        _SHOWN.where(by(_c.conversation_id), _SEEN),
        model.projection,
        permission="conversations.read",
    ),
    many(
        "/v1/contacts/{contact_id}/conversations",
        "A contact's conversations, one per number, the last active first",
        _SHOWN.where(by(_c.contact_id), _SEEN),
        model.projection,
        _c.last_position,
        permission="conversations.read",
        descending=True,
        walked=lambda _: "ix_conversations_contact",
        parent=select(contacts.c.version).where(in_workspace(contacts), by(contacts.c.contact_id)),
    ),
)
